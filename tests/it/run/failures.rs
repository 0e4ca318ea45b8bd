//! A step that fails: what is undone, what stays, and what is said.

use super::case::{Case, shows};
use crate::support::Fault;

#[tokio::test]
async fn earlier_revisions_stay_and_the_failed_one_goes() {
    let case = Case::of_owner().await;
    case.table("a", "");
    case.up("b", "a", "create table b (n int);\nselect 1/0;");
    case.table("c", "b");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:4:1",
            "4 | select 1/0;",
            "^",
            "SQLSTATE  22012",
            "rolled back",
            "stands at a",
        ],
    );
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    assert_eq!(case.history().await, "+a");

    case.up("b", "a", "create table b (n int);");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "c");
}

#[tokio::test]
async fn the_whole_error_is_shown() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create table t (name text);\n\
         insert into t values ('ä€😀');\n\
         /* ü */ select 'ßß' as \"ä\", nme from t;",
    );
    let output = case.fails("upgrade head --quiet", 4, "step-failed");
    insta::assert_snapshot!(output, @r#"
    exit code: 4
    ----- stderr -----
    error[step-failed]: upgrade to `a` failed: column "nme" does not exist
     --> versions/a.up.sql:4:29
      |
    4 | /* ü */ select 'ßß' as "ä", nme from t;
      |                             ^^^
      SQLSTATE  42703
      hint      Perhaps you meant to reference the column "t.name".
      rolled back; the database stands at base
    "#);
}

#[tokio::test]
async fn a_syntax_error_is_shown_where_it_is() {
    let case = Case::new().await;
    case.up("a", "", "create table t (n int);\n\nselect 'é' frmo t;");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &["versions/a.up.sql:4:17", "t;", "SQLSTATE  42601"],
    );
    assert_eq!(case.rows().await, "");
}

#[tokio::test]
async fn errors_without_a_position_name_their_line() {
    let case = Case::new().await;
    let table = "create table t (n int primary key, check (n < 9));\n";
    for (what, sql, place, code) in [
        (
            "a constraint",
            "insert into t values (1);\ninsert into t\n values (1);\nselect 1;",
            "a.up.sql:4:1",
            "23505",
        ),
        (
            "a check, after semicolons in literals",
            "insert into t values (1);\nselect ';', $$ ; $$;\n\n\ninsert into t values (10);",
            "a.up.sql:7:1",
            "23514",
        ),
        (
            "RAISE in a block",
            "select 1; select 2;\ndo $$\nbegin\n  raise exception 'no' using hint = 'try';\nend\n$$;",
            "a.up.sql:4:1",
            "P0001",
        ),
        (
            "the data of a COPY",
            "copy t from stdin;\n1\n2\nx\n\\.\nselect 1;",
            "a.up.sql:6:1",
            "22P02",
        ),
    ] {
        case.up("a", "", &format!("{table}{sql}"));
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(&output, &[place, code]);
        assert_eq!(case.tables().await, "", "after {what}");
    }
}

#[tokio::test]
async fn a_verify_script_that_fails_rolls_the_revision_back() {
    let case = Case::of_owner().await;
    case.table("a", "");
    case.table("b", "a");
    case.verify(
        "b",
        "select 1;\ndo $$ begin if (select count(*) from b) = 0 then raise exception 'b is empty'; end if; end $$;",
    );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "verify",
            "b is empty",
            "versions/b.verify.sql:2:1",
            "stands at a",
        ],
    );
    assert_eq!(case.tables().await, "a");
    case.up("b", "a", "create table b as select 1 as n;");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
}

#[tokio::test]
async fn a_failed_downgrade_leaves_the_revision() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.down("b", "drop table b;\ndrop table nothing;");
    case.ok("upgrade head");
    let output = case.fails("downgrade base", 4, "step-failed");
    shows(
        &output,
        &["downgrade of `b` failed", "versions/b.down.sql:2:", "42P01"],
    );
    shows(
        &output,
        &["the step before it stays; the database stands at b"],
    );
    assert_eq!(case.rows().await, "b");
    assert_eq!(case.tables().await, "a b");
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_commit() {
    let case = Case::new().await;
    case.table("a", "");
    case.up(
        "b",
        "a",
        "create table p (id int primary key);\n\
         create table q (id int references p deferrable initially deferred);\n\
         insert into q values (7);",
    );
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "upgrade head --transaction all",
    ] {
        let output = case.fails(words, 4, "step-failed");
        shows(
            &output,
            &["upgrade to `b` failed: at COMMIT", "23503", "(7)"],
        );
    }
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");

    // Where another step comes behind it, that one is not begun.
    case.table("c", "b");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["upgrade to `b` failed: at COMMIT", "23503"]);
    shows(&output, &["rolled back", "the database stands at a"]);
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
}

