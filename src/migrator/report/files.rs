use std::path::PathBuf;

use serde::Serialize;

use super::paths;
use crate::diagnostic::Diagnostic;
use crate::revision::{Label, RevisionId};

/// `revision` and `merge`: the files that were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewRevision {
    /// The new revision.
    pub revision: RevisionId,
    /// Its parents; empty for a base, several for a merge.
    pub revises: Vec<RevisionId>,
    /// Its dependencies, as written.
    pub depends_on: Vec<String>,
    /// Its own labels.
    pub labels: Vec<Label>,
    /// Its message.
    pub message: Option<String>,
    /// The template that it was rendered from.
    pub template: String,
    /// The files that were created: up, then down, then verify, where there are such.
    #[serde(serialize_with = "paths::many")]
    pub created: Vec<PathBuf>,
    /// The hooks that ran over them, in order.
    pub hooks: Vec<HookReport>,
    /// What is worth saying about it.
    pub warnings: Vec<Diagnostic>,
}

/// One post-write hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookReport {
    /// Its name in the configuration.
    pub name: String,
    /// How long it took.
    pub duration_ms: u64,
    /// It changed a file.
    pub changed: bool,
}

/// `init`: what a new project got, and what was there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Init {
    /// The project's folder.
    #[serde(serialize_with = "paths::one")]
    pub directory: PathBuf,
    /// Files and folders that were created, relative to it.
    #[serde(serialize_with = "paths::many")]
    pub created: Vec<PathBuf>,
    /// Files and folders that were there and were left alone.
    #[serde(serialize_with = "paths::many")]
    pub kept: Vec<PathBuf>,
}

/// `edit`: the files that were opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditReport {
    /// The editor's command line, its words in order.
    pub editor: Vec<String>,
    /// The files.
    #[serde(serialize_with = "paths::many")]
    pub opened: Vec<PathBuf>,
}

/// `templates`: what `revision --template` knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateList {
    /// Their names, sorted: the project's own and the built-in ones.
    pub templates: Vec<String>,
}
