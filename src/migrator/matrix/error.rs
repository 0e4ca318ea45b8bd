use std::path::PathBuf;

use crate::config::Origin;
use crate::db::ServerError;
use crate::diagnostic::{Diagnostic, Place};

/// Why there is no access matrix. Nothing was changed in any case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// The database is marked as one that people rely on, and something would be tried out in it.
    #[error("the database is marked as production")]
    Production {
        /// What marks it.
        origin: Origin,
    },
    /// There is no actor of this name.
    #[error("no actor {actor}")]
    UnknownActor {
        /// The name.
        actor: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is no table of this name that policies could be for.
    #[error("no table {table}")]
    UnknownTable {
        /// The name.
        table: String,
        /// Those that there are, as far as the database was asked.
        known: Vec<String>,
    },
    /// The fixtures cannot be read.
    #[error("{} cannot be read", path.display())]
    NoFixtures {
        /// The file, as it is shown.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The fixtures hold what cannot run.
    #[error("the fixtures hold what cannot run")]
    BadFixtures {
        /// What and where.
        findings: Vec<Diagnostic>,
    },
    /// A statement of the fixtures failed.
    #[error("the fixtures failed")]
    FixturesFailed {
        /// Where.
        place: Option<Place>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// The kept matrix cannot be read.
    #[error("{} cannot be read", path.display())]
    NoMatrix {
        /// The file, as it is shown.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The kept matrix is none.
    #[error("the kept matrix has {} defects", findings.len())]
    BadMatrix {
        /// What is wrong and where.
        findings: Vec<Diagnostic>,
    },
    /// The session could not become an actor.
    #[error("the session cannot become {role}")]
    ActorNotTaken {
        /// The actor.
        actor: String,
        /// The actor's role.
        role: String,
        /// The server's SQLSTATE.
        sqlstate: String,
        /// The server's words.
        message: String,
    },
    /// The expression for the owner of a table's rows is none.
    #[error("whose a row of {table} is cannot be told")]
    OwnerFailed {
        /// The table.
        table: String,
        /// The expression.
        expression: String,
        /// The server's words.
        message: String,
    },
    /// Policies bind the role that migrates: what it sees is not all there is.
    #[error("policies bind the migrating role")]
    BoundByPolicies {
        /// Of which tables.
        tables: Vec<String>,
    },
    /// A table has more rows than can be tried one by one.
    #[error("{table} has more than {most} rows")]
    TooManyRows {
        /// The table.
        table: String,
        /// How many may be.
        most: usize,
    },
}

impl MatrixError {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Production { .. } => "production",
            Self::UnknownActor { .. } => "unknown-actor",
            Self::UnknownTable { .. } => "unknown-table",
            Self::NoFixtures { .. } => "no-fixtures",
            Self::BadFixtures { .. } => "invalid-fixtures",
            Self::FixturesFailed { .. } => "fixtures-failed",
            Self::NoMatrix { .. } => "no-matrix",
            Self::BadMatrix { .. } => "invalid-matrix",
            Self::ActorNotTaken { .. } => "actor-not-taken",
            Self::OwnerFailed { .. } => "owner-failed",
            Self::BoundByPolicies { .. } => "bound-by-policies",
            Self::TooManyRows { .. } => "too-many-rows",
        }
    }
}
