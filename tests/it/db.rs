//! Sessions on a live server.

use std::collections::BTreeMap;
use std::time::Duration;

use grace_migrate::db::{
    ConnectSpec, DbError, Ensured, Param, ScriptFailure, ServerRole, Session, SessionOptions,
    SessionSettings, SqlState, Surroundings, ensure_database,
};
use grace_migrate::sql::split;

use crate::support::{Database, server};

fn spec(url: &str) -> ConnectSpec {
    ConnectSpec::parse(url, &Surroundings::default()).unwrap()
}

async fn session(url: &str) -> Session {
    let options = SessionOptions {
        application_name: Some("grace-migrate/test".to_owned()),
        ..SessionOptions::default()
    };
    Session::connect(&spec(url), &options).await.unwrap()
}

/// Runs a script, and gives what `progress` was told beside the outcome.
async fn run(session: &Session, text: &str) -> (Result<(), Box<ScriptFailure>>, Vec<usize>) {
    let statements = split(text).unwrap();
    let mut progress = Vec::new();
    let result = session
        .run_script(text, &statements, &mut |done| progress.push(done))
        .await;
    (result, progress)
}

/// The failure of a script, with the text at its offset.
async fn fail<'a>(session: &Session, text: &'a str) -> (usize, Option<&'a str>, DbError) {
    let (result, _) = run(session, text).await;
    let failure = result.unwrap_err();
    let at = failure.offset.map(|offset| {
        let rest = &text[offset..];
        &rest[..rest.find([' ', '\n', ';', ')']).unwrap_or(rest.len())]
    });
    (failure.statement, at, failure.error)
}

fn sqlstate(error: &DbError) -> &str {
    error.server().unwrap().sqlstate.as_str()
}

#[tokio::test]
async fn a_session_knows_who_is_at_the_other_end() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let row = session
        .query_one(
            "select pg_backend_pid(), current_setting('server_version_num')::int4, \
             current_setting('application_name'), current_database()::text",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), session.backend_pid());
    assert_eq!(row.get::<i32>(1).unwrap(), session.server_version_num());
    assert_eq!(row.get::<&str>(2).unwrap(), "grace-migrate/test");
    assert_eq!(row.get::<&str>(3).unwrap(), database.name());
    assert_eq!(session.role(), ServerRole::Writable);
    assert!(!session.is_closed());
    session.close().await;
}

#[tokio::test]
async fn parameters_of_every_type_arrive_and_nothing_stays_prepared() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let names = ["a".to_owned(), "b'\"\\".to_owned()];
    let now = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let parameters: [Param<'_>; 9] = [
        "it's".into(),
        Option::<&str>::None.into(),
        names.as_slice().into(),
        7.into(),
        8_i64.into(),
        Option::<i64>::None.into(),
        true.into(),
        now.into(),
        Param::Instant(None),
    ];
    let row = session
        .query_one("select $1, $2, $3, $4, $5, $6, $7, $8, $9", &parameters)
        .await
        .unwrap();
    assert_eq!(row.get::<&str>(0).unwrap(), "it's");
    assert_eq!(row.get::<Option<&str>>(1).unwrap(), None);
    assert_eq!(row.get::<Vec<String>>(2).unwrap(), names);
    assert_eq!(row.get::<i32>(3).unwrap(), 7);
    assert_eq!(row.get::<i64>(4).unwrap(), 8);
    assert_eq!(row.get::<Option<i64>>(5).unwrap(), None);
    assert!(row.get::<bool>(6).unwrap());
    assert_eq!(row.get::<chrono::DateTime<chrono::Utc>>(7).unwrap(), now);
    let wrong = row.get::<i32>(0).unwrap_err();
    assert_eq!(wrong.code(), "unexpected-answer");

    let rows = session
        .query("select generate_series(1, $1)", &[3.into()])
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    session.batch("create table t (n int4)").await.unwrap();
    let touched = session
        .execute("insert into t select generate_series(1, $1)", &[5.into()])
        .await
        .unwrap();
    assert_eq!(touched, 5);
    let prepared = session
        .query("select name from pg_prepared_statements", &[])
        .await
        .unwrap();
    assert!(prepared.is_empty());
}

