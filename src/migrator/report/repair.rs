use serde::Serialize;

use super::destination::DestinationView;
use super::disagreement::DisagreementReport;
use crate::revision::RevisionId;

pub use crate::bookkeeping::Outcome;

/// `repair`: what it changes, and what it leaves to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Which database.
    pub destination: DestinationView,
    /// How it ended.
    pub outcome: RepairOutcome,
    /// The run's id, as the history records it; `null` where nothing was recorded.
    pub run_id: Option<String>,
    /// The word by which the log finds it.
    pub tag: String,
    /// The version table's rows before, sorted.
    pub from: Vec<String>,
    /// The version table's rows after it, sorted.
    pub to: Vec<String>,
    /// What it changes: rows first, then entries of the history, in the order in which they are
    /// written.
    pub changes: Vec<RepairChange>,
    /// What it cannot decide.
    pub undecided: Vec<DisagreementReport>,
}

/// How a repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepairOutcome {
    /// There is nothing that it could change.
    NothingToDo,
    /// It says what it would change.
    Planned,
    /// It changed that.
    Repaired,
}

/// One row that is changed, or one entry that is appended to the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairChange {
    /// What is done.
    pub change: RepairAction,
    /// The row, or the revision of the entry.
    pub revision: String,
    /// The entry's outcome; `null` for rows.
    pub outcome: Option<Outcome>,
    /// Why, its keys beside the three above.
    #[serde(flatten)]
    pub reason: RepairReason,
}

/// What a repair does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepairAction {
    /// A version row is deleted.
    DeleteRow,
    /// Of a version row that is there several times, one stays.
    KeepOneRow,
    /// A version row is inserted.
    InsertRow,
    /// An entry is appended to the history.
    AppendEntry,
}

/// Why a repair does something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum RepairReason {
    /// Another row implies it.
    Implied {
        /// That row.
        implied_by: RevisionId,
    },
    /// Its row is there more than once.
    Repeated,
    /// No file knows it.
    NoFile,
    /// It is nearest beneath a row that no file knows.
    Beneath,
    /// The history says that it is applied.
    InHistory,
    /// Another tool applied it.
    OtherTool,
}
