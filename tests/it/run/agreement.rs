//! History and files must agree before anything runs.

use super::case::{Case, shows};

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
