use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use crate::db::ServerError;
use crate::diff::Rename;
use crate::migrator::error::Error;
use crate::migrator::report::SchemaDiff;
use crate::revision::RevisionId;
use crate::samples::Lost;
use crate::schema::facts::FactId;
use crate::source::UpFile;

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
        /// Of which revision, where there are several.
        part: Option<Part>,
        /// That revision, where it got that far.
        revision: Option<RevisionId>,
        /// The statement.
        sql: Option<String>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// The revision files are not those any more that it began from.
    #[error("{} revision files came, went or changed meanwhile", files.len())]
    FilesChanged {
        /// The up files, as they are shown.
        files: BTreeMap<PathBuf, UpFile>,
    },
    /// What is left out of both states differs in them, and what is done needs it.
    #[error("{} excluded objects differ", objects.len())]
    Excluded {
        /// What is left out, and differs.
        objects: BTreeSet<FactId>,
        /// What failed for it, or came out another way.
        unproved: Box<Unproved>,
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
            Self::FilesChanged { .. } => "files-changed",
            Self::Excluded { .. } => "excluded-differs",
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
            return Self::RowsAgainst {
                part: None,
                revision,
                sql,
                error,
            };
        }
        Self::Unproved(Box::new(Unproved {
            leg,
            part: None,
            revision,
            fault: Fault::Failed { sql, error },
            evidence: None,
        }))
    }

    /// The same, told of which of several revisions it is; `part` is asked with its id.
    pub(super) fn of_part(
        mut self,
        part: impl FnOnce(Option<&RevisionId>) -> Option<Part>,
    ) -> Self {
        match &mut self {
            Self::RowsAgainst {
                part: own,
                revision,
                ..
            } => *own = own.or_else(|| part(revision.as_ref())),
            Self::Unproved(unproved) => {
                unproved.part = unproved.part.or_else(|| part(unproved.revision.as_ref()));
            }
            Self::Destructive { .. } | Self::FilesChanged { .. } | Self::Excluded { .. } => {}
        }
        self
    }
}

/// Which of several revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub nth: usize,
    /// Of how many.
    pub of: usize,
}

impl Part {
    /// The one behind `at` others; none where it is the only one.
    pub(super) fn at(at: usize, of: usize) -> Option<Self> {
        (of > 1).then_some(Self { nth: at + 1, of })
    }
}

/// As it stands in the revision's message: `2 of 3`.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.nth, self.of)
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
    /// Of which revision, where there are several.
    pub part: Option<Part>,
    /// The revision that it was to be, where it got that far.
    pub revision: Option<RevisionId>,
    /// What is wrong.
    pub fault: Fault,
    /// The file with everything that is needed to see why; none where it could not be written.
    pub evidence: Option<PathBuf>,
}

/// The same error; where it is of a revision that was to be, told of which of several.
pub(super) fn of_part(
    error: Error,
    part: impl FnOnce(Option<&RevisionId>) -> Option<Part>,
) -> Error {
    match error {
        Error::Autogenerate(error) => error.of_part(part).into(),
        other => other,
    }
}
