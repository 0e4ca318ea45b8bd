use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use super::run::RunReport;

/// Whether the embedded server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerState {
    /// It runs.
    Running,
    /// It has data and does not run.
    Stopped,
    /// It has no data yet.
    Absent,
}

/// What a `db` command did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerAction {
    /// Nothing: the state was asked for.
    None,
    /// The server was started.
    Started,
    /// The server ran already.
    AlreadyRunning,
    /// The server was stopped.
    Stopped,
    /// The server did not run.
    NotRunning,
    /// The server was stopped and its data removed.
    Reset,
}

/// `db start|stop|status|url|reset`: the embedded server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseStatus {
    /// What the command did.
    pub action: ServerAction,
    /// How the server stands now.
    pub state: ServerState,
    /// The postmaster's process id, while it runs.
    pub pid: Option<u32>,
    /// When it was started, while it runs.
    pub started_at: Option<DateTime<Utc>>,
    /// The version of its binaries: `15.6`.
    pub version: Option<String>,
    /// The folder of its binaries.
    #[serde(serialize_with = "paths::maybe")]
    pub binaries: Option<PathBuf>,
    /// Where the binaries come from: `GRACE_PG_BIN`, `PATH`, `downloaded`, …
    pub binaries_origin: Option<String>,
    /// Its data folder.
    #[serde(serialize_with = "paths::one")]
    pub data: PathBuf,
    /// How much the data folder holds.
    pub data_bytes: Option<u64>,
    /// Its log file.
    #[serde(serialize_with = "paths::maybe")]
    pub log: Option<PathBuf>,
    /// How to reach it, while it runs.
    pub url: Option<String>,
}

/// `setup`: the database was made if it was missing, then upgraded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setup {
    /// The database was missing and was created.
    pub created: bool,
    /// The upgrade.
    pub upgrade: RunReport,
}

/// `ensure-version`: whether the version table had to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnsureVersion {
    /// Which database.
    pub destination: DestinationView,
    /// The table was missing and was created.
    pub created: bool,
}
