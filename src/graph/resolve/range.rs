//! Ranges of the history.

use crate::graph::target::{Point, Target, TargetRange};
use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet};

use super::TargetError;
use super::place::{Overwalk, Resolver};

impl Graph {
    /// The revisions of a range, both ends included: what its end stands and depends on, as far as
    /// it stands on its start by parent edges; where an end that is no head of everything is on no
    /// such line, because it only depends on what is, dependencies lead up from the start too.
    ///
    /// A missing start is the base, a missing end the heads. A start with a branch narrows the
    /// range to that branch. Bare steps up at the end count from the start, bare steps down from
    /// the heads; steps past the first or last revision stop there.
    ///
    /// # Errors
    /// If an end means nothing here, if the end does not stand on the start, or if `current` is
    /// named without `applied`.
    pub fn resolve_range(
        &self,
        range: &TargetRange,
        applied: Option<&AppliedSet>,
    ) -> Result<NodeSet, TargetError> {
        let resolver = |target| {
            let resolver = Resolver::new(self, target, applied)?;
            Ok(resolver.overwalking(Overwalk::Stops))
        };
        let start = range.start.as_ref().map(resolver).transpose()?;
        let mut starts = match &start {
            Some(start) => start.place()?.nodes(),
            None => Vec::new(),
        };
        let heads = Target::heads();
        let end_target = range.end.as_ref().unwrap_or(&heads);
        let end = resolver(end_target)?;
        let narrowed = start.as_ref().filter(|start| start.branch().is_some());
        let mut ends: Vec<NodeIx> = match (end_target.point(), end_target.steps(), narrowed) {
            (Point::Here, 1.., _) => vec![end.up(&starts, end_target.steps().unsigned_abs())?],
            // The heads of the branch, not the real heads: one that others depend on counts.
            (Point::Heads, 0, Some(_)) if end.branch().is_none() => self.heads(),
            _ => end.place()?.nodes(),
        };
        if let Some(start) = narrowed {
            ends.retain(|&end| start.is_on_branch(end));
        }
        let beneath = self.closure(&self.downs, ends.iter().copied());
        let from_heads = |start: &Resolver<'_>| *start.target.point() == Point::Here;
        if start.as_ref().is_some_and(from_heads) && starts.iter().any(|&s| beneath.contains(s)) {
            starts.retain(|&start| beneath.contains(start));
        }
        if let Some(&start) = starts.iter().find(|&&start| !beneath.contains(start)) {
            return Err(TargetError::NotALine {
                range: range.to_string(),
                start: self.id(start).clone(),
            });
        }
        if starts.is_empty() {
            return Ok(beneath);
        }
        let above = self.closure(&self.children, starts.iter().copied());
        let reached = ends.iter().all(|&end| above.contains(end));
        // The heads are every line's end: those of other lines are no part of this one.
        if reached || *end_target.point() == Point::Heads {
            return Ok(beneath.intersection(&above));
        }
        Ok(beneath.intersection(&self.closure(&self.ups, starts)))
    }
}
