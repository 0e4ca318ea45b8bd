//! `--rehearse` leaves no trace, `--transaction all` is all or nothing, `--dry-run` only looks.

use super::case::{Case, shows};

#[tokio::test]
async fn a_rehearsal_leaves_no_trace_of_itself() {
    for owner in [false, true] {
        let case = if owner {
            Case::of_owner().await
        } else {
            Case::new().await
        };
        case.graph("a b<a c<a m<b,c");
        let empty = case.state().await;
        let report = case.ok("upgrade head --rehearse --format json").json();
        assert_eq!(report["outcome"], "rehearsed");
        assert_eq!(report["steps"].as_array().map(Vec::len), Some(4));
        assert_eq!(report["stands_at"].to_string(), "[]");
        assert_eq!(report["pending"], 4);
        assert_eq!(report["run_id"], serde_json::Value::Null);
        assert_eq!(case.state().await, empty, "on an empty database");

        case.ok("upgrade b");
        let before = (case.state().await, case.history().await, case.rows().await);
        case.ok("upgrade head --rehearse");
        case.ok("downgrade base --rehearse");
        let after = (case.state().await, case.history().await, case.rows().await);
        assert_eq!(before, after, "in the middle");
    }
}

#[tokio::test]
async fn a_rehearsal_fails_where_the_run_would() {
    let case = Case::new().await;
    case.table("a", "");
    case.up("b", "a", "select 1;\nselect nothing;");
    let empty = case.state().await;
    let output = case.fails("upgrade head --rehearse", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:4:8",
            "everything was rolled back",
            "stands at base",
        ],
    );
    assert_eq!(case.state().await, empty);
}

#[tokio::test]
async fn deferred_constraints_are_checked_at_each_end_and_stay_deferred() {
    let case = Case::new().await;
    // The same name on two tables, of which one cannot wait, is no obstacle.
    case.up(
        "a",
        "",
        "create table p (id int primary key);
         create table q (id int constraint twin references p deferrable initially deferred);
         create table r (id int constraint twin references p);
         create table s (id int references p deferrable initially deferred);
         insert into q values (1);
         insert into p values (1);",
    );
    case.up(
        "b",
        "a",
        "alter table s add column more int;
         insert into s values (2);
         insert into p values (2);",
    );
    case.up("c", "b", "alter table s add column still_more int;");
    for words in [
        "upgrade head --rehearse",
        "upgrade head --transaction all",
        "downgrade base --dry-run",
    ] {
        case.ok(words);
    }
    assert_eq!(case.rows().await, "c");
}

#[tokio::test]
async fn one_transaction_is_all_or_nothing() {
    let case = Case::of_owner().await;
    case.graph("a b<a");
    case.up("c", "b", "select nothing;");
    let output = case.fails("upgrade head --transaction all", 4, "step-failed");
    shows(
        &output,
        &["everything was rolled back; the database stands at base"],
    );
    assert_eq!(case.rows().await, "");
    assert_eq!(case.history().await, "");
    assert_eq!(case.tables().await, "");

    case.table("c", "b");
    case.ok("upgrade head --transaction all");
    assert_eq!(case.history().await, "+a +b +c");
    let ids = case.query("select count(distinct run_id) from grace_migrate.history");
    assert_eq!(ids.await, "1");
    case.settings("[run]\ntransaction = \"all\"");
    case.ok("downgrade base");
    assert_eq!(case.rows().await, "");
}

#[tokio::test]
async fn a_script_outside_a_transaction_shares_none() {
    let case = Case::new().await;
    case.table("a", "");
    case.up("b", "a", "-- transaction: off\nselect 1;");
    let empty = case.state().await;
    for words in ["upgrade head --transaction all", "upgrade head --rehearse"] {
        let output = case.fails(words, 2, "needs-own-transaction");
        shows(&output, &["versions/b.up.sql", "nothing was run"]);
        assert_eq!(case.state().await, empty);
    }
}

#[tokio::test]
async fn a_dry_run_touches_nothing() {
    let case = Case::of_owner().await;
    case.graph("a b<a");
    let empty = case.state().await;
    let plan = case.ok("upgrade head --dry-run --format json").json();
    assert_eq!(plan["steps"].as_array().map(Vec::len), Some(2));
    assert_eq!(plan["to"].to_string(), r#"["b"]"#);
    assert_eq!(case.state().await, empty);
    case.ok("upgrade head");
    let before = (case.state().await, case.history().await);
    case.ok("downgrade base --dry-run");
    case.ok("stamp a --dry-run");
    assert_eq!((case.state().await, case.history().await), before);
    assert_eq!(case.rows().await, "b");
}
