use std::path::PathBuf;

use serde::Serialize;

use super::paths;
use crate::revision::RevisionId;

/// One disagreement between history and files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code")]
pub enum DisagreementReport {
    /// An applied revision's script is not the one that ran.
    #[serde(rename = "edited-revision")]
    Edited {
        /// The revision.
        revision: RevisionId,
        /// Its up script.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
        /// What ran, where the history kept it.
        #[serde(skip)]
        applied: Option<String>,
        /// What the file says now.
        #[serde(skip)]
        file: String,
    },
    /// A row of the version table that no file knows.
    #[serde(rename = "unknown-row")]
    UnknownRow {
        /// The row.
        row: String,
        /// The message that the history keeps of it.
        message: Option<String>,
        /// The history keeps its down script.
        down_script: bool,
    },
    /// An unapplied revision beneath an applied one.
    #[serde(rename = "hole")]
    Hole {
        /// The revision that was never run.
        revision: RevisionId,
        /// Its up script.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
        /// An applied revision above it.
        above: RevisionId,
    },
}

impl DisagreementReport {
    /// The kind of disagreement as a kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Edited { .. } => "edited-revision",
            Self::UnknownRow { .. } => "unknown-row",
            Self::Hole { .. } => "hole",
        }
    }
}
