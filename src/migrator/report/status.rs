use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::destination::DestinationView;
use super::disagreement::DisagreementReport;
use super::event::LockHolder;
use super::log::LogEntry;
use super::paths;
use crate::revision::{Direction, RevisionId};

/// `status`: everything that somebody wants to know who comes to a database after a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Which database.
    pub destination: DestinationView,
    /// The version table's rows, sorted.
    pub rows: Vec<String>,
    /// Every revision is applied, and every row is known.
    pub at_head: bool,
    /// The heads that `upgrade heads` would reach.
    pub heads: Vec<RevisionId>,
    /// How many revisions are not applied yet.
    pub pending: usize,
    /// The version table is there.
    pub has_version_table: bool,
    /// The history of grace-migrate is there.
    pub has_history: bool,
    /// How many applied revisions the history does not know: what the next run adopts.
    pub to_adopt: usize,
    /// Scripts outside a transaction that stopped on their way.
    pub partial: Vec<PartialRevision>,
    /// The INVALID indexes of the database.
    pub invalid_indexes: Vec<InvalidIndexReport>,
    /// Who runs migrations now.
    pub lock_holder: Option<LockHolder>,
    /// The newest record of the history; `null` where there is none, or none that may be read.
    pub last_record: Option<LogEntry>,
    /// Where the history and the files disagree so that nothing runs.
    pub disagreements: Vec<DisagreementReport>,
    /// What to do next.
    pub next: NextStep,
}

impl Status {
    /// Whether anything is left to do or to mend.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.at_head && self.partial.is_empty() && self.disagreements.is_empty()
    }
}

/// A revision whose script runs outside a transaction and stopped on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartialRevision {
    /// The revision.
    pub revision: String,
    /// Which way it went.
    pub direction: Direction,
    /// Its script; `null` where no file knows the revision.
    #[serde(serialize_with = "paths::maybe")]
    pub path: Option<PathBuf>,
    /// How many statements are done.
    pub statements_done: usize,
    /// Of how many.
    pub statements: usize,
    /// The run that was last at it.
    pub run_id: String,
    /// When that run began its last statement.
    pub at: DateTime<Utc>,
    /// The statement where it stopped; `null` where all are done and the revision is not recorded.
    pub stopped: Option<StoppedStatement>,
}

/// The statement where a script stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppedStatement {
    /// Which, from 1.
    pub statement: usize,
    /// Its line in the script as it ran, from 1.
    pub line: Option<u32>,
    /// How its text begins.
    pub sql: Option<String>,
    /// When it failed; `null` where the run was cut off and nobody wrote how it ended.
    pub failed_at: Option<DateTime<Utc>>,
    /// The server's code.
    pub sqlstate: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
}

/// An index that is INVALID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvalidIndexReport {
    /// The index, quoted.
    pub index: String,
    /// Its table, quoted.
    pub table: String,
    /// Another session may be building it now.
    pub busy: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum NextStep {
    /// Nothing: everything is applied.
    Nothing,
    /// History and files disagree: see how, and mend it.
    Verify,
    /// Upgrade, or go on with it.
    Upgrade {
        /// Where to.
        target: &'static str,
    },
    /// Go on with a downgrade that stopped on its way.
    Downgrade {
        /// Where to.
        target: &'static str,
    },
}

impl NextStep {
    /// The command, as it is typed.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Verify => Some("grace-migrate verify".to_owned()),
            Self::Upgrade { target } => Some(format!("grace-migrate upgrade {target}")),
            Self::Downgrade { target } => Some(format!("grace-migrate downgrade {target}")),
        }
    }
}
