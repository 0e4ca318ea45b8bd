//! SIGINT and SIGTERM, SIGKILL and SIGSTOP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use super::commit::at_commit;
use crate::run::case::{Case, end, shows};
use crate::support::{Fault, query};

pub(super) fn send(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(status.success());
}

/// Kills it with SIGKILL.
pub(super) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(super) const NO_LOCKS: &str = "select (count(*) = 0)::int from pg_locks where locktype = 'advisory' \
     and database = (select oid from pg_database where datname = current_database())";

/// F01: kill -9 of the client between script and version row: nothing is applied; the next run
/// applies once.
#[tokio::test]
async fn f01_killed_between_script_and_version_row() {
    let (case, proxy) = Case::behind_proxy().await;
    case.table("a", "").table("b", "a");
    // What is verified goes before the record: the two are not one message.
    case.verify("b", "select * from b;");
    case.ok("upgrade a");
    proxy.strike(Fault::Hold, |message| {
        message.text.contains("select grace_migrate.record(")
    });
    let child = case.start("upgrade head");
    proxy.wait_until_struck();
    // The script has run.
    case.until(
        "select count(*) from pg_stat_activity where datname = current_database() \
         and state = 'idle in transaction' and query like '%select * from b%'",
    )
    .await;
    kill(child);
    case.until(NO_LOCKS).await;
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "a b");
    assert_eq!(case.history().await, "+a +b");
}

/// F01: kill -9 of the client while the version row of a script that ran is waited for: nothing is
/// applied; the next run applies once.
#[tokio::test]
async fn f01_killed_while_the_version_row_is_waited_for() {
    let case = Case::of_owner().await;
    case.table("a", "").table("b", "a");
    case.ok("upgrade a");
    let other = crate::support::connect(&case.database.url()).await;
    query(
        &other,
        "begin; update alembic_version set version_num = version_num",
    )
    .await;
    let child = case.start("upgrade head");
    case.until(
        "select count(*) from pg_stat_activity where datname = current_database() \
         and wait_event_type = 'Lock' and query like '%create table public.b%'",
    )
    .await;
    kill(child);
    case.until(NO_LOCKS).await;
    query(&other, "rollback").await;
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "a b");
    assert_eq!(case.history().await, "+a +b");
}

/// F02: kill -9 during a long statement: the lock is free within seconds; a second runner succeeds.
#[tokio::test]
async fn f02_killed_during_a_long_statement() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table a (n int);
select pg_sleep(600) where pg_try_advisory_xact_lock(0, 1);",
    );
    let first = case.start("upgrade head");
    case.until("select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")
        .await;
    // From now on the statement is short.
    let gate = crate::support::connect(&case.database.url()).await;
    let second = case.start("upgrade head");
    case.until_it_runs("pg_try_advisory_lock").await;
    kill(first);
    crate::support::query(&gate, "select pg_advisory_lock(0, 1)").await;
    let output = end(second);
    assert_eq!(output.code, Some(0), "{output}");
    shows(&output, &["applied 1 revision", "waiting for another run"]);
    assert_eq!(case.history().await, "+a");
}

/// F03: SIGSTOP in an open transaction: the server ends it; the locks are gone.
#[tokio::test]
async fn f03_stopped_in_an_open_transaction() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table a as select current_setting('idle_in_transaction_session_timeout') as idle;",
    );
    case.up(
        "b",
        "a",
        "create table b (n int);
set local idle_in_transaction_session_timeout = '500ms';
select pg_sleep(1);",
    );
    let child = case.start("upgrade head");
    case.until_it_runs("pg_sleep").await;
    send(&child, "-STOP");
    case.until(NO_LOCKS).await;
    assert_eq!(case.query("select idle from a").await, "1min");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    case.ok("upgrade head");
    send(&child, "-CONT");
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(&output, &["`b` failed", "idle-in-transaction timeout"]);
    assert_eq!(case.history().await, "+a +b");
}

/// F04: SIGTERM, SIGINT mid statement: rolled back; 143 and 130.
#[tokio::test]
async fn f04_signal_mid_statement() {
    for (signal, code, words) in [
        ("-INT", 130, "upgrade head"),
        ("-TERM", 143, "upgrade head"),
        ("-INT", 130, "upgrade head --transaction all"),
    ] {
        let case = Case::of_owner().await;
        case.table("a", "");
        case.up("b", "a", "create table b (n int);\nselect pg_sleep(600);");
        let child = case.start(words);
        case.until_it_runs("pg_sleep").await;
        send(&child, signal);
        let output = end(child);
        assert_eq!(output.code, Some(code), "{output}");
        shows(&output, &["error[interrupted]", "rolled back", "stands at"]);
        let all = words.ends_with("all");
        assert_eq!(case.rows().await, if all { "" } else { "a" });
        assert_eq!(case.tables().await, if all { "" } else { "a" });
        case.until(NO_LOCKS).await;
        case.up("b", "a", "create table b (n int);");
        case.ok("upgrade head");
    }
}

