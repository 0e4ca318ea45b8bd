use chrono::{DateTime, Utc};
use serde::Serialize;

/// The session that holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockHolder {
    /// Its backend's process id.
    pub pid: i32,
    /// Its application name: `grace-migrate/<version> <run id>` for a run of ours. `None`, as all
    /// below, where the server does not tell us of other users' sessions.
    pub application_name: Option<String>,
    /// Its user.
    pub user: Option<String>,
    /// Where it came from; `None` on a Unix socket.
    pub client_address: Option<String>,
    /// When its session began, by the server's clock.
    pub since: Option<DateTime<Utc>>,
}

/// A session that holds the lock, or one of a grace-migrate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Runner {
    /// Its backend's process id.
    pub pid: i32,
    /// Its user.
    pub user: Option<String>,
    /// Its application name: `grace-migrate/<version> <run id>` for a run of ours.
    pub application: Option<String>,
    /// Where it came from; `None` on a Unix socket, or where the server does not tell us of other
    /// users' sessions, as with all below.
    pub client: Option<String>,
    /// When its session began, by the server's clock.
    pub since: Option<DateTime<Utc>>,
    /// What it does now, in PostgreSQL's word: `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// How long its transaction has been open.
    pub transaction_ms: Option<i64>,
    /// The statement that it runs, or ran last: one line, at most 200 characters.
    pub query: Option<String>,
    /// Whether it holds the lock.
    pub holds: bool,
    /// Whether it waits for the lock, as far as the server tells.
    pub waits: bool,
}
