//! Every step of the corpus on tables with rows: what is against them was told, and so is what goes.

use std::sync::Mutex;
use std::thread;

use grace_migrate::db::{DbError, Session};
use grace_migrate::diff::{self, Action, Emission, Transaction};
use grace_migrate::samples::{self, Held, Verdict};
use grace_migrate::schema::facts::Scope;

use super::corpus::{create_roles, database, pairs, read, session};
use super::identity::runtime;

/// What became of a case.
enum Fate {
    /// The rows are kept, on the way up and down.
    Kept,
    /// No table has one.
    Empty,
    /// They are against a statement, as was told.
    Against,
    Wrong(String),
}

/// Goes from a state to another one; what stands in the way, if anything does.
async fn walk(session: &Session, actions: &[Action], emission: Emission) -> Option<Fate> {
    session
        .batch("set check_function_bodies = off")
        .await
        .unwrap();
    for segment in diff::segments(actions, emission) {
        let within = segment.transaction == Transaction::One;
        if within {
            session.batch("begin").await.unwrap();
        }
        for statement in &segment.statements {
            let error = match session.batch(&statement.sql).await {
                Ok(()) => continue,
                Err(DbError::Server(error)) => error,
                Err(error) => panic!("{error}"),
            };
            let action = actions.get(statement.action);
            return Some(match samples::judge(action, error.sqlstate) {
                Verdict::Foreseen | Verdict::Users => Fate::Against,
                Verdict::Wrong => Fate::Wrong(format!("{error:?}\nin {}", statement.sql)),
            });
        }
        if within && let Err(error) = session.batch("commit").await {
            return Some(Fate::Wrong(error.to_string()));
        }
    }
    None
}

async fn fate(old: &str, new: &str, emission: Emission) -> Fate {
    let fresh = database(new).await;
    let to = read(&fresh.url()).await;
    let here = database(old).await;
    let from = read(&here.url()).await;
    let up = diff::migrate(&from, &to).unwrap();
    let back = diff::migrate(&to, &from).unwrap();
    let session = session(&here.url()).await;
    let fate = on_rows(&session, &up, &back, emission).await;
    session.close().await;
    fate
}

async fn on_rows(session: &Session, up: &[Action], back: &[Action], emission: Emission) -> Fate {
    let scope = Scope::default();
    let all = || up.iter().chain(back);
    let before = fill(session, &scope, all()).await;
    let Some(before) = before else {
        return Fate::Empty;
    };
    for (actions, emission) in [(up, emission), (back, Emission::Plain)] {
        if let Some(fate) = walk(session, actions, emission).await {
            return fate;
        }
        let now = samples::held(session, &scope).await.unwrap();
        let lost = before.lost(&now, all());
        if !lost.is_empty() {
            return Fate::Wrong(format!("{lost:?}"));
        }
    }
    Fate::Kept
}

/// Fills tables; none where no table has a row then.
async fn fill<'a>(
    session: &Session,
    scope: &Scope,
    actions: impl Iterator<Item = &'a Action> + Clone,
) -> Option<Held> {
    let tables = samples::read(session, scope).await.unwrap();
    let scripts = tables.scripts(|table| samples::sparse(table, actions.clone()));
    samples::fill(session, &scripts).await.unwrap();
    let held = samples::held(session, scope).await.unwrap();
    let empty = tables.empty(|table| held.has_rows(table));
    (empty.len() < tables.tables()).then_some(held)
}

#[test]
fn every_step_of_the_corpus() {
    runtime().block_on(create_roles());
    let cases = Mutex::new(pairs());
    let (wrong, counts) = (Mutex::new(Vec::new()), Mutex::new([0_usize; 3]));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let Some((name, [old, new])) = cases.lock().unwrap().pop() else {
                        return;
                    };
                    for (way, [old, new], emission) in [
                        ("up", [&old, &new], Emission::Online),
                        ("down", [&new, &old], Emission::Plain),
                    ] {
                        let place = match runtime.block_on(fate(old, new, emission)) {
                            Fate::Kept => 0,
                            Fate::Empty => 1,
                            Fate::Against => 2,
                            Fate::Wrong(why) => {
                                wrong.lock().unwrap().push(format!("{name} {way}: {why}"));
                                continue;
                            }
                        };
                        counts.lock().unwrap()[place] += 1;
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} steps were not told right:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let [kept, empty, against] = counts.into_inner().unwrap();
    eprintln!("{kept} kept, {empty} empty, {against} against");
    assert!(kept > 4 * against, "{kept} kept, {empty} empty, {against} against");
}
