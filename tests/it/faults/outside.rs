//! Outside a transaction: concurrent builds that fail, scripts that stop half way, and clients that
//! are killed between a statement and its completion.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use tokio_postgres::Client;

use crate::run::case::{Case, end, shows};
use crate::support::{connect, query};

pub(super) const OFF: &str = "-- transaction: off\n";

/// The journal: `upgrade0` done, `upgrade1!` failed, `upgrade2?` begun.
pub(super) async fn journal(case: &Case) -> String {
    case.query(
        "select string_agg(direction || statement || case when finished_at is not null then '' \
                           when failed_at is not null then '!' else '?' end, \
                           ' ' order by direction, statement) from grace_migrate.journal",
    )
    .await
}

/// The indexes of `public`, with a `!` behind those that are INVALID.
async fn indexes(case: &Case) -> String {
    case.query(
        "select string_agg(c.relname || case when i.indisvalid then '' else '!' end, ' ' \
                           order by c.relname) \
         from pg_index i join pg_class c on c.oid = i.indexrelid \
         where c.relnamespace = 'public'::regnamespace and not i.indisprimary",
    )
    .await
}

/// Ends the program as a machine does that loses its power.
pub(super) fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A table with duplicates, and a revision that wants none of them.
async fn duplicates(name: &str) -> Case {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table t (n int);\ninsert into t values (1), (1);",
    );
    let name = if name.is_empty() {
        String::new()
    } else {
        format!("{name} ")
    };
    case.up(
        "b",
        "a",
        &format!("{OFF}create unique index concurrently {name}on t (n);"),
    );
    case
}

/// F19: a concurrent build fails on duplicates: not recorded, the error says what was left, and the
/// next run drops it and builds anew.
#[tokio::test]
async fn f19_build_on_duplicates() {
    for (given, made) in [("t_n", "t_n"), ("", "t_n_idx")] {
        let case = duplicates(given).await;
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(
            &output,
            &[
                "could not create unique index",
                "versions/b.up.sql:4:1",
                &format!("INVALID index public.{made}"),
                "0 of 1 statements are done",
                "drops what was left",
            ],
        );
        assert_eq!(case.rows().await, "a");
        assert_eq!(indexes(&case).await, format!("{made}!"));
        assert_eq!(journal(&case).await, "upgrade0!");

        // Still not: what was left is replaced by what is left now.
        case.fails("upgrade head", 4, "step-failed");
        assert_eq!(indexes(&case).await, format!("{made}!"));

        case.database.run("delete from t").await;
        let output = case.ok("upgrade head");
        shows(
            &output,
            &["applied", &format!("dropping INVALID index public.{made}")],
        );
        assert_eq!(indexes(&case).await, made);
        assert_eq!(case.rows().await, "b");
        assert_eq!(journal(&case).await, "");
    }
}

/// F19: what failed may be edited, and removed: its leftover goes all the same.
#[tokio::test]
async fn f19_edited_after_the_failure() {
    for edited in ["create index concurrently t_m on t (n);", "select 1;", ""] {
        let case = duplicates("t_n").await;
        case.fails("upgrade head", 4, "step-failed");
        case.up("b", "a", &format!("{OFF}{edited}"));
        shows(
            &case.ok("upgrade head"),
            &["dropping INVALID index public.t_n"],
        );
        let left = if edited.contains("t_m") { "t_m" } else { "" };
        assert_eq!(indexes(&case).await, left);
    }
}

/// A concurrent build of `t_n` that has begun and waits for a writer.
async fn held_build() -> (Case, Client, Child) {
    let case = Case::of_owner().await;
    case.up("a", "", "create table t (n int);");
    case.up(
        "b",
        "a",
        &format!("{OFF}create index concurrently t_n on t (n);"),
    );
    case.ok("upgrade a");
    let writer = connect(&case.database.url()).await;
    query(&writer, "begin; insert into t values (1)").await;
    let child = case.start("upgrade head");
    case.until("select count(*) from pg_index where not indisvalid")
        .await;
    (case, writer, child)
}

