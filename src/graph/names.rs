//! The one namespace of ids and labels.

use crate::revision::{Label, RevisionId};

use super::nearest::nearest;
use super::node::NodeIx;

/// An id or a label.
#[derive(Debug, Clone)]
pub(super) enum Name {
    Id(RevisionId),
    Label(Label),
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Label(label) => label.as_str(),
        }
    }
}

/// Every id and label with the node that carries it, sorted by text, each text once.
#[derive(Debug, Clone)]
pub(super) struct Names(Vec<(Name, NodeIx)>);

impl Names {
    /// `names` in any order. Of equal texts the first wins.
    pub(super) fn new(mut names: Vec<(Name, NodeIx)>) -> Self {
        names.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        names.dedup_by(|(b, _), (a, _)| a.as_str() == b.as_str());
        Self(names)
    }

    /// These names and `more`, which have none of their texts.
    pub(super) fn extend(&mut self, more: Vec<(Name, NodeIx)>) {
        let mut names = std::mem::take(&mut self.0);
        names.extend(more);
        *self = Self::new(names);
    }

    /// The node that carries exactly `text`.
    pub(super) fn find(&self, text: &str) -> Option<NodeIx> {
        let at = self.0.binary_search_by(|(name, _)| name.as_str().cmp(text));
        at.ok().map(|at| self.0[at].1)
    }

    /// Everything that begins with `text`, in order.
    pub(super) fn with_prefix(&self, text: &str) -> &[(Name, NodeIx)] {
        let start = self.0.partition_point(|(name, _)| name.as_str() < text);
        let rest = &self.0[start..];
        let len = rest.partition_point(|(name, _)| name.as_str().starts_with(text));
        &rest[..len]
    }

    /// Up to three names that `text` may have meant, nearest first.
    pub(super) fn nearest(&self, text: &str) -> Vec<String> {
        nearest(text, self.0.iter().map(|(name, _)| name.as_str()))
    }
}
