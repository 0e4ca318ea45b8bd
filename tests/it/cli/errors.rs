//! What is refused before anything is touched, and in which words.

use super::transcript::Transcript;

#[test]
fn arguments_that_mean_nothing() {
    let mut t = Transcript::of_files();
    t.run(["frobnicate"]);
    t.run(["upgrad"]);
    t.run(["-q"]);
    t.run(["upgrade", "head", "further"]);
    t.run(["upgrade", "--dry-run", "--sql"]);
    t.run(["upgrade", "--tag", "a", "--tag", "b"]);
    t.run(["upgrade", "--transaction", "none"]);
    t.run(["heads", "--bogus"]);
    t.run(["--format", "json", "heads"]);
    t.run(["--raiseerr", "heads"]);
    t.run(["history", "-n", "many"]);
    t.run(["log", "-n", "0"]);
    t.run(["history", "--format", "pdf"]);
    t.run(["history", "--graph", "--verbose"]);
    t.run(["revision", "-m"]);
    t.run(["stamp"]);
    t.run(["stamp", "a1", "--accept-edit", "a1"]);
    t.run(["completions", "tcsh"]);
    t.run(["db", "start", "--bogus", "--format=json"]);
    t.run(["man", "frobnicate"]);
    t.check("errors_usage");
}

/// What is no state, target or option, and was meant as one, may have a password in it.
#[test]
fn no_password_is_repeated() {
    let t = Transcript::of_files();
    for arguments in [
        &["diff", "host=h password=hunter2", "empty"][..],
        &["diff", "postgresq://u:hunter2@h/d", "empty"],
        &["schema", "dump", "postgresql:/u:hunter2@h/d"],
        &["test", "postgresql://u:hunter2@h/d"],
        &["diff", "file:postgres://u:hunter2@h/d"],
        &["upgrade", "head", "password=hunter2"],
        &["upgrade", "--lock-timeout=password=hunter2"],
    ] {
        for format in ["text", "json"] {
            let output = t
                .project
                .grace(arguments.iter().chain(&["--format", format]));
            assert_ne!(output.code, Some(0), "{output}");
            let said = format!("{}{}", output.stdout, output.stderr);
            assert!(!said.contains("hunter2"), "{output}");
        }
    }
}