/// F19: a concurrent build is cancelled while it waits for a reader: it is said what it left, and
/// the next run repairs it.
#[tokio::test]
async fn f19_build_cancelled() {
    let (case, writer, child) = held_build().await;
    // The server's own cancel, as an administrator sends it.
    let cancel =
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'create index conc%'";
    query(&writer, cancel).await;
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(&output, &["57014", "INVALID index public.t_n"]);

    // And ours, for a signal, while the next run waits to drop it.
    let child = case.start("upgrade head");
    case.until_it_runs("drop index concurrently").await;
    terminate(&child);
    let output = end(child);
    assert_eq!(output.code, Some(143), "{output}");
    assert_eq!(journal(&case).await, "upgrade0!");
    assert_eq!(case.locks().await, "0");

    query(&writer, "rollback").await;
    case.ok("upgrade head");
    assert_eq!(indexes(&case).await, "t_n");
    assert_eq!(case.rows().await, "b");
}

/// F19: a signal stops the program in a concurrent build: what it left is said, and repaired.
#[tokio::test]
async fn f19_build_stopped_by_a_signal() {
    let (case, writer, child) = held_build().await;
    terminate(&child);
    let output = end(child);
    assert_eq!(output.code, Some(143), "{output}");
    shows(
        &output,
        &[
            "left INVALID index public.t_n",
            "0 of 1 statements are done",
        ],
    );
    assert_eq!(journal(&case).await, "upgrade0!");
    query(&writer, "rollback").await;
    case.ok("upgrade head");
    assert_eq!(indexes(&case).await, "t_n");
}

pub(super) fn terminate(child: &Child) {
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(sent.unwrap().success());
}

/// F19: a concurrent rebuild fails: what it made for itself is dropped by the next run.
#[tokio::test]
async fn f19_rebuild_fails() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table t (n int, m int);\ncreate unique index t_n on t (n);\n\
         insert into t values (2, 1), (3, 1);",
    );
    case.up(
        "b",
        "a",
        &format!("{OFF}reindex index concurrently t_n;\nreindex (concurrently) table t;"),
    );
    case.ok("upgrade a");
    let writer = connect(&case.database.url()).await;
    // Someone else's leftover, which stays.
    let theirs = "create unique index concurrently t_m_ccnew on t (m)";
    assert!(writer.batch_execute(theirs).await.is_err());
    query(&writer, "begin; insert into t values (1)").await;
    let child = case.start("upgrade head");
    case.until("select count(*) from pg_class where relname = 't_n_ccnew'")
        .await;
    let cancel =
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'reindex index%'";
    query(&writer, cancel).await;
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(&output, &["INVALID index public.t_n_ccnew"]);
    assert_eq!(indexes(&case).await, "t_m_ccnew! t_n t_n_ccnew!");
    query(&writer, "rollback").await;
    shows(
        &case.ok("upgrade head"),
        &["dropping INVALID index public.t_n_ccnew"],
    );
    assert_eq!(indexes(&case).await, "t_m_ccnew! t_n");
}

/// F19: a concurrent build that waits for a reader says so while it waits: its phase and whose
/// transaction it waits for.
#[tokio::test]
async fn f19_build_that_waits_says_for_whom() {
    let case = Case::of_owner().await;
    case.up("a", "", "create table t (n int);");
    case.up(
        "b",
        "a",
        &format!("{OFF}create index concurrently t_n on t (n);"),
    );
    case.ok("upgrade a");
    let writer = connect(&case.database.url()).await;
    query(&writer, "begin; insert into t values (1)").await;
    let pid = query(&writer, "select pg_backend_pid()").await;
    let mut child = case.start("upgrade head");
    let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let phase = talk.find_map(|line| line.ok().filter(|line| line.contains("waiting for")));
    let phase = phase.unwrap();
    assert!(phase.starts_with("  index "), "{phase}");
    assert!(phase.contains(&format!("pid {pid})")), "{phase}");
    query(&writer, "rollback").await;
    assert!(child.wait().unwrap().success());
    assert_eq!(indexes(&case).await, "t_n");
}

