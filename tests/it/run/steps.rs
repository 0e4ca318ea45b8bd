//! Each step leaves the rows that Alembic's table would hold, and an entry in the history.

use super::case::{Case, shows};

#[tokio::test]
async fn every_form_of_target_moves_the_rows() {
    let case = Case::of_owner().await;
    case.graph("aaa1 bbb1<aaa1 ccc1<bbb1 ddd1<ccc1");
    case.up("eee1", "ddd1", "-- label: billing\nselect 1;")
        .down("eee1", "select 1;");
    for (words, rows) in [
        ("upgrade +1", "aaa1"),
        ("upgrade bbb1", "bbb1"),
        ("upgrade ccc", "ccc1"),
        ("upgrade ccc1+1", "ddd1"),
        ("upgrade billing", "eee1"),
        ("downgrade -1", "ddd1"),
        ("downgrade", "ccc1"),
        ("upgrade head", "eee1"),
        ("downgrade head-2", "ccc1"),
        ("upgrade heads", "eee1"),
        ("downgrade eee1-3", "bbb1"),
        ("upgrade billing@head", "eee1"),
        ("downgrade aaa", "aaa1"),
        ("downgrade base", ""),
        ("upgrade +3", "ccc1"),
        ("upgrade", "eee1"),
    ] {
        case.ok(words);
        assert_eq!(case.rows().await, rows, "after {words}");
    }
    assert_eq!(case.tables().await, "aaa1 bbb1 ccc1 ddd1");
    shows(
        &case.ok("upgrade head"),
        &["nothing to do", "stands at eee1 (head)"],
    );
}

#[tokio::test]
async fn branches_merges_and_dependencies_leave_alembics_rows() {
    let case = Case::new().await;
    case.graph("a b<a c<a m<b,c x y<x^b z<y^m");
    for (words, rows) in [
        ("upgrade b", "b"),
        ("upgrade c", "b c"),
        // x is a root of its own; y depends on b, whose row it takes over
        ("upgrade y", "c y"),
        ("upgrade m", "m y"),
        ("upgrade z", "z"),
        ("downgrade y", "m y"),
        // b is implied by y again
        ("downgrade c", "c y"),
        ("downgrade x", "b c x"),
        ("upgrade heads", "z"),
        ("downgrade a", "a x"),
        ("downgrade base", ""),
    ] {
        case.ok(words);
        assert_eq!(case.rows().await, rows, "after {words}");
    }
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn undoing_a_merge_is_well_defined() {
    let case = Case::new().await;
    // The redundant edges crash Alembic.
    case.graph("a b<a c<a m<b,c^a");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "m");
    case.ok("downgrade -1");
    assert_eq!(case.rows().await, "b c");
    case.ok("upgrade head");
    case.ok("downgrade base");
    assert_eq!(case.rows().await, "");
}

