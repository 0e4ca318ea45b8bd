//! The order of steps and of lists.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::node::{NodeIx, NodeSet};
use super::shape::Graph;

impl Graph {
    /// `set` in the order in which an upgrade applies it: each node after those of its parents and
    /// dependencies that are in the set; one branch followed as far as it can be; and where there
    /// is a choice, what was created first, then the smaller id.
    ///
    /// The order of a set begins with the order of every subset that leaves out only its last.
    #[must_use]
    pub fn upgrade_order(&self, set: &NodeSet) -> Vec<NodeIx> {
        let mut waits_for = vec![0u32; self.len()];
        let mut ready: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let mut left = 0;
        for node in set.iter() {
            left += 1;
            let downs = self.downs(node).iter();
            let waits = downs.filter(|&&down| set.contains(down)).count();
            waits_for[node.index()] = u32::try_from(waits).unwrap_or(u32::MAX);
            if waits == 0 {
                ready.push(Reverse(self.rank[node.index()]));
            }
        }
        let mut order = Vec::with_capacity(left);
        let mut done = NodeSet::empty(self.len());
        let mut follow: Option<NodeIx> = None;
        while let Some(node) = follow.take().or_else(|| {
            let Reverse(rank) = ready.pop()?;
            Some(self.ranked[rank as usize])
        }) {
            if !done.insert(node) {
                continue;
            }
            order.push(node);
            for &up in self.ups(node) {
                if set.contains(up) {
                    let waits = &mut waits_for[up.index()];
                    *waits -= 1;
                    if *waits == 0 {
                        ready.push(Reverse(self.rank[up.index()]));
                    }
                }
            }
            // Children come oldest first.
            let children = self.children(node).iter().copied();
            follow = children
                .filter(|&child| set.contains(child) && waits_for[child.index()] == 0)
                .find(|&child| !done.contains(child));
        }
        debug_assert_eq!(order.len(), left, "a built graph has no cycle");
        order
    }

    /// `set` as lists show it: newest first, each node before its parents and dependencies. Two
    /// nodes stand in the same order in every list that has both.
    #[must_use]
    pub fn history_order(&self, set: &NodeSet) -> Vec<NodeIx> {
        let newest_first = self.order.iter().rev().copied();
        newest_first.filter(|&node| set.contains(node)).collect()
    }

    /// Sorts `nodes` into upgrade order of the whole graph, each once.
    pub(super) fn sort(&self, nodes: &mut Vec<NodeIx>) {
        nodes.sort_unstable_by_key(|node| self.position[node.index()]);
        nodes.dedup();
    }
}
