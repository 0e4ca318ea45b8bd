//! What is written to make one state of another makes it, there and back: by our own reading, and by
//! `pg_dump -s` where the machine has it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use grace_migrate::diff;
use grace_migrate::schema::facts::State;

use super::corpus::{create_roles, pairs, read};
use super::identity::{differences, pg_dump, runtime, similar_lines};
use crate::support::Database;

/// The statements that make one state of the other.
fn migration(from: &State, to: &State) -> Result<Vec<String>, String> {
    let actions = diff::migrate(from, to).map_err(|cycle| format!("{cycle:#?}"))?;
    let surroundings = ["set search_path = ''", "set check_function_bodies = off"];
    let statements = actions.into_iter().flat_map(|action| action.sql);
    Ok(surroundings
        .map(str::to_owned)
        .into_iter()
        .chain(statements)
        .collect())
}

/// Migrates a database that holds `from`, and tells what is wrong then.
async fn prove(database: &Database, from: &State, to: &State, fresh: &str) -> Result<(), String> {
    let statements = migration(from, to)?;
    let script = statements.join(";\n");
    // Statement by statement: a new label of an enum is not to be used in its transaction.
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
    let changes = differences(&reached, to).await;
    if !changes.is_empty() {
        return Err(format!("left: {changes:#?}\n{script}"));
    }
    if !diff::compare(&reached, to).is_empty() {
        return Ok(());
    }
    let Some(ours) = pg_dump(&database.url()) else {
        return Ok(());
    };
    if sorted(&ours) != sorted(fresh) {
        let lines = similar_lines(&ours, fresh);
        return Err(format!("pg_dump tells a difference\n{lines}\n{script}"));
    }
    Ok(())
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

struct End {
    state: State,
    dump: String,
}

async fn end(
    sql: &str,
    ends: &Mutex<BTreeMap<String, std::sync::Arc<End>>>,
) -> std::sync::Arc<End> {
    if let Some(end) = ends.lock().unwrap().get(sql) {
        return end.clone();
    }
    let database = super::corpus::database(sql).await;
    let state = read(&database.url()).await;
    let dump = pg_dump(&database.url()).unwrap_or_default();
    let end = std::sync::Arc::new(End { state, dump });
    ends.lock().unwrap().insert(sql.to_owned(), end.clone());
    end
}

async fn check(
    [old, new]: &[String; 2],
    ends: &Mutex<BTreeMap<String, std::sync::Arc<End>>>,
) -> Result<(), String> {
    let (from, to) = (end(old, ends).await, end(new, ends).await);
    let database = super::corpus::database(old).await;
    prove(&database, &from.state, &to.state, &to.dump)
        .await
        .map_err(|error| format!("up: {error}"))?;
    // The way back starts from what was reached, which may have its columns in another order.
    let reached = read(&database.url()).await;
    prove(&database, &reached, &from.state, &from.dump)
        .await
        .map_err(|error| format!("down: {error}"))
}

#[test]
fn every_pair_of_the_corpus_goes_up_and_down() {
    runtime().block_on(create_roles());
    let cases: Vec<_> = pairs().into_iter().collect();
    let cases = Mutex::new(cases);
    let (wrong, ends) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let Some((name, texts)) = cases.lock().unwrap().pop() else {
                        return;
                    };
                    if let Err(error) = runtime.block_on(check(&texts, &ends)) {
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
