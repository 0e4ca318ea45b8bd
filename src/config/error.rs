//! What can be wrong with the settings.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Place};

/// Why there are no settings. Nothing was touched.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither this folder nor one above it holds a grace-migrate.toml.
    #[error("no grace-migrate.toml in {} or above", from.display())]
    NoProject {
        /// The folder that the search began in.
        from: PathBuf,
    },
    /// The configuration file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The flag or variable that named it; none where it was found.
        by: Option<&'static str>,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration file is wrong: everything that is, each with its place.
    #[error("the configuration has {} defects", .0.len())]
    Defects(Vec<Diagnostic>),
    /// The file of the actors cannot be read.
    #[error("{} cannot be read", path.display())]
    NoActors {
        /// The file, as it is shown.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of the actors is wrong: everything that is, each with its place.
    #[error("the file of the actors has {} defects", .0.len())]
    Actors(Vec<Diagnostic>),
    /// A destination that the file does not have.
    #[error("no destination {name}")]
    UnknownDestination {
        /// The name that was asked for.
        name: String,
        /// The flag or variable that asked for it.
        by: &'static str,
        /// The file's destinations.
        known: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A flag's or variable's value that cannot be read.
    #[error("{by}: {reason}")]
    Value {
        /// The flag or variable that carried it.
        by: &'static str,
        /// The value; never a secret.
        text: String,
        /// Why it cannot be read, as a clause about it.
        reason: String,
    },
    /// An environment variable that is not Unicode.
    #[error("{variable} is not Unicode")]
    NotUnicode {
        /// Its name.
        variable: String,
    },
    /// The URL refers to an environment variable that is not set, and gives no default.
    #[error("{variable} is not set")]
    UnsetVariable {
        /// The variable.
        variable: String,
        /// The value that refers to it.
        place: Box<Place>,
    },
    /// A database is needed and nothing says which.
    #[error("no database is named")]
    NoUrl {
        /// The configuration file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProject { .. } => "no-project",
            Self::Unreadable { .. } => "config-unreadable",
            Self::Defects(_) => "invalid-config",
            Self::NoActors { .. } => "no-actors",
            Self::Actors(_) => "invalid-actors",
            Self::UnknownDestination { .. } => "unknown-destination",
            Self::Value { .. } => "invalid-setting",
            Self::NotUnicode { .. } => "variable-not-unicode",
            Self::UnsetVariable { .. } => "variable-not-set",
            Self::NoUrl { .. } => "no-url",
        }
    }
}
