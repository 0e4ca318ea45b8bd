use std::path::PathBuf;

use crate::config::Origin;
use crate::db::ServerError;
use crate::diagnostic::{Diagnostic, Place};

/// Why policy tests do not run. Nothing is in the database in any case.
#[derive(Debug, thiserror::Error)]
pub enum PolicyTestError {
    /// The database is marked as one that people rely on.
    #[error("the database is marked as production")]
    Production {
        /// What marks it.
        origin: Origin,
    },
    /// Files of tests, or of their rows, are wrong.
    #[error("the policy tests have {} defects", findings.len())]
    Invalid {
        /// Everything that is wrong, each with its place.
        findings: Vec<Diagnostic>,
    },
    /// There are no files of tests.
    #[error("there is no file of policy tests")]
    NoFiles {
        /// Where they were looked for, as it is shown.
        searched: Vec<PathBuf>,
    },
    /// There are no tests in the files.
    #[error("the files hold no test")]
    NoTests {
        /// The files, as they are shown.
        searched: Vec<PathBuf>,
    },
    /// The filter takes all of them out.
    #[error("no test has {filter} in its name")]
    Filtered {
        /// The filter.
        filter: String,
        /// How many tests there are.
        tests: usize,
    },
    /// The rows for tests could not be made.
    #[error("the fixtures failed: {}", error.message)]
    FixturesFailed {
        /// The statement that failed.
        place: Box<Place>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// The session could not become an actor.
    #[error("the session cannot become {actor}: {}", error.message)]
    ActorNotTaken {
        /// The actor.
        actor: String,
        /// The actor's role.
        role: String,
        /// The server's words.
        error: Box<ServerError>,
    },
}

impl PolicyTestError {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Production { .. } => "production",
            Self::Invalid { .. } => "invalid-tests",
            Self::NoFiles { .. } | Self::NoTests { .. } | Self::Filtered { .. } => "no-tests",
            Self::FixturesFailed { .. } => "fixtures-failed",
            Self::ActorNotTaken { .. } => "actor-not-taken",
        }
    }
}