#[tokio::test]
async fn a_server_error_keeps_every_field() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    session
        .batch("create table t (n int constraint positive check (n > 0))")
        .await
        .unwrap();
    let error = session
        .batch("insert into t values (-1)")
        .await
        .unwrap_err();
    let DbError::Server(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.sqlstate.as_str(), "23514");
    assert_eq!(error.severity, "ERROR");
    assert_eq!(error.detail.as_deref(), Some("Failing row contains (-1)."));
    assert_eq!(error.table.as_deref(), Some("t"));
    assert_eq!(error.schema.as_deref(), Some("public"));
    assert_eq!(error.constraint.as_deref(), Some("positive"));
    // The session goes on.
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn the_failing_statement_is_found_by_counting_completions() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    // No position comes with a division by zero at run time.
    let text = "create table t (n int);\n;;\n-- a comment; here\ninsert into t values (0), (1);\n\
                select n from t;\nselect 1 / n from t;\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (3, None));
    assert_eq!(sqlstate(&error), "22012");
    // One message outside of a transaction block is one transaction.
    assert_eq!(database.query("select to_regclass('t') is null").await, "t");
}

#[tokio::test]
async fn a_position_counts_characters_and_becomes_bytes() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "-- äöü €\nselect 'grün 🌲';\nselect 'größe', missing;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, Some("missing")));
    assert_eq!(sqlstate(&error), "42703");
}

#[tokio::test]
async fn a_syntax_error_is_placed_though_nothing_ran() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text =
        "create table a (n int);\ncreate table b (n int);\ncreate tabel c (n int);\nselect 1;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (2, Some("tabel")));
    assert_eq!(sqlstate(&error), "42601");
}

#[tokio::test]
async fn a_position_in_another_text_is_not_taken_for_ours() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    session.batch("create table t (n int)").await.unwrap();
    // The prepared statement is planned anew, and the position is one in its own text.
    let text = "prepare p as select                                                         n from t;\n\
                alter table t rename n to m;\nexecute p;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!(sqlstate(&error), "42703");
    assert_eq!((statement, at), (2, None));
}

#[tokio::test]
async fn an_error_in_a_function_tells_where_in_the_function() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "select 1;\ndo $$ begin\n  perform 1;\n  perform missing();\nend $$;\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, None));
    let error = error.server().unwrap();
    assert_eq!(error.internal_query.as_deref(), Some("SELECT missing()"));
    assert!(
        error
            .where_
            .as_deref()
            .unwrap()
            .contains("line 3 at PERFORM")
    );
}

#[tokio::test]
async fn every_kind_of_statement_completes_once() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "
        create table t (n int primary key, m int);
        create table log (n int);
        create rule quiet as on delete to t do instead nothing;
        create rule twice as on insert to t do also (insert into log values (new.n); select 1);
        create rule move as on update to t do instead insert into log values (new.m);
        insert into t values (1, 1);
        delete from t;
        update t set m = 2;
        update t set m = 3 where false;
        select * from t;
        values (1), (2);
        table log;
        with w as (insert into log values (9) returning n) select * from w;
        explain select 1;
        show search_path;
        do $$ begin perform 1; end $$;
        create schema s create table a (n int) create view v as select 1;
        create procedure p(inout n int) language plpgsql as $$ begin n := n + 1; end $$;
        call p(1);
        prepare q as select 1;
        execute q;
        deallocate q;
        set local search_path = public;
        declare c cursor for select 1;
        fetch all from c;
        close c;
        create function f() returns int language sql begin atomic select 1; select 2; end;
        notify x;
        select 1 where false;
        select;
        ;;
        insert into t values (2, 2) returning n;
        analyze t;
        select 1 / 0;
    ";
    let statements = split(text).unwrap();
    session.batch("begin").await.unwrap();
    let mut progress = Vec::new();
    let failure = session
        .run_script(text, &statements, &mut |done| progress.push(done))
        .await
        .unwrap_err();
    assert_eq!(sqlstate(&failure.error), "22012");
    assert_eq!(failure.statement, statements.len() - 1);
    let expected: Vec<usize> = (1..statements.len()).collect();
    assert_eq!(progress, expected);
}

