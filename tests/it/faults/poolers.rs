//! Transaction poolers: refused, and what a run does that is allowed to go through one.

use tokio_postgres::Client;

use super::signals::{NO_LOCKS, kill, send};
use crate::run::case::{Case, end, shows};
use crate::support::{Fault, Message, PgBouncer, connect, query};

/// How a pooler hands out its servers: one for all, several, several in turn.
const POOLS: [&str; 3] = [
    "pool_mode = transaction\ndefault_pool_size = 1",
    "pool_mode = transaction\nmin_pool_size = 3",
    "pool_mode = transaction\nmin_pool_size = 3\nserver_round_robin = 1",
];

/// F13: a transaction pooler behind a direct-looking URL: every command that connects is refused, and nothing is set or locked behind it.
#[tokio::test]
async fn f13_a_transaction_pooler_behind_a_direct_looking_url() {
    for settings in POOLS {
        let Some(pooler) = PgBouncer::start(settings) else {
            return;
        };
        let mut case = Case::new().await;
        case.table("a", "");
        let before = case.state().await;
        case.project
            .env("DATABASE_URL", pooler.url(case.database.name()));
        for words in [
            "upgrade head",
            "upgrade head --dry-run",
            "stamp head",
            "current",
        ] {
            let output = case.fails(words, 2, "transaction-pooler");
            shows(&output, &["nothing was", "session mode"]);
        }
        assert_eq!(case.state().await, before);
        assert_eq!(case.locks().await, "0");
        // Whoever is given the same server next finds it as it was.
        let next = connect(&pooler.url(case.database.name())).await;
        let path = query(&next, "show search_path").await;
        assert_eq!(path, "\"$user\", public");
    }
}

/// F13: a pooler in session mode behind the same URL: each client has a server of its own, and the run goes through.
#[tokio::test]
async fn f13_a_session_pooler_is_let_pass() {
    let Some(pooler) = PgBouncer::start("pool_mode = session") else {
        return;
    };
    let mut case = Case::new().await;
    case.graph("a b<a");
    case.project
        .env("DATABASE_URL", pooler.url(case.database.name()));
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
}

/// What may be left on a server process, and would be whoever's that has it next.
const LEFT: &str = "select concat_ws(' ', current_setting('search_path'), \
     current_setting('row_security'), current_setting('lock_timeout'), \
     current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'), \
     current_setting('synchronous_commit'), current_setting('work_mem'), current_setting('role'), \
     coalesce(current_setting('app.word', true), ''), \
     (select count(*) from pg_class where relpersistence = 't' \
         and pg_my_temp_schema() = relnamespace), \
     (select count(*) from pg_prepared_statements), (select count(*) from pg_cursors), \
     (select count(*) from pg_listening_channels()))";

/// What several clients of the pooler find at once: each has a server process of its own, where
/// there are several.
async fn left(pooler: &PgBouncer, case: &Case) -> Vec<String> {
    let url = pooler.url(case.database.name());
    let mut clients: Vec<Client> = Vec::new();
    for _ in 0..pooler.servers() {
        let client = connect(&url).await;
        client.batch_execute("begin").await.unwrap();
        clients.push(client);
    }
    let mut found = Vec::new();
    for client in &clients {
        found.push(query(client, LEFT).await);
        client.batch_execute("rollback").await.unwrap();
    }
    found.sort_unstable();
    found
}

/// A case whose database is behind a pooler.
async fn behind(settings: &str) -> Option<(Case, PgBouncer)> {
    let pooler = PgBouncer::start(settings)?;
    let mut case = Case::of_superuser().await;
    case.project
        .env("DATABASE_URL", pooler.url(case.database.name()));
    Some((case, pooler))
}

