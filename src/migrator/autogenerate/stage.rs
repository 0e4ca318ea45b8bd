//! What one revision does: planned, run on a copy, and planned back.

use std::collections::BTreeSet;

use super::error::{AutogenerateError, Leg, Part, of_part};
use crate::catalog;
use crate::db::{DbError, ServerError, Session};
use crate::diff::{
    self, Action, Destructive, Emission, Hazard, PlannedStatement, Segment, Transaction,
};
use crate::migrator::error::Error;
use crate::migrator::states::{
    Renamed, Scratch, Way, hazards, one_segment, renames_down, renames_up,
};
use crate::revision::{Key, TransactionMode};
use crate::schema::facts::{FactId, Scope, State};
use crate::sql;

/// What one revision does and undoes.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    /// How its up script runs.
    pub(super) transaction: TransactionMode,
    /// Its up script, without a header.
    pub(super) up: String,
    /// Its down script.
    pub(super) down: String,
    /// What is to be known before it is run.
    pub(super) hazards: Vec<Hazard>,
    /// And before its down script is run.
    pub(super) hazards_back: Vec<Hazard>,
    /// What it deletes the data of, which the way down does not bring back.
    pub(super) lost: Vec<FactId>,
    /// The database before it.
    pub(super) before: State,
    /// And after it.
    pub(super) after: State,
    /// For each statement of the up script what was planned; none for renames and settings.
    pub(super) up_of: Vec<Option<PlannedStatement>>,
    /// How its down script runs.
    pub(super) down_transaction: TransactionMode,
    /// For each statement of the down script what was planned.
    pub(super) down_of: Vec<Option<PlannedStatement>>,
    /// What the way back does.
    pub(super) back: Vec<Action>,
}

/// A statement that failed.
pub(super) struct Stopped {
    /// Its place in the script; none where it is the commit.
    pub(super) statement: Option<usize>,
    /// It.
    pub(super) sql: String,
    /// The server's words.
    pub(super) error: Box<ServerError>,
}

/// Runs the way on a copy of the database before it, and tells its stages; their down scripts are
/// still to be written.
pub(super) async fn climb(
    session: &Session,
    start: &State,
    renamed: &[Renamed],
    way: &Way,
    emission: Emission,
    scope: &Scope,
) -> Result<Vec<Stage>, Error> {
    let mut segments = diff::segments(&way.actions, emission);
    let renames_alone = match segments.first() {
        None => true,
        Some(first) => first.transaction == Transaction::Off && !renamed.is_empty(),
    };
    if renames_alone {
        segments.insert(
            0,
            Segment {
                transaction: Transaction::One,
                statements: Vec::new(),
            },
        );
    }
    let mut stages: Vec<Stage> = Vec::with_capacity(segments.len());
    for (at, segment) in segments.iter().enumerate() {
        let mut up = String::new();
        if at == 0 {
            up.push_str(&renames_up(renamed));
        }
        let script = diff::script(&way.actions, segment, &|_| Destructive::Written);
        if !up.is_empty() && !script.is_empty() {
            up.push('\n');
        }
        up.push_str(&script);
        // The renames were done to tell what is left.
        let ran = run(session, &script, mode(segment.transaction)).await?;
        if let Err(Stopped { sql, error, .. }) = ran {
            let error = AutogenerateError::failed(Leg::Up, None, Some(sql), error).into();
            return Err(of_part(error, |_| Part::at(at, segments.len())));
        }
        let after = catalog::read_state(session, scope).await?;
        let before = stages.last().map_or(start, |last| &last.after).clone();
        let actions: BTreeSet<usize> = segment.statements.iter().map(|one| one.action).collect();
        let actions: Vec<Action> = actions
            .into_iter()
            .filter_map(|at| way.actions.get(at).cloned())
            .collect();
        let lost = actions.iter().filter(|action| action.deletes_data());
        let first = match at {
            0 => renamed.iter().map(|one| one.up.len()).sum(),
            _ => 0,
        };
        stages.push(Stage {
            up_of: [vec![None; first], planned_of(&script, segment)].concat(),
            down_transaction: TransactionMode::On,
            down_of: Vec::new(),
            back: Vec::new(),
            transaction: mode(segment.transaction),
            up,
            down: String::new(),
            hazards: hazards(std::slice::from_ref(segment)),
            hazards_back: Vec::new(),
            lost: lost.map(|action| action.fact.clone()).collect(),
            before,
            after,
        });
    }
    Ok(stages)
}

