//! What one revision does: planned, run on a copy, and planned back.

use std::collections::BTreeSet;

use super::error::{AutogenerateError, Leg, Part, of_part};
use crate::catalog;
use crate::db::{DbError, ScriptFailure, Session};
use crate::diff::{self, Action, Destructive, Emission, Hazard, Segment, Transaction};
use crate::migrator::error::Error;
use crate::migrator::states::{Renamed, Scratch, Way, hazards, one_segment};
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
            up.extend(renamed.iter().map(|one| format!("{};\n", one.up)));
        }
        let script = diff::script(&way.actions, segment, &|_| Destructive::Written);
        if !up.is_empty() && !script.is_empty() {
            up.push('\n');
        }
        up.push_str(&script);
        // The renames were done to tell what is left.
        let ran = run(session, &script, segment.transaction).await;
        ran.map_err(|error| of_part(error, |_| Part::at(at, segments.len())))?;
        let after = catalog::read_state(session, scope).await?;
        let before = stages.last().map_or(start, |last| &last.after).clone();
        let actions: BTreeSet<usize> = segment.statements.iter().map(|one| one.action).collect();
        let actions: Vec<Action> = actions
            .into_iter()
            .filter_map(|at| way.actions.get(at).cloned())
            .collect();
        let lost = actions.iter().filter(|action| action.deletes_data());
        stages.push(Stage {
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
    // What got another name first gets its old one back last.
    let mut names_back: String = renamed
        .iter()
        .rev()
        .map(|one| format!("{};\n", one.down))
        .collect();
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

/// Runs a script as the engine would.
async fn run(session: &Session, text: &str, transaction: Transaction) -> Result<(), Error> {
    let Ok(statements) = sql::split(text) else {
        unreachable!("what is planned is SQL");
    };
    let text = text.into();
    match transaction {
        Transaction::One => {
            session.batch("begin").await?;
            let ran = session.run_script(&text, &statements, &mut |_| ()).await;
            ran.map_err(|failure| failed(&text, &statements, *failure))?;
            session.batch("commit").await?;
        }
        Transaction::Off => {
            for at in 0..statements.len() {
                let alone = &statements[at..=at];
                let ran = session.run_script(&text, alone, &mut |_| ()).await;
                ran.map_err(|failure| failed(&text, alone, *failure))?;
            }
        }
    }
    Ok(session.batch("reset all").await?)
}

fn failed(text: &str, statements: &[sql::Statement], failure: ScriptFailure) -> Error {
    match failure.error {
        DbError::Server(error) => {
            let statement = statements.get(failure.statement);
            let sql = statement.map(|one| one.text(text).to_owned());
            AutogenerateError::failed(Leg::Up, None, sql, error).into()
        }
        other => other.into(),
    }
}
