use insta::assert_snapshot;

use super::{Description, Exit, Style, diagnostic, error, error_json, unified};
use crate::diagnostic::{Diagnostic, Place};
use crate::sql::Span;

const PLAIN: Style = Style {
    color: false,
    width: None,
    verbose: false,
};

fn place(path: &str, text: &str, needle: &str) -> Place {
    let start = text.find(needle).unwrap();
    Place::in_text(path, text, Span::new(start, start + needle.len()))
}

#[test]
fn facts_outcome_and_hints() {
    let description = Description::new(
        "multiple-heads",
        Exit::Refused,
        "`head` is ambiguous: the graph has 2 heads",
    )
    .fact([
        "3f9c1a2b",
        "add invoices",
        "versions/20260801_1200_3f9c1a2b_add_invoices.up.sql",
    ])
    .fact([
        "a81e02cd",
        "add audit log",
        "versions/20260802_0930_a81e02cd_add_audit_log.up.sql",
    ])
    .fact(["branch point: 77bd0c11"])
    .outcome("nothing was run")
    .hint("upgrade every branch: `grace-migrate upgrade heads`")
    .hint("or join them: `grace-migrate merge 3f9c1a2b a81e02cd -m \"<message>\"`");
    assert_snapshot!(error(&description, &PLAIN), @r#"
    error[multiple-heads]: `head` is ambiguous: the graph has 2 heads
      3f9c1a2b  add invoices   versions/20260801_1200_3f9c1a2b_add_invoices.up.sql
      a81e02cd  add audit log  versions/20260802_0930_a81e02cd_add_audit_log.up.sql
      branch point: 77bd0c11
      nothing was run

    hint: upgrade every branch: `grace-migrate upgrade heads`
    hint: or join them: `grace-migrate merge 3f9c1a2b a81e02cd -m "<message>"`
    "#);
}

#[test]
fn a_failing_statement_shows_its_line() {
    let text = "-- revision: 8f3c\n\nbegin_work();\ncreate table\tusers (id int);\n";
    let description = Description::new(
        "statement-failed",
        Exit::Failed,
        "relation \"users\" already exists",
    )
    .at(Some(place("versions/8f3c_users.up.sql", text, "users")))
    .fact(["SQLSTATE", "42P07 (duplicate_table)"])
    .fact(["detail", "the first line\nand the second"])
    .fact(["revision", "8f3c"])
    .outcome("rolled back: the database stands at 5d1f0c7e3a92")
    .hint("mend the script and run `grace-migrate upgrade` again");
    assert_snapshot!(error(&description, &PLAIN), @r#"
    error[statement-failed]: relation "users" already exists
     --> versions/8f3c_users.up.sql:4:14
      |
    4 | create table    users (id int);
      |                 ^^^^^
      SQLSTATE  42P07 (duplicate_table)
      detail    the first line
                and the second
      revision  8f3c
      rolled back: the database stands at 5d1f0c7e3a92

    hint: mend the script and run `grace-migrate upgrade` again
    "#);
    let style = Style {
        color: true,
        ..PLAIN
    };
    assert_snapshot!(error(&description, &style).replace('\u{1b}', "␛"), @r#"
    ␛[1m␛[31merror[statement-failed]␛[0m: ␛[1mrelation "users" already exists␛[0m
     ␛[34m-->␛[0m versions/8f3c_users.up.sql:4:14
      ␛[34m|␛[0m
    ␛[34m4␛[0m ␛[34m|␛[0m create table    users (id int);
      ␛[34m|␛[0m                 ␛[1m␛[31m^^^^^␛[0m
      SQLSTATE  42P07 (duplicate_table)
      detail    the first line
                and the second
      revision  8f3c
      ␛[1mrolled back: the database stands at 5d1f0c7e3a92␛[0m

    ␛[1m␛[36mhint␛[0m: mend the script and run `grace-migrate upgrade` again
    "#);
    assert_snapshot!(error_json(Some("upgrade"), &description), @r#"
    {
      "schema": 1,
      "command": "upgrade",
      "error": {
        "code": "statement-failed",
        "exit_code": 4,
        "message": "relation \"users\" already exists",
        "place": {
          "path": "versions/8f3c_users.up.sql",
          "line": 4,
          "column": 14,
          "width": 5,
          "source": "create table\tusers (id int);"
        },
        "facts": [
          [
            "SQLSTATE",
            "42P07 (duplicate_table)"
          ],
          [
            "detail",
            "the first line\nand the second"
          ],
          [
            "revision",
            "8f3c"
          ]
        ],
        "findings": [],
        "attachment": null,
        "outcome": "rolled back: the database stands at 5d1f0c7e3a92",
        "stands_at": null,
        "hints": [
          "mend the script and run `grace-migrate upgrade` again"
        ]
      }
    }
    "#);
}

#[test]
fn findings_have_places_of_their_own() {
    let a = "-- revision: aaaa\n-- revises: bbbb, cccc\n";
    let b = "-- revision: aaaa\n-- colour: blue\n";
    let description = Description::new(
        "broken-revisions",
        Exit::Refused,
        "3 defects in 2 revision files",
    )
    .findings([
        Diagnostic::error(
            "unknown-parent",
            "`aaaa` revises `bbbb`, which no file declares",
        )
        .at(place("versions/a.up.sql", a, "bbbb"))
        .help("the nearest ids are `bbba` and `bbbd`"),
        Diagnostic::error("duplicate-revision", "`aaaa` is declared twice")
            .at(place("versions/b.up.sql", b, "aaaa"))
            .related("first declared here", place("versions/a.up.sql", a, "aaaa")),
        Diagnostic::warning("file-name", "the file's name does not hold its id")
            .at(Place::file("versions/b.up.sql")),
    ])
    .outcome("nothing was run");
    assert_snapshot!(error(&description, &PLAIN), @"
    error[broken-revisions]: 3 defects in 2 revision files

      error[unknown-parent]: `aaaa` revises `bbbb`, which no file declares
       --> versions/a.up.sql:2:13
        |
      2 | -- revises: bbbb, cccc
        |             ^^^^
      help: the nearest ids are `bbba` and `bbbd`

      error[duplicate-revision]: `aaaa` is declared twice
       --> versions/b.up.sql:1:14
        |
      1 | -- revision: aaaa
        |              ^^^^
      note: first declared here
       --> versions/a.up.sql:1:14
        |
      1 | -- revision: aaaa
        |              ^^^^

      warning[file-name]: the file's name does not hold its id
       --> versions/b.up.sql

    nothing was run
    ");
}

#[test]
fn an_edit_is_shown_as_a_diff() {
    let old = "create table a (id int);\ncreate table b (id int);\n";
    let new = "create table a (id bigint);\ncreate table b (id int);";
    let diff = unified("8f3c as applied", "versions/8f3c.up.sql", old, new);
    let description = Description::new(
        "edited-revision",
        Exit::Refused,
        "`8f3c` was edited after it was applied",
    )
    .attachment(diff)
    .outcome("nothing was run")
    .hint("put it back, or accept the edit: `grace-migrate stamp --accept-edit 8f3c`");
    assert_snapshot!(error(&description, &PLAIN), @r"
    error[edited-revision]: `8f3c` was edited after it was applied

    --- 8f3c as applied
    +++ versions/8f3c.up.sql
    @@ -1,2 +1,2 @@
    -create table a (id int);
    -create table b (id int);
    +create table a (id bigint);
    +create table b (id int);
    \ No newline at end of file

    nothing was run

    hint: put it back, or accept the edit: `grace-migrate stamp --accept-edit 8f3c`
    ");
    let style = Style {
        color: true,
        ..PLAIN
    };
    assert_snapshot!(error(&description, &style).replace('\u{1b}', "␛"), @r"
    ␛[1m␛[31merror[edited-revision]␛[0m: ␛[1m`8f3c` was edited after it was applied␛[0m

    ␛[1m--- 8f3c as applied␛[0m
    ␛[1m+++ versions/8f3c.up.sql␛[0m
    ␛[34m@@ -1,2 +1,2 @@␛[0m
    ␛[31m-create table a (id int);␛[0m
    ␛[31m-create table b (id int);␛[0m
    ␛[32m+create table a (id bigint);␛[0m
    ␛[32m+create table b (id int);␛[0m
    \ No newline at end of file

    ␛[1mnothing was run␛[0m

    ␛[1m␛[36mhint␛[0m: put it back, or accept the edit: `grace-migrate stamp --accept-edit 8f3c`
    ");
    assert_eq!(unified("a", "b", old, old), "");
}

#[test]
fn long_lines_keep_the_caret_in_sight() {
    let text = format!("insert into t values ({});\n", "1234, ".repeat(60));
    let narrow = Style {
        width: Some(60),
        ..PLAIN
    };
    let at = |start: usize, end: usize| {
        diagnostic(
            &Diagnostic::error("x", "y").at(Place::in_text("a.sql", &text, Span::new(start, end))),
            &narrow,
        )
    };
    let last = text.len() - 2;
    assert_snapshot!([at(0, 6), at(100, 104), at(last, last + 1), at(40, last)].join("\n"), @"
    error[x]: y
     --> a.sql:1:1
      |
    1 | insert into t values (1234, 1234, 1234, 1234, 1234, 123…
      | ^^^^^^

    error[x]: y
     --> a.sql:1:101
      |
    1 | …1234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, …
      |                    ^^^^

    error[x]: y
     --> a.sql:1:384
      |
    1 | …234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, );
      |                                                        ^

    error[x]: y
     --> a.sql:1:41
      |
    1 | …1234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, 1234, …
      |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn carets_stand_under_wide_characters_and_tabs() {
    let text = "\t漢字\tx := 1;\n";
    assert_snapshot!(diagnostic(
        &Diagnostic::error("x", "y").at(place("a.sql", text, "x :=")),
        &PLAIN
    ), @"
    error[x]: y
     --> a.sql:1:5
      |
    1 |     漢字    x := 1;
      |             ^^^^
    ");
}

#[test]
fn hostile_text_moves_nothing() {
    let text = "select '\u{1b}[2J';\r\n";
    let description = Description::new("statement-failed", Exit::Failed, "no\u{1b}[31m\nsuch")
        .at(Some(place("a\nb.sql", text, "select")))
        .fact(["detail", "x\u{1b}]0;title\u{7}"])
        .outcome("\u{202e}nothing was run")
        .hint("a\u{9b}31mb");
    assert_snapshot!(error(&description, &PLAIN), @"
    error[statement-failed]: no␛[31m such
     --> a b.sql:1:1
      |
    1 | select '␛[2J';
      | ^^^^^^
      detail  x␛]0;title␇
      �nothing was run

    hint: a�31mb
    ");
}
