//! Many runners, hanging holders, blockers, retries.

use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::process::{Child, ChildStderr, Command};
use std::time::Duration;

use tokio_postgres::Client;

use crate::run::case::{Case, end, shows};
use crate::support::{Output, connect, query};

/// How many runners there are at once.
const RUNNERS: usize = 40;

/// Tries in quick succession.
const QUICK: &str = "[run]\nlock-retry-wait = \"50ms\"\nlock-tries = 100\n";

/// A program that was started and is listened to.
struct Talking {
    child: Child,
    talk: Lines<BufReader<ChildStderr>>,
    said: String,
}

impl Talking {
    fn start(case: &Case, words: &str) -> Self {
        let mut child = case.start(words);
        let talk = BufReader::new(child.stderr.take().unwrap()).lines();
        Self {
            child,
            talk,
            said: String::new(),
        }
    }

    /// Listens until it has said this; what it said since the last time.
    #[track_caller]
    fn until(&mut self, text: &str) -> String {
        let mut heard = String::new();
        for line in &mut self.talk {
            heard += &(line.unwrap() + "\n");
            if heard.contains(text) {
                self.said += &heard;
                return heard;
            }
        }
        panic!("it never said {text:?}, but\n{}{heard}", self.said);
    }

    /// What it has said by its end.
    fn end(mut self) -> Output {
        for line in &mut self.talk {
            self.said += &(line.unwrap() + "\n");
        }
        let mut stdout = String::new();
        let out = self.child.stdout.as_mut().unwrap();
        out.read_to_string(&mut stdout).unwrap();
        Output {
            stdout,
            stderr: self.said,
            code: self.child.wait().unwrap().code(),
        }
    }
}

/// A session of whoever runs, which has read the table in a transaction that it leaves open.
async fn idle_reader(case: &Case) -> Client {
    idle_reader_at(&case.url).await
}

async fn idle_reader_at(url: &str) -> Client {
    let reader = connect(url).await;
    let sql = "set application_name = 'a report'; begin; select count(*) from t";
    reader.batch_execute(sql).await.unwrap();
    reader
}

/// A table `t`, applied, and a revision that changes it.
fn a_table_and_its_change(case: &Case) {
    case.up("a", "", "create table t (n int);");
    case.ok("upgrade head");
    case.up("b", "a", "alter table t add column m int;");
}

/// F10: forty runners at once on an empty database, and with pending work: each revision is run
/// once, and all of them succeed.
#[tokio::test]
async fn f10_of_many_runners_each_revision_is_run_once() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<b");
    let run = || {
        let words = "upgrade head --lock-wait 10min";
        let children: Vec<_> = (0..RUNNERS).map(|_| case.start(words)).collect();
        for child in children {
            end(child).success();
        }
    };
    run();
    assert_eq!(case.history().await, "+a +b +c", "on an empty database");
    case.graph("d<c e<d");
    run();
    assert_eq!(case.history().await, "+a +b +c +d +e", "with pending work");
    assert_eq!(case.rows().await, "e");
    assert_eq!(case.locks().await, "0");
}

/// F10: a runner that looks while another commits sees one moment: no version rows of before with a
/// history of after.
#[tokio::test]
async fn f10_a_runner_sees_rows_and_history_of_one_moment() {
    let case = Case::new().await;
    case.graph("a");
    case.ok("upgrade head");
    case.ok("downgrade base");
    // What a run that applies it would write, between the others' looks at rows and at history.
    let committer = connect(&case.database.url()).await;
    query(&committer, "begin; lock table grace_migrate.history").await;
    let runners = ["upgrade head", "current", "verify"].map(|words| (case.start(words), words));
    case.until(
        "select (count(*) = 3)::int from pg_locks \
         where relation = 'grace_migrate.history'::regclass and not granted",
    )
    .await;
    committer
        .batch_execute(
            "insert into alembic_version values ('a');
             create table a (n int);
             do $$ declare c text; begin
                 select string_agg(quote_ident(attname), ', ') into c from pg_attribute
                 where attrelid = 'grace_migrate.history'::regclass
                   and attnum > 0 and not attisdropped and attidentity = '';
                 execute format('insert into grace_migrate.history (%s) select %s \
                                 from grace_migrate.history where outcome = $1', c, c)
                 using 'applied';
             end $$;
             commit",
        )
        .await
        .unwrap();
    for (child, words) in runners {
        let output = end(child);
        assert_eq!(output.code, Some(0), "{words}: {output}");
    }
    assert_eq!(case.history().await, "+a -a +a");
    assert_eq!(case.rows().await, "a");
}

