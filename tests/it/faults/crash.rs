//! A server that stops without a word, and is started again.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio_postgres::Client;

use crate::run::case::{end, shows};
use crate::support::{Output, Project, connect, query};

/// Where the database stands: the version row, whether there is a table `b`, and the history.
const STAND: &str = "select (select version_num from alembic_version), to_regclass('b'), \
                     (select string_agg(revision, ' ' order by id) from grace_migrate.history)";

/// A project with an embedded server of its own, which runs.
struct Server {
    project: Project,
    pid: String,
    session: Client,
}

impl Server {
    async fn start() -> Self {
        let project = Project::new();
        let settings = "url = \"embedded\"\n[revision]\nfile-name = \"{id}\"\n";
        project.write("grace-migrate.toml", settings);
        let (pid, session) = started(&project).await;
        Self {
            project,
            pid,
            session,
        }
    }

    fn grace(&self, words: &str) -> Output {
        self.project.grace(words.split(' '))
    }

    fn up(&self, id: &str, header: &str, sql: &str) {
        let text = format!("-- revision: {id}\n{header}{sql}\n");
        self.project.write(format!("versions/{id}.up.sql"), text);
    }

    /// Stops it immediately: nothing that is not on the disk by now will be. Waits until it is gone,
    /// for a minute, which is for ever.
    async fn crash(&self) {
        let killed = Command::new("kill").args(["-QUIT", &self.pid]).status();
        assert!(killed.unwrap().success());
        for _ in 0..600 {
            if status(&self.project)["url"].is_null() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server did not stop");
    }

    async fn start_again(&mut self) {
        (self.pid, self.session) = started(&self.project).await;
    }

    async fn stands(&self) -> String {
        query(&self.session, STAND).await
    }

    fn stop(self) {
        drop(self.session);
        let stopped = self.project.grace(["db", "stop", "--force"]);
        stopped.success();
    }
}

/// Starts the project's server; gives its process, and a session.
async fn started(project: &Project) -> (String, Client) {
    project.grace(["db", "start"]).success();
    let status = status(project);
    let session = connect(status["url"].as_str().unwrap()).await;
    (status["pid"].to_string(), session)
}

fn status(project: &Project) -> serde_json::Value {
    let status = project.grace(["db", "status", "--format", "json"]);
    status.success().json()
}

/// F08: the server is stopped immediately mid revision: consistent, and applied on retry.
#[tokio::test]
async fn f08_server_stopped_mid_revision() {
    let mut server = Server::start().await;
    server.up("a", "", "create table a (n int);");
    let slow = "create table b as select 1 as n;\nselect pg_sleep(600);";
    server.up("b", "-- revises: a\n", slow);
    let child = server
        .project
        .command(["upgrade", "head"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let runs = "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' \
                and pid <> pg_backend_pid() and state = 'active'";
    for _ in 0..3_000 {
        if query(&server.session, runs).await != "0" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.crash().await;
    let output = end(child);
    assert_eq!(output.code, Some(4), "{output}");
    shows(&output, &["`b` failed", "rolls it back by itself"]);

    server.start_again().await;
    let stood = server.stands().await;
    // Nobody was there to wait for the disk: `a` may be lost too, as a whole.
    assert!(matches!(stood.as_str(), "a||a" | "||"), "{stood}");
    server.up("b", "-- revises: a\n", "create table b as select 1 as n;");
    server.grace("upgrade head").success();
    assert_eq!(server.stands().await, "b|b|a b");
    server.stop();
}

/// F08: the server is stopped immediately after a run that failed: the steps before are on the disk, as the
/// run said.
#[tokio::test]
async fn f08_server_stopped_after_a_failed_run() {
    let mut server = Server::start().await;
    // Nobody else is to write the log in time: not its writer, which a full page of it wakes.
    query(&server.session, "alter system set wal_writer_delay = '10s'").await;
    query(&server.session, "select pg_reload_conf()").await;
    server.up("a", "", "create table a (n int);");
    server.up("b", "-- revises: a\n", "select 1 / 0;");
    let output = server.grace("upgrade head");
    assert_eq!(output.code, Some(4), "{output}");
    shows(&output, &["the step before it stays", "stands at a"]);
    server.crash().await;

    server.start_again().await;
    assert_eq!(server.stands().await, "a||a");
    server.stop();
}
