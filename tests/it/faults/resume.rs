//! Scripts outside a transaction that go on in another session: what they had there and have no more.

use super::outside::{OFF, journal};
use crate::run::case::{Case, shows};

/// F21: a done statement made a temporary table, or a cursor, that one not done names: refused before
/// anything is run, though there is a table of that name; made again in front, the script goes on.
#[tokio::test]
async fn f21_what_the_session_had_is_gone() {
    for (made, used, words) in [
        (
            "create temporary table x as select 1 as n",
            "insert into kept select n from x",
            "statement 3 names the temporary table `x`, which statement 1 made",
        ),
        (
            "declare x cursor with hold for select 1",
            "fetch all from x",
            "statement 3 names the cursor `x`, which statement 1 declared",
        ),
    ] {
        let case = Case::of_owner().await;
        case.up(
            "a",
            "",
            "create table x (n int);\ninsert into x values (7);\ncreate table kept (n int);",
        );
        let script = |behind: &str| format!("{OFF}{made};\n{behind}\n{used};\n");
        case.up("b", "a", &script("select 1 / 0;"));
        case.fails("upgrade head", 4, "step-failed");
        case.up("b", "a", &script("select 1;"));
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(
            &output,
            &[
                words,
                "in a session that is gone",
                "versions/b.up.sql:6:1",
                "1 of 3 statements are done and stay",
                "in front of statement 3",
            ],
        );
        assert_eq!(journal(&case).await, "upgrade0 upgrade1!");

        case.up("b", "a", &script(&format!("select 1;\n{made};")));
        case.ok("upgrade head");
        let kept = case.query("select coalesce(sum(n), 1) from kept").await;
        assert_eq!(kept, "1", "{made}");
    }
}

/// F21: a done statement made a temporary table that none behind it names: the script goes on.
#[tokio::test]
async fn f21_what_nobody_needs_is_not_asked_for() {
    let case = Case::of_owner().await;
    let script = |last: &str| {
        format!("{OFF}create temporary table x (n int);\ndrop table x;\nlisten news;\n{last};")
    };
    case.up("a", "", &script("select 1 / 0"));
    case.fails("upgrade head", 4, "step-failed");
    case.up("a", "", &script("create table x (n int)"));
    case.ok("upgrade head");
    assert_eq!(case.tables().await, "x");
}

/// F21: a done statement set the search path among other work: refused, as running it again would do
/// the work again; set by itself in front, the script goes on with it.
#[tokio::test]
async fn f21_settings_among_other_work() {
    for set in [
        "select set_config('search_path', 'elsewhere', false), nextval('q')",
        "do $$ begin perform nextval('q'); set search_path = elsewhere; end $$",
    ] {
        let case = Case::of_owner().await;
        case.up("a", "", "create schema elsewhere;\ncreate sequence q;");
        let script = |behind: &str| format!("{OFF}{set};\n{behind}");
        case.up("b", "a", &script("select 1 / 0;"));
        case.fails("upgrade head", 4, "step-failed");
        case.up("b", "a", &script("create table t (n int);"));
        let output = case.fails("upgrade head", 4, "step-failed");
        shows(
            &output,
            &[
                "statement 1 set `search_path` among other work",
                "versions/b.up.sql:5:1",
                "set it in front of statement 2",
            ],
        );
        assert_eq!(case.tables().await, "");
        case.up(
            "b",
            "a",
            &script("set search_path = elsewhere;\ncreate table t (n int);"),
        );
        case.ok("upgrade head");
        let made = "select relnamespace::regnamespace from pg_class where relname = 't'";
        assert_eq!(case.query(made).await, "elsewhere");
        assert_eq!(case.query("select last_value from q").await, "1");
    }
}
