use chrono::{DateTime, Utc};
use serde::Serialize;

use super::closing::ClosingEntry;
use super::destination::DestinationView;
use crate::revision::Direction;

/// `log`: what was run when, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// Which database.
    pub destination: DestinationView,
    /// The history of grace-migrate is there.
    pub has_history: bool,
    /// The entries, newest first.
    pub entries: Vec<LogEntry>,
    /// Tables that were closed and opened, newest first; none where one revision was asked for.
    pub closings: Vec<ClosingEntry>,
    /// There are more, older ones: `-n` cut the list off.
    pub has_more: bool,
}

/// One record of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Its number in the history, ascending.
    pub sequence: i64,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// Which way.
    pub direction: Direction,
    /// What happened, as recorded: `applied`, `stamped`, `adopted`, …
    pub outcome: String,
    /// The revision.
    pub revision: String,
    /// Its message, from the files or, where the file is gone, from the record.
    pub message: Option<String>,
    /// The database role that ran it.
    pub who: String,
    /// Where it was run from: a host or address; `null` for a local socket.
    pub from: Option<String>,
    /// How long the script ran.
    pub duration_ms: Option<u64>,
    /// The run that it belongs to.
    pub run_id: Option<String>,
    /// The version of grace-migrate that ran it.
    pub tool_version: Option<String>,
    /// What `--tag` said.
    pub tag: Option<String>,
}