/// F10: forty runners at head while somebody else holds the lock: all succeed, and take none.
#[tokio::test]
async fn f10_many_runners_at_head_take_no_lock() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    let holder = case.holder().await;
    let words = "upgrade head --lock-wait 0s";
    let children: Vec<_> = (0..RUNNERS).map(|_| case.start(words)).collect();
    for child in children {
        end(child).success();
    }
    assert_eq!(case.history().await, "+a +b");
    drop(holder);
}

/// F10: nothing to do, by every command: no lock is taken.
#[tokio::test]
async fn f10_nothing_to_do_takes_no_lock() {
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

/// F11: the holder of the lock hangs: whoever waits exits with 3 and names it.
#[tokio::test]
async fn f11_whoever_waits_in_vain_is_told_who_holds_the_lock() {
    let case = Case::of_superuser().await;
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
            &[
                &pid,
                "grace-migrate/0.0.0 another-run",
                "postgres",
                "local socket",
                "since",
            ],
        );
    }
    assert_eq!(case.state().await, empty);
    // Looking takes no lock, and neither does a rehearsal's plan.
    case.ok("upgrade head --dry-run");
    case.ok("current");
    drop(holder);
}

/// F11: a holder at whose session we may not look: the process id is told at least.
#[tokio::test]
async fn f11_a_holder_of_whom_the_server_tells_little_is_no_riddle() {
    let case = Case::of_owner().await;
    case.graph("a");
    // A superuser's session, at which this owner may not look.
    let holder = case.holder().await;
    let output = case.fails("upgrade head --lock-wait 0s", 3, "locked");
    let pid = query(&holder, "select pg_backend_pid()").await;
    shows(&output, &[&pid]);
    assert!(!output.stderr.contains("since"), "{output}");
}

/// F12: the holder builds an index concurrently: whoever waits for it is in no deadlock with it.
#[tokio::test]
async fn f12_a_waiter_and_a_concurrent_index_build_do_not_deadlock() {
    let case = Case::new().await;
    case.up("a", "", "create table t (n int);");
    case.ok("upgrade head");
    let index = "-- transaction: off\ncreate index concurrently t_n on t (n);";
    case.up("b", "a", index);
    // The build waits for every older transaction, so it goes on for as long as this one.
    let old = connect(&case.database.url()).await;
    query(&old, "begin; insert into t values (1)").await;
    let builder = case.start("upgrade head");
    case.until_it_runs("create index").await;
    let waiter = case.start("upgrade head");
    case.until_it_runs("pg_try_advisory_lock").await;
    // A deadlock would be found after a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    query(&old, "commit").await;
    end(builder).success();
    end(waiter).success();
    assert_eq!(case.history().await, "+a +b");
    let valid = "select indisvalid from pg_index where indexrelid = 't_n'::regclass";
    assert_eq!(case.query(valid).await, "t");
}

