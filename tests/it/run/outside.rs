//! Scripts outside a transaction: statement by statement, with a journal.

use super::case::{Case, shows};

const OFF: &str = "-- transaction: off\n";

async fn journal(case: &Case) -> String {
    case.query(
        "select string_agg(direction || statement || case when failed_at is not null then '!' else '' end, \
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
    assert_eq!(journal(&case).await, "upgrade0 upgrade1 upgrade2!");
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
async fn what_a_stamp_settled_is_not_resumed_later() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        &format!("{OFF}create table one (n int);\nselect 1/0;"),
    )
    .down("a", "drop table one;");
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(journal(&case).await, "upgrade0 upgrade1!");
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
