//! What is written to make one state of another makes it, there and back: by our own reading, and by
//! `pg_dump -s` where the machine has it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use grace_migrate::diff::{self, Emission, Transaction};
use grace_migrate::schema::facts::{Kind, State};

use super::corpus::{create_roles, pairs, read};
use super::identity::{differences, pg_dump, runtime, similar_lines};
use crate::support::Database;

/// The statements that make one state of the other, as they are run: each segment that is a
/// transaction in one.
pub(super) fn migration(
    from: &State,
    to: &State,
    emission: Emission,
) -> Result<Vec<String>, String> {
    let actions = diff::migrate(from, to).map_err(|cycle| format!("{cycle:#?}"))?;
    let surroundings = ["set search_path = ''", "set check_function_bodies = off"];
    let mut run: Vec<String> = surroundings.map(str::to_owned).into();
    for segment in diff::segments(&actions, emission) {
        let statements = segment.statements.into_iter().map(|one| one.sql);
        match segment.transaction {
            Transaction::One => {
                run.push("begin".to_owned());
                run.extend(statements);
                run.push("commit".to_owned());
            }
            Transaction::Off => run.extend(statements),
        }
    }
    Ok(run)
}

/// Migrates a database that holds `from`, and tells what is wrong then, or what it reached.
pub(super) async fn prove(
    database: &Database,
    from: &State,
    to: &End,
    emission: Emission,
) -> Result<State, String> {
    let statements = migration(from, &to.state, emission)?;
    let script = statements.join(";\n");
    for sql in &statements {
        if let Err(error) = database.client().batch_execute(sql).await {
            let text = error.as_db_error().map(ToString::to_string);
            return Err(format!(
                "{}\nin {sql}\nof\n{script}",
                text.unwrap_or_default()
            ));
        }
    }
    let reached = read(&database.url()).await;
    let changes = differences(&reached, &to.state).await;
    if !changes.is_empty() {
        return Err(format!("left: {changes:#?}\n{script}"));
    }
    // Where an expression is written otherwise, pg_dump tells it too.
    if !diff::compare(&reached, &to.state).is_empty() {
        return Ok(reached);
    }
    if let Some(fresh) = &to.dump
        && let Some(ours) = witness(database, &reached).await
        && sorted(&ours) != sorted(fresh)
    {
        let lines = similar_lines(&ours, fresh);
        return Err(format!("pg_dump tells a difference\n{lines}\n{script}"));
    }
    Ok(reached)
}

/// What `pg_dump` says. Whether what a child has of its parent is its own too does not count, and
/// pg_dump tells it: it is its own for as long as pg_dump reads.
async fn witness(database: &Database, state: &State) -> Option<String> {
    if state.of_kind(Kind::Inheritance).next().is_none() {
        return pg_dump(&database.url());
    }
    database
        .run(
            "create temp table inherited as
               select 'pg_attribute'::regclass as of, attrelid as id, attnum as number
                 from pg_catalog.pg_attribute where attinhcount > 0 and not attislocal
               union all
               select 'pg_constraint'::regclass, oid, 0
                 from pg_catalog.pg_constraint
                where contype = 'c' and coninhcount > 0 and not conislocal;
             update pg_catalog.pg_attribute set attislocal = true
              where attinhcount > 0 and not attislocal;
             update pg_catalog.pg_constraint set conislocal = true
              where contype = 'c' and coninhcount > 0 and not conislocal;",
        )
        .await;
    let dump = pg_dump(&database.url());
    database
        .run(
            "update pg_catalog.pg_attribute set attislocal = false from inherited
              where of = 'pg_attribute'::regclass and attrelid = id and attnum = number;
             update pg_catalog.pg_constraint c set conislocal = false from inherited i
              where i.of = 'pg_constraint'::regclass and c.oid = i.id;
             drop table inherited",
        )
        .await;
    dump
}

/// The lines without their order, which in a table is that of its columns, and the words of each
/// `WITH` without theirs.
fn sorted(dump: &str) -> Vec<String> {
    let words = |line: &str| {
        let mut words: Vec<&str> = line.split([' ', ',']).collect();
        words.sort_unstable();
        words.join(" ")
    };
    let mut lines: Vec<String> = dump
        .lines()
        .map(|line| line.trim_end_matches([',', ';']))
        .map(|line| match line.find("WITH (") {
            Some(at) => words(&line[at..].replace(['(', ')'], " ")) + &line[..at],
            None => line.to_owned(),
        })
        .collect();
    lines.sort_unstable();
    lines
}

/// A state, and what `pg_dump` says of it where the machine has one.
pub(super) struct End {
    state: State,
    dump: Option<String>,
}

impl End {
    pub(super) async fn of(sql: &str) -> Self {
        let database = super::corpus::database(sql).await;
        let state = read(&database.url()).await;
        let dump = witness(&database, &state).await;
        Self { state, dump }
    }
}

/// Many cases begin alike.
async fn end(sql: &str, ends: &Mutex<BTreeMap<String, Arc<End>>>) -> Arc<End> {
    if let Some(end) = ends.lock().unwrap().get(sql) {
        return end.clone();
    }
    let end = Arc::new(End::of(sql).await);
    ends.lock().unwrap().insert(sql.to_owned(), end.clone());
    end
}

/// Up as it is run beside others, and down in as few transactions as can be.
pub(super) async fn there_and_back(old: &str, from: &End, to: &End) -> Result<(), String> {
    let database = super::corpus::database(old).await;
    let reached = prove(&database, &from.state, to, Emission::Online)
        .await
        .map_err(|error| format!("up: {error}"))?;
    // The way back starts from what was reached, which may have its columns in another order.
    prove(&database, &reached, from, Emission::Plain)
        .await
        .map(|_| ())
        .map_err(|error| format!("down: {error}"))
}

#[test]
fn every_pair_of_the_corpus_goes_up_and_down() {
    runtime().block_on(create_roles());
    let cases = Mutex::new(pairs());
    let (wrong, ends) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let Some((name, [old, new])) = cases.lock().unwrap().pop() else {
                        return;
                    };
                    let proven = runtime.block_on(async {
                        let (from, to) = (end(&old, &ends).await, end(&new, &ends).await);
                        there_and_back(&old, &from, &to).await
                    });
                    if let Err(error) = proven {
                        wrong.lock().unwrap().push(format!("## {name}\n{error}"));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} pairs are not proven:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
