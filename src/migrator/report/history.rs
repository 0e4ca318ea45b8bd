use serde::Serialize;

use super::destination::DestinationView;
use super::disagreement::DisagreementReport;
use super::revision::{RevisionDetail, RevisionView};
use crate::revision::RevisionId;

/// `history`: revisions in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct History {
    /// The range as it was asked for, `a:b`; `null` for everything.
    pub range: Option<String>,
    /// The revisions: newest first, or oldest first where `reverse` is set.
    pub revisions: Vec<RevisionView>,
    /// Oldest first.
    pub reverse: bool,
    /// How many more there are, where `-n` cut the list off.
    pub left_off: usize,
}

/// `heads`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heads {
    /// The heads, newest first.
    pub heads: Vec<RevisionView>,
}

/// `branches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branches {
    /// The branch points, newest first.
    pub branch_points: Vec<BranchPoint>,
}

/// A revision with more than one child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchPoint {
    /// The revision, its keys beside the one below.
    #[serde(flatten)]
    pub view: RevisionView,
    /// Its children, in graph order, in full.
    pub branches: Vec<RevisionView>,
}

/// `show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Show {
    /// The revisions that the target names.
    pub revisions: Vec<RevisionDetail>,
}

/// `current`: where a database stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Current {
    /// Which database.
    pub destination: DestinationView,
    /// The version table's rows, sorted by id.
    pub rows: Vec<CurrentRow>,
    /// Branch tips that are applied only because a row depends on them, newest first.
    pub implied: Vec<RevisionView>,
    /// Every revision is applied.
    pub at_head: bool,
    /// The heads that `upgrade heads` would reach.
    pub heads: Vec<RevisionId>,
    /// How many revisions are not applied yet.
    pub pending: usize,
    /// The version table is there.
    pub has_version_table: bool,
    /// The history of grace-migrate is there; without it another tool ran what stands here, and
    /// the next run adopts it.
    pub has_history: bool,
    /// How many applied revisions the history does not know: what the next run adopts.
    pub to_adopt: usize,
    /// Where the history and the files disagree: edited revisions, unknown rows, holes. Nothing where
    /// the user may not read the history.
    pub disagreements: Vec<DisagreementReport>,
}

/// One row of the version table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CurrentRow {
    /// What the row holds.
    pub version_num: String,
    /// The revision of that id; `null` where no file knows it.
    pub revision: Option<RevisionView>,
    /// Names that revision and the whole history beneath it, as the files tell it: 64 hex digits.
    pub digest: Option<String>,
    /// The same as the history tells it; `null` where it does not know all of them.
    pub recorded_digest: Option<String>,
    /// Where the two differ, the first revision at which they do.
    pub differs_at: Option<RevisionId>,
}
