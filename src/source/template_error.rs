//! What can go wrong with a template.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Place;

/// What is wrong with a template, or with the variables that it was given.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A template that there is not.
    #[error("no template {name}")]
    Unknown {
        /// Its name.
        name: String,
        /// The templates that there are.
        known: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
        /// The folder of the project's own templates, as it is shown.
        folder: PathBuf,
    },
    /// A template's file or folder that cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file or folder, as it is shown.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A template that cannot be rendered.
    #[error("{place}: {reason}")]
    Broken {
        /// Where it stands in the template.
        place: Box<Place>,
        /// What the template engine said.
        reason: String,
    },
    /// A template uses a variable that was not given.
    #[error("{place}: a variable was not given")]
    VariableMissing {
        /// Where it stands in the template.
        place: Box<Place>,
        /// The variable.
        variable: String,
    },
    /// A variable was given that no script of the template uses.
    #[error("template {template} does not use {variable}")]
    VariableUnused {
        /// The variable.
        variable: String,
        /// The template.
        template: String,
        /// The variables that it uses.
        used: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A variable was given that has its value from the revision.
    #[error("{variable} cannot be set")]
    VariableGiven {
        /// The variable.
        variable: String,
    },
    /// A template rendered a script with another header than the revision's.
    #[error("{} breaks the header", path.display())]
    Header {
        /// The template's file, as it is shown.
        path: PathBuf,
        /// What is wrong with the header.
        reasons: Vec<String>,
    },
}

impl TemplateError {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown-template",
            Self::Unreadable { .. } => "unreadable-template",
            Self::Broken { .. } => "broken-template",
            Self::VariableMissing { .. } => "template-variable-missing",
            Self::VariableUnused { .. } => "template-variable-unused",
            Self::VariableGiven { .. } => "template-variable-given",
            Self::Header { .. } => "template-header",
        }
    }
}
