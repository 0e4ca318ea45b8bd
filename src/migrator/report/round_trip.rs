use std::cmp::Ordering;
use std::path::PathBuf;

use serde::Serialize;

use super::paths;
use super::states::SchemaDiff;
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::error::Error;
use crate::revision::RevisionId;
use crate::schema::facts::{FactId, Unmodelled};

/// What became of revisions that were run up, down and up again: the facts, from which the words
/// are made.
#[derive(Debug)]
pub struct RoundTrips {
    /// The range or target that was asked for.
    pub range: Option<String>,
    /// The commit since which files were to be changed.
    pub changed_since: Option<String>,
    /// How many revisions there are.
    pub revisions: usize,
    /// On how many scratch servers they ran.
    pub jobs: usize,
    /// The servers' version, as one number; none where none was started, or nothing ran on it.
    pub server_version_num: Option<i32>,
    /// Every revision that was tested, and those beneath that failed, in graph order.
    pub trips: Vec<RoundTrip>,
    /// The files of rows.
    pub data: Vec<SeedReport>,
    /// Objects of kinds that are not modelled, at the end.
    pub unmodelled: Vec<Unmodelled>,
    /// How long all of it took.
    pub duration_ms: u64,
}

impl RoundTrips {
    /// Whether no revision failed, and a range that was named held one.
    #[must_use]
    pub fn passed(&self) -> bool {
        let is_empty = self.trips.is_empty() && self.revisions > 0;
        if is_empty && self.range.is_some() && self.changed_since.is_none() {
            return false;
        }
        !self.trips.iter().any(|trip| trip.end.is_failure())
    }
}

/// What became of a revision.
#[derive(Debug)]
pub struct RoundTrip {
    /// The revision.
    pub revision: RevisionId,
    /// Its message.
    pub message: Option<String>,
    /// Its up script.
    pub up: PathBuf,
    /// Its down script; none where it has none.
    pub down: Option<PathBuf>,
    /// What came of it.
    pub end: TripEnd,
    /// Tables that do not hold what they held.
    pub rows: Vec<RowsChange>,
    /// How long it took.
    pub duration_ms: u64,
}

/// A run of one of a revision's scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The up script.
    Up,
    /// The down script.
    Down,
    /// The up script, after the down script.
    UpAgain,
}

/// What came of a revision.
#[derive(Debug)]
pub enum TripEnd {
    /// Down leads back, and up again leads to where it led.
    Back,
    /// It says that there is no way back: it went up alone.
    Irreversible {
        /// Why.
        reason: String,
    },
    /// It has no down script, and does not say why.
    NoDownScript,
    /// A script failed.
    Failed {
        /// Which run.
        phase: Phase,
        /// How.
        error: Box<Error>,
    },
    /// The database is not what it should be.
    Differs {
        /// After which run.
        phase: Phase,
        /// In what.
        difference: Box<SchemaDiff>,
    },
    /// It stands on a revision that failed, and was not run.
    NotReached {
        /// That one.
        beneath: RevisionId,
    },
}

impl TripEnd {
    /// Whether the revision is at fault.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.fault().is_some()
    }

    /// What is wrong with the revision.
    #[must_use]
    pub fn fault(&self) -> Option<TripFault> {
        Some(match self {
            Self::Back | Self::Irreversible { .. } | Self::NotReached { .. } => return None,
            Self::NoDownScript => TripFault::NoDownScript,
            Self::Failed { phase, .. } => match phase {
                Phase::Up => TripFault::UpFailed,
                Phase::Down => TripFault::DownFailed,
                Phase::UpAgain => TripFault::UpAgainFailed,
            },
            Self::Differs { phase, .. } => match phase {
                Phase::Up | Phase::Down => TripFault::DownDiffers,
                Phase::UpAgain => TripFault::UpAgainDiffers,
            },
        })
    }

    /// Its word.
    #[must_use]
    pub fn outcome(&self) -> TripOutcome {
        match self {
            Self::Back => TripOutcome::Ok,
            Self::Irreversible { .. } => TripOutcome::Irreversible,
            Self::NotReached { .. } => TripOutcome::NotReached,
            Self::NoDownScript | Self::Failed { .. } | Self::Differs { .. } => TripOutcome::Failed,
        }
    }
}