#[tokio::test]
async fn copy_blocks_are_loaded_and_their_lines_found() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "create table t (n int, s text);\n\
                \\restrict abc\n\
                copy t (n, s) from stdin;\n1\tone\n2\t\\N\n3\tdr\\ti\n\\.\n\
                \\unrestrict abc\n\
                insert into t values (4, 'four');\n\
                copy t from stdin with (format csv);\n5,\"f,ive\"\n\\.\n\
                copy t from stdin;\n\\.\n";
    let (result, progress) = run(&session, text).await;
    result.unwrap();
    assert_eq!(progress, [1, 2, 3, 4, 5]);
    assert_eq!(
        database.query("select n, s from t order by n").await,
        "1|one\n2|\n3|dr\ti\n4|four\n5|f,ive"
    );
    let prepared = session
        .query("select 1 from pg_prepared_statements", &[])
        .await
        .unwrap();
    assert!(prepared.is_empty());

    let text = "select 1;\ncopy t from stdin;\n1\ta\n2\tb\nx3\tc\n4\td\n\\.\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, Some("x3\tc")));
    assert_eq!(sqlstate(&error), "22P02");

    let text = "select 1;\nselect 2;\ncopy t (missing) from stdin;\n1\n\\.\n";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (2, None));
    assert_eq!(sqlstate(&error), "42703");
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn much_copy_data_with_an_early_error_does_not_hang() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    session.batch("create table t (n int)").await.unwrap();
    let mut text = "copy t from stdin;\nbad\n".to_owned();
    for n in 0..200_000 {
        text.push_str(&format!("{n}\n"));
    }
    text.push_str("\\.\n");
    let (statement, at, _) = fail(&session, &text).await;
    assert_eq!((statement, at), (0, Some("bad")));
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn a_large_script_goes_in_several_messages() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let mut text = "create table t (n int, s text);\n".to_owned();
    for n in 0..3_000 {
        text.push_str(&format!(
            "insert into t values ({n}, '{}');\n",
            "x".repeat(1_000)
        ));
    }
    text.push_str("select 1 / (count(*) - 3000) from t;\n");
    let (statement, _, error) = fail(&session, &text).await;
    assert_eq!(statement, 3_001);
    assert_eq!(sqlstate(&error), "22012");
}

#[tokio::test]
async fn copy_out_is_refused_without_hanging() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let (statement, _, error) = fail(&session, "select 1;\ncopy (select 1) to stdout;").await;
    assert_eq!(statement, 1);
    assert_eq!(error.code(), "unexpected-answer");
    assert!(session.lost().await.is_link_lost());
}

#[tokio::test]
async fn notices_tell_their_statement() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "select 1;\nselect 2;\n\
                do $$ begin raise notice 'third' using detail = 'd', hint = 'h'; end $$;\n\
                select 3;\n\
                do $$ begin raise warning 'fifth a'; raise warning 'fifth b'; end $$;\n\
                create table if not exists pg_temp.t (n int);\n\
                create table if not exists pg_temp.t (n int);\n\
                create function pg_temp.loud() returns trigger language plpgsql as \
                $$ begin raise notice 'row %', new.n; return new; end $$;\n\
                create trigger loud before insert on t for each row \
                execute function pg_temp.loud();\n\
                copy t from stdin;\n7\n\\.\n\
                drop table if exists nowhere;";
    run(&session, text).await.0.unwrap();
    let notices = session.drain_notices();
    assert_eq!(notices.dropped, 0);
    let seen: Vec<(Option<usize>, &str, &str)> = notices
        .kept
        .iter()
        .map(|n| (n.statement, n.severity.as_str(), n.message.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(2), "NOTICE", "third"),
            (Some(4), "WARNING", "fifth a"),
            (Some(4), "WARNING", "fifth b"),
            (Some(6), "NOTICE", "relation \"t\" already exists, skipping"),
            (Some(9), "NOTICE", "row 7"),
            (
                Some(10),
                "NOTICE",
                "table \"nowhere\" does not exist, skipping"
            ),
        ]
    );
    assert_eq!(notices.kept[0].detail.as_deref(), Some("d"));
    assert_eq!(notices.kept[0].hint.as_deref(), Some("h"));
    session
        .batch("do $$ begin raise notice 'alone'; end $$")
        .await
        .unwrap();
    assert_eq!(session.drain_notices().kept[0].statement, None);
}

#[tokio::test]
async fn notices_are_bounded() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "do $$ begin for i in 1..20000 loop raise notice 'n %', i; end loop; end $$;\n\
                do $$ begin raise notice 'last'; end $$;";
    run(&session, text).await.0.unwrap();
    let notices = session.drain_notices();
    assert_eq!(notices.kept.len() as u64 + notices.dropped, 20_001);
    assert_eq!(notices.kept[0].message, "n 1");
    assert_eq!(notices.kept[0].statement, Some(0));
}

