//! A state written as SQL and loaded again is the same state: by our own reading, and by
//! `pg_dump -s` where the machine has it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use grace_migrate::diff::{self, ChangeKind};
use grace_migrate::schema::facts::{FactId, State};
use tokio::runtime::{Builder, Runtime};

use super::corpus::{Case, create_roles, database, pairs, read, states};
use crate::support::{Database, binaries};

/// The script that makes a state.
pub(super) fn script(state: &State) -> String {
    let mut text = "set search_path = '';\nset check_function_bodies = off;\n".to_owned();
    for statement in diff::create(state).unwrap_or_else(|cycle| panic!("{cycle:#?}")) {
        text.push_str(&statement.sql);
        text.push_str(";\n");
    }
    text
}

/// What differs between two states, those expressions left out that are written otherwise once
/// they were read.
pub(super) async fn differences(from: &State, to: &State) -> Vec<diff::Change> {
    let mut changes = diff::compare(from, to);
    if diff::expressions_differ(&changes) {
        let from = read(&database(&script(from)).await.url()).await;
        let to = read(&database(&script(to)).await.url()).await;
        diff::settle(&mut changes, &from, &to);
    }
    changes
}

/// `pg_dump -s`, without what differs from run to run and what is no definition; none where the
/// machine has none.
pub(super) fn pg_dump(url: &str) -> Option<String> {
    let program: PathBuf = binaries().dir.join("pg_dump");
    let output = Command::new(program).args(["-s", url]).output().ok()?;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let kept = text.lines().filter(|line| {
        !line.is_empty()
            && !["--", "SET ", "SELECT pg_catalog.set_config", "\\"]
                .iter()
                .any(|start| line.starts_with(start))
    });
    let mut lines: Vec<&str> = kept.collect();
    // To whom rights were given first is no matter.
    let is_grant = |line: &&str| line.starts_with("GRANT ");
    for run in lines.chunk_by_mut(|a, b| is_grant(a) && is_grant(b)) {
        run.sort_unstable();
    }
    Some(lines.join("\n"))
}

/// What is wrong with a state, which is kept.
pub(super) async fn check(case: Case, kept: &Mutex<BTreeMap<String, State>>) -> Option<String> {
    let first = Database::from_template("template0").await;
    if let Err(error) = first.client().batch_execute(&case.sql).await {
        return Some(format!("{}: {error:?}", case.name));
    }
    let state = read(&first.url()).await;
    if !state.unmodelled.is_empty() {
        return Some(format!("{}: {:?}", case.name, state.unmodelled));
    }
    if !diff::compare(&state, &state).is_empty() {
        return Some(format!("{}: it differs from itself", case.name));
    }
    kept.lock().unwrap().insert(case.sql, state.clone());
    let script = script(&state);
    let second = Database::from_template("template0").await;
    if let Err(error) = second.client().batch_execute(&script).await {
        return Some(format!("{}: {error:?}\n{script}", case.name));
    }
    let again = read(&second.url()).await;
    let changes = differences(&state, &again).await;
    if !changes.is_empty() {
        return Some(format!("{}: {changes:#?}\n{script}", case.name));
    }
    if !case.witnessed {
        return None;
    }
    // Where an expression is written otherwise, pg_dump tells it too.
    let second = if diff::compare(&state, &again).is_empty() {
        (first.url(), second.url())
    } else {
        let third = database(&self::script(&again)).await;
        let dumps = (pg_dump(&second.url()), pg_dump(&third.url()));
        return (dumps.0 != dumps.1).then(|| format!("{}: third", case.name));
    };
    let dumps = (pg_dump(&second.0)?, pg_dump(&second.1)?);
    (dumps.0 != dumps.1).then(|| {
        let text = similar_lines(&dumps.0, &dumps.1);
        format!("{}: pg_dump tells a difference\n{text}", case.name)
    })
}

/// The lines that are in one of two texts alone.
pub(super) fn similar_lines(a: &str, b: &str) -> String {
    let only = |sign: &str, a: &str, b: &str| -> String {
        let there: Vec<&str> = b.lines().collect();
        a.lines()
            .filter(|line| !there.contains(line))
            .map(|line| format!("{sign}{line}\n"))
            .collect()
    };
    only("-", a, b) + &only("+", b, a)
}

/// A runtime for each thread: a test's database is dropped by waiting for the server, and nobody
/// may be at work on the same thread meanwhile.
#[test]
fn every_state_of_the_corpus() {
    runtime().block_on(create_roles());
    let cases = Mutex::new(states());
    let (wrong, kept) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let Some(case) = cases.lock().unwrap().pop() else {
                        return;
                    };
                    let found = runtime.block_on(check(case, &kept));
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} states are not what they were:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    compare_pairs(&kept.into_inner().unwrap());
}

/// Both ends of every case differ, but for the one in which nothing differs that counts; and the way
/// back is the way there, turned round.
fn compare_pairs(states: &BTreeMap<String, State>) {
    let empty = states.values().next().unwrap();
    let empty = State::empty(empty.server_version_num, &empty.home);
    let mut same = Vec::new();
    for (case, [old, new]) in pairs() {
        let (old, new) = (
            states.get(&old).unwrap_or(&empty),
            states.get(&new).unwrap_or(&empty),
        );
        let (there, back) = (diff::compare(old, new), diff::compare(new, old));
        assert_eq!(there, diff::compare(old, new), "{case}");
        assert_eq!(
            there.is_empty(),
            old.fingerprint() == new.fingerprint(),
            "{case}"
        );
        let turned: Vec<(ChangeKind, &FactId)> = back
            .iter()
            .map(|one| {
                let change = match one.change {
                    ChangeKind::Added => ChangeKind::Removed,
                    ChangeKind::Changed => ChangeKind::Changed,
                    ChangeKind::Removed => ChangeKind::Added,
                };
                (change, &one.fact)
            })
            .collect();
        let there: Vec<(ChangeKind, &FactId)> =
            there.iter().map(|one| (one.change, &one.fact)).collect();
        assert_eq!(there, turned, "{case}");
        if there.is_empty() {
            same.push(case);
        }
    }
    assert_eq!(same, ["column_order"]);
}

pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
