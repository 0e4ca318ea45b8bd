//! `check`: every part, every format, and what is skipped.

use super::transcript::Transcript;

const NOTES: &str = "create table public.notes (id int);";

fn clean(t: &Transcript) {
    t.revision("a1", "message: notes", NOTES, "drop table public.notes;");
    t.revision(
        "b1",
        "revises: a1\nmessage: bodies",
        "alter table public.notes add body text;",
        "alter table public.notes drop body;",
    );
}

const DURATIONS: [(&str, &str); 2] = [
    (r#""duration_ms": \d+"#, r#""duration_ms": "[duration]""#),
    (r#"time="[0-9.]+""#, r#"time="[duration]""#),
];

#[test]
fn without_a_database() {
    let mut t = Transcript::of_files();
    clean(&t);
    t.ok(["check", "--offline"]);
    t.run(["check", "--only", "schema"]);
    t.run(["check", "--offline", "--skip", "files,heads,down"]);
    t.project.write(
        "schema/notes.sql",
        "create table public.notes (id int, body text);",
    );
    t.ok(["check", "--offline"]);
    // One of everything that files alone can tell.
    t.revision(
        "c1",
        "revises: a1",
        "create table public.tags (name text);",
        "",
    );
    t.revision("d1", "revises: b1\nirreversible: it is so", "select 1;", "");
    t.project.write("versions/stray.sql", "select 1;");
    t.run(["check", "--offline"]);
    t.run(["check", "--offline", "--format", "json", "-q"]);
    t.run(["check", "--offline", "--format", "github", "-q"]);
    t.run(["check", "--offline", "--format", "junit", "-q"]);
    t.run(["check", "--offline", "--format", "sarif", "-q"]);
    t.run([
        "check",
        "--offline",
        "--allow-several-heads",
        "--skip",
        "down,schema",
    ]);
    t.ok(["check", "--only", "files", "-q"]);
    // What is named does not pass by not being looked at.
    t.run(["check", "--offline", "--only", "files,pending"]);
    t.run(["check", "--only", "drift", "--offline", "--format", "json"]);
    t.run(["check", "--only", "tails"]);
    t.run(["check", "--only", "drift,files", "--skip", "drift"]);
    let all = "heads,files,drift";
    t.run(["check", "--only", all, "--skip", all, "--format", "json"]);
    let settings = t.project.read("grace-migrate.toml");
    t.project.write(
        "grace-migrate.toml",
        settings
            .replace("skip = []", "skip = [\"down\", \"schema\", \"drift\"]")
            .replace("allow-several-heads = false", "allow-several-heads = true"),
    );
    t.ok(["check", "--offline"]);
    t.run(["check", "--only", "down"]);
    // Nobody is there: that is another thing than a finding.
    t.run(["check"]);
    for format in ["github", "sarif", "junit"] {
        t.run(["check", "--format", format]);
    }
    t.project.write(
        "grace-migrate.toml",
        settings.replace("skip = []", "skip = [\"tails\"]"),
    );
    t.run(["check"]);
    t.check_with("check_offline", &DURATIONS);
}

#[test]
fn broken_files_are_findings() {
    let mut t = Transcript::of_files();
    clean(&t);
    t.revision("c1", "revise: b1", "select 1;", "select 'x");
    t.run(["check"]);
    t.run(["check", "--format", "github", "-q"]);
    t.run(["check", "--skip", "files", "--offline"]);
    // What no run would take is told of every script, wherever it would run.
    t.revision(
        "c1",
        "revises: b1",
        "begin;\ncreate table public.c ();\ncommit;",
        "drop index concurrently public.by_body;",
    );
    t.run(["check", "--offline"]);
    t.run(["check", "--offline", "--only", "schema"]);
    t.project
        .write("schema/all.sql", "create table public.notes ();");
    t.run(["check", "--offline", "--only", "schema"]);
    std::fs::remove_dir_all(t.project.path().join("schema")).unwrap();
    // In a down script alone: the graph can be told.
    t.revision(
        "c1",
        "revises: b1",
        "select 1;",
        "-- transaction: maybe\n\nselect 1;",
    );
    t.run(["check"]);
    t.check_with("check_broken", &DURATIONS);
}

#[test]
fn what_cannot_be_built_is_a_finding() {
    let mut t = Transcript::of_files();
    clean(&t);
    t.project.write("schema/a.sql", "create tabel notes ();");
    t.run(["check", "--offline"]);
    t.revision(
        "c1",
        "revises: b1",
        "create index on public.nots (id);",
        "select 1;",
    );
    t.run(["check", "--offline", "--format", "github"]);
    t.revision("c1", "revises: b1", "select 1;", "select 1;");
    let settings = t.project.read("grace-migrate.toml");
    t.project.write(
        "grace-migrate.toml",
        settings.replace("# files = \"schema\"", "files = \"nowhere\""),
    );
    t.run(["check", "--offline", "--only", "schema"]);
    t.check_with("check_not_built", &DURATIONS);
}

/// What the program said that was to tell the declared schema stands in every format.
#[test]
fn why_a_command_told_no_schema() {
    let t = Transcript::of_files();
    clean(&t);
    let settings = t.project.read("grace-migrate.toml");
    let says = r#"command = ["sh", "-c", "seq 1 50 >&2; echo 'oops & 100%' >&2; exit 3"]"#;
    t.project.write(
        "grace-migrate.toml",
        settings.replace("# files = \"schema\"", says),
    );
    for (format, said) in [
        ("text", "\n50\noops & 100%\n"),
        ("json", "\\n50\\noops & 100%\""),
        ("github", "%0A50%0Aoops & 100%25\n"),
        ("junit", "\n50\noops &amp; 100%</failure>"),
        ("sarif", "\\n50\\noops & 100%\""),
    ] {
        let words = ["check", "--offline", "--only", "schema", "--format", format];
        let output = t.project.grace(words);
        assert_eq!(output.code, Some(1), "{output}");
        assert!(output.stdout.contains(said), "{format}: {output}");
        // Its end alone.
        assert!(!output.stdout.contains("30\n31"), "{output}");
        assert!(!output.stdout.contains("30\\n31"), "{output}");
    }
}

/// In a folder of a repository: the machines that read the report know paths from its root.
#[test]
fn paths_are_those_of_the_repository() {
    let t = Transcript::empty();
    t.project.write(".git/HEAD", "ref: refs/heads/main\n");
    t.project
        .write("db/grace-migrate.toml", "url = \"embedded\"\n");
    t.project.write(
        "db/versions/a1.up.sql",
        "-- revision: a1\n\ncreate table public.a ();\n",
    );
    let check = |format| {
        let config = "db/grace-migrate.toml";
        let arguments = ["-c", config, "check", "--only", "down", "--format", format];
        let output = t.project.grace(arguments);
        assert_eq!(output.code, Some(1), "{output}");
        output.stdout
    };
    assert!(check("github").contains("file=db/versions/a1.up.sql,line=1,"));
    assert!(check("sarif").contains("\"uri\": \"db/versions/a1.up.sql\""));
    assert!(check("junit").contains("db/versions/a1.up.sql: error"));
    assert!(check("json").contains("\"path\": \"versions/a1.up.sql\""));
    assert!(check("text").contains(" --> versions/a1.up.sql"));
}

#[tokio::test]
async fn with_a_database() {
    let mut t = Transcript::with_database().await;
    clean(&t);
    t.project.write(
        "schema/notes.sql",
        "create table public.notes (id int, body text);",
    );
    t.run(["check"]);
    t.project.grace(["upgrade"]).success();
    t.ok(["check"]);
    t.database().run("create index by_id on notes (id)").await;
    t.revision(
        "b1",
        "revises: a1\nmessage: bodies",
        "alter table public.notes add body varchar;",
        "alter table public.notes drop body;",
    );
    t.run(["check"]);
    t.run(["check", "--format", "github"]);
    t.run(["check", "--only", "drift", "--format", "json"]);
    t.run(["check", "--only", "drift", "--format", "sarif"]);
    t.run(["check", "--only", "history,drift", "--format", "junit"]);
    t.run(["check", "--skip", "history,drift,schema"]);
    // Of what is beneath a row that nobody knows, the history says that it is applied.
    t.database()
        .run("update alembic_version set version_num = 'gone'")
        .await;
    t.run(["check", "--skip", "schema"]);
    t.run(["diff"]);
    t.run(["check", "--only", "drift"]);
    t.project.env("DATABASE_URL", "");
    let settings = t.project.read("grace-migrate.toml");
    t.project.write(
        "grace-migrate.toml",
        settings.replace("${DATABASE_URL:-embedded}", "${DATABASE_URL}"),
    );
    t.run(["check"]);
    t.run(["check", "--only", "history"]);
    t.check_with("check_database", &DURATIONS);
}
