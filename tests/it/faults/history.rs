//! Scripts that are no text, and files that were edited, deleted or renamed after they were applied.

use crate::run::case::{Case, shows};

/// F28: bad UTF-8 in a down script: exact error, with byte offset and line, before the up script
/// runs.
#[tokio::test]
async fn f28_a_down_script_that_is_no_text() {
    let case = Case::new().await;
    let down = b"\xef\xbb\xbfdrop table a;\r\n-- caf\xe9\r\n";
    case.table("a", "")
        .project
        .write("versions/a.down.sql", down);
    for words in ["upgrade head", "stamp head"] {
        let output = case.fails(words, 2, "invalid-utf8");
        let place = ["byte 0xE9 at offset 24", "versions/a.down.sql:2:7"];
        shows(&output, &place);
    }
    case.project
        .write("versions/a.down.sql", b"\xef\xbb\xbf\xef\xbb\xbf");
    case.fails("upgrade head", 2, "second-byte-order-mark");
    assert_eq!(case.tables().await, "");
}

/// F28: an applied file is checked out with a byte order mark, with CRLF, or with both: accepted, and
/// the same checksum.
#[tokio::test]
async fn f28_line_ends_and_a_byte_order_mark_change_no_checksum() {
    let case = Case::of_owner().await;
    let unix = "-- revision: a\ncreate table t (s text);\ncreate function f() returns text \
                language sql as $$\n  select 'a\nb'\n$$;\ncopy t from stdin;\none\ntwo\n\\.\n";
    let ways = [
        unix.to_owned(),
        unix.replace('\n', "\r\n"),
        format!("\u{feff}{unix}"),
        format!("\u{feff}{}", unix.replace('\n', "\r\n")),
    ];
    let down = "drop function f;\ndrop table t;\n";
    let mut checksums = Vec::new();
    for (index, text) in ways.iter().enumerate() {
        case.project.write("versions/a.up.sql", text);
        let down = if index % 2 == 0 {
            down.to_owned()
        } else {
            down.replace('\n', "\r\n")
        };
        case.project.write("versions/a.down.sql", down);
        case.ok("upgrade head");
        assert_eq!(case.query("select count(*) from t").await, "2", "{text:?}");
        // Whichever way is checked out, nothing was edited.
        for other in &ways {
            case.project.write("versions/a.up.sql", other);
            let report = case.ok("verify --format json").json();
            assert_eq!(report["findings"].to_string(), "[]", "{other:?}");
        }
        let both = "select up_checksum || ' ' || down_checksum || ' ' || digest \
                    from grace_migrate.history order by id desc limit 1";
        checksums.push(case.query(both).await);
        case.ok("downgrade base");
    }
    checksums.dedup();
    assert_eq!(checksums.len(), 1, "{checksums:?}");
}

/// F29: an applied file is edited: refused with a diff, by every way to run, until the edit is
/// accepted.
#[tokio::test]
async fn f29_an_edited_revision_is_refused_with_the_difference() {
    let case = Case::of_owner().await;
    case.up("a", "", "create table a (\n  n int,\n  t text\n);")
        .down("a", "drop table a;");
    case.table("b", "a");
    case.ok("upgrade a");
    case.up("a", "", "create table a (\n  n bigint,\n  t text\n);");
    for words in [
        "upgrade head",
        "upgrade head --dry-run",
        "upgrade head --rehearse",
        "upgrade head --sql",
        "downgrade base",
    ] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(
            &output,
            &[
                "error[history-disagrees]: ",
                "`a` was edited after it was applied",
                "--- a as applied",
                "+++ versions/a.up.sql",
                "-  n int,",
                "+  n bigint,",
                "stamp --accept-edit a",
            ],
        );
    }
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, "+a");

    let report = case
        .ok("stamp --accept-edit a --tag because --format json")
        .json();
    assert_eq!(report["accepted_edits"].to_string(), r#"["a"]"#);
    assert_eq!(case.rows().await, "a");
    case.ok("upgrade head");
    assert_eq!(case.history().await, "+a accepted:a +b");
    assert_eq!(
        case.query("select tag from grace_migrate.history where outcome = 'accepted'")
            .await,
        "because"
    );
}

