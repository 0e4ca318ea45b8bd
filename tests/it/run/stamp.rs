//! `stamp` rewrites the version table and runs no script.

use super::case::{Case, shows};
use crate::support::connect;

#[tokio::test]
async fn a_stamp_sets_the_rows() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<a m<b,c x");
    for (words, rows) in [
        ("stamp b", "b"),
        ("stamp x", "b x"),
        ("stamp c", "b c x"),
        ("stamp m", "m x"),
        // below a merge, several at once: Alembic crashes
        ("stamp b c", "b c x"),
        ("stamp b c", "b c x"),
        ("stamp heads", "m x"),
        ("stamp a", "a x"),
        ("stamp base", ""),
        ("stamp b x", "b x"),
        ("stamp head --purge", ""),
    ] {
        let output = case.grace(words);
        if words == "stamp head --purge" {
            assert_eq!(output.code, Some(2), "{output}");
            continue;
        }
        output.success();
        assert_eq!(case.rows().await, rows, "after {words}");
    }
    case.ok("stamp heads --purge");
    assert_eq!(case.rows().await, "m x");
    assert_eq!(case.tables().await, "", "no script ran");
    let log = case.history().await;
    assert!(
        log.starts_with("stamped:a stamped:b stamped:x stamped:c stamped:m"),
        "{log}"
    );
    assert!(log.contains("unstamped:m"), "{log}");
}

#[tokio::test]
async fn nothing_to_stamp_writes_nothing() {
    let case = Case::new().await;
    case.graph("a");
    case.ok("stamp a");
    let before = case.history().await;
    let report = case.ok("stamp head --format json").json();
    assert_eq!(report["outcome"], "nothing-to-do");
    assert_eq!(case.history().await, before);
    // An empty database that shall stand at base gets its tables, as with Alembic.
    let empty = Case::new().await;
    empty.graph("a");
    empty.ok("stamp base");
    assert_eq!(empty.rows().await, "");
}

#[tokio::test]
async fn a_purge_forgets_rows_that_no_file_knows() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.remove("b");
    let output = case.fails("stamp a", 2, "history-disagrees");
    shows(&output, &["`b`"]);
    case.ok("stamp a --purge --tag cleaning");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, "+a +b unstamped:b stamped:a");
    case.ok("downgrade base");
}

#[tokio::test]
async fn rows_that_are_there_twice_or_overlap_are_cleaned() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.run("create table alembic_version (version_num varchar(32)); insert into alembic_version values ('a'), ('b'), ('b')")
        .await;
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "c");
    case.run("create table b (n int); insert into alembic_version values ('a'), ('a'), ('gone')")
        .await;
    case.ok("stamp b --purge");
    assert_eq!(case.rows().await, "b");
    case.run("insert into alembic_version values ('b')").await;
    case.ok("downgrade a");
    assert_eq!(case.rows().await, "a");
}

#[tokio::test]
async fn a_stamp_can_be_a_script() {
    let case = Case::new().await;
    case.graph("a b<a c<a");
    let empty = case.state().await;
    let stamp = |words: &str| case.ok(words).stdout;
    let sql = stamp("stamp b c --sql --tag offline");
    assert_eq!(case.state().await, empty);
    case.run(&sql).await;
    assert_eq!(case.rows().await, "b c");
    // Again: refused, and nothing changes.
    let again = connect(&case.url).await.batch_execute(&sql).await;
    let message = again.unwrap_err();
    let message = message.as_db_error().unwrap().message();
    assert_eq!(
        message,
        "this script is for a database at {}, and this one stands at {b,c}"
    );
    assert_eq!(case.rows().await, "b c");

    case.ok("stamp a");
    case.run(&stamp("stamp heads --sql")).await;
    assert_eq!(case.rows().await, "b c");
    assert_eq!(
        case.query(
            "select outcome, tag is null from grace_migrate.history order by id desc limit 1"
        )
        .await,
        "stamped|t"
    );
    // A range needs no connection.
    let url = [
        "--url",
        "postgres://nobody@127.0.0.1:1/none",
        "stamp",
        "b:a",
        "--sql",
    ];
    let range = case.project.grace(url).success().stdout;
    case.ok("stamp a");
    case.ok("stamp b");
    case.run(&range).await;
    assert_eq!(case.rows().await, "a");
}

#[tokio::test]
async fn rows_that_do_not_move_as_told_move_nothing() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade a");
    case.database
        .run(
            "create function eat() returns trigger language plpgsql as 'begin return null; end';
             create trigger eat before insert or update on alembic_version for each row execute function eat()",
        )
        .await;
    let before = case.history().await;
    case.fails("stamp b", 4, "version-rows-moved");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &["the version table changed under the run", "rolled back"],
    );
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, before);
    assert_eq!(case.tables().await, "a");
}
