//! Links that are lost: here the server's side of the session ends itself.

use super::case::{Case, shows};

const END: &str = "select pg_terminate_backend(pg_backend_pid());";

#[tokio::test]
async fn a_link_that_is_lost_in_a_script_loses_the_revision() {
    for words in ["upgrade head", "upgrade head --transaction all"] {
        let case = Case::new().await;
        case.table("a", "");
        case.up("b", "a", &format!("create table b (n int);\n{END}"));
        let output = case.fails(words, 4, "step-failed");
        shows(
            &output,
            &["`b` failed", "rolled back", "could not be asked"],
        );
        let all = words.ends_with("all");
        assert_eq!(case.rows().await, if all { "" } else { "a" });
        case.table("b", "a");
        case.ok(words);
        assert_eq!(case.rows().await, "b");
    }
}

#[tokio::test]
async fn a_link_that_is_lost_outside_a_transaction_leaves_a_doubt() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        &format!(
            "-- transaction: off\ncreate table one (n int);\n{END}\ncreate table two (n int);"
        ),
    );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["1 of 3 statements"]);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "began statement 2",
            "versions/a.up.sql:4:1",
            "1 of 3 statements",
        ],
    );
    assert_eq!(case.tables().await, "one");
}

/// Ends the session when the constraints are checked that waited for the COMMIT.
const AT_COMMIT: &str = "create table b (n int);
create function f() returns trigger language plpgsql as
$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
create constraint trigger t after insert on b deferrable initially deferred
for each row execute function f();
insert into b values (1);";

#[tokio::test]
async fn a_commit_that_is_not_answered_is_not_called_rolled_back() {
    let case = Case::new().await;
    case.table("a", "");
    case.up("b", "a", AT_COMMIT);
    let output = case.grace("upgrade head");
    assert_eq!(output.code, Some(5), "{output}");
    shows(
        &output,
        &["error[outcome-unknown]", "`b`", "grace_migrate.history"],
    );
    let run = case.query("select run_id from grace_migrate.history order by id limit 1");
    shows(&output, &[&run.await]);
    // Where all share one transaction they are checked before it, and nothing is in doubt.
    case.fails("upgrade head --transaction all", 4, "step-failed");
    assert_eq!(case.rows().await, "a");
}
