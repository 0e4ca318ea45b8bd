//! Links that are lost: at COMMIT, mid script, and at every message in turn.

use std::process::Child;
use std::sync::mpsc;

use tokio_postgres::Client;

use crate::run::case::{Case, end, shows};
use crate::support::{Fault, Message, Proxy, connect, query};

/// Counts the COMMITs of steps, and is true at this one, from 1.
pub(super) fn at_commit(wanted: usize) -> impl FnMut(&Message<'_>) -> bool + Send + 'static {
    let (mut seen, mut recorded) = (0, false);
    move |message| {
        let last = "set local synchronous_commit to default; commit";
        if message.text.contains("select grace_migrate.record(") {
            recorded = true;
        } else if recorded && (message.text.starts_with("commit") || message.text.starts_with(last))
        {
            recorded = false;
            seen += 1;
            return seen == wanted;
        }
        false
    }
}

/// Three revisions in a line, behind a proxy.
async fn line() -> (Case, Proxy) {
    let (case, proxy) = Case::behind_proxy().await;
    case.graph("a b<a c<b");
    (case, proxy)
}

/// Whether tables, version rows and history agree that these are applied.
async fn stands(case: &Case, rows: &str, tables: &str, history: &str) {
    assert_eq!(case.rows().await, rows);
    assert_eq!(case.tables().await, tables);
    assert_eq!(case.history().await, history);
}

/// F05: the link is cut before COMMIT is forwarded: not applied, and resumable.
#[tokio::test]
async fn f05_link_cut_before_commit() {
    for (commit, rows, tables, history) in [(2, "a", "a", "+a"), (3, "b", "a b", "+a +b")] {
        let (case, proxy) = line().await;
        proxy.strike(Fault::CutBefore, at_commit(commit));
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(
            &output,
            &["failed: the link was lost at COMMIT", "rolled back", "stay"],
        );
        shows(&output, &[&format!("stands at {rows}")]);
        stands(&case, rows, tables, history).await;
        assert_eq!(case.locks().await, "0");
        case.ok("upgrade head");
        stands(&case, "c", "a b c", "+a +b +c").await;
    }
}

/// F05: the link is cut before the one COMMIT of `--transaction all` is forwarded: nothing is applied,
/// and the run can be repeated.
#[tokio::test]
async fn f05_link_cut_before_the_one_commit() {
    let (case, proxy) = line().await;
    proxy.strike(Fault::CutBefore, at_commit(1));
    let output = case.fails("upgrade head --transaction all", 4, "step-failed");
    shows(
        &output,
        &["everything was rolled back", "stands at base", "hint"],
    );
    assert_eq!(case.tables().await, "");
    case.ok("upgrade head --transaction all");
    stands(&case, "c", "a b c", "+a +b +c").await;
}

/// F06: the link is cut after COMMIT, and the reply is lost: known committed, not applied twice.
#[tokio::test]
async fn f06_reply_to_commit_lost() {
    for commit in 1..=3 {
        let (case, proxy) = line().await;
        proxy.strike(Fault::CutAfter, at_commit(commit));
        let output = case.ok("upgrade head");
        assert!(proxy.has_struck());
        shows(
            &output,
            &[
                "applied 3 revisions",
                "the link was lost at COMMIT",
                "committed",
            ],
        );
        stands(&case, "c", "a b c", "+a +b +c").await;
        case.until_nothing_is_locked().await;
        proxy.strike(Fault::CutAfter, at_commit(commit));
        shows(&case.ok("downgrade base"), &["undid 3 revisions"]);
        stands(&case, "", "", "+a +b +c -c -b -a").await;
    }
}

/// F06: the link is cut after the one COMMIT of `--transaction all`, and after that of a script outside a
/// transaction: known committed, not applied twice.
#[tokio::test]
async fn f06_reply_to_the_last_commit_lost() {
    let (case, proxy) = line().await;
    proxy.strike(Fault::CutAfter, at_commit(1));
    let output = case.ok("upgrade head --transaction all");
    shows(&output, &["applied 3 revisions", "committed c"]);
    stands(&case, "c", "a b c", "+a +b +c").await;
    case.up("d", "c", "-- transaction: off\ncreate table d (n int);");
    proxy.strike(Fault::CutAfter, at_commit(1));
    shows(&case.ok("upgrade head"), &["applied 1", "committed d"]);
    stands(&case, "d", "a b c d", "+a +b +c +d").await;
}

/// Starts a run that loses its link behind this COMMIT, and takes the lock before it is back.
async fn overtaken(case: &Case, proxy: &Proxy, commit: usize) -> (Child, Client) {
    let (reached, at) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let mut is_commit = at_commit(commit);
    proxy.strike(Fault::CutAfter, move |message| {
        let struck = is_commit(message);
        if struck {
            reached.send(()).unwrap();
            wait.recv().unwrap();
        }
        struck
    });
    let child = case.start("upgrade head");
    at.recv().unwrap();
    let url = case.database.url();
    let other = tokio::spawn(async move { crate::run::case::holder_at(&url).await });
    case.until("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        .await;
    go_on.send(()).unwrap();
    (child, other.await.unwrap())
}

/// F06: the link is cut after COMMIT, and another run takes the lock and keeps it: known committed, and
/// said so.
#[tokio::test]
async fn f06_another_run_goes_on() {
    let (case, proxy) = line().await;
    case.settings("[run]\nlock-wait = \"1s\"");
    let (child, other) = overtaken(&case, &proxy, 2).await;
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(
        &output,
        &[
            "the server committed b",
            "another run took the migration lock",
            "2 steps before it stay",
        ],
    );
    stands(&case, "b", "a b", "+a +b").await;
    drop(other);

    let (case, proxy) = line().await;
    let (child, _other) = overtaken(&case, &proxy, 3).await;
    let output = end(child);
    assert_eq!(output.code, Some(0), "{output}");
    stands(&case, "c", "a b c", "+a +b +c").await;
}

/// F06: the link is cut after COMMIT, and another run moves the version rows meanwhile: this one does not
/// go on.
#[tokio::test]
async fn f06_another_run_comes_between() {
    let (case, proxy) = line().await;
    let (child, other) = overtaken(&case, &proxy, 2).await;
    query(
        &other,
        "update alembic_version set version_num = 'elsewhere'",
    )
    .await;
    query(&other, "select pg_advisory_unlock_all()").await;
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(
        &output,
        &[
            "the server committed b",
            "error[step-failed]",
            "the version table changed",
            "nothing more was run",
            "2 steps before it stay",
        ],
    );
    assert_eq!(case.tables().await, "a b");
}

/// F06: the link is cut after COMMIT, and the server stays away: exit 5, with the query that tells.
#[tokio::test]
async fn f06_server_stays_away() {
    let (case, proxy) = line().await;
    case.settings("[run]\ncommit-timeout = \"1s\"");
    proxy.strike(Fault::CutAfter, at_commit(2)).then_stay_away();
    let output = case.fails("upgrade head", 5, "outcome-unknown");
    shows(&output, &["`b`", "run ", "transaction ", "the step before"]);
    let run = case.query("select max(run_id) from grace_migrate.history");
    shows(&output, &["run  ", &run.await, "this tells"]);
    let (_, rest) = output.stderr.split_once('`').unwrap();
    let asked = rest.split('`').find(|part| part.starts_with("select"));
    assert_eq!(case.query(asked.unwrap()).await, "t|committed");
    stands(&case, "b", "a b", "+a +b").await;
}

/// F07: the reply to COMMIT stalls: after a deadline it counts as lost, and what became of it is known.
#[tokio::test]
async fn f07_reply_to_commit_stalls() {
    let (case, proxy) = line().await;
    case.settings("[run]\ncommit-timeout = \"2s\"");
    proxy.strike(Fault::Mute, at_commit(2));
    let output = case.ok("upgrade head");
    shows(
        &output,
        &["applied 3", "did not answer in time", "committed b"],
    );
    stands(&case, "c", "a b c", "+a +b +c").await;

    let (case, proxy) = line().await;
    case.settings("[run]\ncommit-timeout = \"2s\"");
    proxy.strike(Fault::Hold, at_commit(2));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["did not answer in time", "rolled back"]);
    stands(&case, "a", "a", "+a").await;
    case.ok("upgrade head");
    stands(&case, "c", "a b c", "+a +b +c").await;
}

/// What runs at COMMIT, where the constraints are checked that waited for it.
fn at_the_end(statement: &str) -> String {
    format!(
        "create table b (n int);
create function f() returns trigger language plpgsql as
$$ begin perform {statement}; return null; end $$;
create constraint trigger t after insert on b deferrable initially deferred
for each row execute function f();
insert into b values (1);"
    )
}

/// F06: the link is cut at COMMIT, which goes on, and another session takes the lock behind it and keeps
/// it: what became of it is learned, committed or rolled back.
#[tokio::test]
async fn f06_another_session_has_the_lock_next() {
    for (then, code, rows, said) in [
        ("pg_advisory_unlock(0, 1)", 0, "b", "the server committed b"),
        ("pg_terminate_backend(pid)", 4, "a", "rolled back"),
    ] {
        let (case, proxy) = Case::behind_proxy().await;
        case.settings("[run]\ncommit-timeout = \"0\"\nlock-wait = \"1s\"");
        case.table("a", "");
        let hangs = at_the_end("pg_advisory_xact_lock(0, 1)");
        case.up("b", "a", &format!("set local lock_timeout = 0;\n{hangs}"));
        let gate = connect(&case.database.url()).await;
        query(&gate, "select pg_advisory_lock(0, 1)").await;
        proxy.strike(Fault::Desert, at_commit(2));
        let child = case.start("upgrade head");
        // It is in line behind the session that hangs in COMMIT, and in no hurry.
        proxy.wait_until_struck();
        let url = case.database.url();
        let other = tokio::spawn(async move { crate::run::case::holder_at(&url).await });
        let waits = "from pg_locks where locktype = 'advisory' and not granted and database = \
                     (select oid from pg_database where datname = current_database())";
        case.until(&format!("select (count(*) = 2)::int {waits}"))
            .await;
        case.until_it_runs("waits for the migration lock").await;
        let at_the_gate = format!("{waits} and classid = 0");
        query(&gate, &format!("select {then} {at_the_gate}")).await;
        let other = other.await.unwrap();
        let output = end(child);
        assert_eq!(output.code, Some(code), "{output}");
        shows(&output, &[said]);
        assert_eq!(case.rows().await, rows);
        drop(other);
    }
}

/// F07: the server itself hangs in COMMIT: after a deadline its end is waited for, and what became of it
/// is known.
#[tokio::test]
async fn f07_server_hangs_in_commit() {
    let case = Case::of_owner().await;
    case.settings("[run]\ncommit-timeout = \"11s\"")
        .table("a", "")
        .up("b", "a", &at_the_end("pg_sleep(600)"));
    // The server looks after its client, notices that it is gone, and rolls back.
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "COMMIT is not answered for 10",
            "did not answer in time",
            "rolled back",
        ],
    );
    stands(&case, "a", "a", "+a").await;
    assert_eq!(case.locks().await, "0");
}

