//! What can go wrong with revision files and templates.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

/// What went wrong with revision files or templates. No database was touched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A folder of revision files that is not there.
    #[error("{} does not exist", path.display())]
    MissingFolder {
        /// The folder, as it is shown.
        path: PathBuf,
    },
    /// Something else stands where a folder is expected.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// What is no folder, as it is shown.
        path: PathBuf,
    },
    /// A folder that cannot be read.
    #[error("{} cannot be read", path.display())]
    UnreadableFolder {
        /// The folder, as it is shown.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The files are wrong: everything that is, each with its place.
    #[error("the revision files have {} defects", .0.len())]
    Defects(Vec<Diagnostic>),
}

impl SourceError {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingFolder { .. } => "no-versions-folder",
            Self::NotAFolder { .. } => "not-a-folder",
            Self::UnreadableFolder { .. } => "unreadable-folder",
            Self::Defects(_) => "broken-revisions",
        }
    }
}
