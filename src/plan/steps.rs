//! A plan: the steps from one applied set to another, each with what it does to the version table.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet, Target, TargetError};
use crate::revision::{Direction, RevisionId};

/// What happens to the rows of the version table. The two lists share no id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowChange {
    /// Rows to delete, sorted; each is there.
    pub delete: Vec<RevisionId>,
    /// Rows to insert, sorted; none is there.
    pub insert: Vec<RevisionId>,
}

impl RowChange {
    /// From the rows of `before`, redundant ones included, to the tips of `after`.
    #[must_use]
    pub fn between(graph: &Graph, before: &AppliedSet, after: &AppliedSet) -> Self {
        let before = graph.set(rows(graph, before));
        let after = graph.set(graph.tips(after));
        Self {
            delete: sorted(graph, before.clone().difference(&after).iter()),
            insert: sorted(graph, after.difference(&before).iter()),
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.insert.is_empty()
    }
}

/// One revision to run, up or down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its node.
    #[serde(skip)]
    pub node: NodeIx,
    /// Its id.
    pub revision: RevisionId,
    /// Which of its scripts runs.
    pub direction: Direction,
    /// Rows of the version table to delete with it, sorted; each is there.
    pub delete: Vec<RevisionId>,
    /// Rows of the version table to insert with it, sorted; none is there.
    pub insert: Vec<RevisionId>,
}

/// The steps of an upgrade or a downgrade, in the order in which they run.
///
/// After each of its prefixes what is applied is closed: no revision is without what it stands or
/// depends on, and the version table holds exactly the tips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Which way it goes.
    pub direction: Direction,
    /// The rows of the version table before the first step, sorted; redundant ones included.
    pub before: Vec<RevisionId>,
    /// The rows after the last step, sorted.
    pub after: Vec<RevisionId>,
    /// The steps; none where there is nothing to do.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan of an upgrade from `applied` to all of `targets`.
    ///
    /// # Errors
    /// If a target means nothing here; see [`Graph::resolve_upgrade`].
    pub fn upgrade(
        graph: &Graph,
        applied: &AppliedSet,
        targets: &[Target],
    ) -> Result<Self, TargetError> {
        let nodes = graph.resolve_upgrade(targets, applied)?;
        Ok(Self::applying(graph, applied, &nodes))
    }

    /// The plan of a downgrade from `applied` to `target`.
    ///
    /// # Errors
    /// If the target means nothing here; see [`Graph::resolve_downgrade`].
    pub fn downgrade(
        graph: &Graph,
        applied: &AppliedSet,
        target: &Target,
    ) -> Result<Self, TargetError> {
        let nodes = graph.resolve_downgrade(target, applied)?;
        Ok(Self::undoing(graph, applied, &nodes))
    }

    /// The plan that applies `nodes`, none of which is applied, and beneath which nothing else is
    /// missing.
    #[must_use]
    pub fn applying(graph: &Graph, applied: &AppliedSet, nodes: &NodeSet) -> Self {
        let order = graph.upgrade_order(nodes);
        Self::run(graph, applied, Direction::Upgrade, order)
    }

    /// The plan that undoes `nodes`, which are applied, and upon which nothing else is. They are
    /// undone in the reverse of the order in which an upgrade applies everything applied.
    #[must_use]
    pub fn undoing(graph: &Graph, applied: &AppliedSet, nodes: &NodeSet) -> Self {
        let mut order = graph.upgrade_order(applied.nodes());
        order.retain(|&node| nodes.contains(node));
        order.reverse();
        Self::run(graph, applied, Direction::Downgrade, order)
    }

    fn run(graph: &Graph, applied: &AppliedSet, direction: Direction, order: Vec<NodeIx>) -> Self {
        let mut table = Table::new(graph, applied);
        let before = table.rows();
        let mut redundant = applied.redundant_rows().to_vec();
        let steps = order.into_iter().map(|node| {
            let (mut gone, mut come) = match direction {
                Direction::Upgrade => table.apply(node),
                Direction::Downgrade => table.undo(node),
            };
            // The first step takes redundant rows out; one that becomes a tip just stays.
            let spare = std::mem::take(&mut redundant);
            gone.extend(spare.iter().copied().filter(|row| !come.contains(row)));
            come.retain(|row| !spare.contains(row));
            table.rows.extend(come.iter().copied());
            for &row in &gone {
                table.rows.remove(row);
            }
            Step {
                node,
                revision: graph.id(node).clone(),
                direction,
                delete: sorted(graph, gone),
                insert: sorted(graph, come),
            }
        });
        let steps = steps.collect();
        Self {
            direction,
            before,
            after: table.rows(),
            steps,
        }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The rows of the version table after the first `steps` steps.
    #[must_use]
    pub fn rows_after(&self, steps: usize) -> BTreeSet<RevisionId> {
        let mut rows: BTreeSet<RevisionId> = self.before.iter().cloned().collect();
        for step in self.steps.iter().take(steps) {
            for row in &step.delete {
                rows.remove(row);
            }
            rows.extend(step.insert.iter().cloned());
        }
        rows
    }
}

/// The version table, as steps change it.
struct Table<'a> {
    graph: &'a Graph,
    rows: NodeSet,
    /// How many applied nodes stand or depend on each node.
    above: Vec<u32>,
}

impl<'a> Table<'a> {
    fn new(graph: &'a Graph, applied: &AppliedSet) -> Self {
        let mut above = vec![0; graph.len()];
        for node in applied.nodes().iter() {
            for down in graph.downs(node) {
                above[down.index()] += 1;
            }
        }
        Self {
            graph,
            rows: graph.set(rows(graph, applied)),
            above,
        }
    }

    /// The tips that go and come when `node` is applied.
    fn apply(&mut self, node: NodeIx) -> (Vec<NodeIx>, Vec<NodeIx>) {
        let mut gone = Vec::new();
        for &down in self.graph.downs(node) {
            let above = &mut self.above[down.index()];
            if *above == 0 {
                gone.push(down);
            }
            *above += 1;
        }
        (gone, vec![node])
    }

    /// The tips that go and come when `node` is undone.
    fn undo(&mut self, node: NodeIx) -> (Vec<NodeIx>, Vec<NodeIx>) {
        let mut come = Vec::new();
        for &down in self.graph.downs(node) {
            let above = &mut self.above[down.index()];
            *above -= 1;
            if *above == 0 {
                come.push(down);
            }
        }
        (vec![node], come)
    }

    fn rows(&self) -> Vec<RevisionId> {
        sorted(self.graph, self.rows.iter())
    }
}

/// What the version table holds for `applied`, redundant rows included.
fn rows(graph: &Graph, applied: &AppliedSet) -> Vec<NodeIx> {
    let mut rows = graph.tips(applied);
    rows.extend(applied.redundant_rows());
    rows
}

fn sorted(graph: &Graph, nodes: impl IntoIterator<Item = NodeIx>) -> Vec<RevisionId> {
    let mut ids = graph.ids(nodes);
    ids.sort();
    ids
}