/// F09: our backend ends in its own COMMIT: that it was not done is known.
#[tokio::test]
async fn f09_backend_ends_in_commit() {
    let case = Case::new().await;
    let end = at_the_end("pg_terminate_backend(pg_backend_pid())");
    case.table("a", "").up("b", "a", &end);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &["failed: the link was lost at COMMIT", "rolled back"],
    );
    stands(&case, "a", "a", "+a").await;
    // Where all share one transaction they are checked before it.
    let output = case.fails("upgrade head --transaction all", 4, "step-failed");
    shows(&output, &["rolls everything back by itself"]);
    stands(&case, "a", "a", "+a").await;
}

const END: &str = "select pg_terminate_backend(pg_backend_pid());";

/// F09: our backend ends mid script: the server rolls the revision back, and the next run applies it.
#[tokio::test]
async fn f09_backend_ends_in_a_script() {
    for words in ["upgrade head", "upgrade head --transaction all"] {
        let case = Case::new().await;
        case.table("a", "");
        case.up("b", "a", &format!("create table b (n int);\n{END}"));
        let output = case.fails(words, 4, "step-failed");
        shows(&output, &["`b` failed", "the server rolls", "by itself"]);
        let all = words.ends_with("all");
        assert_eq!(case.rows().await, if all { "" } else { "a" });
        case.table("b", "a");
        case.ok(words);
        assert_eq!(case.rows().await, "b");
    }
}

