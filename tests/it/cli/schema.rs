//! `schema dump`, `schema erd` and `diff`.

use super::transcript::Transcript;
use crate::states::create_roles;

const SCHEMA: &str = "\
create type mood as enum ('sad', 'happy');
create table notes (
    id bigint generated always as identity primary key,
    body text not null default 'x',
    mood mood
);
create table parts (note bigint references notes on delete cascade);
create index on notes (lower(body));
alter table notes enable row level security;
create policy own on notes for select to gm_reader using (body <> '');
grant select on notes to gm_reader;
comment on table notes is 'what was noted';
";

/// A database with something in it, and a file that tells nearly the same.
async fn project() -> Transcript {
    create_roles().await;
    let t = Transcript::with_database().await;
    t.database().run(SCHEMA).await;
    t.project.write(
        "new.sql",
        SCHEMA.replace(
            "mood mood",
            "mood mood, pinned boolean not null default false",
        ) + "create table tags (name varchar(10) check (name in ('a', 'b')));\ndrop table parts;\n",
    );
    t
}

#[tokio::test]
async fn a_database_as_sql() {
    let mut t = project().await;
    t.ok(["schema", "dump"]);
    t.ok(["schema", "dump", "empty"]);
    t.ok(["schema", "dump", "--output", "out.sql"]);
    let text = t.project.read("out.sql");
    assert!(text.contains("CREATE TABLE public.notes"), "{text}");
    t.ok(["schema", "dump", "--split", "out"]);
    let table = t.project.read("out/table/public.notes.sql");
    insta::assert_snapshot!("split_table", table);
    // What was there before is named, as far as it is SQL.
    for file in ["table/public.gone.sql", "mine.sql", "README.md"] {
        t.project.write(format!("out/{file}"), "-- old");
    }
    t.ok(["schema", "dump", "--split", "out"]);
    t.ok([
        "schema",
        "dump",
        "--include",
        "public.parts",
        "--format",
        "json",
    ]);
    t.check_without_versions("schema_dump");
}

#[tokio::test]
async fn a_database_as_a_drawing() {
    let mut t = project().await;
    t.ok(["schema", "erd"]);
    t.project.write(
        "plain.sql",
        "create table a (x int, y int, primary key (x, y)); create table b (x int, y int unique,
             foreign key (x, y) references a); create table c (id int primary key references b (y));",
    );
    t.ok(["schema", "erd", "file:plain.sql", "--exclude", "public.d"]);
    t.ok(["schema", "erd", "--format", "svg", "--output", "out.svg"]);
    let picture = t.project.read("out.svg");
    assert!(
        picture.starts_with("<svg") && picture.contains("notes"),
        "{picture}"
    );
    t.ok([
        "schema",
        "erd",
        "--include",
        "public.parts",
        "--format",
        "json",
    ]);
    t.run(["schema", "erd", "nothing:like:it"]);
    t.check_without_versions("schema_erd");
}

#[tokio::test]
async fn two_states_differ() {
    let mut t = project().await;
    t.ok(["diff", "db", "db"]);
    t.run(["diff", "db", "file:new.sql"]);
    t.run(["diff", "file:new.sql", "db", "--format", "unified", "-q"]);
    t.run([
        "diff",
        "db",
        "empty",
        "--include",
        "public.parts",
        "--format",
        "json",
    ]);
    let url = t.database().url();
    t.project.grace(["diff", &url, "db"]).success();
    t.check_without_versions("schema_diff");
}

/// What PostgreSQL writes otherwise once it has read what it wrote is no difference.
#[tokio::test]
async fn an_expression_that_is_written_in_two_ways() {
    let mut t = Transcript::with_database().await;
    t.project.write(
        "one.sql",
        "create table t (s varchar(10) constraint c check (s in ('a', 'b')));",
    );
    t.ok(["schema", "dump", "file:one.sql", "--output", "two.sql"]);
    assert_ne!(t.project.read("two.sql"), "");
    t.ok(["diff", "file:one.sql", "file:two.sql"]);
    t.project.write(
        "three.sql",
        "create table t (s varchar(10) constraint c check (s in ('a', 'c')));",
    );
    let output = t.run(["diff", "file:one.sql", "file:three.sql"]);
    assert!(output.stdout.contains("changed"), "{output}");
    t.check_without_versions("schema_two_ways");
}

#[tokio::test]
async fn what_is_wrong() {
    let mut t = project().await;
    t.database()
        .run("create conversion c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8")
        .await;
    t.ok(["schema", "dump", "--include", "public.parts"]);
    t.run(["schema", "dump", "--strict"]);
    t.run(["schema", "dump", "current"]);
    t.run(["schema", "dump", "file:nowhere.sql"]);
    t.project.write(
        "bad.sql",
        "create table t (id integer);\ncreate tabel u ();\n",
    );
    t.run(["diff", "db", "file:bad.sql"]);
    t.project.write("open.sql", "select 'x");
    t.run(["diff", "db", "file:open.sql"]);
    t.run([
        "diff",
        "db",
        "empty",
        "--include",
        "nosuch",
        "--include",
        "other.*",
    ]);
    t.run(["diff", "db", "empty", "--include", ""]);
    t.run(["schema", "dump", "--output", "no/such/folder.sql"]);
    t.check_without_versions("schema_errors");
}

/// What the revisions build, and what was changed past them.
#[tokio::test]
async fn revisions_against_the_database() {
    let mut t = Transcript::with_database().await;
    let down = "drop table notes;";
    t.revision("a1", "", "create table public.notes (id int);", down);
    let up = "alter table public.notes add body text;";
    t.revision(
        "b1",
        "revises: a1",
        up,
        "alter table public.notes drop body;",
    );
    t.project.grace(["upgrade"]).success();
    t.ok(["diff", "head", "db"]);
    t.run(["diff", "a1", "head"]);
    t.database().run("create index on notes (id)").await;
    t.run(["diff", "head", "db"]);
    t.run(["schema", "dump", "c1"]);
    t.check_without_versions("schema_revisions");
}

/// An owner who is no superuser reads all of it.
#[tokio::test]
async fn an_owner_reads_it_too() {
    create_roles().await;
    let mut t = Transcript::with_database().await;
    let owner = t.database().create_owner().await;
    let url = t.database().url_as(&owner);
    t.project.env("DATABASE_URL", url.clone());
    let client = crate::support::connect(&url).await;
    client.batch_execute(SCHEMA).await.unwrap();
    drop(client);
    let text = t.project.grace(["schema", "dump"]).success().stdout;
    assert!(text.contains("CREATE POLICY own ON public.notes"), "{text}");
    assert!(!text.contains("OWNER TO"), "{text}");
}