/// Plans the way back of every stage.
pub(super) async fn plan_back(
    stages: &mut [Stage],
    (start, renamed): (&State, &[Renamed]),
    scope: &Scope,
    scratch: &mut Scratch<'_>,
) -> Result<(), Error> {
    let mut names_back = renames_down(renamed);
    for (at, stage) in stages.iter_mut().enumerate() {
        let before = if at == 0 { start } else { &stage.before };
        let sides = [
            ("after".to_owned(), &stage.after),
            ("before".to_owned(), before),
        ];
        let way = Way::between(sides, scope, scratch).await?;
        let emission = match stage.transaction {
            TransactionMode::On => Emission::Plain,
            TransactionMode::Off => Emission::Online,
        };
        let segment = one_segment(diff::segments(&way.actions, emission));
        stage.hazards_back = hazards(std::slice::from_ref(&segment));
        let mut down = String::new();
        if segment.transaction == Transaction::Off {
            let key = Key::Transaction;
            down.push_str(&format!("-- {key}: {}\n\n", TransactionMode::Off));
        }
        if !stage.lost.is_empty() {
            down.push_str("-- This does not come back:\n");
            for lost in &stage.lost {
                down.push_str(&format!("--   the rows or values of {}\n", one_line(lost)));
            }
            down.push('\n');
        }
        let script = diff::script(&way.actions, &segment, &|_| Destructive::Written);
        down.push_str(&script);
        stage.down_transaction = mode(segment.transaction);
        stage.down_of = planned_of(&script, &segment);
        if at == 0 {
            let last = renamed.iter().map(|one| one.down.len()).sum();
            stage.down_of.extend(vec![None; last]);
        }
        stage.back = way.actions;
        let names_back = std::mem::take(&mut names_back);
        if !script.is_empty() && !names_back.is_empty() {
            down.push('\n');
        }
        down.push_str(&names_back);
        stage.down = down;
    }
    Ok(())
}

fn mode(transaction: Transaction) -> TransactionMode {
    match transaction {
        Transaction::One => TransactionMode::On,
        Transaction::Off => TransactionMode::Off,
    }
}

/// A name within a comment: no line end gets out of it.
fn one_line(fact: &FactId) -> String {
    let shown = fact.to_string();
    shown
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// For each statement of a segment's script what was planned.
fn planned_of(script: &str, segment: &Segment) -> Vec<Option<PlannedStatement>> {
    let of = segment.statements.iter().cloned().map(Some);
    // What it sets stands in front.
    let settings = statements_of(script).len().saturating_sub(of.len());
    std::iter::repeat_n(None, settings).chain(of).collect()
}

fn statements_of(text: &str) -> Vec<sql::Statement> {
    let Ok(statements) = sql::split(text) else {
        unreachable!("what is planned is SQL");
    };
    statements
}

/// Runs a script as the engine would, up to a statement that fails.
pub(super) async fn run(
    session: &Session,
    text: &str,
    transaction: TransactionMode,
) -> Result<Result<(), Stopped>, Error> {
    let statements = statements_of(text);
    let text = text.into();
    let within = transaction == TransactionMode::On;
    // Each by itself, or all of them.
    let parts = statements.chunks(if within { statements.len().max(1) } else { 1 });
    if within {
        session.batch("begin").await?;
    }
    let mut done = 0;
    for part in parts {
        if let Err(failure) = session.run_script(&text, part, &mut |_| ()).await {
            let DbError::Server(error) = failure.error else {
                return Err(failure.error.into());
            };
            let statement = part.get(failure.statement);
            return Ok(Err(Stopped {
                statement: Some(done + failure.statement),
                sql: statement.map_or_else(String::new, |one| one.text(&text).to_owned()),
                error,
            }));
        }
        done += part.len();
    }
    if within {
        match session.batch("commit").await {
            Ok(()) => {}
            Err(DbError::Server(error)) => {
                return Ok(Err(Stopped {
                    statement: None,
                    sql: "commit".to_owned(),
                    error,
                }));
            }
            Err(error) => return Err(error.into()),
        }
    }
    session.batch("reset all").await?;
    Ok(Ok(()))
}
