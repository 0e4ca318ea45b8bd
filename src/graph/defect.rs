//! What can be wrong with the specs of a graph.

use crate::revision::{Label, RevisionId};

/// A place in the specs given to [`Graph::build`](super::Graph::build).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// Index of the spec.
    pub spec: usize,
    /// Which of its entries.
    pub entry: Entry,
}

/// An entry of one spec; lists are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// Its own id.
    Id,
    /// The nth of `revises`.
    Parent(usize),
    /// The nth of `depends_on`.
    Dependency(usize),
    /// The nth of `labels`.
    Label(usize),
}

/// One defect. All defects of all specs are found together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphDefect {
    /// Several revisions have the same id.
    #[error("revision id `{id}` is used by {} revisions", sites.len())]
    DuplicateId {
        /// The id.
        id: RevisionId,
        /// The revisions that have it, at least two.
        sites: Vec<Site>,
    },
    /// A parent that no revision is.
    #[error("`{id}` revises `{parent}`, which no revision is")]
    UnknownParent {
        /// Where it is named.
        site: Site,
        /// The revision that names it.
        id: RevisionId,
        /// What it names.
        parent: RevisionId,
        /// Ids that may have been meant, nearest first.
        candidates: Vec<String>,
    },
    /// A dependency that is neither a revision nor a label.
    #[error("`{id}` depends on `{dependency}`, which is neither a revision nor a label")]
    UnknownDependency {
        /// Where it is named.
        site: Site,
        /// The revision that names it.
        id: RevisionId,
        /// What it names.
        dependency: String,
        /// Ids and labels that may have been meant, nearest first.
        candidates: Vec<String>,
    },
    /// A revision that names itself as parent or dependency.
    #[error("`{id}` {} itself", verb(site.entry))]
    SelfLoop {
        /// Where it names itself.
        site: Site,
        /// Its id.
        id: RevisionId,
    },
    /// A parent named twice.
    #[error("`{id}` revises `{parent}` twice")]
    DuplicateParent {
        /// The second time.
        site: Site,
        /// The first time.
        first: Site,
        /// The revision.
        id: RevisionId,
        /// The parent.
        parent: RevisionId,
    },
    /// Revisions that stand on each other in a ring.
    #[error("{} form a cycle: {}", if *dependencies { "revisions and dependencies" } else { "revisions" }, ring(ids))]
    Cycle {
        /// For each revision of the ring, the entry that names the next one.
        sites: Vec<Site>,
        /// The ids: each revises or depends on the next, and the last on the first. The smallest
        /// id comes first.
        ids: Vec<RevisionId>,
        /// Whether a dependency is part of it.
        dependencies: bool,
    },
    /// A label that is some revision's id.
    #[error("label `{label}` is also the id of a revision")]
    LabelIsId {
        /// The label.
        site: Site,
        /// The id.
        revision: Site,
        /// The name of both.
        label: Label,
    },
    /// A label carried more than once.
    #[error("label `{label}` is given {} times", sites.len())]
    SharedLabel {
        /// Every place that gives it, at least two.
        sites: Vec<Site>,
        /// The label.
        label: Label,
    },
}

impl GraphDefect {
    /// Kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DuplicateId { .. } => "duplicate-revision",
            Self::UnknownParent { .. } => "unknown-parent",
            Self::UnknownDependency { .. } => "unknown-dependency",
            Self::SelfLoop { .. } => "self-loop",
            Self::DuplicateParent { .. } => "duplicate-parent",
            Self::Cycle { .. } => "cycle",
            Self::LabelIsId { .. } => "label-is-revision",
            Self::SharedLabel { .. } => "shared-label",
        }
    }

    /// Where it stands: the place to mend first, then those that belong to it.
    #[must_use]
    pub fn sites(&self) -> Vec<Site> {
        match self {
            Self::UnknownParent { site, .. }
            | Self::UnknownDependency { site, .. }
            | Self::SelfLoop { site, .. } => vec![*site],
            Self::DuplicateParent { site, first, .. } => vec![*site, *first],
            Self::LabelIsId { site, revision, .. } => vec![*site, *revision],
            Self::DuplicateId { sites, .. }
            | Self::Cycle { sites, .. }
            | Self::SharedLabel { sites, .. } => sites.clone(),
        }
    }

    /// What would help, in one sentence.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownParent { candidates, .. } | Self::UnknownDependency { candidates, .. } => {
                did_you_mean(candidates)
            }
            Self::DuplicateId { .. } => {
                Some("give each revision an id of its own, or delete the copy".to_owned())
            }
            Self::Cycle { .. } => Some("take one of these edges away".to_owned()),
            Self::LabelIsId { .. } | Self::SharedLabel { .. } => Some(
                "ids and labels share one namespace, and each name stands for one revision"
                    .to_owned(),
            ),
            Self::SelfLoop { .. } | Self::DuplicateParent { .. } => None,
        }
    }
}

/// "did you mean `a`, `b` or `c`?", if there is any candidate.
fn did_you_mean(candidates: &[String]) -> Option<String> {
    let quoted: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
    let (last, rest) = quoted.split_last()?;
    Some(match rest {
        [] => format!("did you mean {last}?"),
        rest => format!("did you mean {} or {last}?", rest.join(", ")),
    })
}

fn verb(entry: Entry) -> &'static str {
    match entry {
        Entry::Dependency(_) => "depends on",
        Entry::Id | Entry::Parent(_) | Entry::Label(_) => "revises",
    }
}

/// `a -> b -> a`; a long ring is shortened in its middle.
fn ring(ids: &[RevisionId]) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    names.extend(names.first().cloned());
    if names.len() > SHOWN + 2 {
        let left_out = names.len() - SHOWN - 1;
        names.splice(SHOWN..names.len() - 1, [format!("({left_out} more)")]);
    }
    names.join(" -> ")
}
