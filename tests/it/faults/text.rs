//! What scripts may say, and how it is read.

use std::process::Command;

use crate::run::case::{Case, shows};
use crate::support::{Output, binaries, connect, query};

/// Each form of transaction control, and what else takes a script out of its revision.
const CONTROL: [&str; 22] = [
    "begin",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "begin read only, not deferrable",
    "start transaction",
    "/* first */ start -- and then\n transaction read write",
    "commit",
    "commit work",
    "commit and chain",
    "COMMIT TRANSACTION AND NO CHAIN",
    "end",
    "end work",
    "rollback",
    "rollback and chain",
    "rollback work",
    "abort",
    "abort transaction",
    "prepare transaction 'x'",
    "commit prepared 'x'",
    "rollback prepared 'x'",
    "discard all",
    "select pg_advisory_unlock_all()",
    "\\i other.sql",
];

/// F18: each form of transaction control in a script: refused with its line before anything is
/// locked, run or created.
#[tokio::test]
async fn f18_each_form_of_transaction_control() {
    let case = Case::new().await;
    let before = case.state().await;
    for control in CONTROL {
        case.up("a", "", &format!("create table a (n int);\n\n{control};"));
        for kind in ["upgrade head", "upgrade head --sql"] {
            let output = case.fails(kind, 2, "unrunnable-script");
            let line = if control.starts_with("/*") || control.starts_with("select") {
                "versions/a.up.sql:4:"
            } else {
                "versions/a.up.sql:4:1"
            };
            shows(&output, &[line]);
        }
    }
    assert_eq!(case.state().await, before);
}

/// F18: the same words in comments, strings, names, bodies and COPY data: accepted, and run.
#[tokio::test]
async fn f18_the_same_words_where_they_are_no_commands() {
    let case = Case::of_owner().await;
    let mut sql = "create table words (word text, \"commit\" text, \"begin\" text);\n".to_owned();
    for control in CONTROL {
        let line = control.replace('\n', " ");
        let quoted = line.replace('\'', "''");
        sql.push_str(&format!(
            "-- {line};\n\
             /* ; {} ; */\n\
             insert into words values ('; {quoted} ;', $${line};$$, E'\\'; {};');\n",
            line.replace("/*", "").replace("*/", ""),
            quoted.replace('\\', "\\\\"),
        ));
    }
    sql.push_str(
        "copy words from stdin;\ncommit;\tend;\trollback;\nbegin;\tabort;\tdiscard all;\n\\.\n\
         create procedure p() language plpgsql as $p$ begin commit; rollback; end $p$;\n\
         create function f() returns int language sql begin atomic select 1; end;\n\
         do $$ begin begin perform 1; exception when others then null; end; end $$;\n\
         savepoint s; select 1 as commit; rollback to savepoint s; release savepoint s;\n\
         prepare \"transaction\" as select 1; select word as \"end\" from words;",
    );
    case.up("a", "", &sql);
    case.ok("upgrade head");
    let rows = case.query("select count(*) from words").await;
    assert_eq!(rows, (CONTROL.len() + 2).to_string());
}

/// F18: a COMMIT that no reading of the text finds: caught before anything is recorded, and said to
/// be committed.
#[tokio::test]
async fn f18_a_commit_that_escapes_the_reading() {
    let case = Case::new().await;
    case.table("a", "");
    // Once it runs, the server reads the literal behind the COPY otherwise than we did.
    case.up(
        "b",
        "a",
        "create table b (n int);\n\
         select set_config('standard_conforming_strings', 'off', false);\n\
         set escape_string_warning = off;\n\
         copy b from stdin;\n\\.\n\
         select 'a\\'' ; commit; --';",
    );
    case.table("c", "b");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "upgrade to `b` failed: the script ended the transaction that it ran in",
            "what the script committed itself stays",
            "nothing is recorded as applied",
            "the database stands at a",
        ],
    );
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, "+a");
    assert_eq!(case.tables().await, "a b", "what it committed is there");
    // What fails behind it does not hide that.
    let text = case.project.read("versions/b.up.sql");
    let text = text
        .replace("table b ", "table d ")
        .replace("copy b ", "copy d ");
    let text = text + "select 1 / 0;\n";
    case.project.write("versions/b.up.sql", text);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "upgrade to `b` failed: division by zero",
            "what the script committed itself stays",
        ],
    );
    assert_eq!(case.tables().await, "a b d", "what it committed is there");
}