/// F29: comments, spacing, line ends and a byte order mark of an applied file change: accepted.
#[tokio::test]
async fn f29_what_changes_nothing_is_no_edit() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create table a (n int);\n-- a remark\ninsert into a values (1);",
    );
    case.table("b", "a");
    case.ok("upgrade a");
    let text = "\u{feff}-- revision: a\r\n-- message: new words\r\nCREATE  TABLE a\r\n (n int) ;\r\n\
                /* another */ insert into a\tvalues (1);\r\n";
    case.project.write("versions/a.up.sql", text);
    case.ok("upgrade head");
    // A header that changes how it runs is one.
    case.up(
        "a",
        "",
        "-- transaction: off\ncreate table a (n int);\ninsert into a values (1);",
    );
    case.fails("downgrade -1", 2, "history-disagrees");
}

/// F30: an applied file is deleted: refused, and nothing is changed.
#[tokio::test]
async fn f30_a_deleted_file_is_refused() {
    let case = Case::new().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.remove("b");
    let before = (case.state().await, case.history().await);
    for words in [
        "upgrade head",
        "downgrade base",
        "upgrade head --sql",
        "stamp a",
    ] {
        let output = case.fails(words, 2, "history-disagrees");
        shows(
            &output,
            &["the version table holds `b`, which no revision file knows"],
        );
    }
    let output = case.fails("upgrade head", 2, "history-disagrees");
    shows(&output, &["--from-history"]);
    assert_eq!((case.state().await, case.history().await), before);
}

/// F30: an applied file is deleted that another one names: refused, with the line that names it.
#[tokio::test]
async fn f30_a_deleted_file_beneath_is_named() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.ok("upgrade head");
    case.remove("b");
    let output = case.grace("downgrade -1");
    assert_eq!(output.code, Some(2), "{output}");
    shows(&output, &["versions/c.up.sql:2", "b"]);
}

/// F30: applied files are deleted: what they made is undone by the scripts that the history kept.
#[tokio::test]
async fn f30_a_deleted_revision_is_undone_by_the_historys_script() {
    let case = Case::of_owner().await;
    case.graph("a");
    case.up("b", "a", "-- message: lost\ncreate table b (n int);")
        .down("b", "-- transaction: off\ndrop table b;\nselect 1;");
    case.up(
        "c",
        "b",
        "create table c (n int);\ninsert into c values (1);",
    )
    .down("c", "drop table c;");
    case.ok("upgrade head");
    case.remove("b").remove("c");
    // A chain of two.
    let plan = case
        .ok("downgrade -1 --from-history --dry-run --format json")
        .json();
    assert_eq!(plan["steps"][0]["revision"], "c");
    assert_eq!(plan["to"].to_string(), r#"["b"]"#);
    case.ok("downgrade -1 --from-history");
    assert_eq!(case.rows().await, "b");
    case.ok("downgrade a --from-history");
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.tables().await, "a");
    assert_eq!(case.history().await, "+a +b +c -c -b");
    let kept = "select message, up_script like '%create table b%', up_checksum = \
                (select up_checksum from grace_migrate.history where outcome = 'applied' and revision = 'b') \
                from grace_migrate.history where outcome = 'reverted' and revision = 'b'";
    assert_eq!(
        case.query(kept).await,
        "lost|t|t",
        "what is known is not forgotten"
    );
    case.ok("downgrade base");
}

