//! Where scripts come from and where they go: poolers, standbys, TLS, hostile names and files.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::run::case::{Case, shows};
use crate::support::{PgBouncer, connect, query};

/// How a pooler hands out its servers: one for all, several, several in turn.
const POOLS: [&str; 3] = [
    "pool_mode = transaction\ndefault_pool_size = 1",
    "pool_mode = transaction\nmin_pool_size = 3",
    "pool_mode = transaction\nmin_pool_size = 3\nserver_round_robin = 1",
];

/// F13: a transaction pooler behind a direct-looking URL: every command that connects is refused, and nothing is set or locked behind it.
#[tokio::test]
async fn f13_a_transaction_pooler_behind_a_direct_looking_url() {
    for settings in POOLS {
        let Some(pooler) = PgBouncer::start(settings) else {
            return;
        };
        let mut case = Case::new().await;
        case.table("a", "");
        let before = case.state().await;
        case.project
            .env("DATABASE_URL", pooler.url(case.database.name()));
        for words in [
            "upgrade head",
            "upgrade head --dry-run",
            "stamp head",
            "current",
        ] {
            let output = case.fails(words, 2, "transaction-pooler");
            shows(&output, &["nothing was", "session mode"]);
        }
        assert_eq!(case.state().await, before);
        assert_eq!(case.locks().await, "0");
        // Whoever is given the same server next finds it as it was.
        let next = connect(&pooler.url(case.database.name())).await;
        let path = query(&next, "show search_path").await;
        assert_eq!(path, "\"$user\", public");
    }
}

/// F13: a pooler in session mode behind the same URL: each client has a server of its own, and the run goes through.
#[tokio::test]
async fn f13_a_session_pooler_is_let_pass() {
    let Some(pooler) = PgBouncer::start("pool_mode = session") else {
        return;
    };
    let mut case = Case::new().await;
    case.graph("a b<a");
    case.project
        .env("DATABASE_URL", pooler.url(case.database.name()));
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
}

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
    let mut case = Case::new().await;
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
