//! The project's server as one of its users has it.

use std::fs::File;

use super::address::Address;
use super::cluster::Cluster;
use super::error::EngineError;

/// The project's server, running and in use by the holder. Dropping it leaves the server, as
/// [`Server::stop`] does, without a word about what failed.
#[derive(Debug)]
pub struct Server {
    cluster: Cluster,
    address: Address,
    pid: i32,
    users: Option<File>,
}

impl Server {
    /// A server that runs, with this process's share of the users' lock.
    pub(super) fn new(cluster: Cluster, address: Address, pid: i32, users: File) -> Self {
        Self {
            cluster,
            address,
            pid,
            users: Some(users),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The libpq URL of one of its databases, as the superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Leaves the server, and stops it where nobody else uses it and it is not kept.
    ///
    /// # Errors
    ///
    /// [`EngineError::Stop`] when it does not end, [`EngineError::Busy`] when another process has
    /// been starting or stopping it for too long.
    pub fn stop(mut self) -> Result<(), EngineError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), EngineError> {
        let Some(users) = self.users.take() else {
            return Ok(());
        };
        self.cluster.leave(self.pid, users)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody is left to be told; the next command finds the server and uses it.
        let _ = self.leave();
    }
}