/// A script after whose beginning the server reads literals otherwise than we did, so that what is
/// in `escaped` runs; more than a megabyte, or COPY data, is between it and what is before and
/// behind.
fn escaping(escaped: &str, between: &str) -> String {
    format!(
        "create table early (n int);\n\
         select set_config('standard_conforming_strings', 'off', false);\n\
         set escape_string_warning = off;\n\
         {between}\
         select 'a\\'' ; {escaped}; --';\n\
         {between}\
         create table public.late (n int);\n"
    )
}

/// F18: a ROLLBACK that no reading of the text finds, with more of the script in later messages:
/// nothing more of it is sent, and it is said truly what is committed.
#[tokio::test]
async fn f18_a_rollback_that_escapes_the_reading() {
    let copy = "copy early from stdin;\n\\.\n".to_owned();
    let large = format!("select '{}';\n", "x".repeat(1 << 20));
    let (stays, gone) = ("what the script committed itself stays", "rolled back");
    for (escaped, between, said, kept) in [
        ("rollback", &copy, gone, ""),
        ("rollback", &large, gone, ""),
        ("rollback; create table public.z (n int)", &copy, stays, "z"),
        (
            "rollback; begin; create table public.z (n int); commit; begin; select 1 / 0",
            &large,
            stays,
            "z",
        ),
        (
            "rollback; create table public.z (n int); select 1 / 0",
            &copy,
            gone,
            "",
        ),
        ("rollback and chain", &copy, gone, ""),
        ("commit and chain", &large, stays, "early"),
    ] {
        for words in ["upgrade head", "upgrade head --transaction all"] {
            let case = Case::new().await;
            case.table("a", "");
            case.up("b", "a", &escaping(escaped, between));
            let output = case.fails(words, 4, "step-failed");
            shows(&output, &["upgrade to `b` failed", said]);
            let one = words.ends_with("all");
            // COMMIT takes the steps before along, where all share the transaction.
            let a = if !one || kept == "early" { "a" } else { "" };
            assert_eq!(case.rows().await, a, "{escaped} {words}");
            let there = format!("{a} {kept}");
            assert_eq!(case.tables().await, there.trim(), "{escaped} {words}");
        }
    }
}

/// F18: a ROLLBACK that no reading of the text finds, and a lock timeout behind what it let commit:
/// not tried again.
#[tokio::test]
async fn f18_what_is_committed_is_not_tried_again() {
    let case = Case::new().await;
    case.table("a", "");
    case.ok("upgrade head");
    let copy = "copy early from stdin;\n\\.\n";
    let escaped = "rollback; begin; create table public.z (n int); commit; begin; \
                   set local lock_timeout = 10; lock table public.a";
    case.up("b", "a", &escaping(escaped, copy));
    let holder = connect(&case.database.url()).await;
    query(&holder, "begin; lock table a in access share mode").await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &["55P03", "what the script committed itself stays"],
    );
    assert!(!output.stderr.contains("tried"), "{output}");
    assert_eq!(case.tables().await, "a z");
}

/// F18: a COMMIT or ROLLBACK inside a procedure or block that the script calls: refused by the
/// server, rolled back, with its line.
#[tokio::test]
async fn f18_a_procedure_commits() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create procedure p() language plpgsql as $$ begin commit; end $$;\ncall p();",
    );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["versions/a.up.sql:3:1", "2D000"]);
    case.up("a", "", "do $$ begin rollback; end $$;");
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(case.rows().await, "");
}

/// F18: a function that the script calls lets go of the migration lock: noticed before the step is
/// committed.
#[tokio::test]
async fn f18_a_function_lets_go_of_the_lock() {
    let release = "create function release() returns void language sql as \
                   'select pg_advisory_unlock_all()';";
    for (words, header) in [
        ("upgrade head", ""),
        ("upgrade head --transaction all", ""),
        ("upgrade head", "-- transaction: off\n"),
    ] {
        let case = Case::new().await;
        case.table("a", "");
        case.up("b", "a", &format!("{header}{release}\nselect release();"));
        let output = case.fails(words, 4, "step-failed");
        shows(&output, &["`b` failed: the migration lock was lost"]);
        let stands = if words.ends_with("all") { "" } else { "a" };
        assert_eq!(case.rows().await, stands);
    }
}

