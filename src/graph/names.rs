//! The one namespace of ids and labels.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::revision::{Label, RevisionId, nearest_names};

use super::node::NodeIx;

/// An id or a label; equal and hashed as its text.
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

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

/// Every id and label with the node that carries it, each text once.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Sorted by text.
    sorted: Vec<(Name, NodeIx)>,
    exact: HashMap<Name, NodeIx>,
}

impl Names {
    /// `ids`, sorted by text. Of equal ones the first wins.
    pub(super) fn new(ids: impl Iterator<Item = (RevisionId, NodeIx)>) -> Self {
        let mut sorted: Vec<_> = ids.map(|(id, node)| (Name::Id(id), node)).collect();
        sorted.dedup_by(|(later, _), (first, _)| later == first);
        let exact = sorted.iter().cloned().collect();
        Self { sorted, exact }
    }

    /// Puts labels in that are no names yet, each once.
    pub(super) fn add(&mut self, labels: impl IntoIterator<Item = (Label, NodeIx)>) {
        let ids = self.sorted.len();
        for (label, node) in labels {
            let label = Name::Label(label);
            self.exact.insert(label.clone(), node);
            self.sorted.push((label, node));
        }
        if self.sorted.len() > ids {
            self.sorted
                .sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        }
    }

    /// The node that carries exactly `text`.
    pub(super) fn find(&self, text: &str) -> Option<NodeIx> {
        self.exact.get(text).copied()
    }

    /// Everything that begins with `text`, in order.
    pub(super) fn with_prefix(&self, text: &str) -> &[(Name, NodeIx)] {
        let start = self
            .sorted
            .partition_point(|(name, _)| name.as_str() < text);
        let rest = &self.sorted[start..];
        let len = rest.partition_point(|(name, _)| name.as_str().starts_with(text));
        &rest[..len]
    }

    /// Up to three names that `text` may have meant, nearest first.
    pub(super) fn nearest(&self, text: &str) -> Vec<String> {
        nearest_names(text, self.sorted.iter().map(|(name, _)| name.as_str()))
    }
}

/// A key that sorts like `text`, and mostly without looking at the text itself.
pub(super) fn sort_key(text: &str) -> (u64, &str) {
    let mut first = [0; 8];
    let len = text.len().min(first.len());
    first[..len].copy_from_slice(&text.as_bytes()[..len]);
    (u64::from_be_bytes(first), text)
}
