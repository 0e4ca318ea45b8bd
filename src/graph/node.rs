//! Nodes of the graph: what is given for each, how it is named within, and sets of them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::revision::{Label, RevisionId};

/// What the graph is told of one revision: the part of its header that makes edges and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// Its id.
    pub id: RevisionId,
    /// Its parents, as written; none for a base.
    pub revises: Vec<RevisionId>,
    /// What must be applied before it without being a parent: full ids or labels, as written.
    pub depends_on: Vec<String>,
    /// The branch labels that it carries itself.
    pub labels: Vec<Label>,
    /// When it was created; decides the order among revisions that could go first alike.
    pub created: Option<DateTime<Utc>>,
}

impl NodeSpec {
    /// A base without labels, dependencies or a time.
    #[must_use]
    pub fn new(id: RevisionId) -> Self {
        Self {
            id,
            revises: Vec::new(),
            depends_on: Vec::new(),
            labels: Vec::new(),
            created: None,
        }
    }
}

/// A node of one graph: the index of its [`NodeSpec`] among those given to
/// [`Graph::build`](super::Graph::build).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NodeIx(u32);

impl NodeIx {
    /// The node of the spec at `index`.
    ///
    /// # Panics
    /// If `index` does not fit in 32 bits: more than four thousand million revisions.
    #[must_use]
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 2^32 revisions"))
    }

    /// The index of its spec.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for NodeIx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A set of nodes of one graph, a bit for each; walks in index order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// No node, with room for those of a graph of `len` nodes.
    #[must_use]
    pub fn empty(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
        }
    }

    /// Every node of a graph of `len` nodes.
    #[must_use]
    pub fn full(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !len.is_multiple_of(64)
        {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words }
    }

    /// `nodes`, of a graph of `len` nodes.
    #[must_use]
    pub fn of(len: usize, nodes: impl IntoIterator<Item = NodeIx>) -> Self {
        let mut set = Self::empty(len);
        set.extend(nodes);
        set
    }

    /// Puts `node` in; false if it was there.
    pub fn insert(&mut self, node: NodeIx) -> bool {
        let (word, bit) = split(node);
        let fresh = self.words[word] & bit == 0;
        self.words[word] |= bit;
        fresh
    }

    /// Takes `node` out; false if it was not there.
    pub fn remove(&mut self, node: NodeIx) -> bool {
        let (word, bit) = split(node);
        let there = self.words[word] & bit != 0;
        self.words[word] &= !bit;
        there
    }

    /// Whether `node` is in.
    #[must_use]
    pub fn contains(&self, node: NodeIx) -> bool {
        let (word, bit) = split(node);
        self.words[word] & bit != 0
    }

    /// How many nodes are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The nodes, in index order.
    pub fn iter(&self) -> impl Iterator<Item = NodeIx> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| NodeIx::new(at * 64 + rest.trailing_zeros() as usize))
        })
    }

    /// The nodes of either.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b);
        self
    }

    /// The nodes of both.
    #[must_use]
    pub fn intersection(mut self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b);
        self
    }

    /// The nodes that are not in `other`.
    #[must_use]
    pub fn difference(mut self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b);
        self
    }

    /// Whether every node is in `other` too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let pairs = self.words.iter().zip(&other.words);
        pairs.into_iter().all(|(a, b)| a & !b == 0)
    }

    fn zip(&mut self, other: &Self, with: impl Fn(u64, u64) -> u64) {
        debug_assert_eq!(self.words.len(), other.words.len(), "sets of one graph");
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a = with(*a, *b);
        }
    }
}

fn split(node: NodeIx) -> (usize, u64) {
    (node.index() / 64, 1 << (node.index() % 64))
}

impl Extend<NodeIx> for NodeSet {
    fn extend<I: IntoIterator<Item = NodeIx>>(&mut self, nodes: I) {
        for node in nodes {
            self.insert(node);
        }
    }
}

impl fmt::Debug for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(len: usize, nodes: &[usize]) -> NodeSet {
        NodeSet::of(len, nodes.iter().map(|&n| NodeIx::new(n)))
    }

    #[test]
    fn a_set_keeps_what_is_put_in() {
        let mut some = set(130, &[129, 0, 63, 64]);
        assert_eq!(format!("{some:?}"), "{#0, #63, #64, #129}");
        assert_eq!(some.len(), 4);
        assert!(!some.insert(NodeIx::new(63)));
        assert!(some.remove(NodeIx::new(63)));
        assert!(!some.remove(NodeIx::new(63)));
        assert!(!some.contains(NodeIx::new(63)));
    }

    #[test]
    fn sets_combine() {
        let (a, b) = (set(70, &[1, 2, 69]), set(70, &[2, 3]));
        assert_eq!(a.clone().union(&b), set(70, &[1, 2, 3, 69]));
        assert_eq!(a.clone().intersection(&b), set(70, &[2]));
        assert_eq!(a.clone().difference(&b), set(70, &[1, 69]));
        assert!(set(70, &[2]).is_subset(&b) && !a.is_subset(&b));
    }

    #[test]
    fn everything_and_nothing() {
        for len in [0, 1, 63, 64, 65, 128] {
            assert_eq!(NodeSet::full(len).len(), len);
            assert_eq!(NodeSet::full(len).iter().count(), len);
            assert!(NodeSet::empty(len).is_empty());
        }
    }
}