/// F15: an idle reader holds the table: it is shown while we wait, and in the error.
#[tokio::test]
async fn f15_an_idle_reader_is_shown() {
    let case = Case::new().await;
    a_table_and_its_change(&case);
    let reader = idle_reader(&case).await;
    let who = "select pg_backend_pid() || ' (' || current_user";
    let who = query(&reader, who).await;
    let mut run = Talking::start(&case, "upgrade head --lock-tries 1");
    let waits = run.until("blocked by");
    let output = run.end();
    assert_eq!(output.code, Some(4), "{output}");
    shows(
        &output,
        &["error[step-failed]", "lock timeout", "was blocked by"],
    );
    let (_, error) = output.stderr.split_once("was blocked by").unwrap();
    for said in [waits.as_str(), error] {
        for part in [
            &format!("pid {who}, a report) holds AccessShareLock on public.t"),
            "idle in transaction for ",
            ": select pg_backend_pid() || ",
        ] {
            assert!(said.contains(part), "no {part:?} in {said:?}\n{output}");
        }
    }
    shows(&output, &["rolled back", "stands at a"]);
    // It is told once, and again only if somebody else is in the way.
    assert_eq!(
        output.stderr.matches("  blocked by pid").count(),
        1,
        "{output}"
    );
    assert_eq!(
        query(&reader, "select count(*) from t").await,
        "0",
        "it was left alone"
    );
}

/// F15: the same for a script outside a transaction: it is shown too, and waited for to the end.
#[tokio::test]
async fn f15_an_idle_reader_is_shown_outside_a_transaction() {
    let case = Case::new().await;
    case.up("a", "", "create table t (n int);");
    case.ok("upgrade head");
    case.up(
        "b",
        "a",
        "-- transaction: off\nalter table t add column m int;",
    );
    let reader = idle_reader(&case).await;
    let mut run = Talking::start(&case, "upgrade head");
    run.until(", a report) holds AccessShareLock on public.t");
    query(&reader, "commit").await;
    run.end().success();
    assert_eq!(case.history().await, "+a +b");
}

/// F15: no connection is left to look who is in the way: the run does without.
#[tokio::test]
async fn f15_a_run_needs_no_second_connection() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    a_table_and_its_change(&case);
    let owner = format!("{}_owner", case.database.name());
    let limit = format!("alter role {owner} connection limit 1");
    case.query(&limit).await;
    let reader = idle_reader_at(&case.database.url()).await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 2s");
    run.until("try 1 of 100 failed: canceling statement due to lock timeout");
    query(&reader, "commit").await;
    let output = run.end().success();
    assert!(!output.stderr.contains("  blocked by pid"), "{output}");
    assert_eq!(case.history().await, "+a +b");
}

/// F16: the table is released later: the revision is tried again, and its success is recorded
/// once.
#[tokio::test]
async fn f16_a_table_that_is_released_later_is_changed_once() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    a_table_and_its_change(&case);
    let reader = idle_reader(&case).await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 100ms --format json");
    run.until("try 2 of 100 failed: canceling statement due to lock timeout");
    query(&reader, "commit").await;
    let output = run.end().success();
    let step = &output.json()["steps"][0];
    assert_eq!(step["revision"], "b");
    assert!(step["attempts"].as_u64().unwrap() > 2, "{output}");
    shows(&output, &["upgrade", "b", "tries"]);
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(case.rows().await, "b");
}

/// F16: a verify script that cannot have a lock: the whole revision is tried again.
#[tokio::test]
async fn f16_a_verify_script_is_tried_again_with_its_revision() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    case.up("a", "", "create table t (n int);");
    case.ok("upgrade head");
    case.up("b", "a", "create table u ();");
    case.verify("b", "lock table t;");
    let reader = idle_reader(&case).await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 100ms");
    run.until("try 1 of 100 failed");
    query(&reader, "commit").await;
    run.end().success();
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(case.tables().await, "t u");
}

