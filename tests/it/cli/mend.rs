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
