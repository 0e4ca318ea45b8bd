//! `locks`: who holds the migration lock, and who waits for it.

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::operations::Migrator;
use super::report::LocksReport;
use crate::bookkeeping::{MigrationLock, blockers};

impl Migrator {
    /// Who holds the migration lock of the version table, who waits for it, and what they do.
    /// Takes no lock and ends nobody.
    ///
    /// # Errors
    /// The server's.
    pub async fn locks(&self, control: &Control) -> Result<LocksReport, Error> {
        let link = self.link(&self.run_id(), control).await?;
        let report = self.locks_over(&link).await;
        let closed = link.close().await;
        let report = report?;
        closed?;
        Ok(report)
    }

    async fn locks_over(&self, link: &Link) -> Result<LocksReport, Error> {
        link.look().await?;
        let lock = MigrationLock::of(&self.table());
        let mut runners = lock.runners(&link.session).await?;
        let holder = runners.iter().position(|runner| runner.holds);
        let holder = holder.map(|at| runners.remove(at));
        let holder_blocked_by = match &holder {
            Some(holder) => blockers(&link.session, holder.pid).await?,
            None => Vec::new(),
        };
        let (waiting, others) = runners.into_iter().partition(|runner| runner.waits);
        Ok(LocksReport {
            destination: link.view.clone(),
            lock_keys: lock.keys(),
            holder,
            holder_blocked_by,
            waiting,
            others,
        })
    }
}
