//! `revision --autogenerate` and `migrate`: revisions made of the declared schema.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::transcript::Transcript;
use crate::states::create_roles;

const NOTES: &str = "create table public.notes (
    id bigint generated always as identity primary key,
    body text not null
);
comment on table public.notes is 'what was noted';
create view public.bodies with (security_invoker = true) as select body from public.notes;
grant select on public.bodies to anon;
";

/// The ids of new revisions are no two times the same.
pub(super) fn check(t: &Transcript, name: &str) {
    let more = [
        (r"\b[0-9a-f]{12}\b", "[id]"),
        (r"_[0-9a-f]{12}_", "_[id]_"),
        (r"created: \S+", "created: [instant]"),
        (r"PostgreSQL \d+\.\d+", "PostgreSQL [version]"),
        (r"grace-migrate \d+\.\d+\.\d+", "grace-migrate [version]"),
    ];
    t.check_with(name, &more);
}

/// Declares the schema.
pub(super) fn declare(t: &Transcript, sql: &str) {
    t.project.write("schema/all.sql", sql);
}

/// The new file whose name ends so.
fn new_file(t: &Transcript, end: &str) -> String {
    let files = t.project.files("versions");
    let mut found = files.into_iter().filter(|file| file.ends_with(end));
    let file = found.next().unwrap_or_else(|| panic!("no file {end}"));
    assert_eq!(found.next(), None);
    file
}

/// Keeps the scripts of the revisions with this slug.
pub(super) fn scripts(t: &mut Transcript, slug: &str) {
    for kind in ["up", "down"] {
        let file = new_file(t, &format!("{slug}.{kind}.sql"));
        t.file(&file);
    }
}

fn count(t: &Transcript) -> usize {
    let files = t.project.files("versions");
    files.iter().filter(|file| file.ends_with(".sql")).count()
}

/// What a stranger would try: the files do what the report says, in a real database too.
#[tokio::test]
async fn from_nothing_and_on() {
    let mut t = Transcript::with_database().await;
    create_roles().await;
    let notes = NOTES.replace("to anon", "to gm_reader");
    let settings = t.project.read("grace-migrate.toml");
    let settings = settings.replace("roles = []", "roles = [\"gm_reader\"]");
    t.project.write("grace-migrate.toml", settings);
    declare(&t, &notes);
    t.ok(["migrate", "-m", "Notes"]);
    scripts(&mut t, "notes");
    let nothing = t.run(["migrate", "-m", "again"]);
    assert_eq!(nothing.code, Some(1));
    assert_eq!(count(&t), 2);
    t.project.grace(["upgrade"]).success();

    let more = notes.replace(
        "    body text not null\n",
        "    body text not null check (body <> ''),\n    title text not null default ''\n",
    );
    let more = format!("{more}create index notes_title on public.notes (title);\n");
    declare(&t, &more);
    t.ok(["revision", "--autogenerate", "-m", "titles"]);
    for part in 1..=3 {
        scripts(&mut t, &format!("titles_{part}_of_3"));
    }
    t.project.grace(["upgrade"]).success();
    t.words("diff db schema");
    t.project.grace(["downgrade", "-3"]).success();
    let first = new_file(&t, "notes.up.sql");
    let id = first.split('_').nth(2).unwrap().to_owned();
    t.project.grace(["diff", "db", &id]).success();
    t.project.grace(["test"]).success();
    check(&t, "autogenerate_tour");
}

#[test]
fn at_once_or_not_at_all() {
    let mut t = Transcript::of_files();
    declare(&t, NOTES);
    t.project.grace(["migrate", "-m", "notes"]).success();
    let more = format!("{NOTES}create index notes_body on public.notes (body);\n");
    declare(&t, &more);
    let before = t.project.files("");
    t.ok(["migrate", "-m", "by body", "--no-online", "--dry-run"]);
    assert_eq!(t.project.files(""), before);
    t.ok(["migrate", "-m", "by body", "--dry-run"]);
    assert_eq!(t.project.files(""), before);
    let report = t
        .project
        .grace(["migrate", "--dry-run", "--format", "json"])
        .success()
        .json();
    assert_eq!(report["written"], false);
    let revision = &report["revisions"][0];
    assert_eq!(revision["transaction"], "off");
    assert_eq!(revision["way_back"], "lossless");
    let sql = revision["scripts"][0]["sql"].as_str().unwrap();
    assert!(
        sql.contains("CREATE INDEX CONCURRENTLY notes_body"),
        "{sql}"
    );
    check(&t, "autogenerate_dry");
}

