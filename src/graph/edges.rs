//! Edges, packed: for each node a slice of its neighbours.

use super::node::NodeIx;

/// The neighbours of every node, in one allocation.
#[derive(Debug, Clone)]
pub(super) struct Edges {
    starts: Vec<u32>,
    ends: Vec<NodeIx>,
}

impl Edges {
    /// The edges of `pairs` among `len` nodes. The neighbours of a node keep the order of `pairs`.
    pub(super) fn new(len: usize, pairs: impl Iterator<Item = (NodeIx, NodeIx)> + Clone) -> Self {
        let mut starts = vec![0u32; len + 1];
        for (from, _) in pairs.clone() {
            starts[from.index() + 1] += 1;
        }
        for at in 0..len {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut ends = vec![NodeIx::new(0); starts[len] as usize];
        for (from, to) in pairs {
            let slot = &mut next[from.index()];
            ends[*slot as usize] = to;
            *slot += 1;
        }
        Self { starts, ends }
    }

    /// The same edges seen from their other ends. Neighbours come in the order of `nodes`, which
    /// lists every node once.
    pub(super) fn reversed(&self, nodes: &[NodeIx]) -> Self {
        let pairs = nodes
            .iter()
            .flat_map(|&from| self.of(from).iter().map(move |&to| (to, from)));
        Self::new(self.len(), pairs)
    }

    /// These edges and those of `other`, each pair once; these first.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let len = self.len();
        let mut pairs = Vec::with_capacity(self.ends.len() + other.ends.len());
        let mut seen_from = vec![usize::MAX; len];
        for from in (0..len).map(NodeIx::new) {
            for &to in self.of(from).iter().chain(other.of(from)) {
                if seen_from[to.index()] != from.index() {
                    seen_from[to.index()] = from.index();
                    pairs.push((from, to));
                }
            }
        }
        Self::new(len, pairs.iter().copied())
    }

    /// The neighbours of `node`.
    pub(super) fn of(&self, node: NodeIx) -> &[NodeIx] {
        let at = node.index();
        &self.ends[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }
}
