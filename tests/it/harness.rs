//! What the tests stand on does what they believe.

use crate::support::{Database, Output, Project, binaries, connect, query, server, settings};

#[tokio::test]
async fn a_database_can_be_a_copy_of_another() {
    let first = Database::create().await;
    first.run("create table t (a) as values (1)").await;
    let rows = first.client().query("select a from t", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    let first = first.into_template();
    let second = Database::from_template(first.name()).await;
    assert_eq!(second.query("select a from t").await, "1");
    assert_ne!(first.name(), second.name());
    assert_eq!(second.url(), server().url(second.name()));
    let other = connect(&second.url()).await;
    assert_eq!(query(&other, "select a, null from t").await, "1|");
    let version = second.query("show server_version_num").await;
    let major = version.parse::<u32>().unwrap() / 10_000;
    assert_eq!(major, binaries().version.major);
}

#[test]
fn a_project_has_files_and_a_clean_environment() {
    let mut project = Project::new();
    project.write("a/b.txt", "x").write("c.txt", "y");
    assert_eq!(project.files(""), ["a/b.txt", "c.txt"]);
    assert_eq!(project.read("a/b.txt"), "x");

    project.env("GRACE_TEST", "set");
    let command = project.command(["--version"]);
    assert_eq!(command.get_current_dir(), Some(project.path().as_path()));
    let set: Vec<_> = command
        .get_envs()
        .filter(|(name, _)| *name == "GRACE_TEST" || *name == "DATABASE_URL")
        .collect();
    assert_eq!(set, [("GRACE_TEST".as_ref(), Some("set".as_ref()))]);
}

#[test]
fn what_differs_from_run_to_run_is_taken_out() {
    let project = Project::new();
    let said = format!(
        "read {}/grace-migrate.toml\n\
         at postgresql://postgres@/test_12?host=/dev/shm/gm-scratch-4711-0 (pid 99, PostgreSQL 15.18)\n\
         applied in 12.3 ms, 4 s allowed, at 2026-11-22T13:00:01.5Z, created 2020-01-02T03:04:05Z\n\
         as test_12_owner, run 0b5a1f5e-94f5-4c8f-8f0e-2f6f3f3c5a7d by grace-migrate {}\n",
        project.path().display(),
        env!("CARGO_PKG_VERSION"),
    );
    let output = Output {
        stdout: r#"{"duration_ms": 12, "pid": 4711}"#.to_owned(),
        stderr: said,
        code: Some(2),
    };
    project.settings().bind(|| {
        insta::assert_snapshot!(output, @r#"
        exit code: 2
        ----- stdout -----
        {"duration_ms": "[duration]", "pid": [pid]}
        ----- stderr -----
        read [project]/grace-migrate.toml
        at postgresql://postgres@/[database]?host=[socket] (pid [pid], PostgreSQL [version])
        applied in [duration], 4 s allowed, at [time], created 2020-01-02T03:04:05Z
        as [database]_owner, run [uuid] by grace-migrate [version]
        "#);
    });
    settings().bind(|| insta::assert_snapshot!("3.25s since 2026-11-22 13:00:01 UTC", @"[duration] since [time]"));
    assert_eq!(output.json()["pid"], 4711);
}

#[test]
fn the_program_runs() {
    let project = Project::new();
    let output = project.grace(["--version"]).success();
    assert!(output.stderr.is_empty(), "{output}");
}
