//! Hostile names and hostile files.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::run::case::{Case, shows};
use crate::support::{connect, query};

/// F35: quotes, percent signs, dots, blanks and other alphabets in the names of the version table and
/// its schema: quoted everywhere, offline scripts among it.
#[tokio::test]
async fn f35_hostile_names_of_schema_and_table() {
    for (schema, name) in [
        (r#"we"ird sch%ema"#, r#"ver'sion "%s" \"#),
        ("a.b", "c"),
        ("Größe", "select"),
    ] {
        let case = Case::of_owner().await;
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let toml = |text: &str| format!("'''{text}'''");
        case.settings(&format!(
            "[version-table]\nschema = {}\nname = {}",
            toml(schema),
            toml(name)
        ));
        case.graph("a b<a");
        let output = case.fails("upgrade head", 2, "no-schema");
        shows(&output, &["create schema"]);
        let owner = format!("{}_owner", case.database.name());
        case.run(&format!(
            "create schema {} authorization {owner}",
            quoted(schema)
        ))
        .await;
        case.ok("upgrade head --rehearse");
        case.ok("upgrade head");
        let table = format!("{}.{}", quoted(schema), quoted(name));
        assert_eq!(case.query(&format!("table {table}")).await, "b");
        case.ok("downgrade a");
        case.ok("stamp base");
        case.ok("current");
        assert_eq!(case.query(&format!("table {table}")).await, "");
        let sql = case.ok("upgrade head --sql").stdout;
        case.run("drop table a").await;
        case.run(&sql).await;
        assert_eq!(case.query(&format!("table {table}")).await, "b");
        assert_eq!(
            case.query("select to_regclass('public.alembic_version') is null")
                .await,
            "t"
        );
    }
}

/// F35: the same in the database's name, in messages and tags: they reach SQL as text and nothing else.
#[tokio::test]
async fn f35_hostile_names_of_a_database() {
    // A database's owner may not make another one.
    let mut case = Case::of_superuser().await;
    let name = format!("{} 'q\"uo%20te; drop -- ä/?", case.database.name());
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url = case.url.replacen(case.database.name(), "DATABASE", 1);
    let url = url.replace("DATABASE", &encoded);
    case.project.env("DATABASE_URL", &url);
    case.up(
        "a",
        "",
        "-- message: it's; drop schema grace_migrate cascade; -- %s \"$1\" \\\ncreate table a (n int);",
    );
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    case.database
        .run(&format!("create database {quoted}"))
        .await;
    let output = case
        .project
        .grace(["upgrade", "head", "--tag", "'; drop table a; -- \"%s\""]);
    assert_eq!(output.code, Some(0), "{output}");
    shows(&output, &[name.as_str()]);
    let told = connect(&url).await;
    let tag = query(
        &told,
        "select tag, message from grace_migrate.history, a right join (select) x on true",
    )
    .await;
    assert_eq!(
        tag,
        "'; drop table a; -- \"%s\"|it's; drop schema grace_migrate cascade; -- %s \"$1\" \\"
    );
    drop(told);
    case.database
        .run(&format!("drop database {quoted} with (force)"))
        .await;
}

/// F35: hostile labels, ids and revision names: refused in words that name them, before anything is read.
#[tokio::test]
async fn f35_hostile_labels_and_ids() {
    let case = Case::new().await;
    let before = case.state().await;
    for header in [
        "-- revision: a'b",
        "-- revision: a;drop",
        "-- revision: ../a",
        "-- revision: a\n-- label: x'; drop table t; --",
        "-- revision: a\n-- label: a%s\"b",
        "-- revision: a\n-- revises: b@c",
    ] {
        case.project
            .write("versions/a.up.sql", format!("{header}\nselect 1;\n"));
        case.fails("upgrade head", 2, "broken-revisions");
    }
    assert_eq!(case.state().await, before);
}

/// F36: a link out of the folder, a device, a named pipe and a folder called `.up.sql`: refused by their names, and nothing hangs or is run.
#[tokio::test]
async fn f36_files_that_are_none() {
    let case = Case::new().await;
    case.table("a", "");
    case.project
        .write("outside.sql", "-- revision: o\nselect 1;\n");
    let path = |name: &str| case.project.path().join("versions").join(name);
    let before = case.state().await;
    symlink(case.project.path().join("outside.sql"), path("o.up.sql")).unwrap();
    symlink("/dev/zero", path("z.up.sql")).unwrap();
    symlink("../versions", path("l.up.sql")).unwrap();
    symlink("nowhere", path("n.up.sql")).unwrap();
    fs::create_dir(path("f.up.sql")).unwrap();
    let fifo = Command::new("mkfifo").arg(path("p.up.sql")).status();
    assert!(fifo.unwrap().success());
    for words in ["upgrade head", "history"] {
        let output = case.fails(words, 2, "broken-revisions");
        for part in [
            "link that leads out of the folder",
            "link to a device",
            "link to a folder",
            "link that leads nowhere",
            "found a folder",
            "named pipe",
        ] {
            shows(&output, &[part]);
        }
    }
    assert_eq!(case.state().await, before);
    // A script beside the up script is held to the same.
    for name in ["o", "z", "l", "n", "p"] {
        fs::remove_file(path(&format!("{name}.up.sql"))).unwrap();
    }
    fs::remove_dir(path("f.up.sql")).unwrap();
    fs::remove_file(path("a.down.sql")).unwrap();
    symlink("/dev/zero", path("a.down.sql")).unwrap();
    case.fails("downgrade base", 2, "broken-revisions");
}

/// F36: new files where others are, links among them: nothing is written over, and nothing through a link.
#[tokio::test]
async fn f36_a_new_file_where_another_is() {
    let case = Case::new().await;
    case.project.write("kept.sql", "kept");
    let up = case.project.path().join("versions/a1.up.sql");
    symlink(case.project.path().join("kept.sql"), &up).unwrap();
    let output = case.grace("revision -m x --rev-id a1");
    assert_eq!(output.code, Some(2), "{output}");
    assert_eq!(case.project.read("kept.sql"), "kept");
    fs::remove_file(&up).unwrap();
    case.project.write("versions/a1.down.sql", "mine");
    let output = case.grace("revision -m x --rev-id a1");
    assert_eq!(output.code, Some(2), "{output}");
    assert_eq!(case.project.read("versions/a1.down.sql"), "mine");
    assert_eq!(
        case.project.files("versions"),
        ["versions/.keep", "versions/a1.down.sql"]
    );
}
