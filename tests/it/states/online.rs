//! What the way that spares those who use a table does to a table with rows.

use std::time::Duration;

use grace_migrate::diff::{self, Emission, HazardKind, PlannedStatement, Transaction};

use super::corpus::{create_roles, database, read};
use super::identity::runtime;
use crate::support::{Database, connect, query};

/// The statements from one schema to the other on the way that spares, each with how its segment runs,
/// and the database to run them on.
async fn way(old: &str, new: &str) -> (Database, Vec<(Transaction, PlannedStatement)>) {
    let to = read(&database(new).await.url()).await;
    let database = database(old).await;
    let from = read(&database.url()).await;
    let actions = diff::migrate(&from, &to).unwrap();
    let segments = diff::segments(&actions, Emission::Online).into_iter();
    let statements = segments.flat_map(|segment| {
        let all = segment.statements.into_iter();
        all.map(move |one| (segment.transaction, one))
    });
    (database, statements.collect())
}

const PARTITIONED: &str =
    "create table p (id int, k int, constraint pc check (id > 0)) partition by range (k);
     create table p2 partition of p for values from (10) to (20)";

#[test]
fn rows_that_are_there_are_filled_without_another_file() {
    runtime().block_on(async {
        // A row on each page, and more pages than are written at once.
        let old = "create table t (a int, b text) with (fillfactor = 10)";
        let new =
            "create table t (a int, b text, c uuid not null default gen_random_uuid(), d serial)
                   with (fillfactor = 10)";
        let (database, statements) = way(old, new).await;
        let rows = "insert into t select i, repeat('x', 2000) from generate_series(1, 1500) i";
        database.run(rows).await;
        let file = "select pg_relation_filenode('public.t')";
        let before = database.query(file).await;
        for (_, one) in &statements {
            let told = |kind| one.hazards.iter().any(|hazard| hazard.hazard == kind);
            assert!(
                !told(HazardKind::RewritesTable) && !told(HazardKind::BlocksTable),
                "{one:?}"
            );
            database.run(&one.sql).await;
        }
        assert_eq!(database.query(file).await, before);
        let filled = "select count(*), count(distinct c), min(d), max(d), count(distinct d) from t";
        assert_eq!(database.query(filled).await, "1500|1500|1|1500|1500");
        let next = "insert into t (a) values (0) returning d";
        assert_eq!(database.query(next).await, "1501");
    });
}

#[test]
fn rows_are_not_filled_where_somebody_would_notice() {
    runtime().block_on(async {
        let trigger =
            "create function f() returns trigger language plpgsql as 'begin return new; end'";
        for (before, after) in [
            (
                trigger,
                "create trigger f before update on t for each row execute function f()",
            ),
            (
                trigger,
                "create trigger f after insert or update on t for each row execute function f()",
            ),
            ("select", "alter table t force row level security"),
            ("select", "create rule r as on update to t do also notify n"),
            ("select", "create table u () inherits (t)"),
        ] {
            let schema = |column| format!("{before}; create table t (a int{column}); {after}");
            let new = schema(", c uuid default gen_random_uuid()");
            let (_, statements) = way(&schema(""), &new).await;
            let told = statements.iter().filter(|(_, one)| {
                one.hazards
                    .iter()
                    .any(|one| one.hazard == HazardKind::RewritesTable)
            });
            assert_eq!(told.count(), 1, "{after}: {statements:?}");
        }
    });
}