/// F09: our backend ends in a script outside a transaction: the journal tells which statement was
/// running; where nothing tells, the next run refuses to guess.
#[tokio::test]
async fn f09_backend_ends_outside_a_transaction() {
    let case = Case::new().await;
    let script = |second: &str| {
        format!(
            "-- transaction: off\ncreate table one (n int);\n{second}\ncreate table two (n int);"
        )
    };
    // What commits by itself may have done anything.
    let commits = "do $$ begin commit; perform pg_terminate_backend(pg_backend_pid()); end $$;";
    case.up("a", "", &script(commits));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["1 of 3 statements", "the journal tells"]);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "began statement 2",
            "versions/a.up.sql:4:1",
            "1 of 3 statements",
        ],
    );
    assert_eq!(case.tables().await, "one");

    // What shares a transaction with its completion was rolled back.
    case.database
        .run("delete from grace_migrate.journal where statement = 1")
        .await;
    case.up("a", "", &script(END));
    case.fails("upgrade head", 4, "step-failed");
    case.up("a", "", &script("select 1;"));
    shows(
        &case.ok("upgrade head"),
        &["was cut off in statement 2 (line 4): it is not done, and runs again"],
    );
    assert_eq!(case.tables().await, "one two");
}

/// F09: our backend is terminated at every protocol step in turn: never half a transactional
/// revision.
#[tokio::test]
async fn f09_backend_terminated_at_every_message() {
    for message in 1.. {
        let (case, proxy) = line().await;
        proxy.strike(Fault::Terminate, move |sent| sent.number == message);
        let output = case.grace("upgrade head");
        if !proxy.has_struck() {
            // There were not as many. (To the last one, the farewell, nobody waits for an answer: it
            // may be on its way yet.)
            assert!(message > 10, "only {message} messages");
            assert_eq!(output.code, Some(0), "message {message}: {output}");
            break;
        }
        assert!(
            matches!(output.code, Some(0 | 3 | 4)),
            "message {message}: {output}"
        );
        let applied = case.tables().await;
        let exists = "select to_regclass('alembic_version') is not null \
                      and to_regclass('grace_migrate.history') is not null";
        if case.query(exists).await == "t" {
            let history: Vec<String> = applied
                .split_whitespace()
                .map(|id| format!("+{id}"))
                .collect();
            let last = applied.split(' ').next_back().unwrap();
            stands(&case, last, &applied, &history.join(" ")).await;
        } else {
            assert_eq!(applied, "", "message {message}: {output}");
        }
        case.ok("upgrade head");
        stands(&case, "c", "a b c", "+a +b +c").await;
    }
}