#[tokio::test]
async fn a_running_statement_is_cancelled() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let handle = session.cancel_handle();
    let (result, ()) = tokio::join!(session.batch("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.cancel().await.unwrap();
    });
    assert_eq!(sqlstate(&result.unwrap_err()), "57014");
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn a_terminated_session_is_a_lost_link() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let pid = session.backend_pid();
    let (result, _) = tokio::join!(session.batch("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        database
            .run(&format!("select pg_terminate_backend({pid})"))
            .await;
    });
    let error = result.unwrap_err();
    assert!(error.is_link_lost());
    assert_eq!(error.server().unwrap().sqlstate, SqlState::ADMIN_SHUTDOWN);
    assert!(session.lost().await.is_link_lost());
    assert!(session.is_closed());
    let again = session.batch("select 1").await.unwrap_err();
    assert_eq!(again.code(), "connection-lost");
}

#[tokio::test]
async fn a_session_terminated_while_idle_is_noticed_and_explained() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let pid = session.backend_pid();
    database
        .run(&format!("select pg_terminate_backend({pid})"))
        .await;
    let error = session.lost().await;
    assert_eq!(error.server().unwrap().sqlstate, SqlState::ADMIN_SHUTDOWN);
    let error = session.query("select 1", &[]).await.unwrap_err();
    assert_eq!(error.server().unwrap().sqlstate, SqlState::ADMIN_SHUTDOWN);
}

#[tokio::test]
async fn a_script_dropped_half_way_leaves_a_usable_session() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "do $$ begin for i in 1..1000 loop raise notice 'n %', i; perform pg_sleep(0.001); \
                end loop; end $$; select 1;";
    let cut = tokio::time::timeout(Duration::from_millis(100), run(&session, text)).await;
    assert!(cut.is_err());
    session.cancel_handle().cancel().await.unwrap();
    session.batch("select 1").await.unwrap();
    assert!(!session.drain_notices().kept.is_empty());
}

#[tokio::test]
async fn settings_are_set_and_a_reset_keeps_only_the_advisory_lock() {
    let database = Database::create().await;
    let owner = database.create_owner().await;
    let group = format!("{owner}_group");
    database
        .run(&format!(
            "create role {group}; grant {group} to {owner}; grant all on schema public to {group}"
        ))
        .await;
    let session = session(&database.url_as(&owner)).await;
    let settings = SessionSettings::default();
    let version = session.server_version_num();
    session.batch(&settings.sql(version)).await.unwrap();
    let show = async |name: &str| {
        let sql = format!("select pg_catalog.current_setting('{name}', true)");
        let row = session.query_one(&sql, &[]).await.unwrap();
        row.get::<Option<String>>(0).unwrap().unwrap_or_default()
    };
    assert_eq!(show("row_security").await, "off");
    assert_eq!(show("lock_timeout").await, "3s");
    assert_eq!(show("statement_timeout").await, "0");
    assert_eq!(show("idle_in_transaction_session_timeout").await, "1min");
    if version >= 140_000 && cfg!(target_os = "linux") {
        assert_eq!(show("client_connection_check_interval").await, "1s");
    }
    let count = async |sql: &str| {
        let row = session.query_one(sql, &[]).await.unwrap();
        row.get::<i64>(0).unwrap()
    };
    const LOCKS: &str = "select pg_catalog.count(*) from pg_catalog.pg_locks \
                         where locktype = 'advisory' and pid = pg_catalog.pg_backend_pid()";

    session
        .batch(&format!(
            "select pg_advisory_lock(1, 2);
             set search_path = nowhere;
             set row_security = on;
             set standard_conforming_strings = off;
             set client_encoding = 'latin1';
             set my.own = 'left';
             create temp table left_behind (n int);
             prepare left_behind as select 1;
             declare left_behind cursor with hold for select 1;
             listen left_behind;
             set default_transaction_read_only = on;
             set session characteristics as transaction isolation level serializable;
             set role {group};"
        ))
        .await
        .unwrap();
    session.batch(&settings.reset_sql(version)).await.unwrap();
    assert_eq!(count(LOCKS).await, 1);
    assert_eq!(show("search_path").await, "\"$user\", public");
    assert_eq!(show("row_security").await, "off");
    assert_eq!(show("standard_conforming_strings").await, "on");
    assert_eq!(show("client_encoding").await, "UTF8");
    assert_eq!(show("my.own").await, "");
    assert_eq!(show("default_transaction_read_only").await, "off");
    assert_eq!(show("transaction_isolation").await, "read committed");
    assert_eq!(show("role").await, "none");
    assert_eq!(show("lock_timeout").await, "3s");
    assert_eq!(show("application_name").await, "grace-migrate/test");
    for left in [
        "select count(*) from pg_class where relname = 'left_behind'",
        "select count(*) from pg_prepared_statements",
        "select count(*) from pg_cursors where name <> ''",
        "select count(*) from pg_listening_channels()",
    ] {
        assert_eq!(count(left).await, 0, "{left}");
    }

    session.batch("begin; set role none").await.unwrap();
    session
        .batch(&format!("set search_path = nowhere; set role {group};"))
        .await
        .unwrap();
    session
        .batch(SessionSettings::BOOKKEEPING_SQL)
        .await
        .unwrap();
    assert_eq!(show("search_path").await, "\"\"");
    assert_eq!(show("role").await, "none");
    session.batch("rollback").await.unwrap();
    drop(session);
    database
        .run(&format!("drop owned by {group}; drop role {group}"))
        .await;
}