/// F16: a deadlock: what the revision had done is rolled back, and it is tried again.
#[tokio::test]
async fn f16_a_deadlock_is_tried_again() {
    let case = Case::new().await;
    case.settings(QUICK);
    case.up("a", "", "create table t (n int);\ncreate table u (n int);");
    case.ok("upgrade head");
    let sql = "insert into t values (1);\nlock table t;\nlock table u;";
    case.up("b", "a", sql);
    // Whoever has waited for longer than its `deadlock_timeout` looks for a deadlock, and ends it.
    let other = connect(&case.database.url()).await;
    query(&other, "set deadlock_timeout = '10min'").await;
    query(&other, "begin; lock table u").await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 1min");
    case.until_it_waits("u").await;
    let lock = tokio::spawn(async move {
        query(&other, "lock table t").await;
        other
    });
    case.until_it_waits("t").await;
    // The one thread of this test drives the other session too.
    let run = tokio::task::spawn_blocking(move || {
        run.until("try 1 of 100 failed: deadlock detected");
        run
    });
    let (run, other) = (run.await.unwrap(), lock.await.unwrap());
    query(&other, "commit").await;
    run.end().success();
    assert_eq!(case.query("select count(*) from t").await, "1");
    assert_eq!(case.history().await, "+a +b");
}

/// F17: a timeout at statement 5 of 9: statements 1 to 4 are rolled back before each retry.
#[tokio::test]
async fn f17_what_ran_before_a_timeout_is_rolled_back_before_each_retry() {
    let case = Case::of_owner().await;
    case.settings("[run]\nlock-retry-wait = \"1s\"\nlock-tries = 100\n");
    case.up(
        "a",
        "",
        "create table t (n int);\ncreate table log (n bigint);\ncreate sequence tries;",
    );
    case.ok("upgrade head");
    case.up(
        "b",
        "a",
        "insert into log values (nextval('tries'));\n\
         create table one ();\n\
         create table two ();\n\
         set search_path = pg_catalog;\n\
         alter table public.t add column m int;\n\
         create table public.three ();\n\
         create table public.four ();\n\
         drop table public.four;\n\
         insert into public.log select n from public.log;",
    );
    let reader = idle_reader(&case).await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 100ms --format json");
    for attempt in 1..=2 {
        let failed = run.until("try ");
        assert!(failed.contains(&format!("try {attempt} of 100 failed")));
        // It waits now.
        assert_eq!(case.query("select count(*) from log").await, "0");
        assert_eq!(case.tables().await, "log t");
        let tries = case.query("select last_value from tries").await;
        assert_eq!(tries, attempt.to_string());
        assert_eq!(case.history().await, "+a");
    }
    query(&reader, "commit").await;
    let output = run.end().success();
    let attempts = output.json()["steps"][0]["attempts"].to_string();
    let log = "select string_agg(n::text, ' ') from log";
    assert_eq!(case.query(log).await, format!("{attempts} {attempts}"));
    assert_eq!(case.tables().await, "log one t three two");
    assert_eq!(case.history().await, "+a +b");
}

/// F17: every try times out: the last one fails the step, which says how often it was tried.
#[tokio::test]
async fn f17_the_last_try_is_the_last() {
    let case = Case::of_owner().await;
    case.settings("[run]\nlock-retry-wait = \"10ms\"\nlock-timeout = \"50ms\"\n");
    a_table_and_its_change(&case);
    let reader = idle_reader(&case).await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &["try 1 of 5", "try 2 of 5", "try 3 of 5", "try 4 of 5"],
    );
    shows(
        &output,
        &["error[step-failed]", "55P03", "5 times", "rolled back"],
    );
    assert!(!output.stderr.contains("try 5"), "{output}");
    let output = case.fails("upgrade head --lock-tries 1", 4, "step-failed");
    assert!(!output.stderr.contains("try 1"), "{output}");
    assert_eq!(case.rows().await, "a");
    drop(reader);
}

