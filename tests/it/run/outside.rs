//! Scripts outside a transaction: statement by statement, with a journal.

use super::case::{Case, shows};

const OFF: &str = "-- transaction: off\n";

async fn journal(case: &Case) -> String {
    case.query(
        "select string_agg(direction || statement || case when finished_at is null then '?' else '' end, \
                           ' ' order by direction, statement) from grace_migrate.journal",
    )
    .await
}

#[tokio::test]
async fn an_index_is_built_concurrently() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table t (n int);\ninsert into t values (1), (2);",
    );
    case.up(
        "b",
        "a",
        &format!(
            "{OFF}create index concurrently t_n on t (n);\nvacuum t;\n\
             do $$ begin if current_setting('lock_timeout') <> '0' then raise 'lock_timeout'; end if; end $$;"
        ),
    )
    .down("b", &format!("{OFF}drop index concurrently t_n;"))
    .verify("b", "do $$ begin if to_regclass('t_n') is null then raise 'no index'; end if; end $$;");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(journal(&case).await, "");
    let valid = "select indisvalid from pg_index where indexrelid = 't_n'::regclass";
    assert_eq!(case.query(valid).await, "t");
    case.ok("downgrade -1");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.query("select to_regclass('t_n') is null").await, "t");
    assert_eq!(journal(&case).await, "");
}

#[tokio::test]
async fn the_header_may_ask_for_timeouts() {
    let case = Case::new().await;
    let asks = |lock: &str| {
        format!(
            "do $$ begin if current_setting('lock_timeout') <> '{lock}' \
             or current_setting('statement_timeout') <> '2min' then raise 'timeouts'; end if; end $$;"
        )
    };
    let header = "-- lock-timeout: 7s\n-- statement-timeout: 2min\n";
    case.up("a", "", &format!("{header}{}", asks("7s")));
    case.up("b", "a", &format!("{OFF}{header}{}", asks("7s")));
    case.up("c", "b", &asks("3s").replace("2min", "0"));
    case.ok("upgrade head");
    case.up("d", "c", &asks("1min").replace("2min", "5s"));
    case.ok("upgrade head --lock-timeout 1min --statement-timeout 5s");
}

/// A script of five statements, of which the third fails on an empty table.
fn five(second: &str, third: &str) -> String {
    format!(
        "{OFF}set search_path = other;\n\
         create table one (n int);\n\
         {second};\n\
         {third};\n\
         create table four (n int);"
    )
}

#[tokio::test]
async fn a_later_run_goes_on_at_the_first_statement_not_done() {
    let case = Case::of_owner().await;
    case.up("a", "", "create schema other;");
    let second = "create table two (n int)";
    case.up("b", "a", &five(second, "select 1/0"));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:7:1",
            "22012",
            "3 of 5 statements are done and stay; the next run goes on after them",
            "the database stands at a",
        ],
    );
    assert_eq!(case.history().await, "+a");
    assert_eq!(journal(&case).await, "upgrade0 upgrade1 upgrade2");

    // A statement that is done must not change, also not in a comment's neighbour.
    case.up("b", "a", &five("create table two (m int)", "select 1/1"));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "statement 3 was edited after an earlier run completed it",
            "versions/b.up.sql:6:1",
            "3 of 5 statements are done and stay",
        ],
    );

    // What is not done may; and the path that the script set is set again.
    case.up(
        "b",
        "a",
        &five("create table two /* ! */ (n int)", "select 1/1"),
    );
    case.ok("upgrade head");
    let made = "select string_agg(tablename, ' ' order by tablename) from pg_tables where schemaname = 'other'";
    assert_eq!(case.query(made).await, "four one two");
    assert_eq!(case.history().await, "+a +b");
    assert_eq!(journal(&case).await, "");
}

#[tokio::test]
async fn the_data_of_a_copy_counts_as_its_statement() {
    let case = Case::new().await;
    let script = |data: &str| {
        format!(
            "{OFF}create table t (n int);\ncopy t from stdin;\n{data}\n\\.\nselect 1/(n - 1) from t;"
        )
    };
    case.up("a", "", &script("1"));
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(journal(&case).await, "upgrade0 upgrade1");
    case.up("a", "", &script("2"));
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["statement 2 was edited"]);
}

#[tokio::test]
async fn a_verify_script_keeps_the_revision_from_being_recorded() {
    let case = Case::new().await;
    case.up("a", "", &format!("{OFF}create table t (n int);"))
        .verify(
            "a",
            "do $$ begin if not exists (select from t) then raise 'empty'; end if; end $$;",
        );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/a.verify.sql:1:1",
            "1 of 1 statements are done and stay",
        ],
    );
    assert_eq!(case.rows().await, "");
    case.database.run("insert into t values (1)").await;
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "a");
}

#[tokio::test]
async fn a_statement_of_which_nobody_knows_is_not_guessed() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        &format!("{OFF}create table one (n int);\nselect 1/0;"),
    );
    case.fails("upgrade head", 4, "step-failed");
    // As a killed client leaves it.
    case.database
        .run("update grace_migrate.journal set finished_at = null where statement = 0")
        .await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "an earlier run began statement 1",
            "versions/a.up.sql:3:1",
            "0 of 2 statements are done",
            "update grace_migrate.journal set finished_at = now()",
            "delete from grace_migrate.journal",
        ],
    );
    let hint = output
        .stderr
        .lines()
        .find_map(|line| line.split_once("`update ")?.1.split_once('`'))
        .map(|(sql, _)| format!("update {sql}"))
        .unwrap();
    case.database.run(&hint).await;
    case.up(
        "a",
        "",
        &format!("{OFF}create table one (n int);\nselect 1;"),
    );
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "one");
}

#[tokio::test]
async fn what_a_stamp_settled_is_not_resumed_later() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        &format!("{OFF}create table one (n int);\nselect 1/0;"),
    )
    .down("a", "drop table one;");
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(journal(&case).await, "upgrade0");
    case.ok("stamp head");
    assert_eq!(journal(&case).await, "");
    case.ok("downgrade base");
    case.up(
        "a",
        "",
        &format!("{OFF}create table one (n int);\nselect 1;"),
    );
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "one");
}

#[tokio::test]
async fn copy_data_and_notices_work_there_too() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        &format!(
            "{OFF}create table t (n int);\ncopy t from stdin;\n1\n2\n\\.\n\
             drop table if exists nothing;\ndo $$ begin raise notice 'é'; end $$;"
        ),
    );
    let report = case.ok("upgrade head --format json").json();
    let notices = &report["steps"][0]["notices"];
    assert_eq!(notices[0]["line"], 8);
    assert_eq!(notices[1]["line"], 9);
    assert_eq!(case.query("select sum(n) from t").await, "3");
}