/// What came of a revision, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TripOutcome {
    /// Down leads back, and up again leads to where it led.
    Ok,
    /// It says that there is no way back: it went up alone.
    Irreversible,
    /// The findings say what is wrong.
    Failed,
    /// It stands on a revision that failed, and was not run.
    NotReached,
}

/// What is wrong with a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TripFault {
    /// It has no down script, and does not say why.
    NoDownScript,
    /// Its up script failed.
    UpFailed,
    /// Its down script failed.
    DownFailed,
    /// After its down script the database is not what it was before.
    DownDiffers,
    /// Its up script failed behind its down script.
    UpAgainFailed,
    /// Its up script leads elsewhere behind its down script.
    UpAgainDiffers,
}

impl TripFault {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoDownScript => "missing-down-script",
            Self::UpFailed => "up-failed",
            Self::DownFailed => "down-failed",
            Self::DownDiffers => "down-differs",
            Self::UpAgainFailed => "up-again-failed",
            Self::UpAgainDiffers => "up-again-differs",
        }
    }
}

/// A table that is there before and after, and does not hold what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowsChange {
    /// After which run: before the revision and after the down script, or after the up script and
    /// after it ran again.
    pub phase: Phase,
    /// The table.
    pub table: FactId,
    /// How many rows it held.
    pub rows_before: u64,
    /// How many it holds; as many, where they say something else.
    pub rows_after: u64,
}

impl RowsChange {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.rows_after.cmp(&self.rows_before) {
            Ordering::Less => "rows-lost",
            Ordering::Equal => "rows-changed",
            Ordering::Greater => "rows-left",
        }
    }
}

/// A file of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeedReport {
    /// The file.
    #[serde(serialize_with = "paths::one")]
    pub file: PathBuf,
    /// How many of its statements were run.
    pub loaded: usize,
    /// Those that never could be.
    pub rest: Vec<SeedRest>,
}

/// A statement that never could be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeedRest {
    /// Where it stands.
    pub place: Place,
    /// What the server said last; `null` where it was not tried.
    pub message: Option<String>,
}

/// `test`: what became of each revision, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// No revision failed.
    pub passed: bool,
    /// The range or target that was asked for; `null` for all.
    pub range: Option<String>,
    /// The commit since which files were to be changed; `null` for whenever.
    pub changed_since: Option<String>,
    /// How many of each outcome.
    pub counts: TestCounts,
    /// The servers' version, as one number; `null` where nothing ran.
    pub server_version_num: Option<i32>,
    /// On how many scratch servers at a time.
    pub jobs: usize,
    /// Every revision that was tested, and those beneath that failed, in graph order.
    pub revisions: Vec<TestedRevision>,
    /// The files of rows.
    pub data: Vec<SeedReport>,
    /// Objects of kinds that are not modelled.
    pub unmodelled: Vec<Unmodelled>,
    /// How long all of it took.
    pub duration_ms: u64,
}

/// How many revisions came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TestCounts {
    /// They go up, down and up again.
    pub ok: usize,
    /// They do not.
    pub failed: usize,
    /// They went up alone, as they say.
    pub irreversible: usize,
    /// They stand on one that failed.
    pub not_reached: usize,
    /// They were not to be tested.
    pub left_out: usize,
}

/// What became of a revision, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestedRevision {
    /// The revision.
    pub revision: RevisionId,
    /// Its message.
    pub message: Option<String>,
    /// Its up script.
    #[serde(serialize_with = "paths::one")]
    pub up: PathBuf,
    /// Its down script; `null` where it has none.
    #[serde(serialize_with = "paths::maybe")]
    pub down: Option<PathBuf>,
    /// What came of it.
    pub outcome: TripOutcome,
    /// What is wrong with it, and what is worth knowing.
    pub findings: Vec<Diagnostic>,
    /// The SQLSTATE of what failed; `null` where nothing did, or it was not the server.
    pub sqlstate: Option<String>,
    /// In what the database differs; `null` where it does not.
    pub difference: Option<SchemaDiff>,
    /// Tables that do not hold what they held.
    pub rows: Vec<RowsChange>,
    /// How long it took.
    pub duration_ms: u64,
}
