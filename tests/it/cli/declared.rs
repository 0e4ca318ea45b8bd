//! The declared schema as a state, and what the applied revisions build.

use super::transcript::Transcript;

/// A file for each object, in no order that runs: a view before its table, a key before what it
/// leads to, two functions that name each other.
fn declare(t: &Transcript) {
    let files = [
        (
            "schema/a_view.sql",
            "create view public.open_notes as select id, public.one(id) from public.notes;",
        ),
        (
            "schema/functions/one.sql",
            "set search_path = public;\n\
             create function one(a bigint) returns bigint language sql as 'select two(a - 1)';",
        ),
        (
            "schema/functions/two.sql",
            "set search_path = public;\n\
             create function two(a bigint) returns bigint language sql as\n\
             'select case when a > 0 then one(a) end';",
        ),
        (
            "schema/links.sql",
            "begin;\ncreate table public.links (\n\
             note bigint constraint links_note_fkey references public.notes\n);\ncommit;\n",
        ),
        (
            "schema/notes.sql",
            "create table public.notes (id bigint constraint notes_pkey primary key);\n\
             comment on table public.notes is 'what was noted';\n",
        ),
    ];
    for (path, text) in files {
        t.project.write(path, text);
    }
}

#[test]
fn files_in_no_order_are_a_schema() {
    let mut t = Transcript::of_files();
    declare(&t);
    t.ok(["schema", "dump", "schema"]);
    t.ok(["diff", "schema", "schema"]);
    // In one file that runs, the same is the same.
    t.ok(["schema", "dump", "schema", "--output", "all.sql"]);
    t.ok(["diff", "schema", "file:all.sql"]);
    t.project
        .grace(["schema", "dump", "schema", "--split", "again"])
        .success();
    t.project.write(
        "grace-migrate.toml",
        t.project
            .read("grace-migrate.toml")
            .replace("# files = \"schema\"", "files = [\"again\"]"),
    );
    t.ok(["diff", "schema", "file:all.sql"]);
    t.check_without_versions("declared");
}

/// Default privileges are of later objects. What is declared has none of a file that tells of them
/// alone, wherever that stands; within a file they are of what stands behind them.
#[test]
fn default_privileges_come_last() {
    let t = Transcript::of_files();
    t.revision(
        "a1",
        "",
        "create table public.a (id integer);\n\
         create view public.v as select id from public.a;\n\
         alter default privileges in schema public grant select on tables to anon;\n\
         alter default privileges revoke execute on functions from public;",
        "",
    );
    let split = ["schema", "dump", "head", "--split", "schema"];
    t.project.grace(split).success();
    t.project.grace(["diff", "head", "schema"]).success();
    t.project.grace(["check", "--only", "schema"]).success();

    // They name what other files make, a schema and a role.
    let alone = "-- of all tables\nset role none;\nbegin;\n\
                 alter default privileges in schema app grant select on tables to app;\ncommit;\n";
    let tables = "create role app;\ncreate schema app;\ncreate table app.t ();\n";
    t.project.write("one/a.sql", alone);
    t.project.write("one/b.sql", tables);
    t.project.write("expected.sql", format!("{tables}{alone}"));
    configure(&t, "files = \"one\"");
    let holds = ["diff", "schema", "file:expected.sql"];
    t.project.grace(holds).success();

    let mixed = format!("create role app;\ncreate schema app;\n{alone}create table app.t ();\n");
    t.project.write("one/b.sql", "");
    t.project.write("one/a.sql", &mixed);
    let output = t.project.grace(holds);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stdout.contains("GRANT SELECT ON"), "{output}");
    t.project.write("expected.sql", &mixed);
    t.project.grace(holds).success();
}

fn configure(t: &Transcript, settings: &str) {
    let text = t.project.read("grace-migrate.toml");
    let (before, rest) = text.split_once("[schema]\n").unwrap();
    let (_, after) = rest.split_once("# Other databases").unwrap();
    let text = format!("{before}[schema]\n{settings}\n# Other databases{after}");
    t.project.write("grace-migrate.toml", text);
}

