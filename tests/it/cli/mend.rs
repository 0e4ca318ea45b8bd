//! Files, version table and history that disagree, and how that is told and mended.

use super::transcript::Transcript;

#[tokio::test]
async fn what_agrees_and_what_does_not() {
    let mut t = Transcript::with_database().await;
    t.ok(["verify"]);
    t.forest();
    t.ok(["verify"]);
    t.ok(["upgrade", "b2", "-q"]);
    t.ok(["upgrade", "c1", "-q"]);
    t.ok(["verify"]);
    t.ok(["current", "-v"]);

    t.note("scripts are edited, a revision is put between two, rows are lost and found");
    t.revision(
        "a1",
        "message: create users\ncreated: 2020-01-02T03:04:05Z",
        "create table t_a1 (id int);",
        "drop table if exists t_a1;",
    );
    t.revision(
        "b0",
        "revises: a1\nmessage: skipped",
        "create table t_b0 ();",
        "drop table t_b0;",
    );
    t.revision(
        "b1",
        "revises: b0\nlabel: billing\nmessage: add invoices\ncreated: 2020-01-02T03:04:05Z",
        "create table t_b1 ();",
        "drop table t_b1;",
    );
    t.project
        .write("versions/b2.verify.sql", "select 1 / count(*) from t_b2;\n");
    t.database()
        .run("insert into alembic_version values ('gone'), ('a1'); delete from alembic_version where version_num = 'c1'")
        .await;
    t.run(["verify"]);
    t.run(["verify", "--format", "json"]);
    t.run(["current", "-v"]);
    t.check("verify");
}

#[tokio::test]
async fn a_version_table_that_was_dropped() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.ok(["upgrade", "b1", "-q"]);
    t.database().run("drop table alembic_version").await;
    t.run(["verify"]);
    t.run(["upgrade"]);
    t.run(["downgrade", "base"]);
    t.ok(["stamp", "b1"]);
    t.ok(["verify"]);
    t.check("vanished");
}

#[tokio::test]
async fn repairs() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.ok(["repair", "--dry-run"]);
    t.ok(["upgrade", "b2", "-q"]);
    t.note("rows that overlap, are there twice, or have no file");
    t.database()
        .run(
            "alter table alembic_version drop constraint alembic_version_pkc;
             insert into alembic_version values ('a1'), ('b2'), ('gone')",
        )
        .await;
    t.run(["repair", "--dry-run"]);
    t.run(["repair"]);
    t.run(["repair", "--yes"]);
    t.run(["repair", "--yes", "--remove-unknown", "--format", "json"]);
    t.ok(["verify"]);
    t.ok(["log", "-v", "-n", "4"]);

    t.note("a version table that was dropped");
    t.database().run("drop table alembic_version").await;
    t.ok(["repair", "--yes", "--tag", "restored"]);
    t.ok(["verify"]);

    t.note("a row whose file is gone, and an edit");
    t.revision("z9", "revises: b2", "create table t_z9 ();", "");
    t.ok(["upgrade", "z9", "-q"]);
    std::fs::remove_file(t.project.path().join("versions/z9.up.sql")).unwrap();
    t.revision(
        "b2",
        "revises: b1\nmessage: add payments\ncreated: 2020-01-02T03:04:05Z",
        "create table t_b2 (n int);",
        "drop table t_b2;",
    );
    t.run(["repair", "--dry-run"]);
    t.run(["repair", "--remove-unknown", "--yes"]);
    t.check("repair");
}

#[tokio::test]
async fn a_repair_of_another_tools_database() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.database()
        .run(
            "create table alembic_version (version_num varchar(32) primary key);
             insert into alembic_version values ('b1')",
        )
        .await;
    t.run(["verify"]);
    t.ok(["repair", "--yes"]);
    t.ok(["verify"]);
    t.database()
        .run("delete from alembic_version; insert into alembic_version values ('a1')")
        .await;
    t.run(["verify"]);
    t.run(["repair", "--yes"]);
    t.ok(["stamp", "current"]);
    t.ok(["verify"]);
    t.ok(["log"]);
    t.check("repair_adopted");
}