/// F13: a transaction pooler with `--allow-pooler`: up and down go through it, and each server process is left as it was found.
#[tokio::test]
async fn f13_a_transaction_pooler_that_is_allowed() {
    for settings in POOLS {
        let Some((mut case, pooler)) = behind(settings).await else {
            return;
        };
        let before = left(&pooler, &case).await;
        case.graph("a b<a c<b")
            .verify("b", "select 1 / (1 + count(*)) from b;");
        let output = case.ok("upgrade head --allow-pooler");
        shows(&output, &["applied 3 revisions"]);
        assert_eq!(case.rows().await, "c");
        case.fails("upgrade head", 2, "transaction-pooler");
        shows(&case.ok("upgrade head --allow-pooler"), &["nothing to do"]);
        let output = case.ok("downgrade a --allow-pooler --rehearse");
        shows(&output, &["rolled back"]);
        assert_eq!(case.rows().await, "c");
        case.ok("downgrade base --allow-pooler");
        assert_eq!(case.tables().await, "");
        assert_eq!(case.history().await, "+a +b +c -c -b -a");
        assert_eq!(case.locks().await, "0");
        assert_eq!(left(&pooler, &case).await, before);
        let who = "select string_agg(distinct left(application_name, 14), ' ') \
                   from grace_migrate.history";
        assert_eq!(case.query(who).await, "grace-migrate/");
        // What refinery finds is as if it had made it: it goes on from there.
        case.run(
            "alter table grace_migrate.journal drop line, drop sql, drop atomic, \
                 drop indexes_before, drop failed_at, drop sqlstate, drop message; \
             drop table grace_migrate.closings; \
             delete from grace_migrate.schema_version where version >= 3",
        )
        .await;
        let direct = case.url.clone();
        case.project.env("DATABASE_URL", direct);
        case.ok("upgrade head");
        assert_eq!(case.rows().await, "c");
    }
}

/// F13: scripts that leave settings, a role, temporary tables, cursors and listeners behind a pooler that is allowed, in a run that goes through and in one that fails: nobody else finds any of it, and what others had set is kept.
#[tokio::test]
async fn f13_nothing_is_left_behind_a_pooler() {
    let leaves = "set search_path = pg_catalog; set row_security = on; set lock_timeout = '7s';
set work_mem = '5MB'; set app.word = 'ours'; set application_name = 'ours';
create temp table leftover (n int); listen them;
declare held cursor with hold for select 1;
set role pg_monitor;";
    for settings in POOLS {
        let Some((case, pooler)) = behind(settings).await else {
            return;
        };
        // What others left there is theirs, and is not in the way.
        let other = connect(&pooler.url(case.database.name())).await;
        other
            .batch_execute(
                "set work_mem = '9MB'; set lock_timeout = '11s'; set search_path = 'none'; \
                 set role pg_read_all_data",
            )
            .await
            .unwrap();
        drop(other);
        let before = left(&pooler, &case).await;
        assert!(
            before.iter().any(|found| found.contains("9MB")),
            "{before:?}"
        );
        case.up("a", "", leaves).table("b", "a");
        case.ok("upgrade head --allow-pooler");
        assert_eq!(case.tables().await, "b");
        assert_eq!(left(&pooler, &case).await, before);
        case.up("c", "b", &format!("{leaves}\nselect 1 / 0;"));
        let output = case.fails("upgrade head --allow-pooler", 4, "step-failed");
        shows(
            &output,
            &[
                "division by zero",
                "everything was rolled back",
                "stands at b",
            ],
        );
        assert_eq!(left(&pooler, &case).await, before);
        assert_eq!(case.locks().await, "0");
        assert_eq!(
            case.query("select current_setting('work_mem')").await,
            "4MB"
        );
    }
}

