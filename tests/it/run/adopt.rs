//! Databases that another tool manages, and version tables in odd places.

use super::case::{Case, shows};

/// As Alembic 1.20 creates it.
const ALEMBICS: &str = "CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);";

async fn managed_by_alembic(case: &Case, rows: &[&str]) {
    case.run(ALEMBICS).await;
    for row in rows {
        let row = format!("insert into alembic_version values ('{row}')");
        case.run(&row).await;
    }
}

#[tokio::test]
async fn a_database_that_alembic_manages_is_read_and_moved() {
    let case = Case::new().await;
    case.graph("a b<a c<a m<b,c d<m");
    managed_by_alembic(&case, &["b", "c"]).await;
    case.run("create table a (n int); create table b (n int); create table c (n int)")
        .await;
    let before = case.state().await;
    let current = case.ok("current --format json").json();
    assert_eq!(
        current["rows"].as_array().map(Vec::len),
        Some(2),
        "{current}"
    );
    let plan = case.ok("upgrade head --dry-run --format json").json();
    assert_eq!(plan["to_adopt"].to_string(), r#"["a","b","c"]"#);
    assert_eq!(case.state().await, before, "looking adopts nothing");

    let report = case.ok("upgrade m --format json").json();
    assert_eq!(report["adopted"].to_string(), r#"["a","b","c"]"#);
    assert_eq!(case.rows().await, "m");
    assert_eq!(case.history().await, "adopted:a adopted:b adopted:c +m");

    // Alembic goes on, and so do we.
    case.run("update alembic_version set version_num = 'd'; create table d (n int)")
        .await;
    case.ok("downgrade b");
    assert_eq!(case.rows().await, "b c");
    assert_eq!(
        case.history().await,
        "adopted:a adopted:b adopted:c +m adopted:d -d -m"
    );

    // Alembic undid something.
    case.run("delete from alembic_version where version_num = 'c'; drop table c")
        .await;
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "d");
    assert_eq!(case.tables().await, "a b c d m");
}

#[tokio::test]
async fn an_empty_table_of_alembics_is_the_base() {
    let case = Case::of_owner().await;
    let owner = format!("{}_owner", case.database.name());
    case.graph("a");
    managed_by_alembic(&case, &[]).await;
    case.run(&format!("alter table alembic_version owner to {owner}"))
        .await;
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "a");
    assert_eq!(
        case.query(
            "select conname from pg_constraint where conrelid = 'alembic_version'::regclass"
        )
        .await,
        "alembic_version_pkc"
    );
}

#[tokio::test]
async fn our_table_is_alembics() {
    let describe = "select string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull, ',') \
                    || (select string_agg(conname || ' ' || pg_get_constraintdef(oid), ',') from pg_constraint \
                        where conrelid = 'alembic_version'::regclass and contype = 'p') \
                    from pg_attribute where attrelid = 'alembic_version'::regclass and attnum > 0";
    let ours = Case::new().await;
    ours.graph("a").ok("upgrade head");
    let theirs = Case::new().await;
    managed_by_alembic(&theirs, &[]).await;
    assert_eq!(ours.query(describe).await, theirs.query(describe).await);
}

#[tokio::test]
async fn overlapping_rows_are_tolerated() {
    let case = Case::new().await;
    case.graph("a b<a c<b x y<x^b");
    case.run("create table a (n int); create table b (n int); create table x (n int)")
        .await;
    managed_by_alembic(&case, &["a", "b", "x"]).await;
    case.ok("upgrade y");
    // `b` and `x` are implied by `y`, and `a` was all along.
    assert_eq!(case.rows().await, "y");
    case.ok("upgrade heads");
    case.ok("downgrade base");
    assert_eq!(case.rows().await, "");
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn current_names_the_branch_tips_that_a_row_implies() {
    let case = Case::new().await;
    // As Alembic does: `c` is the tip of its branch, though `d` above it is not applied.
    case.graph("a b<a c<b d<c e<a^c f<e,b");
    case.ok("upgrade f");
    let current = case.ok("current --format json").json();
    let ids = |key: &str, id: &str| {
        let list = current[key].as_array().unwrap();
        list.iter()
            .map(|one| one[id].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("rows", "version_num"), [r#""f""#]);
    assert_eq!(ids("implied", "revision"), [r#""c""#]);
}

#[tokio::test]
async fn a_longer_row_is_one_that_no_file_knows() {
    let case = Case::new().await;
    case.graph("a");
    let long = "x".repeat(40);
    managed_by_alembic(&case, &[]).await;
    case.run(&format!(
        "alter table alembic_version alter version_num type varchar(100);
             insert into alembic_version values ('{long}')"
    ))
    .await;
    let output = case.fails("upgrade head", 2, "history-disagrees");
    shows(&output, &[&long]);
    case.ok("stamp base --purge");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, format!("unstamped:{long} +a"));
}

#[tokio::test]
async fn a_narrow_version_table_rolls_the_revision_back() {
    let case = Case::new().await;
    case.table("a_revision_with_a_long_id", "");
    case.run("create table alembic_version (version_num varchar(8) primary key)")
        .await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["22001", "rolled back", "stands at base"]);
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn a_table_of_another_shape_is_left_alone() {
    let case = Case::new().await;
    case.graph("a");
    case.run("create table alembic_version (id int, name text)")
        .await;
    let before = case.state().await;
    for words in ["upgrade head", "current", "stamp a", "ensure-version"] {
        let output = case.fails(words, 2, "not-a-version-table");
        shows(&output, &["id integer", "name text"]);
    }
    assert_eq!(case.state().await, before);
}

#[tokio::test]
async fn two_version_tables_in_one_database_are_two_projects() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade a");
    case.settings("[version-table]\nname = \"other_version\"");
    case.remove("a").remove("b").graph("x y<x");
    case.ok("upgrade head");
    assert_eq!(case.query("table other_version").await, "y");
    assert_eq!(case.rows().await, "a");
    assert_eq!(
        case.ok("log --format json").json()["entries"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn a_newer_programs_history_is_left_alone() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade a");
    case.run("insert into grace_migrate.schema_version values (99, 'later', '', '0')")
        .await;
    let before = (case.state().await, case.history().await);
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "downgrade -1",
        "stamp b",
    ] {
        let output = case.fails(words, 2, "registry-newer");
        shows(&output, &["99"]);
    }
    assert_eq!((case.state().await, case.history().await), before);
    case.ok("current");
}
