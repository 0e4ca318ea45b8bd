use serde::Serialize;

use super::destination::DestinationView;
use crate::bookkeeping::{Blocker, Runner};

/// `locks`: who holds the migration lock and who waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocksReport {
    /// Which database.
    pub destination: DestinationView,
    /// The lock's keys, as `pg_advisory_lock` takes them.
    pub lock_keys: (i32, i32),
    /// Who holds it; `null` where nobody does.
    pub holder: Option<Runner>,
    /// Whom the holder waits for itself.
    pub holder_blocked_by: Vec<Blocker>,
    /// Who waits for it, the oldest session first.
    pub waiting: Vec<Runner>,
    /// Other sessions of a grace-migrate in this database.
    pub others: Vec<Runner>,
}
