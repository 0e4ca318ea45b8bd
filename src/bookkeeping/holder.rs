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
