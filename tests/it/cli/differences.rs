//! `diff` without states: files, version table and database in one report.

use super::transcript::Transcript;

#[tokio::test]
async fn files_version_table_and_database() {
    let mut t = Transcript::with_database().await;
    let down = "drop table public.notes;";
    t.revision(
        "a1",
        "message: notes",
        "create table public.notes (id int);",
        down,
    );
    let up = "alter table public.notes add body text;";
    let down = "alter table public.notes drop body;";
    t.revision("b1", "revises: a1\nmessage: bodies", up, down);
    t.run(["diff"]);
    t.project.grace(["upgrade"]).success();
    t.ok(["diff"]);
    // Pending, edited, and changed by hand.
    t.revision(
        "c1",
        "revises: b1\nmessage: tags",
        "create table public.tags (name text);",
        "drop table public.tags;",
    );
    t.revision(
        "b1",
        "revises: a1",
        "alter table public.notes add body varchar;",
        down,
    );
    t.database().run("create index by_id on notes (id)").await;
    t.run(["diff"]);
    t.run(["diff", "--format", "unified", "-q"]);
    let report = t.project.grace(["diff", "--format", "json"]).json();
    assert_eq!(report["pending"][0]["revision"], "c1");
    assert_eq!(report["history"]["agrees"], false);
    assert_eq!(report["drift"]["objects"].as_array().unwrap().len(), 1);
    // What is left out is no drift.
    t.revision("b1", "revises: a1", up, down);
    t.run(["diff", "--exclude", "public.notes"]);
    // With one state it is held against the database.
    t.run(["diff", "head", "--format", "unified", "-q"]);
    // An index that is there and that nobody uses, since it was half built.
    let same = "create table notes (id int, body text); create index by_id on notes (id);";
    t.project.write("same.sql", same);
    let half = "update pg_index set indisvalid = false where indexrelid = 'by_id'::regclass";
    t.database().run(half).await;
    t.run(["diff", "file:same.sql", "db", "--format", "unified", "-q"]);
    // A file that is gone, and a row that nobody knows.
    t.database()
        .run("update alembic_version set version_num = 'gone'")
        .await;
    t.run(["diff"]);
    t.check_without_versions("differences");
}

/// A revision that does not run any more is told as what it is: nothing stands anywhere.
#[tokio::test]
async fn a_revision_that_cannot_be_built() {
    let mut t = Transcript::with_database().await;
    let down = "drop table public.notes;";
    t.revision("a1", "", "create table public.notes (id int);", down);
    t.project.grace(["upgrade"]).success();
    t.revision(
        "a1",
        "",
        "create table public.notes (id int);\ngrant select on notes to nobody_has_this;",
        down,
    );
    t.run(["diff"]);
    t.run(["diff", "head", "empty"]);
    t.check_without_versions("differences_not_built");
}
