//! Targets of an upgrade.

use crate::graph::target::{Point, Target};
use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet};
use crate::revision::Direction;

use super::TargetError;
use super::place::Resolver;

impl Graph {
    /// What an upgrade to all of `targets` applies: them and everything beneath them that is not
    /// applied. Empty where they are applied already.
    ///
    /// # Errors
    /// If a target means nothing here, or goes down.
    pub fn resolve_upgrade(
        &self,
        targets: &[Target],
        applied: &AppliedSet,
    ) -> Result<NodeSet, TargetError> {
        let mut wanted = NodeSet::empty(self.len());
        for target in targets {
            wanted.extend(self.upgrade_target(target, applied)?);
        }
        Ok(self.ancestors(&wanted).difference(applied.nodes()))
    }

    /// The revisions that an upgrade's target means; none for the base.
    pub(super) fn upgrade_target(
        &self,
        target: &Target,
        applied: &AppliedSet,
    ) -> Result<Vec<NodeIx>, TargetError> {
        let resolver = Resolver::new(self, target, Some(applied))?;
        if *target.point() != Point::Here {
            return Ok(resolver.place()?.nodes());
        }
        if target.steps() < 0 {
            return Err(TargetError::WrongWay {
                target: resolver.text(),
                direction: Direction::Upgrade,
            });
        }
        let steps = target.steps().unsigned_abs();
        let start = resolver.positions(applied);
        Ok(vec![resolver.up(&start, steps)?])
    }
}