#[test]
fn a_table_is_attached_without_being_read_under_a_lock() {
    runtime().block_on(async {
        let old = format!("{PARTITIONED}; create table s (id int, k int)");
        let new =
            format!("{PARTITIONED}; create table s partition of p for values from (0) to (10)");
        let (database, statements) = way(&old, &new).await;
        database.run("insert into s values (1, 1), (2, 2)").await;
        let scans = "select pg_stat_get_xact_numscans('public.s'::regclass)";
        let mut attached = false;
        for (_, one) in &statements {
            if !one.sql.contains(" ATTACH PARTITION ") {
                database.run(&one.sql).await;
                continue;
            }
            attached = true;
            database.run("begin").await;
            let before = database.query(scans).await;
            database.run(&one.sql).await;
            assert_eq!(database.query(scans).await, before);
            database.run("commit").await;
        }
        assert!(attached, "{statements:?}");
        assert_eq!(database.query("select count(*) from p").await, "2");

        // A row that belongs elsewhere is told before anything is attached.
        let (database, statements) = way(&old, &new).await;
        database.run("insert into s values (1, 99)").await;
        let mut failed = None;
        for (_, one) in &statements {
            let ran = database.client().batch_execute(&one.sql).await;
            if let Err(error) = ran {
                failed = Some((one, error.code().unwrap().code().to_owned()));
                break;
            }
        }
        let (one, code) = failed.unwrap();
        assert_eq!(code, "23514", "{one:?}");
        let may_fail = one
            .hazards
            .iter()
            .any(|hazard| hazard.hazard == HazardKind::MayFail);
        assert!(may_fail || one.sql.contains("VALIDATE"), "{one:?}");
        assert_eq!(database.query("select count(*) from p").await, "0");
    });
}

#[test]
fn beside_a_default_partition_its_rows_are_said_to_be_read() {
    runtime().block_on(async {
        let base = format!("{PARTITIONED}; create table d partition of p default");
        for old in [
            base.clone(),
            format!("{base}; create table s (id int, k int)"),
        ] {
            let new = format!("{base}; create table s partition of p for values from (0) to (10)");
            let (database, statements) = way(&old, &new).await;
            database.run("insert into d values (1, 50)").await;
            let scans = "select pg_stat_get_xact_numscans('public.d'::regclass)";
            for (transaction, one) in &statements {
                assert_eq!(*transaction, Transaction::One, "{one:?}");
                database.run("begin").await;
                let before = database.query(scans).await;
                database.run(&one.sql).await;
                let is_read = database.query(scans).await != before;
                database.run("commit").await;
                let is_told = one.sql.contains(" ATTACH ");
                assert_eq!(is_read, is_told, "{one:?}");
            }
            let told: Vec<HazardKind> = statements
                .iter()
                .flat_map(|(_, one)| one.hazards.iter().map(|one| one.hazard))
                .collect();
            assert!(told.contains(&HazardKind::BlocksTable), "{statements:?}");
            assert!(told.contains(&HazardKind::MayFail), "{statements:?}");
        }
    });
}

