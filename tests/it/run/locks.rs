//! The migration lock: waiting for it, and `locks`.

use std::time::Duration;

use serde_json::Value;

use super::case::{Case, end, shows};
use crate::support::{connect, query};

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

#[tokio::test]
async fn locks_are_shown() {
    let case = Case::new().await;
    case.up("a", "", "create table t (n int);");
    let nobody = case.ok("locks");
    let database = case.database.name();
    assert_eq!(
        nobody.stdout,
        format!(
            "nobody holds the migration lock of public.alembic_version in the database \
             `{database}`\n"
        )
    );
    assert_eq!(nobody.stderr, "");
    case.ok("upgrade head");

    case.up("b", "a", "alter table t add column m int;");
    let reader = connect(&case.url).await;
    query(&reader, "set application_name = 'a report'").await;
    let user = query(&reader, "select current_user").await;
    query(&reader, "begin; select count(*) from t").await;
    let holds = case.start("upgrade head --lock-timeout 10min");
    case.until_it_waits("t").await;
    let waits = case.start("upgrade head --lock-wait 10min");
    case.until_it_runs("pg_try_advisory_lock").await;

    let shown = case.ok("locks");
    let holder = case.query(HOLDER).await;
    shows(
        &shown,
        &[
            "is held",
            &format!("holds  pid {holder} ({user}, grace-migrate/"),
            "active, in a transaction for",
            "alter table t add column",
            "blocked by pid ",
            ", a report) holds AccessShareLock on public.t, idle in transaction for",
            "waits  pid ",
            "hint: ",
            &format!("pg_terminate_backend({holder})"),
        ],
    );
    let mut json = case.ok("locks --format json").json();
    for _ in 0..100 {
        if others_are_of_runs(&json) {
            break;
        }
        // The session of the command before, whose end the server has not seen yet.
        tokio::time::sleep(Duration::from_millis(50)).await;
        json = case.ok("locks --format json").json();
    }
    assert!(others_are_of_runs(&json), "{json:#}");
    assert_eq!(json["command"], "locks");
    assert_eq!(json["holder"]["pid"].to_string(), holder);
    assert_eq!(json["holder_blocked_by"][0]["application"], "a report");
    assert_eq!(json["waiting"].as_array().unwrap().len(), 1);
    assert_eq!(json["waiting"][0]["waits"], true);

    query(&reader, "commit").await;
    end(holds).success();
    end(waits).success();
    assert_eq!(case.history().await, "+a +b");
}

/// Whether no session is told of but those of the two runs: either may have a second one, which looks
/// who is in its way.
fn others_are_of_runs(json: &Value) -> bool {
    let runs = [
        &json["holder"]["application"],
        &json["waiting"][0]["application"],
    ];
    let others = json["others"].as_array().unwrap();
    others
        .iter()
        .all(|other| runs.contains(&&other["application"]))
}

/// The process that holds the one advisory lock of the database.
const HOLDER: &str = "select distinct pid from pg_locks where locktype = 'advisory' and \
                      database = (select oid from pg_database where datname = current_database())";

#[tokio::test]
async fn other_lock_keys_are_other_locks() {
    let case = Case::new().await;
    case.graph("a");
    let holder = case.holder().await;
    case.settings("[version-table]\nname = \"another\"");
    let shown = case.ok("locks");
    shows(&shown, &["nobody holds", "public.another"]);
    case.ok("upgrade head --lock-wait 0s");
    drop(holder);
}