/// F20: `IF NOT EXISTS` over an INVALID index that is not ours: refused, and never dropped.
#[tokio::test]
async fn f20_if_not_exists_over_an_invalid_index() {
    let case = duplicates("t_n").await;
    case.ok("upgrade a");
    let client = connect(&case.database.url()).await;
    let made = client
        .batch_execute("create unique index concurrently t_n on t (n)")
        .await;
    assert!(made.is_err());
    case.database.run("delete from t").await;
    for exists in ["if not exists ", ""] {
        let sql = format!("{OFF}create unique index concurrently {exists}t_n on t (n);");
        case.up("b", "a", &sql);
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(
            &output,
            &[
                "index public.t_n is there already and is INVALID",
                "versions/b.up.sql:4:1",
                "drop index concurrently public.t_n",
            ],
        );
        assert_eq!(indexes(&case).await, "t_n!");
        assert_eq!(case.rows().await, "a");
    }
    case.database.run("drop index t_n").await;
    case.ok("upgrade head");
    assert_eq!(indexes(&case).await, "t_n");
}

/// F20: `IF NOT EXISTS` over our own INVALID index: dropped and built; over a valid one: nothing to
/// do.
#[tokio::test]
async fn f20_if_not_exists_over_our_own() {
    let case = duplicates("if not exists t_n").await;
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(indexes(&case).await, "t_n!");
    case.database.run("delete from t").await;
    case.ok("upgrade head");
    assert_eq!(indexes(&case).await, "t_n");
    case.up(
        "c",
        "b",
        &format!("{OFF}create index concurrently if not exists t_n on t (n);"),
    );
    case.ok("upgrade head");
    assert_eq!(indexes(&case).await, "t_n");
}

/// A script of five statements, of which the third fails on an empty table.
fn five(second: &str, third: &str) -> String {
    format!(
        "{OFF}set search_path = other;\n\
         {second};\n\
         {third};\n\
         create table four (n int);\n\
         create table five (n int);"
    )
}

/// F21: a script fails at 3 of 5: the next run goes on there. Statement 2 edited: refused; 3 edited:
/// accepted.
#[tokio::test]
async fn f21_script_fails_at_3_of_5() {
    let case = Case::of_owner().await;
    case.up("a", "", "create schema other;");
    let second = "create table two (n int)";
    case.up("b", "a", &five(second, "select 1/0"));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:6:1",
            "22012",
            "2 of 5 statements are done and stay; the next run goes on after them",
            "the database stands at a",
        ],
    );
    assert_eq!(case.history().await, "+a");
    assert_eq!(journal(&case).await, "upgrade0 upgrade1 upgrade2!");

    // A statement that is done must not change.
    case.up("b", "a", &five("create table two (m int)", "select 1/1"));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "statement 2 was edited after an earlier run completed it",
            "versions/b.up.sql:5:1",
            "2 of 5 statements are done and stay",
        ],
    );

    // What is not done may, and a comment; and the path that the script set is set again.
    case.up(
        "b",
        "a",
        &five(
            "create table two /* ! */ (n int)",
            "create table three (n int)",
        ),
    );
    case.ok("upgrade head");
    let made = "select string_agg(tablename, ' ' order by tablename) from pg_tables where schemaname = 'other'";
    assert_eq!(case.query(made).await, "five four three two");
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(journal(&case).await, "");
}