#[test]
fn what_deletes_data_is_to_be_allowed() {
    let mut t = Transcript::of_files();
    declare(&t, NOTES);
    t.project.grace(["migrate", "-m", "notes"]).success();
    let less = NOTES
        .replace("    body text not null", "    text text not null")
        .replace("select body from", "select text from");
    declare(&t, &less);
    t.run(["migrate", "-m", "texts"]);
    assert_eq!(count(&t), 2);
    t.run([
        "migrate",
        "-m",
        "texts",
        "--rename",
        "column:notes.bodies=text",
    ]);
    t.run(["migrate", "-m", "texts", "--rename", "notes.body"]);
    t.ok([
        "migrate",
        "-m",
        "texts",
        "--rename",
        "column:notes.body=text",
    ]);
    scripts(&mut t, "texts");

    // It is not in the schema any more, and was not renamed.
    declare(&t, "");
    t.run(["migrate", "-m", "nothing"]);
    let settings = t.project.read("grace-migrate.toml");
    let allow = "allow-destructive = [\"public.no*\"]";
    let settings = settings.replace("allow-destructive = []", allow);
    t.project.write("grace-migrate.toml", settings);
    t.ok(["migrate", "-m", "allowed by name", "--dry-run"]);
    t.ok(["migrate", "-m", "nothing", "--allow-destructive"]);
    scripts(&mut t, "nothing");
    t.project.grace(["test"]).success();
    check(&t, "autogenerate_destructive");
}

#[test]
fn the_schema_says_what_was_renamed() {
    let mut t = Transcript::of_files();
    let moods = "create type mood as enum ('sad', 'ok');\n";
    declare(&t, &format!("{NOTES}{moods}"));
    t.project.grace(["migrate", "-m", "notes"]).success();
    declare(
        &t,
        "-- renamed-from: notes
create table public.memos (
    id bigint generated always as identity,
    -- renamed-from: body
    text text not null,
    constraint memos_pkey primary key (id)
);
comment on table public.memos is 'what was noted';
-- renamed-from: bodies
create view public.texts with (security_invoker = true) as select text from public.memos;
grant select on public.texts to anon;
create type mood as enum (
    -- renamed-from: 'sad'
    'unhappy',
    'ok'
);
",
    );
    // The sequence of the identity goes along, and the key would.
    t.ok(["migrate", "-m", "memos"]);
    scripts(&mut t, "memos");
    // It says so for good.
    let nothing = t.run(["migrate", "-m", "again"]);
    assert_eq!(nothing.code, Some(1));
    t.project.grace(["test"]).success();

    let schema = t.project.read("schema/all.sql");
    declare(
        &t,
        &schema.replace("-- renamed-from: 'sad'", "-- renamed-from: 'a b'"),
    );
    t.project.grace(["migrate", "-m", "again"]);
    declare(
        &t,
        &format!("{schema}-- renamed-from: nobody\ncreate table new (id int);\n"),
    );
    t.run(["migrate", "-m", "new"]);
    declare(
        &t,
        &format!("{schema}create table new (id int -- renamed-from: nobody\n);\n"),
    );
    t.run(["migrate", "-m", "new"]);
    check(&t, "autogenerate_renames");
}

/// A trigger on DDL makes of every table another one than was asked for.
#[test]
fn what_is_not_proved_is_not_written() {
    let mut t = Transcript::of_files();
    let guard = "create function public.guard() returns event_trigger language plpgsql as $$
declare one record;
begin
    for one in select objid::regclass as name from pg_event_trigger_ddl_commands()
        where object_type = 'table' and command_tag = 'CREATE TABLE'
    loop
        execute format('alter table %s enable row level security', one.name);
    end loop;
end $$;
create event trigger guard on ddl_command_end execute function public.guard();
";
    declare(&t, guard);
    t.project.grace(["migrate", "-m", "guard"]).success();
    // In another file, that is run first.
    t.project
        .write("schema/a.sql", "create table public.open (id int);\n");
    let temporary = t.project.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    t.project.env("TMPDIR", temporary.to_str().unwrap());
    let failed = t.run(["migrate", "-m", "open"]);
    assert_eq!(failed.code, Some(70));
    assert_eq!(count(&t), 2);
    let left = t.project.files("tmp");
    let [evidence] = left.as_slice() else {
        panic!("{left:?}");
    };
    let mode = fs::metadata(t.project.path().join(evidence)).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    t.file(&evidence.clone());
    check(&t, "autogenerate_unproved");
}

