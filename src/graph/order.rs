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
        let mut follow: Option<NodeIx> = None;
        while let Some(node) = follow.take().or_else(|| {
            let Reverse(rank) = ready.pop()?;
            Some(self.ranked[rank as usize])
        }) {
            order.push(node);
            // Nodes outside the set are counted too, and never looked at.
            for &up in self.ups(node) {
                waits_for[up.index()] = waits_for[up.index()].wrapping_sub(1);
            }
            // A child waited for this node, so it is ready only now. Children come oldest first.
            let is_ready = |&&up: &&NodeIx| set.contains(up) && waits_for[up.index()] == 0;
            follow = self.children(node).iter().find(is_ready).copied();
            let others = self.ups(node).iter().filter(is_ready);
            let others = others.filter(|&&up| Some(up) != follow);
            ready.extend(others.map(|up| Reverse(self.rank[up.index()])));
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