/// F04: SIGINT in a script outside a transaction: the journal is finished first, and leaves no doubt.
#[tokio::test]
async fn f04_signal_outside_a_transaction() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "-- transaction: off\ncreate table one (n int);\nselect pg_sleep(600);\ncreate table two (n int);",
    );
    let child = case.start("upgrade head");
    case.until_it_runs("pg_sleep").await;
    send(&child, "-INT");
    let output = end(child);
    assert_eq!(output.code, Some(130), "{output}");
    shows(&output, &["1 of 3 statements are done and stay"]);
    let journal = "select string_agg(statement || ':' || (finished_at is not null) || (failed_at is not null), ' ' order by statement) from grace_migrate.journal";
    assert_eq!(case.query(journal).await, "0:truefalse 1:falsetrue");
    let text = case.project.read("versions/a.up.sql");
    case.project.write(
        "versions/a.up.sql",
        text.replace("pg_sleep(600)", "pg_sleep(0)"),
    );
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "one two");
}

/// F04: SIGINT while the lock is waited for: nothing was run.
#[tokio::test]
async fn f04_signal_while_waiting_for_the_lock() {
    let case = Case::new().await;
    case.graph("a");
    let holder = case.holder().await;
    let child = case.start("upgrade head");
    case.until_it_runs("pg_try_advisory_lock").await;
    send(&child, "-INT");
    let output = end(child);
    assert_eq!(output.code, Some(130), "{output}");
    shows(&output, &["nothing was run"]);
    drop(holder);
}

/// F04: SIGINT that goes to the process and to its group at once: it comes twice, and is one.
#[tokio::test]
async fn f04_signal_twice_at_once() {
    let case = Case::of_owner().await;
    case.up("a", "", "create table a (n int);\nselect pg_sleep(600);");
    let child = case.start("upgrade head");
    case.until_it_runs("pg_sleep").await;
    send(&child, "-INT");
    send(&child, "-INT");
    let output = end(child);
    assert_eq!(output.code, Some(130), "{output}");
    shows(&output, &["error[interrupted]", "rolled back"]);
}

/// F04: SIGTERM twice, and the statement does not end: the second exits at once.
#[tokio::test]
async fn f04_second_signal() {
    let case = Case::new().await;
    case.table("a", "");
    // A statement that a cancel request does not stop: its error is caught.
    case.up(
        "b",
        "a",
        "do $$ begin loop begin perform pg_sleep(600); \
         exception when query_canceled then null; end; end loop; end $$;",
    );
    let mut child = case.start("upgrade head");
    case.until_it_runs("query_canceled").await;
    send(&child, "-TERM");
    let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let heard = talk.find(|line| line.as_ref().unwrap().contains("cancel"));
    assert!(heard.is_some(), "the first signal was not heard");
    // One that comes sooner counts as an echo of the first.
    tokio::time::sleep(Duration::from_millis(300)).await;
    send(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let said = talk.any(|line| line.unwrap().contains("ended at once"));
    assert!(said, "the end was not said");
    assert_eq!(case.rows().await, "a");
}

/// F04: SIGTERM, and the link stalls so that nothing is answered: the link is cut, within what
/// orchestrators allow.
#[tokio::test]
async fn f04_server_does_not_answer() {
    for (text, said) in [
        ("select pg_sleep(600);", "rolls it back by itself"),
        (
            "-- transaction: off\nselect 1;\nselect pg_sleep(600);",
            "1 of 2 statements are done and stay",
        ),
    ] {
        let (case, proxy) = Case::behind_proxy().await;
        case.up("a", "", text);
        proxy.strike(Fault::Hold, |message| {
            message.text.starts_with("select pg_sleep")
        });
        let child = case.start("upgrade head");
        proxy.wait_until_struck();
        send(&child, "-TERM");
        let output = end(child);
        assert_eq!(output.code, Some(143), "{output}");
        shows(
            &output,
            &[
                "cancelling",
                "the server does not answer",
                "error[interrupted]",
            ],
        );
        shows(&output, &[said]);
        case.until(NO_LOCKS).await;
    }
}

/// F04: SIGTERM, and the link stalls before the first step: the link is cut, and nothing was run.
#[tokio::test]
async fn f04_signal_while_nothing_is_answered() {
    let (case, proxy) = Case::behind_proxy().await;
    case.graph("a");
    proxy.strike(Fault::Hold, |message| message.number == 4);
    let child = case.start("upgrade head");
    proxy.wait_until_struck();
    send(&child, "-TERM");
    let output = end(child);
    assert_eq!(output.code, Some(143), "{output}");
    shows(&output, &["error[interrupted]", "nothing was run"]);
    assert_eq!(case.tables().await, "");
}

/// F04: SIGTERM while COMMIT is not answered: the link is cut, and what became of the COMMIT is known.
#[tokio::test]
async fn f04_signal_at_commit() {
    let (case, proxy) = Case::behind_proxy().await;
    case.graph("a b<a");
    proxy.strike(Fault::Mute, at_commit(1));
    let child = case.start("upgrade head");
    proxy.wait_until_struck();
    send(&child, "-TERM");
    let output = end(child);
    assert_eq!(output.code, Some(143), "{output}");
    shows(
        &output,
        &[
            "the server committed a",
            "error[interrupted]",
            "stands at a",
        ],
    );
    assert_eq!(case.history().await, "+a");
    case.ok("upgrade head");
    assert_eq!(case.history().await, "+a +b");
}
