//! What else can be told of the project's server.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::cluster::Cluster;
use super::pidfile::PidFile;

impl Cluster {
    /// When the server was started, where it runs and says so.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        let data = self.data_dir();
        let file = PidFile::read(&data).filter(|file| file.is_alive(&data))?;
        DateTime::from_timestamp(file.started?, 0)
    }

    /// How many bytes the data's files hold, as far as they can be read; `None` where there is no
    /// data.
    #[must_use]
    pub fn data_bytes(&self) -> Option<u64> {
        self.major().map(|_| bytes(&self.data_dir()))
    }
}

/// A file that goes away meanwhile, as a running server's do, counts for nothing.
fn bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
