//! Roles that scripts make, which scratch servers have before them for others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::transcript::Transcript;
use crate::support::{Output, binaries};

/// A project with a cache of its own, whose settings name the role `app` beside those of the API.
fn project() -> Transcript {
    let mut t = Transcript::of_files();
    let cache = t.project.path().join("cache");
    t.project.env("XDG_CACHE_HOME", cache.to_str().unwrap());
    let settings = t.project.read("grace-migrate.toml");
    let named = settings.replace("\nroles = []", "\nroles = [\"app\"]");
    assert_ne!(named, settings);
    t.project.write("grace-migrate.toml", named);
    t
}

/// Runs the program where no server can be started: what it tells was kept.
fn from_cache(t: &Transcript, words: &str) -> Output {
    let said = format!("postgres (PostgreSQL) {}", binaries().version);
    let script = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo '{said}' || exit 1\n");
    for name in ["postgres", "initdb"] {
        let path = format!("bin/{name}");
        t.project.write(&path, &script);
        let file = t.project.path().join(path);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = t.project.command(words.split(' '));
    Output::of(command.env("GRACE_PG_BIN", t.project.path().join("bin")))
}

#[track_caller]
fn built(t: &Transcript, words: &str) -> Output {
    t.project.grace(words.split(' ')).success()
}

/// As one that the settings name, as one of the API's, and as one that others left.
#[test]
fn revisions_make_roles() {
    let t = project();
    t.revision(
        "a1",
        "",
        "create role app;\ncreate role anon;\ncreate user authenticated;\n\
         create table public.a (id integer);\ngrant select on public.a to app, anon;",
        "drop table public.a;\ndrop role app, anon, authenticated;",
    );
    t.revision(
        "b1",
        "revises: a1",
        "create role other;",
        "drop role other;",
    );
    t.project.write(
        "schema/a.sql",
        "create table public.a (id integer);\ngrant select on public.a to app, anon;",
    );
    for cache in [" --no-cache", ""] {
        for states in ["a1 schema", "schema a1", "a1 b1", "schema b1", "b1 schema"] {
            built(&t, &format!("diff {states}{cache}"));
        }
        built(&t, &format!("check --offline{cache}"));
        built(&t, "test");
        let output = t.project.grace(format!("diff b1 empty{cache}").split(' '));
        assert_eq!(output.code, Some(1), "{output}");
        assert!(
            output
                .stdout
                .contains("-GRANT SELECT ON TABLE public.a TO app"),
            "{output}"
        );
    }
    // What was kept is the same, and needs no server.
    for words in ["diff a1 schema", "diff b1 schema", "check --offline"] {
        let output = from_cache(&t, words);
        assert_eq!(output.code, Some(0), "{output}");
    }
    // A revision is made and proved on top of them.
    t.project.write(
        "schema/a.sql",
        "create table public.a (id integer, b text);\ngrant select on public.a to app, anon;",
    );
    built(&t, "migrate -m more");
    built(&t, "diff head schema");
    built(&t, "test");
}

/// Declared SQL and files make them as revisions do, whatever stood there before.
#[test]
fn declared_sql_and_files_make_roles() {
    let t = project();
    let text = "create role app;\ncreate table public.a (id integer);\n\
                grant select on public.a to app;";
    t.revision("a1", "", text, "");
    t.project
        .write("schema/b_roles.sql", "create role app;\ncreate role other;");
    t.project
        .write("schema/a.sql", "create table public.a (id integer);");
    t.project
        .write("schema/c.sql", "grant select on public.a to app;");
    t.project.write("all.sql", text);
    for states in [
        "head schema",
        "schema head",
        "file:all.sql head",
        "schema file:all.sql",
    ] {
        built(&t, &format!("diff {states} --no-cache"));
    }
    built(&t, "check --offline --skip down");
    built(&t, "check --offline --skip down");
}

/// What is the scripts' own mistake is told as before, and where it is.
#[test]
fn roles_that_make_no_room() {
    let t = project();
    t.revision("a1", "", "create role other;", "");
    t.revision("b1", "revises: a1", "select 1;\ncreate role other;", "");
    let fails = |words: &str, parts: &[&str]| {
        let output = t.project.grace(words.split(' '));
        assert_eq!(output.code, Some(2), "{output}");
        for part in parts {
            assert!(output.stderr.contains(part), "no {part:?} in {output}");
        }
    };
    // Made twice.
    let twice = [
        "revision-not-built",
        "versions/b1.up.sql:5",
        "\"other\" already exists",
    ];
    fails("diff b1 empty", &twice);
    fails("diff a1 b1", &twice);

    // Needed before it is made: the same as where the role is there.
    t.revision(
        "a1",
        "",
        "create table public.a ();\ngrant select on public.a to app;",
        "",
    );
    t.revision("b1", "revises: a1", "create role app;", "");
    fails(
        "diff b1 empty",
        &["versions/b1.up.sql", "role \"app\" already exists"],
    );
    // The role is there again for what comes then.
    let output = t.project.grace(["diff", "a1", "empty"]);
    assert_eq!(output.code, Some(1), "{output}");

    // What fails without the role is told, where it is another matter.
    t.revision("a1", "", "create role app;", "");
    t.revision("b1", "revises: a1", "create tabel b ();", "");
    fails(
        "diff b1 empty",
        &["versions/b1.up.sql", "at or near \"tabel\""],
    );

    // The superuser of the server cannot go.
    t.revision("b1", "revises: a1", "create role postgres;", "");
    fails("diff b1 empty", &["role \"postgres\" already exists"]);
}
