//! Which nodes a branch label reaches.
//!
//! A label reaches every descendant (by parent edges) of the revision that carries it. It also
//! reaches downwards along the line that the revision is on, up to the nearest branch point or
//! merge point, which it does not reach. A revision that others depend on counts as a branch point
//! there, as in Alembic.
//!
//! Kept without a set a node, so that many labels on a long line stay linear: each node points at
//! the nearest carriers around it, and a node's labels are collected when asked for.

use std::collections::BTreeSet;

use crate::revision::Label;

use super::node::NodeIx;
use super::shape::Graph;

/// For each node, where to look for carriers of labels.
#[derive(Debug, Clone, Default)]
pub(super) struct Spread {
    /// The lowest node whose labels from below are the same: itself where it carries labels or
    /// where its parents differ; none where nothing is carried below.
    below: Vec<Option<NodeIx>>,
    /// The nearest carrier above whose labels come down to it.
    above: Vec<Option<NodeIx>>,
}

impl Spread {
    /// Looks at every node once from below and once from above.
    pub(super) fn new(graph: &Graph) -> Self {
        let carries = |node: NodeIx| !graph.spec(node).labels.is_empty();
        let mut below: Vec<Option<NodeIx>> = vec![None; graph.len()];
        let mut above = below.clone();
        for &node in &graph.order {
            let mut sources = graph.parents(node).iter().filter_map(|p| below[p.index()]);
            let first = sources.next();
            let joins = sources.any(|source| Some(source) != first);
            below[node.index()] = if carries(node) || joins {
                Some(node)
            } else {
                first
            };
        }
        let in_line = |node| !graph.is_merge_point(node) && graph.ups(node).len() <= 1;
        for &node in graph.order.iter().rev() {
            if let [parent] = graph.parents(node)
                && in_line(node)
                && in_line(*parent)
            {
                above[parent.index()] = if carries(node) {
                    Some(node)
                } else {
                    above[node.index()]
                };
            }
        }
        Self { below, above }
    }
}

impl Graph {
    /// The labels that reach `node`, its own included, in alphabetical order.
    #[must_use]
    pub fn labels(&self, node: NodeIx) -> Vec<&Label> {
        let mut labels: BTreeSet<&Label> = BTreeSet::new();
        let mut above = self.spread.above[node.index()];
        while let Some(carrier) = above {
            labels.extend(&self.spec(carrier).labels);
            above = self.spread.above[carrier.index()];
        }
        let mut todo: Vec<NodeIx> = self.spread.below[node.index()].into_iter().collect();
        let mut seen: BTreeSet<NodeIx> = todo.iter().copied().collect();
        while let Some(source) = todo.pop() {
            labels.extend(&self.spec(source).labels);
            for parent in self.parents(source) {
                if let Some(next) = self.spread.below[parent.index()]
                    && seen.insert(next)
                {
                    todo.push(next);
                }
            }
        }
        labels.into_iter().collect()
    }
}