#[test]
fn a_program_tells_the_schema() {
    let mut t = Transcript::of_files();
    t.project.write("ddl", "create table t (id integer);\n");
    configure(
        &t,
        "command = [\"cat\", \"ddl\"]\nexclude = [\"public.tmp_*\"]",
    );
    t.ok(["schema", "dump", "schema"]);
    t.project.write(
        "ddl",
        "create table t (id integer);\ncreate table tmp_1 ();\n",
    );
    t.ok(["diff", "schema", "file:ddl"]);
    t.words("config");
    t.project.write(
        "ddl",
        "create table t (id integer);\ngrant select on t to app;\n",
    );
    t.run(["diff", "empty", "schema"]);
    configure(&t, "command = [\"cat\", \"ddl\"]\nroles = [\"app\"]");
    t.run(["diff", "empty", "schema", "--format", "unified"]);
    configure(&t, "command = [\"cat\", \"nowhere\"]");
    t.run(["diff", "empty", "schema"]);
    configure(&t, "command = [\"true\"]");
    t.run(["diff", "empty", "schema"]);
    configure(&t, "command = \"no-such-program-at-all\"");
    t.run(["diff", "empty", "schema"]);
    configure(&t, "files = \"x\"\ncommand = []\ninclude = \"\"\nfile = 1");
    t.run(["config"]);
    t.check_without_versions("declared_command");
}

#[test]
fn what_is_wrong_with_it() {
    let mut t = Transcript::of_files();
    t.run(["schema", "dump", "schema"]);
    let mut bad = |text: &str| {
        t.project.write("schema/b.sql", text);
        t.run(["diff", "empty", "schema"]);
    };
    // A mistake in a later statement is told before what waits for it.
    bad("create view v as select * from t;\ncreate tabel t ();\n");
    // What never comes, and the first of it.
    bad("create table a (b public.none);\ncreate view v as\n  select c from a;\n");
    // A body is looked at once everything is there.
    bad(
        "create function f(a integer) returns integer language sql as $$\n  select g(a);\n$$;\n\
         create function g(a integer) returns integer language sql as $$\n  select f(no_column);\n$$;\n",
    );
    // What pg_dump writes around its script is passed over.
    bad("\\restrict x\ncreate table a ();\n\\connect y\n\\unrestrict x\n");
    bad("select 'x");
    t.project
        .write("schema/a.sql", "copy (select 1) to stdout;");
    t.run(["diff", "empty", "schema"]);
    t.check_without_versions("declared_errors");
}

/// A text that is no one message: larger than a megabyte, and with data.
#[test]
fn large_texts_and_data() {
    let mut t = Transcript::of_files();
    let mut text = "create view v as select * from u;\n".to_owned();
    text.push_str(&format!("-- {}\n", "x".repeat(1 << 20)));
    text.push_str("create table t (id integer);\ncopy t (id) from stdin;\n1\n\\.\n");
    t.project.write("schema/a.sql", text);
    t.project
        .write("schema/b.sql", "create table u (id integer);");
    t.ok(["schema", "dump", "schema"]);
    t.check_without_versions("declared_large");
}

/// `current` is what those revisions build that are applied, on two branches too.
#[tokio::test]
async fn what_the_applied_revisions_build() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "",
        "create table public.a (id integer);",
        "drop table public.a;",
    );
    t.revision(
        "b1",
        "",
        "create table public.b (id integer);",
        "drop table public.b;",
    );
    t.revision(
        "a2",
        "revises: a1",
        "alter table public.a add c text;",
        "alter table public.a drop c;",
    );
    t.ok(["diff", "current", "empty"]);
    t.project.grace(["upgrade", "a1"]).success();
    t.project.grace(["upgrade", "b1"]).success();
    t.ok(["schema", "dump", "current"]);
    t.ok(["diff", "current", "db"]);
    t.run(["diff", "current", "a2@head", "--format", "unified", "-q"]);
    t.database().run("alter table b drop id").await;
    t.run(["diff", "current", "db", "--format", "unified", "-q"]);
    t.database()
        .run("update alembic_version set version_num = 'gone' where version_num = 'b1'")
        .await;
    t.run(["diff", "current", "db"]);
    t.check_without_versions("declared_current");
}
