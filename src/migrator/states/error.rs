use std::path::PathBuf;

use crate::db::ServerError;
use crate::diagnostic::{Diagnostic, Place};
use crate::diff::BadRename;
use crate::revision::RevisionId;
use crate::schema::facts::{FactId, Unmodelled};
use crate::source::CommandFailure;

/// Why a state cannot be read or written. No database was changed in any case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// No state is told so.
    #[error("{text} is no state")]
    Unknown {
        /// What was typed.
        text: String,
    },
    /// The SQL file is none.
    #[error("a state's file has {} defects", findings.len())]
    BadFile {
        /// What is wrong and where.
        findings: Vec<Diagnostic>,
    },
    /// A file of rows is no SQL.
    #[error("the files of rows have {} defects", findings.len())]
    BadData {
        /// What is wrong and where.
        findings: Vec<Diagnostic>,
    },
    /// A statement of the SQL file failed, in a scratch database.
    #[error("a state's file failed")]
    FileFailed {
        /// Where.
        place: Option<Place>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// The settings tell of no declared schema, or of one that is not there.
    #[error("there is no declared schema")]
    NoDeclared {
        /// The files and folders of the settings, as they are shown.
        files: Vec<PathBuf>,
    },
    /// The program that tells the declared schema told nothing.
    #[error("{} told no schema", command.join(" "))]
    CommandFailed {
        /// The program and its arguments.
        command: Vec<String>,
        /// What became of it.
        failure: CommandFailure,
    },
    /// A statement of the declared schema failed, in a scratch database, also behind the others.
    #[error("the declared schema failed")]
    DeclaredFailed {
        /// Where.
        place: Option<Place>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// A revision failed in a scratch database.
    #[error("{revision} failed in a scratch database")]
    NotBuilt {
        /// The revision.
        revision: RevisionId,
        /// Where in its script.
        place: Option<Place>,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// There are objects of kinds that are not modelled, and that was not to be.
    #[error("{} objects are not modelled", objects.len())]
    Unmodelled {
        /// The objects.
        objects: Vec<Unmodelled>,
    },
    /// The role may not see all of some objects, and that was not to be.
    #[error("`{role}` may not see all of {} objects", objects.len())]
    Unseen {
        /// The role that read.
        role: String,
        /// The objects.
        objects: Vec<FactId>,
    },
    /// Facts depend on each other in a circle.
    #[error("{} facts depend on each other", facts.len())]
    Cycle {
        /// The facts.
        facts: Vec<FactId>,
    },
    /// PostgreSQL refuses to change tables whose rows are values of columns.
    #[error("{} changes of tables whose rows are values of columns", changed.len())]
    RowsHeld {
        /// The columns, or tables, that are to change.
        changed: Vec<FactId>,
        /// The columns that have their rows for values.
        holders: Vec<FactId>,
    },
    /// The SQL that was made of a state failed, in a scratch database.
    #[error("the SQL of a state failed")]
    SqlFailed {
        /// The statement.
        sql: String,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// What was told to have another name cannot get it.
    #[error("{rename} is no rename")]
    BadRename {
        /// As it is typed, or the comment.
        rename: String,
        /// Where the declared schema says so.
        place: Option<Place>,
        /// Why not.
        reason: BadRename,
    },
    /// The file or folder for the SQL cannot be written.
    #[error("{} cannot be written", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
        /// How many other files were written before.
        written: usize,
    },
}

impl StateError {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown-state",
            Self::BadFile { .. } => "invalid-state-file",
            Self::BadData { .. } => "invalid-data-file",
            Self::FileFailed { .. } => "state-file-failed",
            Self::NoDeclared { .. } => "no-declared-schema",
            Self::CommandFailed { .. } => "schema-command-failed",
            Self::DeclaredFailed { .. } => "declared-schema-failed",
            Self::NotBuilt { .. } => "revision-not-built",
            Self::Unmodelled { .. } => "unmodelled-objects",
            Self::Unseen { .. } => "unseen-objects",
            Self::Cycle { .. } => "state-cycle",
            Self::RowsHeld { .. } => "row-type-in-use",
            Self::SqlFailed { .. } => "state-sql-failed",
            Self::BadRename { .. } => "invalid-rename",
            Self::NotWritten { .. } => "not-written",
        }
    }
}
