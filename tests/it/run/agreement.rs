//! History and files must agree before anything runs.

use super::case::{Case, shows};

#[tokio::test]
async fn an_edited_revision_is_refused_with_the_difference() {
    let case = Case::of_owner().await;
    case.up("a", "", "create table a (\n  n int,\n  t text\n);")
        .down("a", "drop table a;");
    case.table("b", "a");
    case.ok("upgrade a");
    case.up("a", "", "create table a (\n  n bigint,\n  t text\n);");
    for words in [
        "upgrade head",
        "upgrade head --dry-run",
        "upgrade head --rehearse",
        "upgrade head --sql",
        "downgrade base",
    ] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(
            &output,
            &[
                "error[history-disagrees]: ",
                "`a` was edited after it was applied",
                "--- a as applied",
                "+++ versions/a.up.sql",
                "-  n int,",
                "+  n bigint,",
                "stamp --accept-edit a",
            ],
        );
    }
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, "+a");

    let report = case
        .ok("stamp --accept-edit a --tag because --format json")
        .json();
    assert_eq!(report["accepted_edits"].to_string(), r#"["a"]"#);
    assert_eq!(case.rows().await, "a");
    case.ok("upgrade head");
    assert_eq!(case.history().await, "+a accepted:a +b");
    assert_eq!(
        case.query("select tag from grace_migrate.history where outcome = 'accepted'")
            .await,
        "because"
    );
}

#[tokio::test]
async fn what_changes_nothing_is_no_edit() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create table a (n int);\n-- a remark\ninsert into a values (1);",
    );
    case.table("b", "a");
    case.ok("upgrade a");
    let text = "\u{feff}-- revision: a\r\n-- message: new words\r\nCREATE  TABLE a\r\n (n int) ;\r\n\
                /* another */ insert into a\tvalues (1);\r\n";
    case.project.write("versions/a.up.sql", text);
    case.ok("upgrade head");
    // A header that changes how it runs is one.
    case.up(
        "a",
        "",
        "-- transaction: off\ncreate table a (n int);\ninsert into a values (1);",
    );
    case.fails("downgrade -1", 2, "history-disagrees");
}

#[tokio::test]
async fn an_edit_of_what_is_not_applied_is_none() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.ok("downgrade a");
    case.up("b", "a", "create table other (n int);")
        .down("b", "drop table other;");
    case.ok("upgrade head");
    case.down(
        "b",
        "drop table other; -- the way back may change\nselect 1;",
    );
    case.ok("downgrade base");
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn only_what_is_applied_can_be_accepted() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.fails("stamp --accept-edit a", 2, "no-history");
    case.ok("upgrade a");
    case.fails("stamp --accept-edit b", 2, "not-applied");
    case.fails("stamp --accept-edit nothing", 2, "unknown-target");
    assert_eq!(case.history().await, "+a");
}

#[tokio::test]
async fn a_hole_is_refused_until_somebody_says_what_it_is() {
    let case = Case::new().await;
    case.graph("a c<a");
    case.ok("upgrade head");
    case.graph("b<a c<b d<c");
    let output = case.fails("upgrade head", 2, "history-disagrees");
    shows(
        &output,
        &[
            "`b` was never run, though `c` above it is applied",
            "versions/b.up.sql",
            "stamp current",
        ],
    );
    assert_eq!(case.rows().await, "c");
    // As the hint says: it was run by hand.
    case.database.run("create table b (n int)").await;
    case.ok("stamp current");
    assert_eq!(case.rows().await, "c");
    assert_eq!(case.history().await, "+a +c stamped:b");
    case.ok("upgrade head");
    case.ok("downgrade base");
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn a_row_that_no_file_knows_is_refused() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.remove("b");
    let before = (case.state().await, case.history().await);
    for words in [
        "upgrade head",
        "downgrade base",
        "upgrade head --sql",
        "stamp a",
    ] {
        let output = case.fails(words, 2, "history-disagrees");
        shows(
            &output,
            &["the version table holds `b`, which no revision file knows"],
        );
    }
    let output = case.fails("upgrade head", 2, "history-disagrees");
    shows(&output, &["--from-history"]);
    assert_eq!((case.state().await, case.history().await), before);
}

#[tokio::test]
async fn a_lost_revision_is_undone_by_the_historys_script() {
    let case = Case::of_owner().await;
    case.graph("a");
    case.up("b", "a", "-- message: lost\ncreate table b (n int);")
        .down("b", "-- transaction: off\ndrop table b;\nselect 1;");
    case.up(
        "c",
        "b",
        "create table c (n int);\ninsert into c values (1);",
    )
    .down("c", "drop table c;");
    case.ok("upgrade head");
    case.remove("b").remove("c");
    // A chain of two.
    let plan = case
        .ok("downgrade -1 --from-history --dry-run --format json")
        .json();
    assert_eq!(plan["steps"][0]["revision"], "c");
    assert_eq!(plan["to"].to_string(), r#"["b"]"#);
    case.ok("downgrade -1 --from-history");
    assert_eq!(case.rows().await, "b");
    case.ok("downgrade a --from-history");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    assert_eq!(case.history().await, "+a +b +c -c -b");
    let kept = "select message, up_script like '%create table b%', up_checksum = \
                (select up_checksum from grace_migrate.history where outcome = 'applied' and revision = 'b') \
                from grace_migrate.history where outcome = 'reverted' and revision = 'b'";
    assert_eq!(
        case.query(kept).await,
        "lost|t|t",
        "what is known is not forgotten"
    );
    case.ok("downgrade base");
}

#[tokio::test]
async fn a_lost_revision_without_a_script_stays() {
    let case = Case::new().await;
    case.graph("a");
    case.up("b", "a", "select 1;");
    case.ok("upgrade head");
    case.remove("b");
    case.fails("downgrade -1 --from-history", 2, "not-in-history");
    // A database that was never ours has no history at all.
    let other = Case::new().await;
    other
        .run("create table alembic_version (version_num varchar(32) primary key); insert into alembic_version values ('x')")
        .await;
    other.graph("a");
    other.fails("downgrade -1 --from-history", 2, "no-history");
    assert_eq!(case.rows().await, "b");
}

#[tokio::test]
async fn a_downgrade_goes_through_a_lost_revision() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<b d<c");
    case.ok("upgrade head");
    case.remove("b");
    let output = case.fails("downgrade a", 2, "broken-revisions");
    shows(&output, &["`c` revises `b`", "--from-history"]);
    case.ok("downgrade a --from-history");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    assert_eq!(case.history().await, "+a +b +c +d -d -c -b");
}

#[tokio::test]
async fn a_lost_file_beneath_is_named() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.ok("upgrade head");
    case.remove("b");
    let output = case.grace("downgrade -1");
    assert_eq!(output.code, Some(2), "{output}");
    shows(&output, &["versions/c.up.sql:2", "b"]);
}

#[tokio::test]
async fn all_that_disagrees_is_shown_together() {
    let case = Case::new().await;
    case.graph("a c<a x");
    case.ok("upgrade heads");
    case.graph("b<a c<b");
    case.up("a", "", "create table a (n bigint);");
    case.remove("x");
    let output = case.fails("upgrade heads", 2, "history-disagrees");
    shows(&output, &["in 3 places"]);
    for part in ["n bigint", "error[hole]", "error[unknown-row]"] {
        shows(&output, &[part]);
    }
}
