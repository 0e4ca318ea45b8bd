//! Targets of a stamp.

use crate::graph::target::{Point, Target};
use crate::graph::{AppliedSet, Graph, NodeSet};

use super::TargetError;

impl Graph {
    /// What is applied after a stamp with `targets`.
    ///
    /// As in Alembic, a target takes the place of the rows on its lineage, whether they stand above
    /// or beneath it, and all other rows stay. What depends on a target without being of its
    /// lineage is undone, but not what else its row stood for: Alembic forgets that too.
    ///
    /// `base` takes everything away, `label@base` and bare steps down what a downgrade to them
    /// would undo; bare steps up lead where an upgrade would go. Those come before the others,
    /// whatever their place among `targets`.
    ///
    /// # Errors
    /// If a target means nothing here.
    pub fn resolve_stamp(
        &self,
        targets: &[Target],
        applied: &AppliedSet,
    ) -> Result<AppliedSet, TargetError> {
        let mut stands = NodeSet::empty(self.len());
        let mut kept = applied.nodes().clone();
        for target in targets {
            let down = *target.point() == Point::Here && target.steps() < 0;
            let nodes = if down {
                Vec::new()
            } else {
                self.upgrade_target(target, applied)?
            };
            if nodes.is_empty() {
                kept = kept.difference(&self.resolve_downgrade(target, applied)?);
            }
            stands.extend(nodes);
        }
        let lineages = self
            .closure(&self.parents, stands.iter())
            .union(&self.closure(&self.children, stands.iter()));
        let mut replaced = self.tips(applied);
        replaced.retain(|&row| lineages.contains(row));
        kept = kept
            .difference(&self.closure(&self.parents, replaced))
            .difference(&self.descendants(&stands));
        Ok(self.applied(kept.union(&stands).iter()))
    }
}
