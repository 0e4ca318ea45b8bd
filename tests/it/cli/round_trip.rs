//! `test`: every revision up, down and up again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::transcript::Transcript;
use crate::support::{Output, Project};

/// Each revision and what came of it, from JSON.
fn outcomes(output: &Output) -> Vec<String> {
    let report = output.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let revisions = report["revisions"].as_array().unwrap();
    let one = |one: &Value| {
        let findings = one["findings"].as_array().unwrap();
        let codes = findings.iter().map(|finding| text(&finding["code"]));
        let words = [text(&one["revision"]), text(&one["outcome"])];
        words.into_iter().chain(codes).collect::<Vec<_>>().join(" ")
    };
    revisions.iter().map(one).collect()
}

fn json(t: &Transcript, more: &[&str]) -> Output {
    let arguments = ["test", "--format", "json"].iter().chain(more);
    t.project.grace(arguments)
}

/// A table, and on two branches what scripts do in their several ways.
fn good(t: &Transcript) {
    t.forest();
    t.revision(
        "f1",
        "revises: d1\nmessage: outside a transaction\ntransaction: off",
        "create index concurrently by_note on t_c1 ((1));",
        "-- transaction: off\ndrop index concurrently by_note;",
    );
    t.project
        .write("versions/f1.verify.sql", "select 'by_note'::regclass;\n");
    t.revision(
        "g1",
        "revises: f1\nmessage: no way back\nirreversible: what was in it is gone",
        "drop table t_b2;",
        "",
    );
}

#[test]
fn what_goes_back_and_forth() {
    let mut t = Transcript::of_files();
    t.ok(["test"]);
    good(&t);
    t.ok(["test", "--jobs", "1"]);
    t.ok(["test", "--jobs", "1", "b1:b2"]);
    t.ok(["test", "--jobs", "1", "billing"]);
    t.ok(["test", "--jobs", "1", "-2:", "-q"]);
    // A range of nothing is no test that passed.
    t.run(["test", "base"]);
    t.ok(["test", "--jobs", "2", "c1", "--format", "json"]);
    t.run(["test", "nowhere"]);
    t.run(["test", "a1:b1:c1"]);
    t.check_without_versions("test_good");
}

/// One of everything that can be wrong with a revision.
fn bad(t: &Transcript) {
    t.revision(
        "a1",
        "message: create notes",
        "create table public.notes (id int primary key, body text,
             kind varchar(10) constraint kinds check (kind in ('a', 'b')));",
        "drop table public.notes;",
    );
    t.revision(
        "b1",
        "revises: a1\nmessage: the down forgets an index, a policy and a grant",
        "create index by_body on public.notes (body);
         alter table public.notes enable row level security;
         create policy own on public.notes using (id > 0);
         grant select on public.notes to anon;
         comment on table public.notes is 'what was noted';",
        "comment on table public.notes is null;",
    );
    t.revision(
        "b2",
        "revises: b1\nmessage: the down fails",
        "alter table public.notes add pinned boolean;",
        "alter table public.notes\n    drop column pined;",
    );
    t.revision(
        "b3",
        "revises: b2\nmessage: the up fails the second time",
        "insert into public.notes (id) values (5);",
        "select 1;",
    );
    t.revision(
        "b4",
        "revises: b3\nmessage: leads elsewhere the second time",
        "insert into public.notes (id) select max(id) + 1 from public.notes;
         do $$ begin
             execute format('create table public.copy_%s ()', (select max(id) from public.notes));
         end $$;",
        "drop table if exists public.copy_6, public.copy_7;",
    );
    t.revision(
        "c1",
        "revises: a1\nmessage: has no down",
        "create table public.tags ();",
        "",
    );
    t.revision(
        "c2",
        "revises: c1\nmessage: the check comes back in other words",
        "alter table public.notes drop constraint kinds;",
        "alter table public.notes add constraint kinds check (((kind)::text = any
             (array[('a'::character varying)::text, ('b'::character varying)::text])));",
    );
    t.revision(
        "c3",
        "revises: c2\nmessage: up fails",
        "create table public.more ();\n\ninsert into publi.more default values;",
        "drop table public.more;",
    );
    t.revision(
        "c4",
        "revises: c3\nmessage: stands on it",
        "select 1;",
        "select 1;",
    );
    t.revision(
        "d1",
        "depends-on: c4\nmessage: depends on that",
        "select 1;",
        "select 1;",
    );
    t.revision(
        "e1",
        "message: ends its transaction",
        "create table public.ends (); select 1;",
        "drop table public.ends;\ncommit;",
    );
    t.revision(
        "e2",
        "message: goes on behind all of that",
        "create table public.fine ();",
        "drop table public.fine;",
    );
}

