use serde::Serialize;

use super::disagreement::DisagreementReport;
use super::revision::RevisionView;
use super::states::ObjectDiff;
use crate::config::CheckPart;
use crate::diagnostic::{Diagnostic, Severity};
use crate::migrator::error::Error;

/// What `check` found: the facts, from which the words are made.
#[derive(Debug)]
pub struct Checked {
    /// Every part, in the order in which they are looked at.
    pub parts: Vec<CheckedPart>,
}

/// A part, and what was found.
#[derive(Debug)]
pub struct CheckedPart {
    /// Which one.
    pub part: CheckPart,
    /// Why it was not looked at, where it was not.
    pub skipped: Option<SkipReason>,
    /// What was found.
    pub facts: Vec<CheckFact>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Why a part was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// By an option or the settings.
    SwitchedOff,
    /// The database was not to be asked.
    Offline,
    /// The settings name no database.
    NoDatabase,
    /// The revision files are not in order.
    BrokenFiles,
    /// The version table holds what no file knows.
    UnknownRows,
    /// There is no declared schema.
    NoDeclared,
}

/// One thing that was found.
#[derive(Debug)]
pub enum CheckFact {
    /// About the revision files.
    File(Diagnostic),
    /// The graph has several heads.
    SeveralHeads {
        /// The heads.
        heads: Vec<RevisionView>,
    },
    /// A revision has neither a down script nor a reason why not.
    NoDown {
        /// The revision.
        revision: Box<RevisionView>,
    },
    /// Files, version table and history disagree.
    History {
        /// In what.
        disagreement: Box<DisagreementReport>,
    },
    /// Revisions are not applied.
    Pending {
        /// The revisions, in the order in which they would run.
        revisions: Vec<RevisionView>,
    },
    /// An object of the database is not what the applied revisions build.
    Drift {
        /// What they build, and what it is.
        object: Box<ObjectDiff>,
    },
    /// The revisions build an object otherwise than it is declared.
    Schema {
        /// What they build, and what is declared.
        object: Box<ObjectDiff>,
    },
    /// A part that was asked for by name could not be looked at.
    NotChecked {
        /// The part.
        part: CheckPart,
        /// Why not.
        reason: SkipReason,
    },
    /// The revisions or the declared schema cannot be built.
    Failed {
        /// Why.
        error: Box<Error>,
    },
}

impl CheckFact {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(finding) => finding.code,
            Self::SeveralHeads { .. } => "several-heads",
            Self::NoDown { .. } => "missing-down-script",
            Self::History { disagreement } => disagreement.code(),
            Self::Pending { .. } => "pending-revisions",
            Self::Drift { .. } => "drift",
            Self::Schema { .. } => "schema-not-built",
            Self::NotChecked { .. } => "not-checked",
            Self::Failed { error } => error.code(),
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::File(finding) => finding.severity,
            Self::History { disagreement } => disagreement.severity(),
            _ => Severity::Error,
        }
    }
}

impl Checked {
    /// Whether something was looked at, and nothing worse than a warning was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        if self.parts.iter().all(|part| part.skipped.is_some()) {
            return false;
        }
        let facts = self.parts.iter().flat_map(|part| &part.facts);
        facts
            .map(CheckFact::severity)
            .all(|one| one < Severity::Error)
    }
}

/// `check`: every part with its findings in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Nothing worse than a warning was found.
    pub clean: bool,
    /// Every part, in the order in which they are looked at.
    pub parts: Vec<CheckPartReport>,
}

/// A part of `check` in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckPartReport {
    /// Which one.
    pub part: CheckPart,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// Why it was not looked at; `null` where it was.
    pub skipped: Option<SkipReason>,
    /// How long it took.
    pub duration_ms: u64,
    /// What was found.
    pub findings: Vec<CheckFinding>,
}

/// A finding of `check` in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckFinding {
    /// What it is.
    #[serde(flatten)]
    pub finding: Diagnostic,
    /// The unified diff that it is about; `null` where it is about none.
    pub difference: Option<String>,
    /// What a program said that failed, its last lines; left out where none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// What came of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Nothing worse than a warning was found.
    Passed,
    /// Something was.
    Failed,
    /// It was not looked at.
    Skipped,
}