/// Output that gets lost is told; a reader that went away is none.
#[test]
fn output_that_gets_lost() {
    let t = Transcript::of_files();
    for arguments in [
        &["schema", "dump", "empty"][..],
        &["heads", "--format=json"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = t.project.command(arguments);
        let output = command.stdout(full.unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("error[not-written]: not all of the output"),
            "{said}"
        );
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = t.project.command(["heads", "--format=json"]);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn targets() {
    let mut t = Transcript::of_files();
    t.forest();
    t.run(["upgrade", ""]);
    t.run(["upgrade", "a@b@c"]);
    t.run(["upgrade", "a1:b1"]);
    t.run(["downgrade", "b1:a1"]);
    t.run(["history", "-r", "a1:b1:c1"]);
    t.run(["history", "-r", "b1"]);
    t.run(["history", "-r", "d1:a1"]);
    t.run(["history", "-r", "-1:"]);
    t.run(["history", "-r", "biling:"]);
    t.run(["show", "x9"]);
    t.run(["show", "b"]);
    t.run(["show", "billing@c1"]);
    t.run(["show", "head"]);
    t.run(["show", "d1-9"]);
    t.run(["show", "a1+1"]);
    t.run(["revision", "--head", "biling"]);
    t.run(["merge", "b1", "biling"]);
    t.check("errors_targets");
}

#[tokio::test]
async fn targets_of_a_run() {
    let mut t = Transcript::with_database().await;
    t.forest();
    t.run(["upgrade", "+1"]);
    t.run(["upgrade", "-1"]);
    t.run(["downgrade", "+1"]);
    t.run(["downgrade", "-1"]);
    t.run(["upgrade", "biling"]);
    t.ok(["upgrade", "b1", "-q"]);
    t.run(["upgrade", "billing@+9"]);
    t.run(["downgrade", "b2"]);
    t.run(["downgrade", "-9"]);
    t.run(["downgrade", "audit@base"]);
    t.run(["stamp", "+1"]);
    t.run(["stamp", "biling"]);
    t.check("errors_targets_run");
}

#[test]
fn new_revisions() {
    let mut t = Transcript::of_files();
    t.forest();
    t.run(["revision", "--rev-id", "a1"]);
    t.run([
        "revision",
        "--rev-id",
        "f1",
        "--head",
        "d1",
        "--branch-label",
        "billing",
    ]);
    t.run(["revision", "--rev-id", "a-1", "--head", "d1"]);
    t.run(["revision", "--rev-id", "head", "--head", "d1"]);
    t.run(["revision", "--head", "d1", "--branch-label", "a b"]);
    t.run(["revision", "--head", "d1", "--depends-on", "nothing"]);
    t.run(["revision", "--head", "d1", "--version-path", "elsewhere"]);
    t.run(["revision", "--head", "d1", "--template", "plane"]);
    t.run(["revision", "--head", "d1", "--set", "table"]);
    t.run(["revision", "--head", "d1", "--set", "table=t"]);
    t.run(["revision", "--head", "d1", "--set", "message=t"]);
    t.run(["revision", "--head", "d1", "--template", "rls"]);
    t.project
        .write("templates/broken/up.sql.jinja", "{{ header }\n");
    t.run(["revision", "--head", "d1", "--template", "broken"]);
    t.project
        .write("templates/headless/up.sql.jinja", "select 1;\n");
    t.run([
        "revision",
        "--head",
        "d1",
        "--template",
        "headless",
        "--rev-id",
        "h1",
    ]);
    t.run([
        "revision",
        "--rev-id",
        "ab",
        "--head",
        "h1",
        "--branch-label",
        "ab",
    ]);
    t.run([
        "revision",
        "--head",
        "h1",
        "--branch-label",
        "l1",
        "--branch-label",
        "l1",
    ]);
    t.run(["edit", "x9"]);
    t.run(["edit", "base"]);
    t.check("errors_revision");
}

#[test]
fn settings() {
    let mut t = Transcript::empty();
    t.run(["heads"]);
    t.run(["heads", "--config", "nowhere.toml"]);
    t.project.write(
        "grace-migrate.toml",
        "urls = \"embedded\"\nversions = 3\n[run]\nlock-timeout = \"3\"\n",
    );
    t.run(["heads"]);
    t.project.write(
        "grace-migrate.toml",
        "url = \"${NOWHERE}\"\nversions = [\"v\"]\n",
    );
    t.run(["heads"]);
    t.project.write("v/.keep", "");
    t.run(["current"]);
    t.run(["heads", "--name", "staging"]);
    t.run(["upgrade", "--lock-timeout", "5"]);
    t.project.env("GRACE_MIGRATE_LOCK_WAIT", "soon");
    t.run(["upgrade"]);
    t.project.env("GRACE_MIGRATE_LOCK_WAIT", "1s");
    t.project
        .write("grace-migrate.toml", "versions = [\"v\"]\n");
    t.run(["current"]);
    t.project.write("grace-migrate.toml", "versions = [\n");
    t.run(["heads"]);
    t.check("errors_settings");
}

#[test]
fn revision_files() {
    let mut t = Transcript::of_files();
    t.project.write(
        "versions/one.up.sql",
        "-- revision: one\n-- revise: two\n-- created: yesterday\n\nselect 1;\n",
    );
    t.project.write("versions/two.up.sql", "select 2;\n");
    t.project.write("versions/three.down.sql", "select 3;\n");
    t.run(["heads"]);
    for file in ["one.up.sql", "two.up.sql", "three.down.sql"] {
        std::fs::remove_file(t.project.path().join("versions").join(file)).unwrap();
    }
    t.revision("a1", "revises: gone", "select 1;", "");
    t.revision("b1", "revises: b1", "select 1;", "");
    t.revision("c1", "revises: c2", "select 1;", "");
    t.revision("c2", "revises: c1\nlabel: a1", "select 1;", "");
    t.project
        .write("versions/again.up.sql", "-- revision: b1\n\nselect 1;\n");
    t.run(["heads"]);
    t.run(["heads", "--format", "json"]);
    t.check("errors_files");
}

#[test]
fn connection_strings_and_servers() {
    let mut t = Transcript::of_files();
    t.run(["current"]);
    t.run(["current", "--url", "mysql://root@localhost/app"]);
    t.run(["current", "--url", "postgres://localhost:notaport/app"]);
    t.run(["current", "--url", "host=localhost nonsense=1"]);
    t.run(["setup"]);
    t.project.env("GRACE_PG_BIN", "/nowhere");
    t.run(["current", "--url", "embedded"]);
    t.run(["db", "start", "--url", "embedded"]);
    t.check("errors_connection");
}