/// F29: an applied down or verify script is edited: `verify` warns, nothing stops for it, and it can
/// be accepted.
#[tokio::test]
async fn f29_what_is_edited_beside_the_up_script_is_a_warning() {
    let case = Case::of_owner().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.down("b", "drop table if exists public.b;");
    case.verify("a", "select 1;");
    let output = case.ok("verify");
    shows(
        &output,
        &[
            "warning[edited-script]: the down script of `b` was edited",
            "-drop table public.b;",
            "+drop table if exists public.b;",
            "note[edited-script]: the verify script of `a` was added",
            "agree; 1 warning",
        ],
    );
    let current = case.ok("current -v");
    shows(&current, &["Digest: ", "it differs from the files at a"]);
    case.ok("stamp --accept-edit a");
    let current = case.ok("current -v --format json").json();
    assert_eq!(current["rows"][0]["differs_at"], "b", "{current}");
    case.ok("stamp --accept-edit b");
    let current = case.ok("current -v --format json").json();
    let row = &current["rows"][0];
    assert_eq!(row["digest"], row["recorded_digest"], "{current}");
    assert!(row["differs_at"].is_null(), "{current}");
    let report = case.ok("verify --format json").json();
    assert_eq!(report["findings"].to_string(), "[]");
    case.ok("downgrade base");
}

/// F30: an applied file is renamed: accepted, since the header is the truth.
#[tokio::test]
async fn f30_a_renamed_file_is_the_same_revision() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<b");
    case.ok("upgrade b");
    let at = |name: &str| case.project.path().join("versions").join(name);
    for kind in ["up", "down"] {
        let to = at(&format!("later/2020_a_new_name_of_b.{kind}.sql"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(at(&format!("b.{kind}.sql")), to).unwrap();
    }
    case.project.write(
        "grace-migrate.toml",
        "url = \"${DATABASE_URL}\"\nrecursive = true\n",
    );
    case.ok("verify");
    case.ok("upgrade head");
    case.ok("downgrade base");
    assert_eq!(case.history().await, "+a +b +c -c -b -a");
    assert_eq!(case.tables().await, "");
}

/// F30: an applied file is deleted that another one names: `verify` tells it with all the rest.
#[tokio::test]
async fn f30_a_missing_file_is_a_finding_of_verify() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.ok("upgrade head");
    case.remove("b");
    let output = case.grace("verify");
    assert_eq!(output.code, Some(1), "{output}");
    shows(
        &output,
        &[
            "error[missing-file]: the files of `b` are gone, and `c` stands on it",
            "versions/c.up.sql",
            "--from-history",
            "disagree in 1 place",
        ],
    );
}

/// F30: deleted files are forgotten by `repair`: rows give way to what they stood on by the
/// history, and nothing of the user's is touched.
#[tokio::test]
async fn f30_what_no_file_knows_is_forgotten_on_demand() {
    let case = Case::of_owner().await;
    case.graph("a b<a x<b y<x z<a");
    case.ok("upgrade heads");
    assert_eq!(case.rows().await, "y z");
    case.remove("x").remove("y");
    let before = (case.tables().await, case.history().await);
    let output = case.grace("repair --yes");
    assert_eq!(output.code, Some(1), "{output}");
    shows(&output, &["`y`", "--remove-unknown", "nothing to repair"]);
    assert_eq!((case.tables().await, case.history().await), before);

    case.ok("repair --remove-unknown --dry-run");
    assert_eq!(case.rows().await, "y z");
    case.ok("repair --remove-unknown --yes --tag spring-cleaning");
    assert_eq!(case.rows().await, "b z");
    assert_eq!(case.tables().await, before.0, "no script ran");
    assert_eq!(
        case.query(
            "select string_agg(outcome || ' ' || revision || ' ' || (up_script is not null), ', ' \
             order by id) from grace_migrate.history where tag = 'spring-cleaning'"
        )
        .await,
        "unstamped x true, unstamped y true, stamped b true",
        "what is known is not forgotten"
    );
    case.ok("verify");
    case.ok("downgrade base");
    assert_eq!(case.tables().await, "x y");
}
