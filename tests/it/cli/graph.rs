//! Commands that show the graph and where a database stands in it.

use super::transcript::Transcript;

#[test]
fn a_project_without_revisions() {
    let mut t = Transcript::of_files();
    t.ok(["heads"]);
    t.ok(["branches"]);
    t.ok(["history"]);
    t.ok(["history", "--graph"]);
    t.ok(["history", "-q"]);
    t.run(["show"]);
    t.run(["show", "base"]);
    t.check("graph_empty");
}

#[test]
fn the_graph_as_text() {
    let mut t = Transcript::of_files();
    t.forest();
    t.ok(["heads"]);
    t.ok(["heads", "-v"]);
    t.ok(["heads", "--resolve-dependencies"]);
    t.ok(["branches"]);
    t.ok(["branches", "-v"]);
    t.ok(["history"]);
    t.ok(["history", "--reverse"]);
    t.ok(["history", "-n", "2"]);
    t.ok(["history", "-v", "-n", "1"]);
    t.ok(["history", "-r", "a1:b2"]);
    t.ok(["history", "-r", "b1:"]);
    t.ok(["history", "--rev-range", ":b1"]);
    t.ok(["history", "-r", "billing@base:billing@head"]);
    t.run(["show"]);
    t.ok(["show", "heads"]);
    t.ok(["show", "b1", "--scripts"]);
    t.check("graph_text");
}

#[test]
fn the_last_ones_of_a_line() {
    let mut t = Transcript::of_files();
    for (id, header) in [
        ("a", ""),
        ("b", "revises: a"),
        ("c", "revises: b"),
        ("d", "revises: c"),
    ] {
        t.revision(id, header, "select 1;", "select 1;");
    }
    t.ok(["history", "-r", "-3:"]);
    t.ok(["history", "-r-2:"]);
    t.ok(["show", "head-1"]);
    t.ok(["show", "-1"]);
    t.check("graph_last");
}

#[test]
fn the_graph_drawn() {
    let mut t = Transcript::of_files();
    t.forest();
    t.ok(["history", "--graph"]);
    t.ok(["history", "--graph", "-n", "3"]);
    t.ok(["history", "--format", "dot"]);
    t.ok(["history", "--format", "mermaid"]);
    t.ok(["history", "--format", "svg"]);
    t.check("graph_drawn");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let mut t = Transcript::of_files();
    t.forest();
    let plain = t.ok(["history", "--graph"]).stdout;
    assert!(!plain.contains('\u{1b}'));
    let painted = t.ok(["history", "--graph", "--color", "always"]).stdout;
    assert!(painted.contains('\u{1b}'));
    t.project.env("NO_COLOR", "1");
    let never = t.ok(["--color", "auto", "history", "--graph"]).stdout;
    assert_eq!(never, plain);
    let asked = t.ok(["--color=always", "history", "--graph"]).stdout;
    assert_eq!(asked, painted);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let t = Transcript::of_files();
    for n in 0..400 {
        let parent = if n == 0 {
            "base".to_owned()
        } else {
            format!("r{}", n - 1)
        };
        let header = format!("revises: {parent}\nmessage: {}", "long ".repeat(40));
        t.revision(&format!("r{n}"), &header, "", "");
    }
    let mut command = t.project.command(["history", "-v"]);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn where_a_database_stands() {
    let mut t = Transcript::with_database().await;
    t.ok(["current"]);
    t.run(["current", "--check-heads"]);
    t.ok(["log"]);
    t.ok(["history", "-i"]);
    t.forest();
    t.ok(["current"]);
    t.ok(["upgrade", "b2", "-q"]);
    t.ok(["current"]);
    t.ok(["current", "-v"]);
    t.run(["current", "-c"]);
    t.ok(["history", "-i"]);
    t.ok(["history", "--graph", "-i"]);
    t.ok(["history", "-r", "current:heads"]);
    t.ok(["show", "current"]);
    t.ok(["show", "-i", "c1"]);
    t.ok(["log"]);
    t.ok(["log", "b1", "-v"]);
    t.ok(["log", "-n", "1"]);
    t.ok(["log", "c1"]);
    t.run(["log", "b"]);
    t.run(["log", "zzz"]);
    t.run(["log", "heads"]);
    t.run(["log", "current"]);
    t.ok(["upgrade", "heads", "-q"]);
    t.ok(["current", "--check-heads"]);
    t.check("current");
}