#[tokio::test]
async fn what_cannot_run_is_refused_before_anything_does() {
    let case = Case::new().await;
    case.table("a", "");
    case.up("b", "a", "create table b (n int);\ncommit;\nselect 1;");
    case.up("c", "b", "create index concurrently i on b (n);");
    case.verify("c", "select pg_advisory_unlock_all();");
    let before = case.state().await;
    let output = case.fails("upgrade head", 2, "unrunnable-script");
    shows(&output, &["versions/b.up.sql:4:1"]);
    shows(&output, &["versions/c.up.sql:3:1", "transaction: off"]);
    shows(&output, &["versions/c.verify.sql:1:8"]);
    assert_eq!(case.state().await, before, "nothing is created either");
}

/// The script of a step is on its way before the step before it is committed.
#[tokio::test]
async fn what_a_step_says_or_fails_at_is_its_own_behind_another_one() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create table a (n int primary key);
create function late() returns trigger language plpgsql as
    'begin raise notice ''late''; return null; end';
create constraint trigger late after insert on a deferrable initially deferred
    for each row execute function late();
insert into a values (1);",
    );
    case.up(
        "b",
        "a",
        "select 1;\ndo $$ begin raise warning 'look'; end $$;\nselect 2;\n\
         do $$ begin raise warning 'again'; end $$;",
    );
    case.up("c", "b", "create table c (n int);\nselect nothing;");
    let output = case.fails("upgrade head", 4, "step-failed");
    assert_eq!(case.rows().await, "b");
    assert_eq!(case.tables().await, "a");
    shows(&output, &["versions/c.up.sql:4:8", "42703"]);
    let shown = output.stderr;
    for (word, place) in [("look", "b.up.sql:4"), ("again", "b.up.sql:6")] {
        let line = shown.lines().find(|line| line.contains(word));
        assert!(line.is_some_and(|line| line.contains(place)), "{shown}");
    }
    let late = shown.lines().find(|line| line.contains("late"));
    assert!(
        late.is_some_and(|line| line.ends_with(".up.sql)")),
        "{shown}"
    );
}

#[tokio::test]
async fn notices_come_with_file_and_line() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "select 1;\ndrop table if exists nothing;\n\
         do $$ begin raise warning 'look' using detail = 'there', hint = 'here'; end $$;",
    );
    case.verify("a", "\n\ndo $$ begin raise notice 'fine'; end $$;");
    let report = case.ok("upgrade head --format json").json();
    let notices: Vec<String> = report["steps"][0]["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| {
            format!(
                "{} {} {}:{}",
                n["level"], n["message"], n["path"], n["line"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        notices,
        [
            "NOTICE table nothing does not exist, skipping versions/a.up.sql:3",
            "WARNING look versions/a.up.sql:4",
            "NOTICE fine versions/a.verify.sql:3",
        ]
        .map(|line| line.replace("table nothing", "table \\nothing\\"))
    );
}

#[tokio::test]
async fn an_unreachable_server_is_exit_code_3() {
    let mut case = Case::new().await;
    case.table("a", "");
    case.project.env(
        "DATABASE_URL",
        "postgres://nobody@127.0.0.1:1/none?connect_timeout=2",
    );
    for words in [
        "upgrade head",
        "downgrade base",
        "current",
        "stamp head",
        "upgrade head --dry-run",
    ] {
        assert_eq!(case.grace(words).code, Some(3), "{words}");
    }
    case.project.env(
        "DATABASE_URL",
        case.database
            .url()
            .replace(case.database.name(), "no_such_database"),
    );
    assert_eq!(case.grace("upgrade head").code, Some(2));
}

/// A link that stalls behind the login, at the first question or at the settings, is no link.
#[tokio::test]
async fn a_link_that_stalls_behind_the_login_is_given_up() {
    for stalls_at in [1, 2] {
        let (mut case, proxy) = Case::behind_proxy().await;
        case.graph("a");
        let url = format!("{}&connect_timeout=2", case.url);
        case.project.env("DATABASE_URL", url);
        proxy.strike(Fault::Hold, move |message| message.number == stalls_at);
        let output = case.fails("upgrade head", 3, "server-unreachable");
        shows(&output, &["no answer within 2 s"]);
        case.ok("upgrade head");
    }
}