/// Has the client killed between a statement and its completion: the window is held open by a
/// trigger on the journal.
pub(super) async fn killed_before_completion(case: &Case, sql: &str) {
    case.up("b", "a", &format!("{OFF}{sql}"));
    case.database
        .run(
            "create function hold() returns trigger language plpgsql as $$ begin \
                 if new.finished_at is not null then perform pg_sleep(600); end if; return new; end $$; \
             create trigger hold before update on grace_migrate.journal \
                 for each row execute function hold()",
        )
        .await;
    let mut child = case.start("upgrade head");
    case.until(
        "select count(*) from pg_stat_activity where wait_event = 'PgSleep' \
         and datname = current_database()",
    )
    .await;
    kill(&mut child);
    // The server notices within a second or two, and the lock goes with the session.
    case.until("select (count(*) = 0)::int from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")
        .await;
    case.database
        .run("drop trigger hold on grace_migrate.journal; drop function hold")
        .await;
    assert_eq!(journal(case).await, "upgrade0?");
}

/// F22: kill -9 before the completion row: what the catalog tells is done is not run again, and
/// what it tells is not done is.
#[tokio::test]
async fn f22_killed_before_the_completion_is_written() {
    for (sql, found) in [
        ("create index concurrently t_n on t (n);", "it is done"),
        ("create index concurrently on t (n);", "it is done"),
        ("drop index concurrently if exists t_m;", "it is done"),
        ("reindex index concurrently t_m;", "it is run again"),
        ("vacuum t;", "it is run again"),
        ("create table u (n int);", "it is not done, and runs again"),
        (
            "insert into t values (2);",
            "it is not done, and runs again",
        ),
        (
            "alter type mood add value 'blue';",
            "it is not done, and runs again",
        ),
    ] {
        let case = Case::of_owner().await;
        case.up(
            "a",
            "",
            "create table t (n int);\ncreate index t_m on t (n);\ncreate type mood as enum ();",
        );
        case.ok("upgrade a");
        killed_before_completion(&case, sql).await;
        let output = case.ok("upgrade head");
        shows(&output, &["was cut off in statement 1 (line 4)", found]);
        assert_eq!(case.rows().await, "b", "{sql}");
        assert_eq!(journal(&case).await, "", "{sql}");
        let inserted = if sql.starts_with("insert") { "1" } else { "0" };
        assert_eq!(case.query("select count(*) from t").await, inserted);
        let now = indexes(&case).await;
        let expected = match sql {
            _ if sql.starts_with("drop") => "",
            _ if sql.contains("t_n on") => "t_m t_n",
            _ if sql.contains("concurrently on") => "t_m t_n_idx",
            _ => "t_m",
        };
        assert_eq!(now, expected, "{sql}");
    }
}

/// F22: kill -9 behind `CREATE DATABASE`: whether it is there tells.
#[tokio::test]
async fn f22_killed_behind_create_database() {
    // A database's owner may not make another one.
    let case = Case::of_superuser().await;
    case.table("a", "");
    case.ok("upgrade a");
    let name = format!("{}_twin", case.database.name());
    killed_before_completion(&case, &format!("create database {name};")).await;
    shows(&case.ok("upgrade head"), &["it is done"]);
    case.database.run(&format!("drop database {name}")).await;
}

/// F21: a script that stopped at 3 of 5 loses its header: refused, and nothing is done again.
#[tokio::test]
async fn f21_header_is_taken_out() {
    let case = Case::of_owner().await;
    case.up("a", "", "create schema other;");
    let second = "create table two (n int)";
    case.up("b", "a", &five(second, "select 1/0"));
    case.fails("upgrade head", 4, "step-failed");
    case.up("b", "a", &five(second, "select 1").replace(OFF, ""));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "an earlier run did 2 of its statements outside a transaction",
            "the database stands at a",
            "put the header back",
        ],
    );
    assert_eq!(journal(&case).await, "upgrade0 upgrade1 upgrade2!");
    assert_eq!(case.rows().await, "a");
    case.up("b", "a", &five(second, "select 1"));
    case.ok("upgrade head");
}