#[tokio::test]
async fn a_database_is_created_once_by_many() {
    let database = Database::create().await;
    let name = format!("{} \"made\" ä", database.name());
    let target = spec(&database.url()).with_database(&name);
    let missing = Session::connect(&target, &SessionOptions::default()).await;
    assert_eq!(missing.unwrap_err().code(), "no-such-database");
    let options = SessionOptions::default();
    let ensure = || ensure_database(&target, &options);
    let (a, b, c, d) = tokio::join!(ensure(), ensure(), ensure(), ensure());
    let outcomes: Vec<Ensured> = [a, b, c, d].into_iter().map(Result::unwrap).collect();
    let created = outcomes.iter().filter(|o| **o == Ensured::Created).count();
    assert_eq!(created, 1, "{outcomes:?}");
    assert_eq!(ensure().await.unwrap(), Ensured::Existed);
    database
        .run(&format!(
            "drop database \"{}\" with (force)",
            name.replace('"', "\"\"")
        ))
        .await;
}

#[tokio::test]
async fn who_may_not_create_a_database_is_told_so() {
    let database = Database::create().await;
    let owner = database.create_owner().await;
    let target = spec(&database.url_as(&owner)).with_database("never_made");
    let error = ensure_database(&target, &SessionOptions::default()).await;
    assert_eq!(sqlstate(&error.unwrap_err()), "42501");
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("host={} user=anna dbname=app", folder.path().display());
    let error = Session::connect(&spec(&text), &SessionOptions::default()).await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "server-unreachable");
    // The next host is tried.
    let url = server().url("postgres");
    let live = spec(&url);
    let text = format!(
        "host={},{} port=5432,{} user={} dbname=postgres",
        folder.path().display(),
        live.parts().host,
        live.parts().port,
        live.user(),
    );
    let session = Session::connect(&spec(&text), &SessionOptions::default())
        .await
        .unwrap();
    assert_eq!(session.endpoint(), &live.endpoints()[0]);
}

#[tokio::test]
async fn the_environment_and_options_reach_the_server() {
    let live = spec(&server().url("postgres")).parts();
    let around = Surroundings {
        variables: BTreeMap::from(
            [
                ("PGHOST", live.host.as_str()),
                ("PGPORT", live.port.as_str()),
                ("PGUSER", live.user.as_str()),
                ("PGDATABASE", "template1"),
                ("PGOPTIONS", "-c work_mem=123kB"),
                ("PGAPPNAME", "from the environment"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
        ..Surroundings::default()
    };
    let spec = ConnectSpec::parse("postgres:///postgres", &around).unwrap();
    let session = Session::connect(&spec, &SessionOptions::default())
        .await
        .unwrap();
    let row = session
        .query_one(
            "select current_setting('work_mem'), current_setting('application_name'), \
             current_database()::text",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<&str>(0).unwrap(), "123kB");
    assert_eq!(row.get::<&str>(1).unwrap(), "from the environment");
    assert_eq!(row.get::<&str>(2).unwrap(), "postgres");
}

#[tokio::test]
async fn a_read_only_session_is_recognised() {
    let database = Database::create().await;
    database
        .run(&format!(
            "alter database {} set default_transaction_read_only = on",
            database.name()
        ))
        .await;
    let session = session(&database.url()).await;
    assert_eq!(session.role(), ServerRole::ReadOnly);
    let text = format!("{}&target_session_attrs=read-write", database.url());
    let text = if database.url().contains('?') {
        text
    } else {
        text.replace('&', "?")
    };
    let error = Session::connect(&spec(&text), &SessionOptions::default()).await;
    assert_eq!(error.unwrap_err().code(), "no-such-server");
}