/// F13: what cannot be undone with its transaction, behind a pooler that is allowed (a script outside one, a prepared statement, a lock of the session): refused before anything runs.
#[tokio::test]
async fn f13_what_outlives_a_transaction_is_refused() {
    let Some((case, _pooler)) = behind(POOLS[0]).await else {
        return;
    };
    let before = case.state().await;
    case.table("a", "");
    let scripts = [
        ("-- transaction: off\nvacuum;", "needs-own-transaction"),
        ("prepare p as select 1;", "unrunnable-script"),
        ("select pg_advisory_lock(1);", "unrunnable-script"),
        (
            "select pg_catalog.pg_try_advisory_lock_shared(1, 2);",
            "unrunnable-script",
        ),
    ];
    for (script, code) in scripts {
        case.up("b", "a", script);
        for words in [
            "upgrade head --allow-pooler",
            "upgrade head --allow-pooler --rehearse",
        ] {
            let output = case.fails(words, 2, code);
            shows(&output, &["nothing was run"]);
        }
        assert_eq!(case.state().await, before);
        assert_eq!(case.locks().await, "0");
    }
    case.up("b", "a", "select pg_advisory_xact_lock(1);");
    case.ok("upgrade head --allow-pooler");
    assert_eq!(case.locks().await, "0");
}

/// F13: eight runners at once, half of them through a pooler that is allowed: each revision is applied once, and whoever waits names the holder.
#[tokio::test]
async fn f13_runners_through_a_pooler_and_past_it() {
    for settings in POOLS {
        let Some((case, pooler)) = behind(settings).await else {
            return;
        };
        let url = pooler.url(case.database.name());
        // Whoever waited for the lock sees what its holder did.
        let strict = "set default_transaction_isolation = 'serializable'";
        case.database
            .run(&format!("alter database {} {strict}", case.database.name()))
            .await;
        let sleep = "select pg_sleep(0.1);";
        for (id, revises) in [("a", ""), ("b", "a"), ("c", "b")] {
            case.up(
                id,
                revises,
                &format!("create table public.{id} (n int); {sleep}"),
            );
        }
        let runners: Vec<_> = (0..8)
            .map(|index| {
                let (words, url) = if index % 2 == 0 {
                    ("upgrade head --allow-pooler", &url)
                } else {
                    ("upgrade head", &case.url)
                };
                case.start_at(words, url)
            })
            .collect();
        for runner in runners {
            end(runner).success();
        }
        assert_eq!(case.rows().await, "c");
        assert_eq!(case.history().await, "+a +b +c");
        let holder = case.holder().await;
        case.table("d", "c");
        let words = "upgrade head --allow-pooler --lock-wait 1s";
        let output = case.fails(words, 3, "locked");
        shows(&output, &["pid"]);
        query(&holder, "select pg_advisory_unlock_all()").await;
        case.ok("upgrade head --allow-pooler");
        assert_eq!(case.locks().await, "0");
    }
}

/// F13: the other commands, with `--allow-pooler` or its setting: they do behind a pooler what they do without one.
#[tokio::test]
async fn f13_every_command_through_a_pooler() {
    for settings in POOLS {
        let Some((case, pooler)) = behind(settings).await else {
            return;
        };
        let before = left(&pooler, &case).await;
        case.graph("a b<a c<b");
        shows(&case.ok("ensure-version --allow-pooler"), &["created"]);
        shows(
            &case.ok("ensure-version --allow-pooler"),
            &["there already"],
        );
        case.ok("stamp b --allow-pooler");
        assert_eq!(case.rows().await, "b");
        case.run("insert into alembic_version values ('a')").await;
        case.ok("repair --yes --allow-pooler");
        assert_eq!(case.rows().await, "b");
        case.settings("[run]\nallow-pooler = true");
        for words in [
            "current -v",
            "status",
            "log",
            "history -i",
            "locks",
            "verify",
            "show current",
            "upgrade head --dry-run",
            "upgrade head --sql",
            "setup",
        ] {
            case.ok(words);
        }
        assert_eq!(case.rows().await, "c");
        assert_eq!(case.locks().await, "0");
        assert_eq!(left(&pooler, &case).await, before);
    }
}

