//! A stretch of revisions: each up, down and up again.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};
use std::time::Instant;

use super::ground::{Ground, Look};
use super::selection::Selection;
use crate::catalog::TableRows;
use crate::graph::NodeIx;
use crate::migrator::error::Error;
use crate::migrator::executor::millis;
use crate::migrator::report::{Phase, RoundTrip, RowsChange, SchemaDiff, TripEnd};
use crate::migrator::states::difference;
use crate::revision::Direction;
use crate::schema::facts::FactId;

/// Walks one stretch.
pub(super) struct Walk<'w, 'a, 'e> {
    pub(super) ground: &'w mut Ground<'a, 'e>,
    pub(super) selection: &'w Selection,
    pub(super) stretch: Range<usize>,
    /// Told of each revision that was tested.
    pub(super) tell: &'w dyn Fn(&RoundTrip),
}

impl Walk<'_, '_, '_> {
    pub(super) async fn whole(mut self) -> Result<Vec<RoundTrip>, Error> {
        let order = &self.selection.order;
        self.ground.advance(&order[..self.stretch.start]).await?;
        let mut trips = Vec::new();
        let mut last = None;
        let mut at = self.stretch.start;
        while at < self.stretch.end {
            let is_tested = |at: usize| self.selection.tested.contains(order[at]);
            if !is_tested(at) {
                let end = (at..self.stretch.end).find(|at| is_tested(*at));
                let end = end.unwrap_or(self.stretch.end);
                trips.extend(self.between(&order[at..end]).await?);
                last = None;
                at = end;
                continue;
            }
            self.ground.keep().await?;
            let trip = self.trip(order[at], &mut last).await?;
            (self.tell)(&trip);
            trips.push(trip);
            at += 1;
        }
        Ok(trips)
    }

    /// Applies what is not tested. What fails there is told: what stands on it cannot be tested.
    async fn between(&mut self, nodes: &[NodeIx]) -> Result<Vec<RoundTrip>, Error> {
        let mut failed = Vec::new();
        self.ground.advance(nodes).await?;
        for &node in nodes {
            if let Some(error) = self.ground.errors.remove(&node) {
                let phase = Phase::Up;
                let end = TripEnd::Failed { phase, error };
                failed.push(self.trip_of(node, end, Instant::now()));
            }
        }
        Ok(failed)
    }

    /// Tests one revision. `last` is what the database is where that is known: before, and then
    /// behind it.
    async fn trip(&mut self, node: NodeIx, last: &mut Option<Look>) -> Result<RoundTrip, Error> {
        let started = Instant::now();
        if let Some(beneath) = self.ground.broken.get(&node) {
            let beneath = self.ground.project.versions.graph.id(*beneath).clone();
            return Ok(self.trip_of(node, TripEnd::NotReached { beneath }, started));
        }
        let before = match last.take() {
            Some(look) => look,
            None => self.ground.look().await?,
        };
        if let ControlFlow::Break(error) = self.ground.up(node).await? {
            self.ground.fail(node).await?;
            let phase = Phase::Up;
            return Ok(self.trip_of(node, TripEnd::Failed { phase, error }, started));
        }
        let after = self.ground.look().await?;
        let mut course = Course {
            now: None,
            rows: Vec::new(),
        };
        let end = self
            .back_and_forth(node, [&before, &after], &mut course)
            .await?;
        let astray = matches!(end, TripEnd::Failed { .. } | TripEnd::Differs { .. });
        let now = if astray || !course.rows.is_empty() {
            if !self.ground.applied.contains(&node) {
                self.ground.applied.push(node);
            }
            self.ground.rebuild().await?;
            None
        } else {
            course.now.or(Some(after))
        };
        *last = now.filter(|_| !self.ground.seeds.are_left());
        self.ground.seed().await?;
        let mut trip = self.trip_of(node, end, started);
        trip.rows = course.rows;
        Ok(trip)
    }

    /// Down and up again, from behind the revision.
    async fn back_and_forth(
        &mut self,
        node: NodeIx,
        [before, after]: [&Look; 2],
        course: &mut Course,
    ) -> Result<TripEnd, Error> {
        let versions = &self.ground.project.versions;
        let (revision, id) = (versions.revision(node), versions.graph.id(node));
        if let Some(reason) = &revision.header.irreversible {
            let reason = reason.clone();
            return Ok(TripEnd::Irreversible { reason });
        }
        if revision.down_file().is_none() {
            return Ok(TripEnd::NoDownScript);
        }
        let phase = Phase::Down;
        if let ControlFlow::Break(error) = self.ground.run(Direction::Downgrade, &[node]).await? {
            return Ok(TripEnd::Failed { phase, error });
        }
        let down = self.ground.look().await?;
        let names = [format!("before {id}"), format!("after the down of {id}")];
        if let Some(difference) = self.differ(names, before, &down).await? {
            return Ok(TripEnd::Differs { phase, difference });
        }
        course.rows.extend(changes(phase, before, &down));
        let phase = Phase::UpAgain;
        if let ControlFlow::Break(error) = self.ground.run(Direction::Upgrade, &[node]).await? {
            return Ok(TripEnd::Failed { phase, error });
        }
        let again = self.ground.look().await?;
        let names = [
            format!("after {id}"),
            format!("after {id}, down and up again"),
        ];
        if let Some(difference) = self.differ(names, after, &again).await? {
            return Ok(TripEnd::Differs { phase, difference });
        }
        course.rows.extend(changes(phase, after, &again));
        course.now = Some(again);
        Ok(TripEnd::Back)
    }

    async fn differ(
        &mut self,
        [first, second]: [String; 2],
        from: &Look,
        to: &Look,
    ) -> Result<Option<Box<SchemaDiff>>, Error> {
        let (scope, scratch) = (self.ground.scope, &mut *self.ground.scratch);
        let sides = [(first, &from.state), (second, &to.state)];
        let diff = difference(sides, scope, scratch).await?;
        Ok(diff.differs().then(|| Box::new(diff)))
    }

    fn trip_of(&self, node: NodeIx, end: TripEnd, started: Instant) -> RoundTrip {
        let project = self.ground.project;
        let revision = project.versions.revision(node);
        let down = revision.down_file();
        RoundTrip {
            revision: revision.id().clone(),
            message: revision.header.message.clone(),
            up: revision.path().to_owned(),
            down: down.map(|file| project.settings.shown(file).to_owned()),
            end,
            rows: Vec::new(),
            duration_ms: millis(started),
        }
    }
}

/// What shows on the way down and up again.
struct Course {
    /// The database at the end of the way.
    now: Option<Look>,
    rows: Vec<RowsChange>,
}

/// The tables that do not hold what they held, of those that are there before and after. Once the up
/// script has run again the number counts alone: what it makes, it makes at another time.
fn changes(phase: Phase, from: &Look, to: &Look) -> Vec<RowsChange> {
    let tables: BTreeSet<&FactId> = from.rows.keys().chain(to.rows.keys()).collect();
    let changed = tables.into_iter().filter_map(|id| {
        let (old, new) = (from.rows.get(id), to.rows.get(id));
        let count = |rows: Option<&TableRows>| rows.map_or(0, |rows| rows.count);
        let sum = |rows: Option<&TableRows>| rows.and_then(|rows| rows.sum.clone());
        let same = count(old) == count(new) && (phase == Phase::UpAgain || sum(old) == sum(new));
        let is_there = from.state.has(id) && to.state.has(id);
        (is_there && !same).then(|| RowsChange {
            phase,
            table: id.clone(),
            rows_before: count(old),
            rows_after: count(new),
        })
    });
    changed.collect()
}
