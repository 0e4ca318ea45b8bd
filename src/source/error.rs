//! What can go wrong with revision files and templates.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::revision::{Label, RevisionId};

use super::TemplateError;

/// What went wrong with revision files or templates. No database was touched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Revisions whose files are gone do not fit into the graph.
    #[error("lost revisions do not fit into the graph")]
    Lost {
        /// The lost revisions.
        revisions: Vec<String>,
        /// Why they do not fit.
        reasons: Vec<String>,
    },
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
    /// Something is wrong with a template or its variables. Nothing was written.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The id of a new revision, or one of its labels, is taken.
    #[error("{name} is taken")]
    NameTaken {
        /// The id or label.
        name: String,
        /// The revision that has it.
        revision: RevisionId,
        /// That revision's up file, as it is shown.
        path: PathBuf,
    },
    /// A label of a new revision that is its id too.
    #[error("{label} is the revision's id")]
    LabelIsId {
        /// The label.
        label: Label,
    },
    /// A label that a new revision is given twice.
    #[error("{label} is given twice")]
    LabelTwice {
        /// The label.
        label: Label,
    },
    /// A parent or dependency of a new revision that there is not.
    #[error("no revision {name}")]
    UnknownRevision {
        /// What was named.
        name: String,
        /// What was probably meant.
        candidates: Vec<String>,
    },
    /// A new revision's folder that is none of the project's.
    #[error("{} is no folder of this project's revisions", path.display())]
    ForeignFolder {
        /// The folder that was asked for, as it is shown.
        path: PathBuf,
        /// The project's folders, as they are shown.
        known: Vec<PathBuf>,
    },
    /// The project has several folders, and nothing says which one a new base belongs in.
    #[error("a new base may go into any of {} folders", known.len())]
    WhichFolder {
        /// The project's folders, as they are shown.
        known: Vec<PathBuf>,
    },
    /// A file that would have to be overwritten.
    #[error("{} exists", path.display())]
    FileExists {
        /// The file, as it is shown.
        path: PathBuf,
    },
    /// A file or folder that could not be written.
    #[error("{} could not be written", path.display())]
    NotWritten {
        /// The file or folder, as it is shown.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SourceError {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Lost { .. } => "lost-revisions",
            Self::MissingFolder { .. } => "no-versions-folder",
            Self::NotAFolder { .. } => "not-a-folder",
            Self::UnreadableFolder { .. } => "unreadable-folder",
            Self::Defects(_) => "broken-revisions",
            Self::Template(error) => error.code(),
            Self::NameTaken { .. } => "name-taken",
            Self::LabelIsId { .. } => "label-is-revision",
            Self::LabelTwice { .. } => "label-twice",
            Self::UnknownRevision { .. } => "unknown-revision",
            Self::ForeignFolder { .. } => "foreign-folder",
            Self::WhichFolder { .. } => "which-folder",
            Self::FileExists { .. } => "file-exists",
            Self::NotWritten { .. } => "not-written",
        }
    }
}
