use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::log::LogEntry;
use super::paths;
use super::run::ScriptTransaction;
use crate::revision::{Label, RevisionId};

/// One revision, as the graph and, where a database was asked, the version table see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevisionView {
    /// Its id.
    pub revision: RevisionId,
    /// Its parents, in the header's order; empty for a base.
    pub revises: Vec<RevisionId>,
    /// Its dependencies as the header writes them, ids or labels.
    pub depends_on: Vec<String>,
    /// The same dependencies as ids, one for each entry of `depends_on`.
    pub dependencies: Vec<RevisionId>,
    /// Its children by parent edges, in graph order.
    pub children: Vec<RevisionId>,
    /// Every branch label that it carries, its own and those that spread to it, sorted.
    pub labels: Vec<Label>,
    /// The header's message.
    pub message: Option<String>,
    /// The header's creation instant.
    pub created: Option<DateTime<Utc>>,
    /// Its up script, relative to the project where it lies within it.
    #[serde(serialize_with = "paths::one")]
    pub path: PathBuf,
    /// No revision names it as a parent.
    pub is_head: bool,
    /// A head that another revision depends on, so that the version table never holds it alone.
    pub is_effective_head: bool,
    /// It has no parent.
    pub is_base: bool,
    /// More than one revision names it as a parent.
    pub is_branch_point: bool,
    /// It has more than one parent.
    pub is_merge_point: bool,
    /// The version table has a row for it; `null` where no database was asked.
    pub is_current: Option<bool>,
    /// It is applied, by a row or implied by one; `null` where no database was asked.
    pub applied: Option<bool>,
    /// How its up script runs.
    pub transaction: ScriptTransaction,
    /// It has a down script.
    pub has_down: bool,
    /// It has a verify script.
    pub has_verify: bool,
    /// Why it cannot be undone, in the header's words; `null` where it can.
    pub irreversible: Option<String>,
}

impl RevisionView {
    /// A revision that stands alone: a base and a head without labels, dependencies or message,
    /// whose up script runs in a transaction. The rest is set field by field.
    pub fn new(revision: RevisionId, path: impl Into<PathBuf>) -> Self {
        Self {
            revision,
            revises: Vec::new(),
            depends_on: Vec::new(),
            dependencies: Vec::new(),
            children: Vec::new(),
            labels: Vec::new(),
            message: None,
            created: None,
            path: path.into(),
            is_head: true,
            is_effective_head: false,
            is_base: true,
            is_branch_point: false,
            is_merge_point: false,
            is_current: None,
            applied: None,
            transaction: ScriptTransaction::On,
            has_down: false,
            has_verify: false,
            irreversible: None,
        }
    }
}

/// Which of a revision's scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptKind {
    /// `.up.sql`
    Up,
    /// `.down.sql`
    Down,
    /// `.verify.sql`
    Verify,
}

impl ScriptKind {
    /// The word: `up`, `down` or `verify`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Verify => "verify",
        }
    }
}

/// One script of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptView {
    /// Which one.
    pub kind: ScriptKind,
    /// Its file.
    #[serde(serialize_with = "paths::one")]
    pub path: PathBuf,
    /// Its checksum, 64 hex digits.
    pub checksum: String,
    /// How many statements it has.
    pub statements: usize,
    /// How it runs.
    pub transaction: ScriptTransaction,
    /// The lock timeout that its header asks for, in milliseconds.
    pub lock_timeout_ms: Option<u64>,
    /// The statement timeout that its header asks for, in milliseconds.
    pub statement_timeout_ms: Option<u64>,
}

/// One revision with its scripts and, where a database was asked, its last record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevisionDetail {
    /// The revision, its keys beside the ones below.
    #[serde(flatten)]
    pub view: RevisionView,
    /// Names the revision and the whole history beneath it: 64 hex digits.
    pub digest: Option<String>,
    /// Its scripts: up, then down, then verify, where it has them.
    pub scripts: Vec<ScriptView>,
    /// The last record of it in the history; `null` where there is none or no database was asked.
    pub last_record: Option<LogEntry>,
}