/// What a dump has to carry over.
const DUMPED: &str = r#"
create schema "Ö'de";
create type "Ö'de".mood as enum ('so', 'la;la');
create table "Ö'de".t (id serial primary key, s text, m "Ö'de".mood, a text[], b bytea);
insert into "Ö'de".t (s, m, a, b) values
    (null, 'so', '{}', '\x00ff'),
    ('', 'la;la', '{"a,b",NULL}', ''),
    (E'tab\tline\nreturn\r\b\\ \\. end', null, null, null),
    (E'\\.', null, null, null),
    ('commit; -- $$ '' "', null, null, null),
    ('ä日𝄞', null, null, null);
create table big (n int, s text);
insert into big select n, repeat('x', n % 50) || E'\t' from generate_series(1, 5000) n;
create table nothing ();
create table kept (n int check (n > 0), m int generated always as (n * 2) stored);
insert into kept values (1);
create view v as select s from "Ö'de".t where s <> ';';
create function f() returns int language plpgsql as $f$ begin return 1; end; $f$;
create function g() returns int language sql begin atomic select 1; select 2; end;
create trigger nobody before update on big for each row
    execute function suppress_redundant_updates_trigger();
alter table kept enable row level security;
create policy p on kept using (n > 0);
comment on table big is $$it's; "big"$$;
"#;

/// F33: a file of pg_dump with data, its `\restrict` lines among it: applies as it is, and what is
/// there is what was dumped.
#[tokio::test]
async fn f33_a_dump_with_its_data() {
    let Some(pg_dump) = binaries().tool("pg_dump") else {
        return;
    };
    let dump = |url: &str| {
        let mut command = Command::new(&pg_dump);
        command.args(["--no-owner", "--exclude-schema=grace_migrate"]);
        command.args([
            "--exclude-table=alembic_version",
            "--no-privileges",
            "-d",
            url,
        ]);
        Output::of(&mut command).success().stdout
    };
    let source = Case::new().await;
    source.run(DUMPED).await;
    let dumped = dump(&source.database.url());
    assert!(dumped.contains("\nCOPY "), "{dumped}");

    let case = Case::new().await;
    // Dumps since August 2025 have them, those of older programs not.
    let (first, last) = match dumped.contains("\n\\restrict ") {
        true => ("", ""),
        false => ("\\restrict abc123\n", "\n\\unrestrict abc123\n"),
    };
    case.up("a", "", &format!("{first}{dumped}{last}"));
    case.table("b", "a");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
    let without_key = |text: String| {
        let lines = text.lines().filter(|line| !line.contains("restrict "));
        lines.map(|line| line.to_owned() + "\n").collect::<String>()
    };
    case.run("drop table public.b").await;
    let again = dump(&case.database.url());
    assert_eq!(without_key(again), without_key(dumped));
}

/// F23: an enum value used in the revision that adds it: 55P04, with the hint to use the next
/// revision; outside a transaction each statement is committed before the next.
#[tokio::test]
async fn f23_enum_value_used_where_it_is_added() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create type mood as enum ('red');\ncreate table t (m mood);",
    );
    let sql = "alter type mood add value 'blue';\ninsert into t values ('blue');";
    case.up("b", "a", sql);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:4:",
            "55P04",
            "rolled back",
            "use it in the next revision",
        ],
    );
    assert_eq!(case.rows().await, "a");
    case.up("b", "a", "alter type mood add value 'blue';");
    case.up("c", "b", "insert into t values ('blue');");
    case.up(
        "d",
        "c",
        "-- transaction: off\nalter type mood add value 'green';\ninsert into t values ('green');",
    );
    case.ok("upgrade head");
    assert_eq!(
        case.query("select string_agg(m::text, ' ' order by m) from t")
            .await,
        "blue green"
    );
}