#[test]
fn what_does_not() {
    let mut t = Transcript::of_files();
    bad(&t);
    let output = t.run(["test", "--jobs", "1"]);
    assert_eq!(output.code, Some(1), "{output}");
    // What is beneath and not tested fails too, and is told.
    t.run(["test", "--jobs", "1", "c4", "-q"]);
    t.run(["test", "--jobs", "1", "b1", "--format", "json", "-q"]);
    t.check_without_versions("test_bad");
    // However many share the work, it comes to the same.
    let alone = outcomes(&json(&t, &["--jobs", "1"]));
    assert_eq!(alone.len(), 12);
    assert_eq!(outcomes(&json(&t, &["--jobs", "4"])), alone);
}

/// What a revision leaves behind is in nobody's way, however far it is from the last copy.
#[test]
fn those_behind_one_that_fails() {
    let t = Transcript::of_files();
    let mut expected = Vec::new();
    let mut parent = String::new();
    for number in 10..42 {
        let id = format!("r{number}");
        let fails = [13, 28, 29, 38].contains(&number);
        let down = if fails {
            "select 1;".to_owned()
        } else {
            format!("drop table public.t{number};")
        };
        let revises = if parent.is_empty() {
            String::new()
        } else {
            format!("revises: {parent}")
        };
        let up = format!("create table public.t{number} ();");
        t.revision(&id, &revises, &up, &down);
        expected.push(match fails {
            true => format!("{id} failed down-differs"),
            false => format!("{id} ok"),
        });
        parent = id;
    }
    let output = json(&t, &["--jobs", "1"]);
    assert_eq!(outcomes(&output), expected, "{output}");
    let some = json(&t, &["r28:r30", "--jobs", "2"]);
    assert_eq!(outcomes(&some), expected[18..21], "{some}");
    // Where its output is no terminal, it says how far it is.
    assert!(output.stderr.contains("tested 16 of 32"), "{output}");
}

#[test]
fn rows() {
    let mut t = Transcript::of_files();
    let table = "create table public.notes (id int primary key, body text);";
    t.revision("a1", "message: notes", table, "drop table public.notes;");
    t.revision(
        "a2",
        "revises: a1\nmessage: rows are gone",
        "delete from public.notes where id > 1;",
        "select 1;",
    );
    t.revision(
        "a3",
        "revises: a2\nmessage: bodies are gone",
        "alter table public.notes drop body;",
        "alter table public.notes add body text;",
    );
    t.revision(
        "a4",
        "revises: a3\nmessage: rows come twice",
        "create table if not exists public.words (word text); insert into public.words values ('x');",
        "select 1;",
    );
    t.revision(
        "a5",
        "revises: a4\nmessage: rows are kept",
        "alter table public.notes add pinned boolean not null default false;",
        "alter table public.notes drop pinned;",
    );
    t.revision(
        "a6",
        "revises: a5\nmessage: rows come twice",
        "insert into public.words values ('y');",
        "select 1;",
    );
    t.revision(
        "a7",
        "revises: a6\nmessage: rows are in the way",
        "alter table public.notes add owner int not null;",
        "alter table public.notes drop owner;",
    );
    t.run(["test", "--jobs", "1"]);
    t.project.write(
        "rows.sql",
        "begin;\nset search_path = public;\ninsert into notes values (1, 'one'), (2, 'two');\n\
         copy notes (id, pinned) from stdin;\n3\tt\n\\.\ninsert into nowhere values (1);\ncommit;\n",
    );
    t.run(["test", "--jobs", "1", "--data", "rows.sql"]);
    t.run([
        "test", "--jobs", "1", "a3", "--data", "rows.sql", "--format", "json",
    ]);
    t.run(["test", "--data", "nowhere.sql"]);
    t.project.write("psql.sql", "\\i rows.sql\n");
    t.run(["test", "--data", "psql.sql"]);
    t.check_without_versions("test_rows");
    let alone = outcomes(&json(&t, &["--jobs", "1", "--data", "rows.sql"]));
    let shared = outcomes(&json(&t, &["--jobs", "3", "--data", "rows.sql"]));
    assert_eq!(alone, shared);
}

