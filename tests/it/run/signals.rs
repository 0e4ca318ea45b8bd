//! SIGINT and SIGTERM.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use super::case::{Case, end, shows};

fn send(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_signal_cancels_the_statement_and_rolls_back() {
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
        assert_eq!(case.locks().await, "0");
        case.up("b", "a", "create table b (n int);");
        case.ok("upgrade head");
    }
}

#[tokio::test]
async fn a_signal_outside_a_transaction_leaves_a_journal_without_doubt() {
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
    let journal = "select string_agg(statement || ':' || (finished_at is not null), ' ') from grace_migrate.journal";
    assert_eq!(case.query(journal).await, "0:true");
    let text = case.project.read("versions/a.up.sql");
    case.project.write(
        "versions/a.up.sql",
        text.replace("pg_sleep(600)", "pg_sleep(0)"),
    );
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "one two");
}

#[tokio::test]
async fn a_signal_ends_the_wait_for_the_lock() {
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

#[tokio::test]
async fn a_signal_that_comes_twice_at_once_is_one() {
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

#[tokio::test]
async fn a_second_signal_ends_the_program_at_once() {
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