#[tokio::test]
async fn rows_of_each_step_are_in_the_report() {
    let case = Case::new().await;
    case.graph("a b<a c<a m<b,c");
    let report = case.ok("upgrade head --format json --tag spring").json();
    let steps = report["steps"].as_array().unwrap();
    let rows: Vec<_> = steps.iter().map(|s| s["rows_after"].to_string()).collect();
    assert_eq!(rows, [r#"["a"]"#, r#"["b"]"#, r#"["b","c"]"#, r#"["m"]"#]);
    assert_eq!(report["stands_at"].to_string(), r#"["m"]"#);
    assert_eq!(report["at_head"], true);
    assert_eq!(report["pending"], 0);
    assert_eq!(report["tag"], "spring");
    let back = case.ok("downgrade a --format json").json();
    assert_eq!(back["pending"], 3);
    assert_eq!(back["from"].to_string(), r#"["m"]"#);
}

#[tokio::test]
async fn the_history_tells_all_of_a_step() {
    let case = Case::of_owner().await;
    let up = "-- revision: a\n-- label: left, right\n-- message: the first\ncreate table a (t text); -- é\n";
    case.project.write("versions/a.up.sql", up);
    case.down("a", "drop table a;").verify("a", "select 1;");
    case.up("b", "a", "-- depends-on: x\nselect 1;")
        .down("b", "");
    case.up("x", "", "select 2;");
    let report = case.ok("upgrade heads --tag first --format json").json();
    case.ok("downgrade b-1");

    assert_eq!(case.history().await, "+a +x +b -b");
    let one = async |columns: &str, id: &str| {
        let from = "from grace_migrate.history";
        let sql = format!("select {columns} {from} where revision = '{id}' order by id limit 1");
        case.query(&sql).await
    };
    let columns = "version_table, direction, outcome, message, revises::text, depends_on::text, \
                   labels::text, up_script, down_script, tag, performed_by, \
                   started_at <= finished_at, duration_ms >= 0, client_address is null";
    let told = one(columns, "a").await;
    let owner = format!("{}_owner", case.database.name());
    assert_eq!(
        told,
        format!(
            "public.alembic_version|upgrade|applied|the first|{{}}|{{}}|{{left,right}}|{up}|\
             drop table a;\n|first|{owner}|t|t|t"
        )
    );
    assert_eq!(
        one("revises::text || depends_on::text", "b").await,
        "{a}{x}"
    );
    let columns = "length(up_checksum), length(down_checksum), length(verify_checksum), \
                   length(digest)";
    assert_eq!(one(columns, "a").await, "64|64|64|64");
    let columns = "run_id, application_name = 'grace-migrate/' || tool_version || ' ' || run_id";
    let run_id = report["run_id"].as_str().unwrap();
    assert_eq!(one(columns, "a").await, format!("{run_id}|t"));
    // The way back: same scripts, another run, no tag.
    let back = case
        .query(
            "select direction, tag is null, run_id <> (select run_id from grace_migrate.history order by id limit 1) \
             from grace_migrate.history order by id desc limit 1",
        )
        .await;
    assert_eq!(back, "downgrade|t|t");
    let log = case.ok("log --format json").json();
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(4), "{log}");
}

#[tokio::test]
async fn an_upgrade_to_what_is_applied_does_nothing() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.ok("upgrade a");
    assert_eq!(case.rows().await, "b");
    assert_eq!(case.history().await, "+a +b");
    case.ok("downgrade b");
    assert_eq!(case.rows().await, "b");
}

#[tokio::test]
async fn a_revision_without_a_way_back_stops_the_downgrade_before_it_begins() {
    let case = Case::new().await;
    case.table("a", "");
    case.up(
        "b",
        "a",
        "-- irreversible: dropped data cannot come back\nselect 1;",
    )
    .down("b", "select 1;");
    case.up("c", "b", "select 1;");
    case.table("d", "c");
    case.ok("upgrade head");
    let output = case.fails("downgrade base", 2, "no-way-back");
    shows(
        &output,
        &["b", "dropped data cannot come back", "nothing was run"],
    );
    shows(&output, &["c", "no down script"]);
    assert_eq!(case.rows().await, "d");
    case.ok("downgrade c");
    assert_eq!(case.rows().await, "c");
}

#[tokio::test]
async fn thousands_of_revisions_go_down_at_the_default_number_of_locks() {
    let case = Case::new().await;
    let mut before = String::new();
    for number in 0..1_000 {
        let id = format!("r{number:04}");
        let sql = format!("create table public.{id} (n int);");
        case.up(&id, &before, &sql);
        case.down(&id, &format!("drop table public.{id};"));
        before = id;
    }
    case.ok("upgrade head --quiet");
    assert_eq!(case.rows().await, "r0999");
    case.ok("downgrade base --quiet");
    assert_eq!(case.rows().await, "");
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn a_script_may_be_empty() {
    let case = Case::new().await;
    case.graph("a b<a c<a");
    case.up("m", "b, c", "-- message: join").down("m", "");
    case.up("n", "m", "-- transaction: off\n/* nothing */ ;;")
        .verify("n", "-- nothing either");
    case.ok("upgrade m --rehearse");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "n");
    case.down("n", "");
    case.ok("downgrade a");
    assert_eq!(case.rows().await, "a");
}