/// F17: all steps share one transaction: nothing is tried again, the earlier ones would be lost.
#[tokio::test]
async fn f17_one_transaction_for_all_is_not_tried_again() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    a_table_and_its_change(&case);
    let reader = idle_reader(&case).await;
    for words in ["--transaction all", "--rehearse"] {
        let words = format!("upgrade head {words} --lock-timeout 50ms");
        let output = case.fails(&words, 4, "step-failed");
        assert!(!output.stderr.contains("try 1"), "{output}");
        shows(&output, &["everything was rolled back", "one transaction"]);
    }
    drop(reader);
}

/// F17: the same outside a transaction: nothing is tried again, and what is done stays done.
#[tokio::test]
async fn f17_outside_a_transaction_nothing_is_tried_again() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    a_table_and_its_change(&case);
    case.up(
        "b",
        "a",
        "-- transaction: off\n-- lock-timeout: 50ms\n\
         create table u ();\nalter table t add column m int;",
    );
    let reader = idle_reader(&case).await;
    let output = case.fails("upgrade head", 4, "step-failed");
    assert!(!output.stderr.contains("try 1"), "{output}");
    shows(&output, &["1 of 2 statements are done and stay"]);
    query(&reader, "commit").await;
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "t u");
}

/// F17: a COMMIT that cannot have a lock: not tried again.
#[tokio::test]
async fn f17_a_commit_is_not_tried_again() {
    let case = Case::of_owner().await;
    case.settings(QUICK);
    case.up(
        "a",
        "",
        "create table t (n int);\ncreate table u (n int);\n\
         create function late() returns trigger language plpgsql as \
         $$ begin lock table public.t; return null; end $$;\n\
         create constraint trigger late after insert on u deferrable initially deferred \
         for each row execute function late();",
    );
    case.ok("upgrade head");
    case.up("b", "a", "insert into u values (1);");
    let reader = idle_reader(&case).await;
    let output = case.fails("upgrade head --lock-timeout 50ms", 4, "step-failed");
    assert!(!output.stderr.contains("try 1"), "{output}");
    shows(
        &output,
        &["at COMMIT: canceling statement due to lock timeout"],
    );
    assert_eq!(case.query("select count(*) from u").await, "0");
    drop(reader);
}

/// F17: a script that ended its own transaction: not run a second time.
#[tokio::test]
async fn f17_what_the_script_committed_itself_is_not_done_twice() {
    let case = Case::new().await;
    case.settings(QUICK);
    a_table_and_its_change(&case);
    // Once it runs, the server reads the literal behind the COPY otherwise than we did.
    case.up(
        "b",
        "a",
        "create table b (n int);\n\
         select set_config('standard_conforming_strings', 'off', false);\n\
         set escape_string_warning = off;\n\
         copy b from stdin;\n\\.\n\
         select 'a\\'' ; commit; --';\n\
         alter table public.t add column m int;",
    );
    let reader = idle_reader(&case).await;
    let output = case.fails("upgrade head --lock-timeout 50ms", 4, "step-failed");
    assert!(!output.stderr.contains("try 1"), "{output}");
    shows(
        &output,
        &["lock timeout", "what the script committed itself stays"],
    );
    assert_eq!(case.tables().await, "b t");
    assert_eq!(case.rows().await, "a");
    drop(reader);
}

/// F17: a signal while the next try is waited for: the wait ends.
#[tokio::test]
async fn f17_a_signal_ends_the_wait_for_the_next_try() {
    let case = Case::of_owner().await;
    case.settings("[run]\nlock-retry-wait = \"10min\"\n");
    a_table_and_its_change(&case);
    let reader = idle_reader(&case).await;
    let mut run = Talking::start(&case, "upgrade head --lock-timeout 50ms");
    run.until("try 1 of 5 failed");
    let pid = run.child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(sent.success());
    let output = run.end();
    assert_eq!(output.code, Some(143), "{output}");
    shows(
        &output,
        &["error[interrupted]", "rolled back", "stands at a"],
    );
    assert_eq!(case.locks().await, "0");
    drop(reader);
}
