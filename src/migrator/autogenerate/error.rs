use std::path::PathBuf;

use crate::db::ServerError;
use crate::diff::Rename;
use crate::migrator::report::SchemaDiff;
use crate::revision::RevisionId;
use crate::samples::Lost;
use crate::schema::facts::FactId;

/// Why no revision was made of a difference. No file was written in any case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AutogenerateError {
    /// Data would be deleted, and that is not allowed.
    #[error("{} steps delete data", steps.len())]
    Destructive {
        /// What would go, with its data.
        steps: Vec<FactId>,
        /// What may have another name, and was not told so.
        candidates: Vec<Rename>,
    },
    /// Rows that the revisions themselves put in are against a step.
    #[error("rows of the revisions are against it")]
    RowsAgainst {
        /// The statement.
        sql: Option<String>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// What was planned does not do what it should.
    #[error("what was planned is not proved")]
    Unproved(Box<Unproved>),
}

impl AutogenerateError {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Destructive { .. } => "destructive-steps",
            Self::RowsAgainst { .. } => "rows-against-step",
            Self::Unproved(_) => "unproved",
        }
    }

    /// What a statement of a plan says that failed.
    pub(super) fn failed(
        leg: Leg,
        revision: Option<RevisionId>,
        sql: Option<String>,
        error: Box<ServerError>,
    ) -> Self {
        // Only rows violate what a schema holds them to.
        if leg == Leg::Up && error.sqlstate.class() == "23" {
            return Self::RowsAgainst { sql, error };
        }
        Self::Unproved(Box::new(Unproved {
            leg,
            revision,
            fault: Fault::Failed { sql, error },
            evidence: None,
        }))
    }
}

/// Which way was not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// From the parents to the declared schema.
    Up,
    /// And back.
    Down,
}

/// What is wrong with what was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A statement failed.
    Failed {
        /// The statement, or the script's line.
        sql: Option<String>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// It made something else: in what it differs from what it should be.
    Differs(Box<SchemaDiff>),
    /// A statement failed once the tables had rows, and it was not told that it may.
    AgainstRows {
        /// The statement.
        sql: String,
        /// The server's words.
        error: Box<ServerError>,
        /// What made the rows up.
        made_up: String,
    },
    /// Rows went, and it was not told that they would.
    RowsLost {
        /// Of which tables.
        lost: Vec<Lost>,
        /// What made the rows up.
        made_up: String,
    },
}

/// A plan that does not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproved {
    /// On which way.
    pub leg: Leg,
    /// The revision that it was to be, where it got that far.
    pub revision: Option<RevisionId>,
    /// What is wrong.
    pub fault: Fault,
    /// The file with everything that is needed to see why; none where it could not be written.
    pub evidence: Option<PathBuf>,
}
