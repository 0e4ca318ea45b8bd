use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use crate::diagnostic::Severity;
use crate::revision::{Direction, RevisionId};

pub use crate::config::TransactionScope;
pub use crate::revision::TransactionMode as ScriptTransaction;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Up scripts run.
    Upgrade,
    /// Down scripts run.
    Downgrade,
    /// The version table is rewritten; no script runs.
    Stamp,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
            Self::Stamp => "stamp",
        })
    }
}

impl From<Direction> for Operation {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Upgrade => Self::Upgrade,
            Direction::Downgrade => Self::Downgrade,
        }
    }
}

/// `--dry-run`: what would be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// Which database.
    pub destination: DestinationView,
    /// What the run would do.
    pub operation: Operation,
    /// The targets as they were asked for.
    pub targets: Vec<String>,
    /// The version table's rows before the first step, sorted.
    pub from: Vec<String>,
    /// The version table's rows after the last step, sorted.
    pub to: Vec<String>,
    /// What shares a transaction.
    pub transaction: TransactionScope,
    /// The steps, in the order in which they would run; empty for a stamp.
    pub steps: Vec<PlanStep>,
    /// Applied revisions that the run would adopt into the history first.
    pub to_adopt: Vec<RevisionId>,
    /// Where the run is one transaction that may need more locks than the server has; `null`
    /// otherwise.
    pub many_locks: Option<LockEstimate>,
    /// Always true: nothing was run.
    pub dry_run: bool,
}

/// What one transaction takes of the server's lock table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LockEstimate {
    /// About how many locks it needs, as far as the scripts' text tells.
    pub needed: usize,
    /// How many the server has for sure, for all its sessions together.
    pub capacity: usize,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanStep {
    /// Which way.
    pub direction: Direction,
    /// The revision.
    pub revision: RevisionId,
    /// Its message.
    pub message: Option<String>,
    /// The script that runs; `null` where there is none, or where it comes from the history.
    #[serde(serialize_with = "paths::maybe")]
    pub path: Option<PathBuf>,
    /// How the script runs.
    pub transaction: ScriptTransaction,
    /// A verify script runs after it.
    pub has_verify: bool,
    /// Why this step cannot be taken; `null` where it can.
    pub obstacle: Option<Obstacle>,
    /// The version table's rows after this step, sorted.
    pub rows_after: Vec<String>,
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Obstacle {
    /// The revision's header says that it cannot be undone.
    Irreversible {
        /// The header's reason.
        reason: String,
    },
    /// The revision has no down script.
    NoDownScript,
    /// The revision's files are gone.
    FileGone,
}

/// How a run ended. A run that failed is an error, not a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Every step was taken.
    Done,
    /// The database stood at the target already.
    NothingToDo,
    /// Every step was taken and rolled back again, as asked.
    Rehearsed,
}

/// `upgrade`, `downgrade`, `stamp`: what was run, and where the database stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Which database.
    pub destination: DestinationView,
    /// What the run did.
    pub operation: Operation,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The targets as they were asked for.
    pub targets: Vec<String>,
    /// The run's id, as the history records it; `null` where nothing was recorded.
    pub run_id: Option<String>,
    /// What `--tag` said.
    pub tag: Option<String>,
    /// What shared a transaction.
    pub transaction: TransactionScope,
    /// The version table's rows before, sorted.
    pub from: Vec<String>,
    /// The version table's rows now, sorted.
    pub stands_at: Vec<String>,
    /// Every revision is applied.
    pub at_head: bool,
    /// How many revisions are not applied.
    pub pending: usize,
    /// The steps, in the order in which they ran; empty for a stamp.
    pub steps: Vec<StepReport>,
    /// Revisions that were applied by another tool and were adopted into the history.
    pub adopted: Vec<RevisionId>,
    /// Revisions whose edited files were accepted (`stamp --accept-edit`).
    pub accepted_edits: Vec<RevisionId>,
    /// Where the run was one transaction that might have needed more locks than the server has;
    /// `null` otherwise.
    pub many_locks: Option<LockEstimate>,
    /// What the gate judged; `null` where there was none.
    pub rls_gate: Option<RlsGate>,
    /// How long the whole run took.
    pub duration_ms: u64,
}

/// What the gate of row-level security judged in a run, and let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RlsGate {
    /// How many steps were judged.
    pub steps_judged: usize,
    /// How many of them had changed nothing in the catalog that could be judged.
    pub steps_unchanged: usize,
    /// How many findings stand that were there before the run, or are only notes.
    pub findings_known: usize,
    /// How the matrix that is kept in the repository was held against the last step; `null` where
    /// there is none, or the run did not end at the head that it tells of.
    pub matrix: Option<GateMatrix>,
}

/// What of the kept matrix was held against a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateMatrix {
    /// All of it: each actor really tried.
    Tried,
    /// Policies, rights and row-level security itself: the database is marked as production, its
    /// tables hold rows, or there are no actors.
    Decisive,
}

/// One step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Which way.
    pub direction: Direction,
    /// The revision.
    pub revision: RevisionId,
    /// Its message.
    pub message: Option<String>,
    /// The script that ran; `null` where it came from the history.
    #[serde(serialize_with = "paths::maybe")]
    pub path: Option<PathBuf>,
    /// How the script ran.
    pub transaction: ScriptTransaction,
    /// How long it took: its commit included, and every try and the waits between them.
    pub duration_ms: u64,
    /// How often it was tried: more than once where locks were in its way.
    pub attempts: usize,
    /// What the server said meanwhile.
    pub notices: Vec<NoticeReport>,
    /// The version table's rows after this step, sorted.
    pub rows_after: Vec<String>,
}

/// Something that the server said while a script ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeReport {
    /// The server's word in our scale: WARNING is a warning, all else a note.
    pub severity: Severity,
    /// The server's own word: `NOTICE`, `WARNING`, `INFO`, …
    pub level: String,
    /// The message.
    pub message: String,
    /// Its detail.
    pub detail: Option<String>,
    /// Its hint.
    pub hint: Option<String>,
    /// Its SQLSTATE, five characters.
    pub sqlstate: String,
    /// The script that ran.
    #[serde(serialize_with = "paths::maybe")]
    pub path: Option<PathBuf>,
    /// The line of the statement that ran, from 1.
    pub line: Option<u32>,
}

/// `--sql`: a script for a database administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfflineReport {
    /// What the script does.
    pub operation: Operation,
    /// The rows that the version table must hold when it starts; the script refuses otherwise.
    pub from: Vec<String>,
    /// The rows that the version table holds when it ends.
    pub to: Vec<String>,
    /// The revisions that it walks, in order.
    pub revisions: Vec<RevisionId>,
    /// The script.
    pub sql: String,
}