#[test]
fn where_it_stands() {
    let mut t = Transcript::of_files();
    t.forest();
    declare(
        &t,
        "create table t_a1 (); create table t_b1 (); create table t_b2 ();",
    );
    // Several heads, a head that is none, an id that is taken: nothing is built for that.
    t.run(["migrate", "-m", "x"]);
    t.run(["migrate", "-m", "x", "--head", "a1"]);
    t.run(["migrate", "-m", "x", "--head", "b2", "--rev-id", "c1"]);
    t.ok([
        "migrate",
        "-m",
        "the way down goes",
        "--head",
        "c1",
        "--rev-id",
        "f1",
        "--branch-label",
        "notes",
        "--depends-on",
        "b2",
        "--splice",
        "--irreversible",
        "nobody needs it",
        "--allow-destructive",
    ]);
    let up = new_file(&t, "the_way_down_goes.up.sql");
    t.file(&up);
    assert!(
        !t.project
            .files("versions")
            .iter()
            .any(|file| file.ends_with("goes.down.sql"))
    );
    check(&t, "autogenerate_places");
}

#[test]
fn options_that_go_with_others() {
    let mut t = Transcript::of_files();
    for option in [
        "--dry-run",
        "--no-online",
        "--allow-destructive",
        "--rename=table:a=b",
        "--strict",
        "--no-cache",
        "--include=public",
    ] {
        t.run(["revision", "-m", "x", option]);
    }
    t.run(["revision", "--autogenerate", "--template", "rls"]);
    t.run(["diff", "empty", "schema", "--no-online"]);
    t.run(["migrate", "-m", "x"]);
    t.check("autogenerate_options");
}

/// SQL for psql: both ways of writing it do what they say.
#[tokio::test]
async fn a_difference_as_sql() {
    let mut t = Transcript::with_database().await;
    t.project.write(
        "old.sql",
        "create table t (a int, b text, c int);\ninsert into t values (1, 'x', 2);\n",
    );
    t.project.write(
        "new.sql",
        "create table t (a int not null, text text); create index t_text on t (text);\n\
         create type mood as enum ('ok');",
    );
    let options = ["diff", "file:old.sql", "file:new.sql", "--format", "sql"];
    t.run(options);
    let [diff, old, new, format, sql] = options;
    let renamed = [diff, old, new, format, sql, "--rename", "column:t.b=text"];
    t.run(renamed);
    let all = t.run([
        diff,
        old,
        new,
        format,
        sql,
        "--rename",
        "column:t.b=text",
        "--allow-destructive",
        "--no-online",
    ]);
    assert_eq!(all.code, Some(1));
    let database = t.database();
    let script = t.project.read("old.sql") + &all.stdout;
    database.client().batch_execute(&script).await.unwrap();
    t.words("diff db file:new.sql");
    t.words("diff db file:new.sql --format sql");
    // What was done by hand, and what takes it back.
    let by_hand = "drop table t; drop type mood; create view v as select 1 as one";
    t.database().client().batch_execute(by_hand).await.unwrap();
    t.run(["diff", "--format", "sql"]);
    t.run(["diff", "current", "db", "--format", "sql"]);
    t.run(["diff", "db", "current", "--format", "sql"]);
    check(&t, "diff_sql");
}

