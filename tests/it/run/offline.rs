//! `--sql`: the script does what the run does, and guards itself. Run by psql, which is there
//! where the server's packages are from a distribution.

use std::process::Command;

use super::case::{Case, shows};
use crate::support::{Output, binaries};

/// Runs a script as a DBA would, who did not even ask psql to stop at errors.
fn psql(case: &Case, sql: &str) -> Option<Output> {
    case.project.write("run.sql", sql);
    let psql = binaries().tool("psql")?;
    Some(Output::of(
        Command::new(psql)
            .args(["-X", "-q", "-f", "run.sql", "-d", &case.url])
            .current_dir(case.project.path()),
    ))
}

/// The schema but for our own tables, and the version rows.
async fn outcome(case: &Case) -> String {
    let dump = Output::of(Command::new(binaries().tool("pg_dump").unwrap()).args([
        "--exclude-schema=grace_migrate",
        "-d",
        &case.database.url(),
    ]))
    .success();
    let told: Vec<&str> = dump
        .stdout
        .lines()
        .filter(|line| !line.contains("restrict "))
        .collect();
    let owner = format!("{}_owner", case.database.name());
    let told = told.join("\n").replace(&owner, "owner");
    format!("{told}\nrows: {}", case.rows().await)
}

/// A graph with all that a script can hold.
fn rich(case: &Case) {
    case.up(
        "a",
        "",
        "-- message: it's; the\tfirst\n\
         create table t (n int, s text);\n\
         copy t from stdin;\n1\tone; $$ '\n2\t\\N\n\\.\n\n\
         create function f() returns int language sql begin atomic select 1; select 2; end;\n\
         set search_path = nowhere;\nset role none",
    )
    .down("a", "drop function f;\ndrop table t -- no semicolon\n")
    .verify(
        "a",
        "do $$ begin if (select count(*) from t) <> 2 then raise 'rows'; end if; end $$",
    );
    case.up(
        "b",
        "a",
        "-- lock-timeout: 7s\ncreate table b (\"q'uo\\te\" text default E'\\'\\\\' /* ; */);",
    )
    .down("b", "drop table b;");
    case.up(
        "c",
        "a",
        "-- transaction: off\ncreate index concurrently t_n on t (n);\n\
         copy t from stdin;\n3\tthree\n\\.\nvacuum t;",
    )
    .down(
        "c",
        "-- transaction: off\ndrop index concurrently t_n;\ndelete from t where n = 3",
    );
    case.up("m", "b, c", "comment on table t is 'merged';")
        .down("m", "comment on table t is null;");
}

#[tokio::test]
async fn a_script_does_what_the_run_does() {
    let ran = Case::new().await;
    rich(&ran);
    ran.ok("upgrade head");
    let dba = Case::new().await;
    rich(&dba);
    let up = dba.ok("upgrade head --sql").stdout;
    assert_eq!(dba.tables().await, "", "writing it runs nothing");
    let Some(output) = psql(&dba, &up) else {
        return;
    };
    assert_eq!(output.stderr, "");
    assert_eq!(outcome(&dba).await, outcome(&ran).await);

    // Once more: every step refuses, and nothing changes.
    let again = psql(&dba, &up).unwrap();
    shows(
        &again,
        &["this script is for a database at {}, and this one stands at {m}"],
    );
    assert_eq!(outcome(&dba).await, outcome(&ran).await);

    // The run goes on from there, having adopted it.
    dba.table("n", "m");
    ran.table("n", "m");
    let report = dba.ok("upgrade head --format json").json();
    assert_eq!(report["adopted"].as_array().map(Vec::len), Some(4));

    // And the way back, with a history this time.
    ran.ok("upgrade head");
    ran.ok("downgrade a");
    let down = dba.ok("downgrade a --sql --tag back").stdout;
    assert_eq!(psql(&dba, &down).unwrap().stderr, "");
    assert_eq!(outcome(&dba).await, outcome(&ran).await);
    let history = dba.history().await;
    assert!(history.ends_with("+n -n -m -c -b"), "{history}");
    let told = "select bool_and(tag = 'back' and run_id like 'offline-%' and up_checksum is not null \
                and duration_ms >= 0) from grace_migrate.history where outcome = 'reverted'";
    assert_eq!(dba.query(told).await, "t");
    dba.ok("downgrade base");
    dba.ok("upgrade head");
    assert_eq!(dba.rows().await, "n");
}

