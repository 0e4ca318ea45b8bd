//! Sessions on a live server.

mod scripts;

use std::collections::BTreeSet;

use std::collections::BTreeMap;
use std::time::Duration;

use grace_migrate::db::{
    ConnectSpec, DbError, Ensured, Param, ServerRole, Session, SessionOptions, SessionSettings,
    SqlState, Surroundings, ensure_database,
};

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
    let version = session.server_version_num();
    let looked_after = session
        .answers(SessionSettings::CLIENT_CHECK_SQL)
        .await
        .is_ok_and(|answers| !answers[0].rows.is_empty());
    let settings = SessionSettings {
        client_check: looked_after,
        ..SessionSettings::default()
    };
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
    // Asked where everything is set: what counts is what a reset would bring.
    let answers = session.answers(&settings.defaults_sql(version)).await;
    let rows = answers.unwrap().remove(0).rows;
    let defaults: BTreeSet<String> = rows.into_iter().flatten().flatten().collect();
    assert!(defaults.contains("client_encoding"));
    assert!(!defaults.contains("row_security"));
    assert!(!defaults.contains("lock_timeout"));
    let reset = settings.reset_sql(version, &defaults);
    assert!(!reset.contains("SET client_encoding"));
    session.batch(&reset).await.unwrap();
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

#[tokio::test]
async fn queries_stay_prepared_where_that_is_wanted() {
    let database = Database::create().await;
    let mut session = session(&database.url()).await;
    let count = "select count(*) from pg_prepared_statements";
    let ask = async |session: &Session| -> i64 {
        let row = session.query_one(count, &[]).await.unwrap();
        row.get(0).unwrap()
    };
    assert_eq!(ask(&session).await, 0);
    session.keep_statements();
    assert_eq!(ask(&session).await, 1);
    session.batch("create table t (a int)").await.unwrap();
    for rows in 0..3 {
        let found = session.query("select a from t", &[]).await.unwrap();
        assert_eq!(found.len(), rows);
        session.batch("insert into t values (1)").await.unwrap();
    }
    assert_eq!(ask(&session).await, 2);
    let error = session.query("select b from t", &[]).await.unwrap_err();
    assert_eq!(sqlstate(&error), "42703");
}
