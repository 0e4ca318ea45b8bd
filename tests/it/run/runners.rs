//! Several runners at once.

use super::case::{Case, end, shows};
use crate::support::{Output, query};

#[tokio::test]
async fn several_runners_run_each_revision_once() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<b");
    let run = |words: &str| {
        let children: Vec<_> = (0..4).map(|_| case.start(words)).collect();
        for child in children {
            end(child).success();
        }
    };
    run("upgrade head");
    assert_eq!(case.history().await, "+a +b +c", "on an empty database");
    case.graph("d<c e<d");
    run("upgrade head");
    assert_eq!(case.history().await, "+a +b +c +d +e", "with pending work");
    run("upgrade head");
    assert_eq!(case.rows().await, "e", "at head");
    assert_eq!(case.locks().await, "0");
}

#[tokio::test]
async fn whoever_waits_is_told_who_holds_the_lock() {
    let case = Case::new().await;
    case.graph("a");
    let empty = case.state().await;
    let holder = case.holder().await;
    let name = "set application_name = 'grace-migrate/0.0.0 another-run'";
    query(&holder, name).await;
    let pid = query(&holder, "select pg_backend_pid()").await;
    for words in ["upgrade head", "stamp head", "ensure-version"] {
        let mut command = case.project.command(words.split_whitespace());
        let output = Output::of(command.env("GRACE_MIGRATE_LOCK_WAIT", "0s"));
        assert_eq!(output.code, Some(3), "{words}: {output}");
        shows(&output, &["error[locked]"]);
        shows(
            &output,
            &[&pid, "grace-migrate/0.0.0 another-run", "postgres"],
        );
    }
    assert_eq!(case.state().await, empty);
    // Looking takes no lock, and neither does a rehearsal's plan.
    case.ok("upgrade head --dry-run");
    case.ok("current");
    drop(holder);
}

#[tokio::test]
async fn a_holder_of_whom_the_server_tells_little_is_no_riddle() {
    let case = Case::of_owner().await;
    case.graph("a");
    // A superuser's session, at which this owner may not look.
    let holder = case.holder().await;
    let output = case.fails("upgrade head --lock-wait 0s", 3, "locked");
    let pid = query(&holder, "select pg_backend_pid()").await;
    shows(&output, &[&pid]);
    assert!(!output.stderr.contains("since"), "{output}");
}

#[tokio::test]
async fn nothing_to_do_takes_no_lock() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    let holder = case.holder().await;
    for words in [
        "upgrade head",
        "upgrade a",
        "downgrade b",
        "stamp b",
        "ensure-version",
    ] {
        case.ok(&format!("{words} --quiet"));
    }
    drop(holder);
}

#[tokio::test]
async fn a_waiting_runner_goes_on_when_the_lock_is_free() {
    let case = Case::new().await;
    case.graph("a");
    let holder = case.holder().await;
    let child = case.start("upgrade head");
    case.until_it_runs("pg_try_advisory_lock").await;
    query(&holder, "select pg_advisory_unlock_all()").await;
    let output = end(child).success();
    shows(&output, &["wait"]);
    assert_eq!(case.rows().await, "a");
}
