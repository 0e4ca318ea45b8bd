//! Commands that write files: init, revision, merge, edit; and those that tell of settings.

use super::transcript::Transcript;

#[test]
fn init() {
    let mut t = Transcript::empty();
    t.ok(["init"]);
    t.ok(["init"]);
    t.ok(["init", "further/down"]);
    t.ok(["templates"]);
    t.ok(["list_templates"]);
    t.check("init");
}

#[test]
fn revisions_of_all_kinds() {
    let mut t = Transcript::of_files();
    t.ok(["revision", "-m", "Create users!", "--rev-id", "a1"]);
    for file in t.project.files("versions") {
        t.file(&file);
    }
    t.ok(["revision", "-m", "add notes", "--rev-id", "b1"]);
    t.run([
        "revision", "-m", "billing", "--rev-id", "c1", "--head", "a1",
    ]);
    t.ok([
        "revision",
        "-m",
        "billing",
        "--rev-id",
        "c1",
        "--head",
        "a1",
        "--splice",
        "--branch-label",
        "billing",
    ]);
    t.run(["revision", "-m", "which?", "--rev-id", "x1"]);
    t.ok([
        "revision",
        "-m",
        "on a branch",
        "--rev-id",
        "c2",
        "--head",
        "billing@head",
    ]);
    t.ok([
        "revision", "-m", "join", "--rev-id", "d1", "--head", "b1", "--head", "c2",
    ]);
    t.ok([
        "revision",
        "-m",
        "audit",
        "--rev-id",
        "e1",
        "--head",
        "base",
        "--depends-on",
        "billing",
    ]);
    t.ok([
        "revision", "-m", "join all", "--rev-id", "f1", "--head", "heads",
    ]);
    t.ok([
        "revision",
        "--rev-id",
        "g1",
        "-m",
        "drop data",
        "--irreversible",
        "the data is gone",
    ]);
    let written = t.project.files("versions");
    t.file(written.last().unwrap());
    t.check("revision");
}

#[test]
fn a_revision_from_the_rls_template() {
    let mut t = Transcript::of_files();
    t.ok([
        "revision",
        "-m",
        "close notes",
        "--rev-id",
        "a1",
        "--template",
        "rls",
        "--set",
        "table=notes",
        "--set",
        "owner=user_id",
    ]);
    for file in t.project.files("versions") {
        if file.ends_with(".sql") {
            t.file(&file);
        }
    }
    t.check("revision_rls");
}

#[test]
fn several_folders_hooks_and_an_editor() {
    let mut t = Transcript::of_files();
    t.project.write(
        "grace-migrate.toml",
        r#"url = "embedded"
versions = ["versions", "more"]

[revision]
file-name = "{id}"

[[revision.hooks]]
name = "shout"
command = ["sh", "-c", "echo '-- formatted' >> \"$0\"", "{path}"]
"#,
    );
    t.project.write("more/.keep", "");
    t.project
        .env("EDITOR", "sh -c 'echo editing \"$@\"' editor");
    t.run(["revision", "-m", "a root", "--rev-id", "a1"]);
    t.ok([
        "revision",
        "-m",
        "a root",
        "--rev-id",
        "a1",
        "--version-path",
        "more",
        "--edit",
    ]);
    t.ok(["revision", "-m", "beside its parent", "--rev-id", "b1"]);
    t.file("more/b1.up.sql");
    t.ok(["edit"]);
    t.ok(["edit", "a1", "--down"]);
    t.project.env("EDITOR", "false");
    t.run(["edit"]);
    t.run(["revision", "-m", "badly edited", "--rev-id", "c1", "--edit"]);
    t.project
        .write("schema/a.sql", "create table public.a (n int);");
    t.run(["migrate", "-m", "made", "--rev-id", "d1", "--edit"]);
    t.project.env("EDITOR", "no-such-editor");
    t.run(["edit"]);
    t.run(["revision", "-m", "unedited", "--rev-id", "e1", "--edit"]);
    t.check("revision_folders_hooks_editor");
}

#[test]
fn merges() {
    let mut t = Transcript::of_files();
    t.run(["merge", "heads", "-m", "of nothing"]);
    t.forest();
    t.run(["merge", "heads"]);
    t.ok([
        "revision", "-m", "another", "--rev-id", "x1", "--head", "base",
    ]);
    t.ok([
        "merge",
        "heads",
        "-m",
        "all heads",
        "--rev-id",
        "m1",
        "--branch-label",
        "joined",
    ]);
    t.run(["merge", "b2", "c1", "-m", "again", "--rev-id", "m2"]);
    t.ok([
        "merge", "b2", "c1", "-m", "again", "--rev-id", "m2", "--splice",
    ]);
    t.run(["merge", "b1", "b2", "-m", "on one line", "--splice"]);
    t.check("merge");
}

#[test]
fn settings_in_force() {
    let mut t = Transcript::embedded();
    t.project.write(
        "grace-migrate.toml",
        "url = \"embedded\"\n[run]\nlock-timeout = \"5s\"\n\n[destination.staging]\n\
         url = \"postgres://app:secret@db.example/app\"\nlock-wait = \"5min\"\n",
    );
    t.ok(["config"]);
    t.project.env("GRACE_MIGRATE_LOCK_TIMEOUT", "7s");
    t.ok(["config", "--name", "staging"]);
    t.ok([
        "-c",
        "grace-migrate.toml",
        "-n",
        "staging",
        "config",
        "--format",
        "json",
    ]);
    t.ok(["config", "--url", "host=localhost dbname=x password=secret"]);
    t.project.write(
        "grace-migrate.toml",
        "url = \"${DATABASE_URL:-embedded}\"\n",
    );
    t.ok(["config"]);
    t.project
        .env("DATABASE_URL", "postgres://app:secret@db.example/app");
    t.ok(["config"]);
    t.check("config");
}
