//! The plan once more, on a copy with a few rows in each table: what fails there alone, and which rows
//! go.

use super::error::{AutogenerateError, Fault, Leg, Unproved};
use super::stage::{Stage, Stopped, run};
use crate::db::Session;
use crate::diff::{Action, PlannedStatement};
use crate::migrator::error::Error;
use crate::migrator::report::{MadeUpRows, RowsStop};
use crate::migrator::states::{Renamed, Way};
use crate::revision::Direction;
use crate::samples::{self, Sparse, Verdict, judge};
use crate::schema::facts::{Kind, Scope, State};

/// A plan that holds without rows.
pub(super) struct Trial<'a> {
    pub(super) way: &'a Way,
    pub(super) renamed: &'a [Renamed],
    pub(super) stages: &'a [Stage],
    pub(super) scope: &'a Scope,
    /// Whether there is a way back.
    pub(super) goes_back: bool,
}

impl Trial<'_> {
    /// Whether rows can make a difference: something is done to what tables of `start` are made of.
    pub(super) fn is_worth_it(&self, start: &State) -> bool {
        let mut actions = self.way.actions.iter();
        actions.any(|action| {
            start.has(&action.object)
                && matches!(
                    action.fact.kind,
                    Kind::Table
                        | Kind::Column
                        | Kind::Default
                        | Kind::Constraint
                        | Kind::ForeignKey
                        | Kind::Index
                        | Kind::Partition
                        | Kind::Inheritance
                        | Kind::Enum
                        | Kind::Domain
                        | Kind::DomainConstraint
                        | Kind::Composite
                        | Kind::Attribute
                        | Kind::Range
                        | Kind::Collation
                        | Kind::MaterializedView
                        | Kind::Sequence
                        | Kind::Extension
                )
        })
    }

    /// Fills the tables of a database that stands at the parents, and goes up and down there.
    ///
    /// # Errors
    /// The session's, and what the plan did not tell: [`AutogenerateError::Unproved`].
    pub(super) async fn run(&self, session: &Session) -> Result<MadeUpRows, Error> {
        let samples = samples::read(session, self.scope).await?;
        // What is told of a table that has another name then is told under that.
        let is_moved = |one: &Renamed| matches!(one.rename.old.kind, Kind::Table | Kind::Schema);
        let moved = self.renamed.iter().any(is_moved);
        let scripts = samples.scripts(|table| match moved {
            true => Sparse::Refused,
            false => samples::sparse(table, self.actions()),
        });
        samples::fill(session, &scripts).await?;
        let before = samples::held(session, self.scope).await?;
        let mut report = MadeUpRows {
            tables: samples.tables(),
            empty: samples.empty(|table| before.has_rows(table)),
            stopped: None,
        };
        let unproved = |leg, fault| {
            AutogenerateError::Unproved(Box::new(Unproved {
                leg,
                part: None,
                revision: None,
                fault,
                evidence: None,
            }))
        };
        let made_up = scripts.join("\n");
        for (leg, direction) in [
            (Leg::Up, Direction::Upgrade),
            (Leg::Down, Direction::Downgrade),
        ] {
            if leg == Leg::Down && !self.goes_back {
                break;
            }
            if let Some((stopped, verdict)) = self.walk(session, leg).await? {
                let Stopped { sql, error, .. } = stopped;
                report.stopped = Some(RowsStop {
                    direction,
                    sql,
                    message: error.message,
                    told: verdict != Verdict::Wrong,
                });
                return Ok(report);
            }
            let now = samples::held(session, self.scope).await?;
            let lost = before.lost(&now, self.actions());
            if !lost.is_empty() {
                return Err(unproved(leg, Fault::RowsLost { lost, made_up }).into());
            }
        }
        Ok(report)
    }

    /// Everything that is done, up and down.
    fn actions(&self) -> impl Iterator<Item = &Action> {
        let back = self.stages.iter().flat_map(|stage| &stage.back);
        self.way.actions.iter().chain(back)
    }

    /// Goes one way, up to the statement that fails.
    async fn walk(&self, session: &Session, leg: Leg) -> Result<Option<(Stopped, Verdict)>, Error> {
        let count = self.stages.len();
        for at in 0..count {
            let (text, mode, of, actions) = match leg {
                Leg::Up => {
                    let stage = &self.stages[at];
                    let actions = &self.way.actions;
                    (&stage.up, stage.transaction, &stage.up_of, actions)
                }
                Leg::Down => {
                    let stage = &self.stages[count - 1 - at];
                    let mode = stage.down_transaction;
                    (&stage.down, mode, &stage.down_of, &stage.back)
                }
            };
            let Err(stopped) = run(session, text, mode).await? else {
                continue;
            };
            let state = stopped.error.sqlstate;
            let judged =
                |planned: &Option<PlannedStatement>| judge(planned.as_ref(), actions, state);
            let verdict = match stopped.statement {
                Some(statement) => of.get(statement).map_or(Verdict::Wrong, judged),
                // What was deferred is of any of them.
                None => {
                    let verdicts = of.iter().map(judged);
                    verdicts
                        .min_by_key(|verdict| *verdict == Verdict::Wrong)
                        .unwrap_or(Verdict::Wrong)
                }
            };
            return Ok(Some((stopped, verdict)));
        }
        Ok(None)
    }
}