#[test]
fn a_partition_leaves_while_others_read_the_whole() {
    runtime().block_on(async {
        let old =
            format!("{PARTITIONED}; create table s partition of p for values from (0) to (10)");
        let new = format!("{PARTITIONED}; create table s (id int, k int)");
        let (database, statements) = way(&old, &new).await;
        database.run("insert into p values (1, 1), (2, 12)").await;
        let reader = connect(&database.url()).await;
        let mut detached = false;
        for (_, one) in &statements {
            if !one.sql.ends_with(" DETACH PARTITION public.s CONCURRENTLY") {
                database.run(&one.sql).await;
                continue;
            }
            detached = true;
            reader.batch_execute("begin; select from p").await.unwrap();
            let others = async {
                // It waits for who has read the whole, and keeps nobody from that.
                let waits = "select count(*) from pg_stat_activity
                              where query like '%CONCURRENTLY' and wait_event_type = 'Lock'";
                let other = connect(&database.url()).await;
                for _ in 0..1000 {
                    if query(&other, waits).await != "0" {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other
                    .batch_execute("set lock_timeout = '20s'")
                    .await
                    .unwrap();
                query(&other, "select count(*) from p").await;
                reader.batch_execute("commit").await.unwrap();
            };
            tokio::join!(database.run(&one.sql), others);
        }
        assert!(detached, "{statements:?}");
        assert_eq!(database.query("select count(*) from p").await, "1");
        assert_eq!(database.query("select count(*) from s").await, "1");
        let checks = "select count(*) from pg_constraint where conrelid = 's'::regclass";
        assert_eq!(database.query(checks).await, "0");
    });
}

#[test]
fn an_index_of_a_partitioned_table_is_built_by_parts() {
    runtime().block_on(async {
        let new =
            format!("{PARTITIONED}; create index on p (id); alter table p add unique (id, k)");
        let (database, statements) = way(PARTITIONED, &new).await;
        database.run("insert into p values (1, 12)").await;
        for (transaction, one) in &statements {
            assert_eq!(*transaction, Transaction::Off, "{one:?}");
            let told = |kind| one.hazards.iter().any(|hazard| hazard.hazard == kind);
            assert!(!told(HazardKind::BlocksTable), "{one:?}");
            database.run(&one.sql).await;
        }
        let built = statements
            .iter()
            .filter(|(_, one)| one.sql.contains(" INDEX CONCURRENTLY "));
        assert_eq!(built.count(), 2, "{statements:?}");
        let invalid = "select count(*) from pg_index where not indisvalid";
        assert_eq!(database.query(invalid).await, "0");
    });
}

/// What has to hold on the way from one schema to the other, whenever something is committed.
async fn holds_all_the_way(old: &str, new: &str, holds: &str) {
    let to = read(&database(new).await.url()).await;
    let database = database(old).await;
    let from = read(&database.url()).await;
    let actions = diff::migrate(&from, &to).unwrap();
    let segments = diff::segments(&actions, Emission::Online);
    let mut last = String::new();
    assert_eq!(database.query(holds).await, "t", "{new}");
    for segment in segments {
        let within = segment.transaction == Transaction::One;
        let statements: Vec<&str> = segment.statements.iter().map(|one| &*one.sql).collect();
        let scripts = match within {
            true => vec![format!("begin;\n{};\ncommit", statements.join(";\n"))],
            false => statements.iter().map(|&one| one.to_owned()).collect(),
        };
        for script in scripts {
            database.run(&script).await;
            last.push_str(&script);
            assert_eq!(database.query(holds).await, "t", "{last}");
        }
    }
    assert!(diff::compare(&read(&database.url()).await, &to).is_empty());
}

#[test]
fn what_guards_a_table_is_never_away() {
    runtime().block_on(async {
        create_roles().await;
        let case = |name: &str| {
            let file = |end| format!("tests/cases/diff/{name}/{end}.sql");
            ["old", "new"].map(|end| std::fs::read_to_string(file(end)).unwrap())
        };
        let constraints = "select count(*) > 0 from pg_constraint where conname";
        let guards = "select (select count(*) from pg_policy) = 2
                         and exists (select from pg_trigger where tgname = 'g')";
        let identity = "select relreplident <> 'd' or exists (
                            select from pg_constraint where contype = 'p' and conrelid = c.oid)
                          from pg_class c where relname";
        let key = "select exists (select from pg_index where indrelid = 'inv'::regclass
                          and indisunique and indkey::text = '2')";
        let published = "select count(*) = 2 from pg_publication_tables";
        for (name, holds) in [
            ("enum_value_in_policy_and_trigger", guards.to_owned()),
            (
                "enum_value_in_exclusion",
                format!("{constraints} = 'no_overlap'"),
            ),
            (
                "enum_value_in_what_guards",
                format!("{constraints} = 'j_s_check'"),
            ),
            (
                "enum_value_in_what_guards",
                "select count(*) = 1 from pg_class where relname = 'j_u'".to_owned(),
            ),
            ("key_becomes_primary_key", key.to_owned()),
            (
                "replica_identity_full_to_primary_key",
                format!("{identity} = 'u'"),
            ),
            (
                "partitioned_identity_index_to_key",
                format!("{identity} = 'log'"),
            ),
            (
                "publication_of_exchanged_column",
                format!("{identity} = 'j'"),
            ),
            ("publication_of_exchanged_column", published.to_owned()),
        ] {
            let [old, new] = case(name);
            holds_all_the_way(&old, &new, &holds).await;
        }
        // By another name, and on the way in which a column loses its nulls.
        let table = "create table u (id int, k int not null";
        holds_all_the_way(
            &format!("{table}, constraint a primary key (k))"),
            &format!("{table}, constraint b primary key (k))"),
            &format!("{identity} = 'u'"),
        )
        .await;
        let check = "select bool_or(relchecks > 0 or attnotnull) from pg_attribute, pg_class c
                      where attname = 'id' and attrelid = c.oid and relname = 'u'";
        holds_all_the_way(
            &format!("{table}, constraint c check (id is not null))"),
            "create table u (id int not null, k int not null)",
            check,
        )
        .await;
    });
}