#[test]
fn hooks_and_json() {
    let t = Transcript::of_files();
    let settings = t.project.read("grace-migrate.toml");
    let hook = "[[revision.hooks]]\nname = \"mark\"\ncommand = [\"sh\", \"-c\", \"echo '-- seen' >> {path}\"]\n\n[run]\n";
    t.project
        .write("grace-migrate.toml", settings.replace("[run]\n", hook));
    declare(&t, NOTES);
    let report = t
        .project
        .grace(["migrate", "-m", "notes", "--format", "json"]);
    let report = report.success().json();
    assert_eq!(report["command"], "migrate");
    assert_eq!(report["written"], true);
    let [revision] = report["revisions"].as_array().unwrap().as_slice() else {
        panic!("{report}");
    };
    assert_eq!(revision["hooks"][0]["changed"], true);
    let kinds: Vec<&Value> = report["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["table", "view"]);
    assert!(
        t.project
            .read(new_file(&t, "notes.up.sql"))
            .ends_with("-- seen\n")
    );
    // A formatter changes no statement: it builds the same.
    let again = t.project.grace(["migrate", "--format", "json"]);
    assert_eq!(again.code, Some(1));
    assert_eq!(again.json()["revisions"].as_array().unwrap().len(), 0);
}

#[test]
fn a_signal_leaves_nothing() {
    let mut t = Transcript::of_files();
    let temporary = t.project.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    t.project.env("TMPDIR", temporary.to_str().unwrap());
    declare(&t, "create table t (id int);");
    t.revision("a1", "", "select pg_sleep(600);", "select 1;");
    let mut child = t
        .project
        .command(["migrate", "-m", "x"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let folders = || {
        let all = ["/dev/shm", "/tmp", temporary.to_str().unwrap()].into_iter();
        let entries = all.flat_map(|dir| fs::read_dir(dir).into_iter().flatten().flatten());
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mine = format!("gm-scratch-{pid}-");
        names.filter(|name| name.starts_with(&mine)).count()
    };
    while folders() < 1 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let killed = Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let talk: Vec<String> = talk.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{talk:?}");
    assert_eq!(
        talk[..2],
        ["error[interrupted]: interrupted", "  nothing was written"]
    );
    assert_eq!(folders(), 0);
    assert_eq!(t.project.files("tmp"), Vec::<String>::new());
    assert_eq!(count(&t), 2);
}

/// Branches that come together, a version table in a schema of its own, one transaction for all, and
/// rows that are in the way.
#[test]
fn projects_of_other_kinds() {
    let mut t = Transcript::of_files();
    let made = "created: 2020-01-02T03:04:05Z";
    for (id, parent) in [("a1", "base"), ("b1", "a1"), ("c1", "a1")] {
        let header = format!("revises: {parent}\n{made}");
        let up = format!("create table t_{id} ();");
        t.revision(id, &header, &up, &format!("drop table t_{id};"));
    }
    let tables =
        "create table t_a1 (); create table t_b1 (); create table t_b2 (); create table t_c1 ();
        create table t_d1 (); create table t_e1 ();\n";
    declare(
        &t,
        &format!("{tables}create table joined (id int primary key);\n"),
    );
    t.ok(["migrate", "-m", "join", "--head", "heads"]);
    scripts(&mut t, "join");
    let settings = t.project.read("grace-migrate.toml");
    let settings = settings.replace("schema = \"public\"", "schema = \"kept apart\"");
    let settings = settings.replace("transaction = \"revision\"", "transaction = \"all\"");
    t.project.write("grace-migrate.toml", settings);
    let more = "create table joined (id int primary key, name text);
        create index joined_name on joined (name);\n";
    declare(&t, &format!("{tables}{more}"));
    t.ok(["migrate", "-m", "names"]);
    scripts(&mut t, "names");
    t.project.grace(["test"]).success();
    let again = t.project.grace(["migrate"]);
    assert_eq!(again.code, Some(1), "{again}");

    let names = new_file(&t, "names.up.sql");
    let text = t.project.read(&names);
    t.project
        .write(&names, text + "insert into joined values (1, null);\n");
    declare(
        &t,
        &format!(
            "{tables}{}",
            more.replace("name text", "name text not null")
        ),
    );
    let refused = t.run(["migrate", "-m", "not null"]);
    assert_eq!(refused.code, Some(2));
    check(&t, "autogenerate_kinds");
}

/// A sequence that goes with its table goes on behind the values that were given.
#[test]
fn a_serial_keeps_its_place() {
    let t = Transcript::of_files();
    let serial = "create table notes (id serial primary key, of int references notes, body text);
        create index on notes (body);\n";
    declare(&t, serial);
    t.project.grace(["migrate", "-m", "notes"]).success();
    let renamed = serial
        .replace("notes", "memos")
        .replace("id serial", "n serial");
    let renamed = format!("-- renamed-from: notes\n{renamed}");
    let renamed = renamed.replace("(n serial", "(\n-- renamed-from: id\nn serial");
    declare(&t, &renamed);
    t.project.grace(["migrate", "-m", "memos"]).success();
    let up = t.project.read(new_file(&t, "memos.up.sql"));
    let statements: Vec<&str> = up.lines().filter(|line| line.ends_with(';')).collect();
    assert_eq!(
        statements,
        [
            "ALTER TABLE public.notes RENAME TO memos;",
            "ALTER TABLE public.memos RENAME COLUMN id TO n;",
            "ALTER TABLE public.memos RENAME CONSTRAINT notes_pkey TO memos_pkey;",
            "ALTER TABLE public.memos RENAME CONSTRAINT notes_of_fkey TO memos_of_fkey;",
            "ALTER INDEX public.notes_body_idx RENAME TO memos_body_idx;",
            "ALTER SEQUENCE public.notes_id_seq RENAME TO memos_n_seq;",
        ]
    );
    t.project.grace(["test"]).success();
}

/// What is left out may not be the same on both sides: that is no mistake of the plan, where a step
/// needs it.
#[test]
fn what_is_left_out_and_needed() {
    let mut t = Transcript::of_files();
    let schema = "create schema kept;
        create type kept.mood as enum ('ok');
        create table public.notes (id int, mood kept.mood);\n";
    let down = "drop table public.notes; drop schema kept cascade;";
    t.revision("a1", "", schema, down);
    let settings = t.project.read("grace-migrate.toml");
    let excluded = settings.replace("exclude = []", "exclude = [\"kept\"]");
    assert_ne!(settings, excluded);
    let settings = excluded;
    t.project.write("grace-migrate.toml", settings);
    let more = schema
        .replace("'ok'", "'ok', 'sad'")
        .replace("mood kept.mood", "mood kept.mood default 'sad'");
    declare(&t, &format!("{more}create index on public.notes (id);\n"));
    let refused = t.run(["migrate", "-m", "sad"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.starts_with("error[excluded-differs]"));
    assert!(refused.stderr.contains("(1 of 2)"), "{}", refused.stderr);
    assert_eq!(count(&t), 2);
    check(&t, "autogenerate_excluded");
}

/// Names that move up, and names that are swapped; of what stands in the schema of a search path.
#[test]
fn names_that_others_had() {
    let mut t = Transcript::of_files();
    let made = "create schema app; set search_path = app, public;
        create table notes (b int, c text);\n";
    declare(&t, made);
    t.project.grace(["migrate", "-m", "notes"]).success();
    let moved = "create schema app; set search_path = app, public;
create table notes (
    -- renamed-from: b
    a int,
    -- renamed-from: c
    b text
);\n";
    declare(&t, moved);
    t.project.grace(["migrate", "-m", "moved"]).success();
    let up = t.project.read(new_file(&t, "moved.up.sql"));
    let statements: Vec<&str> = up.lines().filter(|line| line.ends_with(';')).collect();
    assert_eq!(
        statements,
        [
            "ALTER TABLE app.notes RENAME COLUMN b TO a;",
            "ALTER TABLE app.notes RENAME COLUMN c TO b;",
        ]
    );
    t.project.grace(["test"]).success();
    // It was done, and says so for good.
    let more = moved.replace("b text", "b text,\n    d int");
    declare(&t, &more);
    t.project.grace(["migrate", "-m", "more"]).success();
    let up = t.project.read(new_file(&t, "more.up.sql"));
    assert!(!up.contains("RENAME"), "{up}");

    let swapped = more.replace("from: b\n    a int", "from: b\n    a text");
    let swapped = swapped.replace("from: c\n    b text", "from: a\n    b int");
    declare(&t, &swapped);
    let refused = t.run(["migrate", "-m", "swapped"]);
    assert_eq!(refused.code, Some(2));
    let plain = "create schema app; create table app.notes (a text, b int, d int);";
    declare(&t, plain);
    let renames = ["a=x", "b=a", "x=b"].map(|one| format!("--rename=column:app.notes.{one}"));
    let mut told = vec!["migrate".to_owned(), "-m".to_owned(), "swapped".to_owned()];
    told.extend(renames);
    t.project.grace(told).success();
    t.project.grace(["test"]).success();
    check(&t, "autogenerate_swapped");
}