/// F22: a statement that was done and that is edited before the next run: refused.
#[tokio::test]
async fn f22_killed_then_edited() {
    let case = Case::of_owner().await;
    case.up("a", "", "create table t (n int, m int);");
    case.ok("upgrade a");
    killed_before_completion(&case, "create index concurrently t_n on t (n);").await;
    case.up(
        "b",
        "a",
        &format!("{OFF}create index concurrently t_n on t (m);"),
    );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["statement 1 was edited after an earlier run"]);
}

/// F22: kill -9 in the middle of a concurrent build: the INVALID index is dropped and built anew.
#[tokio::test]
async fn f22_killed_in_a_build() {
    for (sql, left) in [
        ("create index concurrently t_n on t (n);", "t_n"),
        ("create index concurrently on t (n);", "t_n_idx"),
        ("reindex table concurrently t;", "t_m_ccnew"),
    ] {
        let case = Case::of_owner().await;
        case.up(
            "a",
            "",
            "create table t (n int);\ncreate index t_m on t (n);",
        );
        case.up("b", "a", &format!("{OFF}{sql}"));
        case.ok("upgrade a");
        let writer = connect(&case.database.url()).await;
        query(&writer, "begin; insert into t values (1)").await;
        let mut child = case.start("upgrade head");
        case.until("select count(*) from pg_index where not indisvalid")
            .await;
        kill(&mut child);
        case.until(
            "select (count(*) = 0)::int from pg_stat_activity \
             where application_name like 'grace-migrate/%' and datname = current_database()",
        )
        .await;
        query(&writer, "rollback").await;
        assert_eq!(journal(&case).await, "upgrade0?");
        assert!(indexes(&case).await.contains(&format!("{left}!")));
        let output = case.ok("upgrade head");
        shows(&output, &[&format!("dropping INVALID index public.{left}")]);
        let expected = if left == "t_m_ccnew" {
            "t_m".to_owned()
        } else {
            format!("t_m {left}")
        };
        assert_eq!(indexes(&case).await, expected);
    }
}

/// F22: the client was killed in a statement that nothing tells of: refused, with the SQL that
/// settles it.
#[tokio::test]
async fn f22_a_statement_of_which_nobody_knows_is_not_guessed() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create table one (n int);\n\
         create procedure fill() language plpgsql as $$ begin insert into one values (1); end $$;",
    );
    case.ok("upgrade a");
    killed_before_completion(&case, "call fill();").await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "an earlier run began statement 1",
            "versions/b.up.sql:4:1",
            "0 of 1 statements are done",
            "update grace_migrate.journal set finished_at = now()",
            "delete from grace_migrate.journal",
        ],
    );
    let hint = output
        .stderr
        .lines()
        .find_map(|line| line.split_once("`update ")?.1.split_once('`'))
        .map(|(sql, _)| format!("update {sql}"))
        .unwrap();
    case.database.run(&hint).await;
    case.ok("upgrade head");
    assert_eq!(case.query("select count(*) from one").await, "1");
}

/// F21: a transaction-off script that set its search path with `set_config` fails behind it: where it
/// goes on, the session is told again.
#[tokio::test]
async fn f21_the_session_is_told_again() {
    let case = Case::of_owner().await;
    let script = |last: &str| {
        format!(
            "{OFF}create schema elsewhere;
select pg_catalog.set_config('search_path', 'elsewhere', false);
create table one (n int);
{last};"
        )
    };
    case.up("a", "", &script("select 1 / 0"));
    case.fails("upgrade head", 4, "step-failed");
    case.up("a", "", &script("create table two (n int)"));
    case.ok("upgrade head");
    let tables = "select string_agg(relname, ' ' order by relname) from pg_class \
                  where relnamespace = 'elsewhere'::regnamespace and relkind = 'r'";
    assert_eq!(case.query(tables).await, "one two");
}
