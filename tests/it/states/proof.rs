//! What is written to make one state of another makes it, there and back: by our own reading, and by
//! `pg_dump -s` where the machine has it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use grace_migrate::diff::{self, Emission, Segment, Transaction};
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
    let segments = diff::segments(&actions, emission).into_iter();
    run.extend(segments.flat_map(statements));
    Ok(run)
}

/// The statements of a segment, within its transaction.
fn statements(segment: Segment) -> Vec<String> {
    let around = |sql: &str| match segment.transaction {
        Transaction::One => Some(sql.to_owned()),
        Transaction::Off => None,
    };
    let (begin, commit) = (around("begin"), around("commit"));
    let within = segment.statements.into_iter().map(|one| one.sql);
    begin.into_iter().chain(within).chain(commit).collect()
}

async fn run(
    database: &Database,
    statements: impl IntoIterator<Item = String>,
) -> Result<(), String> {
    for sql in statements {
        if let Err(error) = database.client().batch_execute(&sql).await {
            let text = error.as_db_error().map(ToString::to_string);
            return Err(format!("{}\nin {sql}", text.unwrap_or_default()));
        }
    }
    Ok(())
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
    run(database, statements)
        .await
        .map_err(|error| format!("{error}\nof\n{script}"))?;
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

fn lists_columns(line: &str) -> bool {
    line.starts_with("CREATE STATISTICS ") || line.starts_with("ALTER PUBLICATION ")
}

/// The lines without their order, which in a table is that of its columns, and the words of each
/// `WITH`, and of what lists columns as a table has them, without theirs.
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
            None if lists_columns(line) => words(&line.replace(['(', ')'], " ")),
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

/// Up as it is run beside others, and down in as few transactions as can be; where that way up has
/// several stages, down through each of them, and up again at once.
pub(super) async fn there_and_back(old: &str, from: &End, to: &End) -> Result<(), String> {
    let database = super::corpus::database(old).await;
    let actions = diff::migrate(&from.state, &to.state).map_err(|cycle| format!("{cycle:#?}"))?;
    let stages = diff::segments(&actions, Emission::Online);
    if stages.len() > 1 {
        return through_stages(&database, from, to, &stages).await;
    }
    let reached = prove(&database, &from.state, to, Emission::Online)
        .await
        .map_err(|error| format!("up: {error}"))?;
    // The way back starts from what was reached, which may have its columns in another order.
    prove(&database, &reached, from, Emission::Plain)
        .await
        .map(|_| ())
        .map_err(|error| format!("down: {error}"))
}

/// Each stage is a revision of its own, which somebody may stop at, or go back to.
async fn through_stages(
    database: &Database,
    from: &End,
    to: &End,
    stages: &[Segment],
) -> Result<(), String> {
    let mut points = vec![from.state.clone()];
    for stage in stages {
        let surroundings = ["set search_path = ''", "set check_function_bodies = off"];
        let surroundings = surroundings.map(str::to_owned).into_iter();
        run(database, surroundings.chain(statements(stage.clone())))
            .await
            .map_err(|error| format!("up: {error}"))?;
        points.push(read(&database.url()).await);
    }
    let changes = differences(&points[stages.len()], &to.state).await;
    if !changes.is_empty() {
        return Err(format!("up: left {changes:#?}"));
    }
    let mut reached = points[stages.len()].clone();
    for (at, stage) in stages.iter().enumerate().rev() {
        let emission = match stage.transaction {
            Transaction::One => Emission::Plain,
            Transaction::Off => Emission::Online,
        };
        let before = End {
            state: points[at].clone(),
            dump: from.dump.clone().filter(|_| at == 0),
        };
        reached = prove(database, &reached, &before, emission)
            .await
            .map_err(|error| format!("down to stage {at}: {error}"))?;
    }
    prove(database, &reached, to, Emission::Plain)
        .await
        .map(|_| ())
        .map_err(|error| format!("up at once: {error}"))
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