/// Runs git in a project's folder, as somebody.
fn git(t: &Transcript, arguments: &[&str]) {
    let run = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@localhost"])
        .args(arguments)
        .current_dir(t.project.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
}

#[test]
fn what_changed_since_a_commit() {
    let mut t = Transcript::of_files();
    t.forest();
    t.run(["test", "--changed-since", "main"]);
    git(&t, &["init", "-q", "-b", "main"]);
    git(&t, &["add", "-A"]);
    git(&t, &["commit", "-q", "-m", "all"]);
    t.ok(["test", "--changed-since", "main"]);
    git(&t, &["switch", "-q", "-c", "more"]);
    // An edited down script, one that is gone, and a revision that git does not know yet.
    t.project
        .write("versions/b1.down.sql", "drop table if exists t_b1;\n");
    git(&t, &["commit", "-q", "-a", "-m", "edit"]);
    fs::remove_file(t.project.path().join("versions/b2.down.sql")).unwrap();
    t.revision("f1", "revises: d1", "create table f ();", "drop table f;");
    t.run(["test", "--jobs", "1", "--changed-since", "main"]);
    t.run(["test", "--jobs", "1", "--changed-since", "main", "b1:b1"]);
    t.ok(["test", "--jobs", "1", "--changed-since", "HEAD", "a1:b1"]);
    t.run(["test", "--changed-since", "nowhere"]);
    t.run(["test", "--changed-since", "--output"]);
    t.project.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let output = t.project.grace(["test", "--changed-since", "main"]);
    assert!(output.stderr.contains("dubious ownership"), "{output}");
    assert_eq!(output.code, Some(2));
    t.project.env("PATH", "/nowhere");
    t.run(["test", "--changed-since", "main"]);
    t.check_without_versions("test_changed");
}

/// A project that is a folder of a repository, and a link to it.
#[test]
fn a_folder_of_a_repository() {
    let t = Transcript::empty();
    t.project.write("notes/db/versions/.keep", "");
    let inside = t.project.path().join("notes/db");
    let grace = |arguments: &[&str]| {
        let mut command = t.project.command(arguments);
        Output::of(command.current_dir(&inside))
    };
    grace(&["init"]).success();
    t.project.write(
        "notes/db/versions/a1.up.sql",
        "-- revision: a1\ncreate table a ();\n",
    );
    t.project
        .write("notes/db/versions/a1.down.sql", "drop table a;\n");
    git(&t, &["init", "-q"]);
    git(&t, &["add", "-A"]);
    git(&t, &["commit", "-q", "-m", "all"]);
    t.project.write(
        "notes/db/versions/b1.up.sql",
        "-- revision: b1\n-- revises: a1\ncreate table b ();\n",
    );
    t.project
        .write("notes/db/versions/b1.down.sql", "drop table b;\n");
    git(&t, &["add", "-A"]);
    let output = grace(&["test", "--changed-since", "HEAD", "--format", "json"]).success();
    assert_eq!(outcomes(&output), ["b1 ok"]);
}

/// Roles belong to the server: what one revision leaves of them is another's matter, and so is what
/// another job makes.
#[test]
fn scripts_that_make_roles() {
    let t = Transcript::of_files();
    t.revision(
        "a1",
        "",
        "create role gm_trip; create role anon;",
        "drop role gm_trip; drop role anon;",
    );
    t.revision(
        "a2",
        "revises: a1",
        "create table public.t (id int); grant select on public.t to gm_trip;",
        "drop table public.t;",
    );
    t.revision(
        "a3",
        "revises: a2",
        "create role gm_trip_2; grant insert on public.t to gm_trip_2;",
        "revoke insert on public.t from gm_trip_2;",
    );
    t.revision(
        "a4",
        "revises: a3",
        "alter table public.t add x int;",
        "alter table public.t drop x;",
    );
    t.revision(
        "a5",
        "revises: a4",
        "drop owned by gm_trip_2; drop role gm_trip_2;",
        "create role gm_trip_2; grant insert on public.t to gm_trip_2;",
    );
    let expected = [
        "a1 ok",
        "a2 ok",
        "a3 failed up-again-failed",
        "a4 ok",
        "a5 ok",
    ];
    for jobs in ["1", "3"] {
        let output = json(&t, &["--jobs", jobs]);
        assert_eq!(outcomes(&output), expected, "{output}");
    }
}

/// What is not looked at is told, and refused where that is wanted.
#[test]
fn what_is_looked_at() {
    let t = Transcript::of_files();
    t.revision(
        "a1",
        "",
        "create conversion public.c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
         create schema if not exists tmp; create table tmp.t ();",
        "drop conversion public.c; drop table tmp.t;",
    );
    let output = t.project.grace(["test", "--exclude", "tmp"]).success();
    let told = "warning: conversion `public.c` is of a kind that is not looked at";
    assert!(output.stderr.contains(told), "{output}");
    let all = t.project.grace(["test"]);
    assert!(all.stdout.contains("added   schema  tmp"), "{all}");
    let strict = t.project.grace(["test", "--strict"]);
    assert!(
        strict.stderr.contains("error[unmodelled-objects]"),
        "{strict}"
    );
    assert_eq!(strict.code, Some(2));
}

/// Nothing is left where it is stopped: no server, and no folder.
#[test]
fn a_signal_stops_it() {
    let t = Transcript::of_files();
    t.revision("a1", "", "select pg_sleep(60);", "select 1;");
    t.revision("b1", "", "select pg_sleep(60);", "select 1;");
    let mut command = t.project.command(["test", "--jobs", "2"]);
    let temp = t.project.path().join("tmp");
    fs::create_dir(&temp).unwrap();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = talk.next().unwrap().unwrap();
    assert_eq!(first, "testing 2 revisions on 2 scratch servers");
    let pid = child.id();
    let folders = || {
        let all = ["/dev/shm", "/tmp", temp.to_str().unwrap()].into_iter();
        let entries = all.flat_map(|dir| fs::read_dir(dir).into_iter().flatten().flatten());
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mine = format!("gm-scratch-{pid}-");
        names.filter(|name| name.starts_with(&mine)).count()
    };
    while folders() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid_text = pid.to_string();
    let killed = Command::new("kill").args(["-INT", &pid_text]).status();
    assert!(killed.unwrap().success());
    let rest: Vec<String> = talk.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert_eq!(
        rest[..2],
        ["error[interrupted]: interrupted", "  nothing was changed"]
    );
    assert_eq!(folders(), 0);
}

/// GRACE's own revisions.
#[test]
fn our_own_revisions() {
    let project = Project::new();
    let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/grace-migrate.toml");
    let output = project.grace(["--config", settings, "test", "--format", "json"]);
    let output = output.success();
    assert!(
        output.json()["counts"]["ok"].as_u64() >= Some(2),
        "{output}"
    );
    assert_eq!(output.json()["counts"]["irreversible"], 0);
}
