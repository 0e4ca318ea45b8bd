//! What revisions and the declared schema make is built once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Database, Output, Project, binaries};

/// A project with two revisions, a cache of its own, and a database in which they ran.
async fn project() -> (Project, Database) {
    let database = Database::create().await;
    let mut project = Project::new();
    project.grace(["init"]).success();
    project.env("DATABASE_URL", database.url());
    let cache = project.path().join("cache");
    project.env("XDG_CACHE_HOME", cache.to_str().unwrap());
    write(&project, "id int, body text");
    project.write(
        "versions/b1.up.sql",
        "-- revision: b1\n-- revises: a1\ncreate index by_id on public.notes (id);\n",
    );
    project.write("versions/b1.down.sql", "drop index public.by_id;\n");
    project.grace(["upgrade"]).success();
    (project, database)
}

fn write(project: &Project, columns: &str) {
    project.write(
        "versions/a1.up.sql",
        format!("-- revision: a1\ncreate table public.notes ({columns});\n"),
    );
    project.write("versions/a1.down.sql", "drop table public.notes;\n");
}

fn kept(project: &Project) -> Vec<String> {
    if !project.path().join("cache").exists() {
        return Vec::new();
    }
    let files = project.files("cache/grace-migrate");
    let states = files.into_iter().filter(|file| file.ends_with(".state"));
    states.collect()
}

/// Runs the program where server binaries tell their version and do nothing else: what it needs of
/// a server, it must have.
fn without_server(project: &Project, arguments: &[&str]) -> Output {
    let said = format!("postgres (PostgreSQL) {}", binaries().version);
    for name in ["postgres", "initdb"] {
        let script = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo '{said}' || exit 1\n");
        project.write(format!("bin/{name}"), script);
        let file = project.path().join("bin").join(name);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = project.command(arguments);
    Output::of(command.env("GRACE_PG_BIN", project.path().join("bin")))
}

#[track_caller]
fn wants_a_server(output: &Output) {
    let said = output.stderr.contains("error[init") || output.stderr.contains("error[server");
    assert!(said && output.code != Some(0), "{output}");
}

#[tokio::test]
async fn what_revisions_build_is_built_once() {
    let (project, database) = project().await;
    let no_server = without_server(&project, &["diff", "head", "db"]);
    wants_a_server(&no_server);
    assert_eq!(kept(&project).len(), 0);
    let first = project.grace(["diff", "head", "db"]).success();
    assert_eq!(kept(&project).len(), 1);
    let second = without_server(&project, &["diff", "head", "db"]);
    assert_eq!(second, first);

    // It is all there: what is told of it is told as before.
    let dump = project.grace(["schema", "dump", "head"]).success();
    let anew = project.grace(["schema", "dump", "head", "--no-cache"]);
    assert_eq!(anew, dump);
    assert_eq!(kept(&project).len(), 1);
    database.run("drop index by_id").await;
    let differs = without_server(&project, &["diff", "head", "db"]);
    assert_eq!(differs.code, Some(1), "{differs}");
    assert!(differs.stdout.contains("-CREATE INDEX by_id"), "{differs}");

    // What is looked at counts, and which revision.
    for other in [
        &["diff", "a1", "db"][..],
        &["diff", "head", "db", "--exclude", "public.tmp*"],
        &["diff", "head", "db", "--no-cache"],
    ] {
        wants_a_server(&without_server(&project, other));
    }
}

#[tokio::test]
async fn an_edited_script_is_built_anew() {
    let (project, _database) = project().await;
    project.grace(["diff", "head", "db"]).success();
    let up = project.read("versions/a1.up.sql");
    project.write("versions/a1.up.sql", format!("{up}-- a word on it\n"));
    let reworded = without_server(&project, &["diff", "head", "db"]);
    assert_eq!(reworded.code, Some(0), "{reworded}");
    write(&project, "id int, body varchar");
    let edited = without_server(&project, &["diff", "head", "db"]);
    wants_a_server(&edited);
    let edited = project.grace(["diff", "head", "db"]);
    assert_eq!(edited.code, Some(1), "{edited}");
    assert!(edited.stdout.contains("character varying"), "{edited}");
    assert_eq!(kept(&project).len(), 2);
}

#[tokio::test]
async fn a_file_that_is_not_whole_is_written_anew() {
    let (project, _database) = project().await;
    project.grace(["diff", "head", "db"]).success();
    let [file] = kept(&project).try_into().unwrap();
    let whole = project.read(&file);
    project.write(&file, &whole[..whole.len() / 2]);
    let broken = without_server(&project, &["diff", "head", "db"]);
    wants_a_server(&broken);
    project.grace(["diff", "head", "db"]).success();
    assert_eq!(project.read(&file), whole);
}

#[tokio::test]
async fn what_fails_is_not_kept() {
    let (project, _database) = project().await;
    project.write(
        "versions/c1.up.sql",
        "-- revision: c1\n-- revises: b1\ncreate index on public.nots (id);\n",
    );
    for _ in 0..2 {
        let output = project.grace(["diff", "head", "db"]);
        assert!(output.stderr.contains("revision-not-built"), "{output}");
    }
    assert_eq!(kept(&project).len(), 0);
}

/// A second `check` needs no server, neither for drift nor for the declared schema.
#[tokio::test]
async fn a_second_check_starts_no_server() {
    let (project, _database) = project().await;
    let schema = project.grace(["schema", "dump", "head"]).success().stdout;
    project.write("schema/all.sql", &schema);
    let settings = project.read("grace-migrate.toml");
    project.grace(["check"]).success();
    let again = without_server(&project, &["check"]);
    assert_eq!(again.code, Some(0), "{again}");
    let anew = without_server(&project, &["check", "--no-cache"]);
    wants_a_server(&anew);
    project.write("schema/all.sql", schema.replace("by_id", "by_ids"));
    let edited = without_server(&project, &["check"]);
    wants_a_server(&edited);
    assert_eq!(project.read("grace-migrate.toml"), settings);
}

/// Line ends are no change of a revision, but of what it makes.
#[tokio::test]
async fn line_ends_are_another_state() {
    let (project, _database) = project().await;
    let up = "-- revision: c1\n-- revises: b1\ncreate function public.f() returns int language sql as $$\nselect 1;\n$$;\n";
    project.write("versions/c1.up.sql", up.replace('\n', "\r\n"));
    project.write("versions/c1.down.sql", "drop function public.f();\n");
    project.grace(["upgrade"]).success();
    let check = ["check", "--only", "history,drift"];
    project.grace(check).success();
    project.write("versions/c1.up.sql", up);
    let cached = project.grace(check);
    assert_eq!(cached.code, Some(1), "{cached}");
    assert!(cached.stdout.contains("error[drift]"), "{cached}");
    project.grace(["check", "--only", "history"]).success();
}

/// What comes from the cache leaves the roles that building it would have left.
#[tokio::test]
async fn roles_that_revisions_make_are_there() {
    let (project, _database) = project().await;
    project.write(
        "versions/c1.up.sql",
        "-- revision: c1\n-- revises: b1\ncreate role gm_cached; \
         grant select on public.notes to gm_cached;\n",
    );
    project.write(
        "schema/all.sql",
        "create table public.notes (id int, body text); create index by_id on public.notes (id);
         grant select on public.notes to gm_cached;\n",
    );
    for _ in 0..2 {
        let output = project.grace(["diff", "head", "schema"]);
        assert_eq!(output.code, Some(0), "{output}");
    }
    // The revisions were kept; the declared schema was made on a server that they had changed.
    assert_eq!(kept(&project).len(), 2);
}
