//! Commands that change a database, from first to last.

use super::transcript::Transcript;

#[tokio::test]
async fn up_and_down() {
    let mut t = Transcript::with_database().await;
    t.ok(["upgrade"]);
    t.forest();
    t.run(["upgrade", "--dry-run"]);
    t.ok(["upgrade", "heads", "--dry-run"]);
    t.ok(["upgrade", "heads", "--rehearse"]);
    t.ok(["upgrade", "a1", "--tag", "first"]);
    t.ok(["upgrade", "billing"]);
    t.ok(["upgrade", "+1", "--dry-run"]);
    t.ok(["upgrade", "heads", "--transaction", "all"]);
    t.ok(["upgrade", "heads"]);
    t.ok(["downgrade", "--dry-run"]);
    t.ok(["downgrade"]);
    t.ok(["downgrade", "-1"]);
    t.ok(["downgrade", "billing@base", "--dry-run"]);
    t.ok(["downgrade", "a1", "--transaction", "all"]);
    t.ok(["upgrade", "d1", "-q"]);
    t.ok(["downgrade", "base", "-q"]);
    t.run(["downgrade"]);
    t.check("run");
}

#[tokio::test]
async fn what_the_server_says_meanwhile() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "message: it talks",
        "do $$ begin raise notice 'hello'; end $$;\n\
         do $$ begin\n  raise warning 'look out' using detail = 'a wall', hint = 'turn';\nend $$;",
        "select 1;",
    );
    t.revision(
        "b1",
        "revises: a1\ntransaction: off\nmessage: outside a transaction",
        "create table t (a int);\ncreate index concurrently t_a on t (a);",
        "",
    );
    t.revision(
        "c1",
        "revises: b1\nirreversible: the data is gone",
        "drop table t;",
        "",
    );
    t.ok(["upgrade", "--dry-run"]);
    t.ok(["upgrade"]);
    t.ok(["downgrade", "base", "--dry-run"]);
    t.run(["downgrade", "base"]);
    t.check("run_notices");
}

#[tokio::test]
async fn stamps() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.ok(["stamp", "b1", "--dry-run"]);
    t.ok(["stamp", "b1"]);
    t.ok(["stamp", "b2", "c1", "--tag", "by hand"]);
    t.ok(["stamp", "heads"]);
    t.ok(["stamp", "heads"]);
    t.note("a row that no file knows");
    let sql = "insert into alembic_version values ('gone')";
    t.database().run(sql).await;
    t.ok(["current"]);
    t.run(["upgrade"]);
    t.ok(["stamp", "heads", "--purge"]);
    t.ok(["stamp", "base"]);
    t.ok(["log"]);
    t.check("stamp");
}

#[tokio::test]
async fn edited_revisions() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "message: a table",
        "create table t (a int);",
        "drop table t;",
    );
    t.revision("b1", "revises: a1", "select 1;", "select 1;");
    t.ok(["upgrade", "a1"]);
    t.note("a comment is no edit");
    t.revision(
        "a1",
        "message: a table",
        "-- of numbers\ncreate table t (a int);",
        "",
    );
    t.ok(["stamp", "--accept-edit", "a1"]);
    t.revision(
        "a1",
        "message: a table",
        "create table t (a bigint);",
        "drop table t;",
    );
    t.ok(["current"]);
    t.run(["upgrade"]);
    t.ok(["stamp", "--accept-edit", "a1"]);
    t.ok(["current"]);
    t.run(["stamp", "--accept-edit", "b1"]);
    t.ok(["upgrade"]);
    t.check("stamp_accept_edit");
}

#[tokio::test]
async fn another_tools_database() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.database()
        .run(
            "create table alembic_version (version_num varchar(32) primary key);
             insert into alembic_version values ('b1');
             create table t_a1 (); create table t_b1 ();",
        )
        .await;
    t.ok(["current"]);
    t.run(["stamp", "--accept-edit", "b1"]);
    t.ok(["upgrade", "b2", "--dry-run"]);
    t.ok(["upgrade", "b2"]);
    t.ok(["log"]);
    t.check("adopt");
}

#[tokio::test]
async fn a_file_that_is_gone() {
    let mut t = Transcript::with_database().await;
    t.revision("a1", "", "create table t (a int);", "drop table t;");
    t.revision(
        "b1",
        "revises: a1\nmessage: it goes away",
        "create table u ();",
        "drop table u;",
    );
    t.ok(["upgrade"]);
    std::fs::remove_file(t.project.path().join("versions/b1.up.sql")).unwrap();
    std::fs::remove_file(t.project.path().join("versions/b1.down.sql")).unwrap();
    t.ok(["current"]);
    t.run(["downgrade"]);
    t.ok(["downgrade", "--from-history", "--dry-run"]);
    t.ok(["downgrade", "--from-history"]);
    t.ok(["current"]);
    t.check("from_history");
}

#[tokio::test]
async fn scripts_for_a_dba() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "message: a table",
        "create table t (a int);",
        "drop table t;",
    );
    t.revision(
        "b1",
        "revises: a1\nmessage: another",
        "create table u ();",
        "drop table u;",
    );
    t.comments(["upgrade", "--sql"]);
    t.comments(["upgrade", "a1:b1", "--sql", "--tag", "offline"]);
    t.comments(["downgrade", "b1:a1", "--sql"]);
    t.comments(["stamp", "a1:b1", "--sql"]);
    t.check("sql");
}

#[tokio::test]
async fn setup_and_ensure_version() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "message: a table",
        "create table t (a int);",
        "drop table t;",
    );
    t.ok(["ensure-version"]);
    t.ok(["ensure_version"]);
    t.ok(["setup"]);
    let new = format!("{}_new", t.database().name());
    let url = t.database().url().replace(t.database().name(), &new);
    t.project.env("DATABASE_URL", url);
    t.run(["current"]);
    t.ok(["setup"]);
    t.database().run(&format!("drop database {new}")).await;
    t.run(["setup", "--sql"]);
    let owner = t.database().create_owner().await;
    // The owner's name holds the database's.
    let url = t.database().url_as("owner");
    let url = url.replace(t.database().name(), &new);
    let url = url.replace("owner", &owner);
    t.project.env("DATABASE_URL", url);
    t.run(["setup"]);
    t.check("setup");
}
