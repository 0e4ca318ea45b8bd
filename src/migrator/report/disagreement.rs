use std::path::PathBuf;

use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use super::revision::ScriptKind;
use crate::checksum::Checksum;
use crate::diagnostic::Severity;
use crate::revision::RevisionId;

pub use crate::plan::chain::ScriptFate;

/// One disagreement between version table, history and files.
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
        /// The checksum of what ran.
        recorded_checksum: Checksum,
        /// The checksum of the file.
        checksum: Checksum,
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
    /// The version table has no row, and the history knows revisions as applied.
    #[serde(rename = "vanished-rows")]
    Vanished {
        /// The version table is there, and empty.
        has_version_table: bool,
        /// The rows that the history believes in, sorted.
        rows: Vec<String>,
        /// How many revisions the history knows as applied.
        revisions: usize,
    },
    /// A revision whose files are gone, though another names it.
    #[serde(rename = "missing-file")]
    MissingFile {
        /// The revision.
        revision: RevisionId,
        /// One that names it as a parent or a dependency.
        named_by: RevisionId,
        /// That one's up script.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
    },
    /// Applied revisions that the history does not know.
    #[serde(rename = "unrecorded-revisions")]
    Unrecorded {
        /// The revisions, in graph order.
        revisions: Vec<RevisionId>,
    },
    /// Applied revisions of which the history says that they were undone.
    #[serde(rename = "applied-elsewhere")]
    Reapplied {
        /// The revisions, in graph order.
        revisions: Vec<RevisionId>,
    },
    /// Revisions that the history knows as applied and for which no row stands.
    #[serde(rename = "undone-elsewhere")]
    Undone {
        /// The revisions, sorted.
        revisions: Vec<RevisionId>,
        /// Those of them that no other stands or depends on, sorted.
        tips: Vec<RevisionId>,
    },
    /// Revisions that the history knows as applied and for which neither a row nor a file stands.
    #[serde(rename = "gone-revisions")]
    Gone {
        /// The revisions, sorted.
        revisions: Vec<String>,
    },
    /// A row that another row implies.
    #[serde(rename = "overlapping-row")]
    OverlappingRow {
        /// The row.
        row: String,
        /// The row that stands or depends on it.
        implied_by: RevisionId,
    },
    /// A row that is there more than once.
    #[serde(rename = "repeated-row")]
    RepeatedRow {
        /// The row.
        row: String,
    },
    /// An applied revision's down or verify script is not the one that was there when it was
    /// applied.
    #[serde(rename = "edited-script")]
    EditedScript {
        /// The revision.
        revision: RevisionId,
        /// Which script.
        kind: ScriptKind,
        /// What became of it.
        fate: ScriptFate,
        /// The script, or the up script where it is gone.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
        /// What it said, where the history kept it.
        #[serde(skip)]
        recorded: Option<String>,
        /// What it says now.
        #[serde(skip)]
        file: Option<String>,
    },
    /// An applied revision stands or depends on others than it did.
    #[serde(rename = "moved-revision")]
    Moved {
        /// The revision.
        revision: RevisionId,
        /// Its up script.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
        /// What it stood and depended on.
        recorded: Vec<String>,
        /// What it stands and depends on now.
        now: Vec<String>,
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
            Self::Vanished { .. } => "vanished-rows",
            Self::MissingFile { .. } => "missing-file",
            Self::Unrecorded { .. } => "unrecorded-revisions",
            Self::Reapplied { .. } => "applied-elsewhere",
            Self::Undone { .. } => "undone-elsewhere",
            Self::Gone { .. } => "gone-revisions",
            Self::OverlappingRow { .. } => "overlapping-row",
            Self::RepeatedRow { .. } => "repeated-row",
            Self::EditedScript { .. } => "edited-script",
            Self::Moved { .. } => "moved-revision",
        }
    }

    /// Whether no script may run until it is settled. Of the others, some are what another tool
    /// leaves behind that keeps no history, and a run settles them by itself.
    #[must_use]
    pub fn blocks(&self) -> bool {
        matches!(
            self,
            Self::Edited { .. }
                | Self::UnknownRow { .. }
                | Self::Hole { .. }
                | Self::Vanished { .. }
                | Self::MissingFile { .. }
        )
    }

    /// How bad it is. A down script that was edited may be better than the one that was there, and
    /// a verify script that was edited never runs again.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::EditedScript {
                kind: ScriptKind::Verify,
                ..
            } => Severity::Note,
            Self::EditedScript { .. } | Self::Moved { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// `verify`: whether files, version table and history agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Which database.
    pub destination: DestinationView,
    /// The version table is there.
    pub has_version_table: bool,
    /// The history is there.
    pub has_history: bool,
    /// The version table's rows, sorted.
    pub rows: Vec<String>,
    /// How many revisions the rows stand for.
    pub applied: usize,
    /// Nothing worse than a warning was found.
    pub agrees: bool,
    /// What was found, the worst first.
    pub findings: Vec<VerifyFinding>,
}

/// One finding of `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyFinding {
    /// How bad it is: an error is a disagreement, all else is worth knowing.
    pub severity: Severity,
    /// No script runs until it is settled.
    pub blocks: bool,
    /// What it is, its keys beside the two above.
    #[serde(flatten)]
    pub disagreement: DisagreementReport,
}

impl From<DisagreementReport> for VerifyFinding {
    fn from(disagreement: DisagreementReport) -> Self {
        Self {
            severity: disagreement.severity(),
            blocks: disagreement.blocks(),
            disagreement,
        }
    }
}