/// The one COMMIT of a run that is allowed to go through a pooler.
fn at_commit() -> impl FnMut(&Message<'_>) -> bool + Send + 'static {
    let mut recorded = false;
    move |message| {
        recorded |= message.text.contains("select grace_migrate.record(");
        recorded && message.text.contains(" to default; commit")
    }
}

/// F06: the link is cut before or after the one COMMIT of a first run with `--allow-pooler`: known not committed, history and all, or known committed, and not applied twice.
#[tokio::test]
async fn f06_commit_lost_where_poolers_are_allowed() {
    let (case, proxy) = Case::behind_proxy().await;
    case.graph("a b<a");
    let empty = case.state().await;
    proxy.strike(Fault::CutBefore, at_commit());
    let output = case.fails("upgrade head --allow-pooler", 4, "step-failed");
    shows(&output, &["lost at COMMIT", "everything was rolled back"]);
    assert!(proxy.has_struck());
    assert_eq!(case.state().await, empty);
    proxy.strike(Fault::CutAfter, at_commit());
    let output = case.ok("upgrade head --allow-pooler");
    shows(&output, &["applied 2 revisions"]);
    assert!(proxy.has_struck());
    assert_eq!(case.rows().await, "b");
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(case.locks().await, "0");
}

/// A first run through a pooler, whose long statement is short once the gate is shut.
fn a_long_statement(case: &Case) {
    let long = "select pg_sleep(600) where pg_try_advisory_xact_lock(0, 1);";
    case.table("a", "");
    case.up("b", "a", &format!("create table public.b (n int);\n{long}"));
}

const SLEEPS: &str = "select count(*) from pg_stat_activity \
     where wait_event = 'PgSleep' and datname = current_database()";

/// F02: kill -9 of a client of a pooler that is allowed, during a long statement: the lock is free within seconds; a second runner succeeds.
#[tokio::test]
async fn f02_killed_behind_a_pooler() {
    for settings in POOLS {
        let Some((case, _pooler)) = behind(settings).await else {
            return;
        };
        let empty = case.state().await;
        a_long_statement(&case);
        let child = case.start("upgrade head --allow-pooler");
        case.until(SLEEPS).await;
        kill(child);
        case.until(NO_LOCKS).await;
        assert_eq!(case.state().await, empty);
        let gate = connect(&case.database.url()).await;
        query(&gate, "select pg_advisory_lock(0, 1)").await;
        case.ok("upgrade head --allow-pooler");
        assert_eq!(case.history().await, "+a +b");
    }
}

/// F04: SIGINT through a pooler that is allowed, mid statement: all of the run is rolled back; 130.
#[tokio::test]
async fn f04_signal_behind_a_pooler() {
    // Where there is one server process, a PgBouncer may have none to cancel it from.
    for settings in &POOLS[1..] {
        let Some((case, pooler)) = behind(settings).await else {
            return;
        };
        let empty = case.state().await;
        let before = left(&pooler, &case).await;
        a_long_statement(&case);
        let child = case.start("upgrade head --allow-pooler");
        case.until(SLEEPS).await;
        send(&child, "-INT");
        let output = end(child);
        assert_eq!(output.code, Some(130), "{output}");
        shows(&output, &["error[interrupted]", "rolled back", "base"]);
        assert_eq!(case.state().await, empty);
        assert_eq!(case.locks().await, "0");
        assert_eq!(left(&pooler, &case).await, before);
    }
}

/// F15: an idle reader holds the table, and a run through a pooler waits: it is shown, and told that nothing was tried again.
#[tokio::test]
async fn f15_an_idle_reader_is_shown_through_a_pooler() {
    let Some((case, _pooler)) = behind(POOLS[1]).await else {
        return;
    };
    case.run("create table t (n int)").await;
    case.up("a", "", "alter table t add m int;");
    let reader = connect(&case.database.url()).await;
    reader
        .batch_execute("begin; lock table t in access share mode")
        .await
        .unwrap();
    let pid = query(&reader, "select pg_backend_pid()").await;
    let output = case.fails("upgrade head --allow-pooler", 4, "step-failed");
    let shown = format!("blocked by pid {pid}");
    let hint = "through a pooler all steps share one transaction";
    shows(&output, &[&shown, "lock timeout", "was blocked by", hint]);
    assert_eq!(case.locks().await, "0");
    query(&reader, "select 1").await;
}