#[tokio::test]
async fn one_transaction_is_one_there_too() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.up("c", "b", "select 1/0;");
    let sql = case.ok("upgrade head --sql --transaction all").stdout;
    let Some(output) = psql(&case, &sql) else {
        return;
    };
    shows(&output, &["division by zero"]);
    assert_eq!(case.tables().await, "");
    case.up("c", "b", "create table c (n int);");
    let sql = case.ok("upgrade head --sql --transaction all").stdout;
    assert_eq!(psql(&case, &sql).unwrap().stderr, "");
    assert_eq!(case.rows().await, "c");
    case.up("d", "c", "-- transaction: off\nselect 1;");
    case.fails(
        "upgrade head --sql --transaction all",
        2,
        "needs-own-transaction",
    );
}

#[tokio::test]
async fn a_failure_lets_nothing_behind_it_take_effect() {
    let case = Case::new().await;
    case.table("a", "");
    case.up(
        "b",
        "a",
        "create table b (n int);\nselect 1/0;\ncreate table b2 (n int);",
    );
    case.table("c", "b");
    let sql = case.ok("upgrade head --sql").stdout;
    let Some(output) = psql(&case, &sql) else {
        return;
    };
    shows(
        &output,
        &[
            "division by zero",
            "for a database at {b}, and this one stands at {a}",
        ],
    );
    assert_eq!(case.tables().await, "a");
    assert_eq!(case.rows().await, "a");

    // Outside a transaction, where only stopping helps.
    case.up(
        "b",
        "a",
        "-- transaction: off\ncreate table b (n int);\nselect 1/0;\ncreate table b2 (n int);",
    );
    let sql = case.ok("upgrade head --sql").stdout;
    let output = psql(&case, &sql).unwrap();
    shows(&output, &["division by zero"]);
    assert_eq!(case.tables().await, "a b");
    assert_eq!(case.rows().await, "a");
}

#[tokio::test]
async fn a_script_waits_for_nobody_who_migrates() {
    let case = Case::new().await;
    case.graph("a");
    let sql = case.ok("upgrade head --sql").stdout;
    let holder = case.holder().await;
    let Some(output) = psql(&case, &sql) else {
        return;
    };
    shows(&output, &["another run holds the migration lock"]);
    drop(holder);
    assert_eq!(case.tables().await, "");
}

#[tokio::test]
async fn a_range_needs_no_connection() {
    let mut case = Case::new().await;
    case.graph("a b<a c<a m<b,c");
    let url = case.database.url();
    case.project.env(
        "DATABASE_URL",
        "postgres://nobody@127.0.0.1:1/none?connect_timeout=2",
    );
    case.fails("upgrade a:m", 2, "range-needs-sql");
    case.fails("upgrade nothing:m --sql", 2, "unknown-target");
    let first = case.ok("upgrade :a --sql").stdout;
    let second = case.ok("upgrade a:m --sql --tag two").stdout;
    let back = case.ok("downgrade m:b --sql").stdout;
    let report = case.ok("upgrade a: --sql --format json").json();
    assert_eq!(report["from"].to_string(), r#"["a"]"#);
    assert_eq!(report["revisions"].to_string(), r#"["b","c","m"]"#);
    assert_eq!(
        report["sql"]
            .as_str()
            .map(|sql| sql.contains("-- upgrade m")),
        Some(true)
    );
    case.project.env("DATABASE_URL", url);

    let Some(output) = psql(&case, &second) else {
        return;
    };
    shows(&output, &["alembic_version\" does not exist"]);
    assert_eq!(case.tables().await, "", "the wrong start");
    assert_eq!(psql(&case, &first).unwrap().stderr, "");
    assert_eq!(psql(&case, &second).unwrap().stderr, "");
    assert_eq!(case.rows().await, "m");
    let wrong = psql(&case, &first).unwrap();
    shows(
        &wrong,
        &["for a database at {}, and this one stands at {m}"],
    );
    assert_eq!(psql(&case, &back).unwrap().stderr, "");
    assert_eq!(case.rows().await, "b c");
}

#[tokio::test]
async fn nothing_to_do_is_an_empty_script() {
    let case = Case::new().await;
    case.graph("a");
    case.ok("upgrade head");
    let report = case.ok("upgrade head --sql --format json").json();
    assert_eq!(report["revisions"].to_string(), "[]");
    if let Some(output) = psql(&case, report["sql"].as_str().unwrap()) {
        assert_eq!(output.stderr, "");
    }
    assert_eq!(case.history().await, "+a");
}
