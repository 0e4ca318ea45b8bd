//! Why a target means nothing here.

use crate::revision::{Direction, RevisionId};

/// Why a target could not be resolved. Facts alone; `target` is always the text as typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No id or label is or begins with the name.
    #[error("`{name}` is neither a revision nor a label")]
    Unknown {
        /// The target.
        target: String,
        /// The name in it that nothing has.
        name: String,
        /// Names and keywords that may have been meant, nearest first.
        candidates: Vec<String>,
    },
    /// Several names begin with the name.
    #[error("`{name}` is the beginning of {} names", matches.len())]
    Ambiguous {
        /// The target.
        target: String,
        /// The beginning.
        name: String,
        /// Ids and labels that begin with it, sorted; at least two.
        matches: Vec<String>,
    },
    /// The revision is not on the branch that stands before `@`.
    #[error("revision `{revision}` is not on branch `{branch}`")]
    NotOnBranch {
        /// The target.
        target: String,
        /// The revision that was named.
        revision: RevisionId,
        /// The branch as typed.
        branch: String,
    },
    /// One head is wanted and there are several.
    #[error("`{target}` is ambiguous: there are {} heads", heads.len())]
    MultipleHeads {
        /// The target.
        target: String,
        /// The heads, in upgrade order; at least two.
        heads: Vec<RevisionId>,
        /// Those of them that no other of them stands or depends on: what can be merged, if they
        /// are several.
        apart: Vec<RevisionId>,
        /// The newest revision that all of them stand on, if there is one.
        branch_point: Option<RevisionId>,
    },
    /// A walk comes to where it could go several ways.
    #[error("`{target}` is ambiguous: it can go {} ways", choices.len())]
    AmbiguousWalk {
        /// The target.
        target: String,
        /// Where the ways part: the revisions walked from, none for the base.
        from: Vec<RevisionId>,
        /// Which way it was walking.
        direction: Direction,
        /// The revisions it could go to; at least two.
        choices: Vec<RevisionId>,
    },
    /// A walk comes to an end of the graph too soon.
    #[error("`{target}` walks {asked} steps, and there are {available}")]
    WalkedTooFar {
        /// The target.
        target: String,
        /// How many steps were asked for.
        asked: u64,
        /// How many there are.
        available: u64,
    },
    /// Steps down in an upgrade, or up in a downgrade.
    #[error("`{target}` goes the wrong way for {direction}")]
    WrongWay {
        /// The target.
        target: String,
        /// What was to be done.
        direction: Direction,
    },
    /// Bare steps up where nothing says from where.
    #[error("`{target}` does not say from where")]
    NoStart {
        /// The target.
        target: String,
    },
    /// `current` where no database is asked.
    #[error("`{target}` needs a database, and none is asked here")]
    NoCurrent {
        /// The target.
        target: String,
    },
    /// A downgrade to a revision that is not applied.
    #[error("revision `{revision}` is not applied")]
    NotApplied {
        /// The target.
        target: String,
        /// What it means.
        revision: RevisionId,
        /// What the version table holds, in upgrade order.
        current: Vec<RevisionId>,
    },
    /// A downgrade to a revision on which nothing applied stands, and on which something applied
    /// depends: whether that is to be undone, nobody said.
    #[error("nothing applied stands on revision `{revision}`")]
    OnlyDependedOn {
        /// The target.
        target: String,
        /// What it means.
        revision: RevisionId,
        /// The applied revisions that depend on it, oldest first; at least one.
        dependants: Vec<RevisionId>,
    },
    /// Steps down on a branch of which nothing is applied.
    #[error("nothing of branch `{branch}` is applied")]
    BranchNotApplied {
        /// The target.
        target: String,
        /// The branch as typed.
        branch: String,
        /// What the version table holds, in upgrade order.
        current: Vec<RevisionId>,
    },
    /// A range whose end does not stand on its start.
    #[error("`{range}` is no range: its end does not stand on `{start}`")]
    NotALine {
        /// The range as typed.
        range: String,
        /// The revision at its start that is not beneath its end.
        start: RevisionId,
    },
}

impl TargetError {
    /// Kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown-target",
            Self::Ambiguous { .. } => "ambiguous-target",
            Self::NotOnBranch { .. } => "not-on-branch",
            Self::MultipleHeads { .. } => "multiple-heads",
            Self::AmbiguousWalk { .. } => "ambiguous-walk",
            Self::WalkedTooFar { .. } => "walked-too-far",
            Self::WrongWay { .. } => "wrong-way",
            Self::NoStart { .. } => "no-start",
            Self::NoCurrent { .. } => "no-current",
            Self::NotApplied { .. } => "not-applied",
            Self::OnlyDependedOn { .. } => "nothing-to-undo",
            Self::BranchNotApplied { .. } => "branch-not-applied",
            Self::NotALine { .. } => "not-a-line",
        }
    }
}

impl TargetError {
    /// The revisions that it names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let ids = |ids: &[RevisionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        match self {
            Self::Unknown { candidates, .. } => candidates.clone(),
            Self::Ambiguous { matches, .. } => matches.clone(),
            Self::NotOnBranch { revision, .. } => vec![revision.to_string()],
            Self::MultipleHeads {
                heads,
                branch_point,
                ..
            } => ids(heads)
                .into_iter()
                .chain(branch_point.iter().map(ToString::to_string))
                .collect(),
            Self::AmbiguousWalk { from, choices, .. } => [ids(from), ids(choices)].concat(),
            Self::NotApplied {
                revision, current, ..
            } => [vec![revision.to_string()], ids(current)].concat(),
            Self::OnlyDependedOn {
                revision,
                dependants,
                ..
            } => [vec![revision.to_string()], ids(dependants)].concat(),
            Self::BranchNotApplied { current, .. } => ids(current),
            Self::NotALine { start, .. } => vec![start.to_string()],
            Self::WalkedTooFar { .. }
            | Self::WrongWay { .. }
            | Self::NoStart { .. }
            | Self::NoCurrent { .. } => Vec::new(),
        }
    }
}
