//! Targets of a downgrade.

use crate::graph::target::{Point, Target};
use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet};
use crate::revision::Direction;

use super::TargetError;
use super::place::{Branch, Place, Resolver};

impl Graph {
    /// What a downgrade to `target` undoes: what stands on it, and whatever stands or depends on
    /// that, as far as it is applied. Empty where nothing applied stands on it.
    ///
    /// # Errors
    /// If the target means nothing here, means several heads, is not applied, goes up, or is a
    /// revision on which nothing applied stands although something applied depends on it.
    pub fn resolve_downgrade(
        &self,
        target: &Target,
        applied: &AppliedSet,
    ) -> Result<NodeSet, TargetError> {
        let resolver = Resolver::new(self, target, Some(applied))?;
        match (target.point(), target.steps()) {
            (Point::Here | Point::Current, 1..) => Err(TargetError::WrongWay {
                target: resolver.text(),
                direction: Direction::Downgrade,
            }),
            (Point::Here | Point::Current, ..=-1) => self.last_steps(&resolver, applied),
            (Point::Current, 0) => Ok(NodeSet::empty(self.len())),
            _ => self.above(&resolver, applied),
        }
    }

    /// The last steps of what is applied; on a branch, of what is applied of its line and carries
    /// no other applied branch.
    fn last_steps(
        &self,
        resolver: &Resolver<'_>,
        applied: &AppliedSet,
    ) -> Result<NodeSet, TargetError> {
        let mut order = self.upgrade_order(applied.nodes());
        if let Some(branch) = resolver.branch() {
            let alone = self.line_alone(branch.node, applied.nodes());
            order.retain(|&node| alone.contains(node));
            if order.is_empty() {
                return Err(TargetError::BranchNotApplied {
                    target: resolver.text(),
                    branch: resolver.target.branch().unwrap_or_default().to_owned(),
                    current: self.ids(self.tips(applied)),
                });
            }
        }
        let asked = resolver.target.steps().unsigned_abs();
        let last = usize::try_from(asked).ok();
        let Some(kept) = last.and_then(|last| order.len().checked_sub(last)) else {
            return Err(resolver.too_far(asked, order.len() as u64));
        };
        Ok(self.applied_above(order.drain(kept..), applied))
    }

    /// What stands on a place.
    fn above(&self, resolver: &Resolver<'_>, applied: &AppliedSet) -> Result<NodeSet, TargetError> {
        let nodes = match (resolver.place()?, resolver.branch()) {
            (Place::Base, None) => return Ok(applied.nodes().clone()),
            (Place::Base, Some(Branch { node, .. })) => {
                let alone = self.line_alone(*node, &self.all());
                return Ok(self.applied_above(alone.iter(), applied));
            }
            (Place::Beneath(bases), _) => return Ok(self.applied_above(bases, applied)),
            (Place::At(nodes), _) => nodes,
        };
        let [node] = nodes[..] else {
            return Err(resolver.multiple_heads(&nodes));
        };
        if !applied.contains(node) {
            return Err(TargetError::NotApplied {
                target: resolver.text(),
                revision: self.id(node).clone(),
                current: self.ids(self.tips(applied)),
            });
        }
        let mut children = self.children(node).to_vec();
        if children.len() > 1 {
            children.retain(|&child| resolver.is_on_branch(child));
        }
        let above = self.applied_above(children, applied);
        if above.is_empty() && resolver.branch().is_none() {
            let mut dependants = self.dependants(node).to_vec();
            dependants.retain(|&dependant| applied.contains(dependant));
            if !dependants.is_empty() {
                return Err(TargetError::OnlyDependedOn {
                    target: resolver.text(),
                    revision: self.id(node).clone(),
                    dependants: self.ids(dependants),
                });
            }
        }
        Ok(above)
    }

    /// What is applied of `nodes` and of all that stands or depends on them.
    fn applied_above(
        &self,
        nodes: impl IntoIterator<Item = NodeIx>,
        applied: &AppliedSet,
    ) -> NodeSet {
        self.closure(&self.ups, nodes).intersection(applied.nodes())
    }
}
