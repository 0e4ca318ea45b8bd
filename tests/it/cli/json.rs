//! `--format json` of every command: stdout is one document, talk stays on stderr.

use super::transcript::Transcript;

#[test]
fn of_files() {
    let mut t = Transcript::empty();
    t.ok(["init", "--format", "json"]);
    t.project
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nowhere");
    t.project.env("EDITOR", "true");
    t.ok(["heads", "--format", "json"]);
    t.ok([
        "revision",
        "-m",
        "one",
        "--rev-id",
        "a1",
        "--branch-label",
        "first",
        "--format",
        "json",
    ]);
    t.ok(["edit", "--format", "json"]);
    t.ok(["templates", "--format", "json"]);
    t.ok([
        "revision",
        "-m",
        "two",
        "--rev-id",
        "b1",
        "--head",
        "base",
        "--format=json",
    ]);
    t.ok([
        "merge", "heads", "-m", "both", "--rev-id", "c1", "--format", "json",
    ]);
    t.check("json_files");
}

#[test]
fn of_the_graph() {
    let mut t = Transcript::of_files();
    t.forest();
    t.ok(["heads", "--format", "json"]);
    t.ok(["branches", "--format", "json"]);
    t.ok(["history", "--format", "json", "-r", "b1:", "-n", "1"]);
    t.ok(["show", "b2", "--format", "json"]);
    t.check("json_graph");
}

#[tokio::test]
async fn of_runs() {
    let mut t = Transcript::with_database().await;
    let made = "created: 2020-01-02T03:04:05Z\nmessage: a table";
    let talk = "create table t (a int);\ndo $$ begin raise warning 'look out'; end $$;";
    t.revision("a1", made, talk, "drop table t;");
    t.ok(["current", "--format", "json"]);
    t.ok(["upgrade", "--dry-run", "--format", "json"]);
    t.ok(["upgrade", "--format", "json", "--tag", "ci"]);
    t.ok(["current", "--format", "json", "-v"]);
    t.ok(["log", "--format", "json"]);
    t.ok(["show", "current", "--format", "json"]);
    t.ok(["downgrade", "--format", "json"]);
    t.ok(["stamp", "head", "--format", "json"]);
    t.ok(["ensure-version", "--format", "json"]);
    t.ok(["setup", "--format", "json"]);
    t.revision("a1", made, "create table t (a bigint);", "drop table t;");
    t.run(["current", "--format", "json", "--check-heads"]);
    t.run(["upgrade", "--format", "json"]);
    t.ok(["stamp", "--accept-edit", "a1", "--format", "json"]);
    t.check("json_runs");
}

#[tokio::test]
async fn every_answer_is_one_document() {
    let mut t = Transcript::with_database().await;
    t.forest();
    for arguments in [
        ["upgrade", "a1:b2", "--sql"],
        ["upgrade", "heads", "--rehearse"],
        ["upgrade", "nonsense", "--dry-run"],
        ["history", "-r", "a:b:c"],
        ["stamp", "heads", "--dry-run"],
        ["downgrade", "-1", "--nonsense"],
        ["config", "--name", "nowhere"],
        ["revision", "--autogenerate", "-q"],
    ] {
        let [a, b, c] = arguments;
        let answer = t.run([a, b, c, "--format", "json"]).json();
        assert_eq!(answer["schema"], 1, "{arguments:?}");
        assert_eq!(answer["command"], arguments[0]);
    }
}
