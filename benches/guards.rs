//! What the safety costs: `upgrade head` against the same scripts with the same records and no
//! guard at all. Both run in this process, on a durable server, and differ in nothing else.
//!
//! The rival keeps version rows and history as a run does, one transaction a revision, commits
//! that do not wait for the disk but for the last. What it leaves out: the lock and the look at it
//! before each commit, the transaction's id before and after each script, the session put back
//! between two, our own settings around the records, the search for what a script must not say,
//! and history and files held against each other.
//!
//! Run with `cargo bench --bench guards`.

mod support;

use std::ffi::OsString;
use std::time::Duration;

use grace_migrate::clock::Clock;
use grace_migrate::config::{CliOverrides, Environment, Settings};
use grace_migrate::db::{ConnectSpec, Session, SessionOptions, Surroundings};
use grace_migrate::graph::Target;
use grace_migrate::migrator::{Control, Migrator, RunMode, RunRequest};
use grace_migrate::plan::{Plan, Step};
use grace_migrate::revision::Direction;
use grace_migrate::sql::{quote_literal, split};
use support::timing::timed;
use support::{Durable, Project, Script, Table, run};
use tokio::runtime::{Builder, Runtime};

const REVISIONS: usize = 1_000;

fn main() {
    let server = Durable::start();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let table = Table::begin();
    for (name, script) in [("tables", Script::Table), ("selects", Script::Nothing)] {
        let project = Project::line(REVISIONS, script);
        // The first step makes our own tables, for both.
        let begun = || {
            let url = server.url(&server.empty());
            run(&mut project.command(&url, &["upgrade", "+1"]));
            url
        };
        table.compare(
            (&format!("upgrade head, {REVISIONS} {name}"), || {
                guarded(&runtime, &project, &begun())
            }),
            ("the same without guards", || {
                unguarded(&runtime, &project, &begun())
            }),
        );
    }
}

fn load(project: &Project, url: &str) -> Migrator {
    let variables = [
        ("DATABASE_URL", OsString::from(url)),
        ("USER", OsString::from("bench")),
    ];
    let environment = Environment::new(variables);
    let settings = Settings::resolve(&CliOverrides::default(), &environment, project.path())
        .expect("the project's settings");
    Migrator::load(settings, environment, Clock::System).expect("the project's revisions")
}

fn guarded(runtime: &Runtime, project: &Project, url: &str) -> Duration {
    timed(|| {
        let request = RunRequest {
            direction: Direction::Upgrade,
            target: Target::heads(),
            mode: RunMode::Run,
            tag: None,
            from_history: false,
            rls_gate: None,
        };
        let migrator = load(project, url);
        runtime
            .block_on(migrator.run(&request, &Control::silent()))
            .expect("the run goes well");
    })
}

fn unguarded(runtime: &Runtime, project: &Project, url: &str) -> Duration {
    timed(|| {
        let migrator = load(project, url);
        runtime.block_on(apply(&migrator, url));
    })
}

async fn apply(migrator: &Migrator, url: &str) {
    let spec = ConnectSpec::parse(url, &Surroundings::default()).expect("the server's URL");
    let session = Session::connect(&spec, &SessionOptions::default())
        .await
        .expect("a session");
    let versions = migrator.versions();
    let standing = session
        .query("select version_num::text from alembic_version", &[])
        .await
        .expect("the version table is there");
    let rows: Vec<String> = standing.iter().filter_map(|row| row.get(0).ok()).collect();
    let applied = versions.graph.read_rows(&rows).applied;
    let plan = Plan::upgrade(&versions.graph, &applied, &[Target::heads()]).expect("a way up");
    let steps = plan.steps.iter().map(|step| {
        let text = &versions.revision(step.node).up().text;
        let statements = split(text).expect("statements");
        (text, statements, record(migrator, step))
    });
    let steps: Vec<_> = steps.collect();
    let mut ignore = |_done: usize| ();
    let mut end = "set synchronous_commit = off; begin";
    for (text, statements, record) in &steps {
        let (ended, script) = session
            .answers_then_script(end, text, statements, record)
            .await;
        ended.expect("the step before it is committed");
        script
            .finish(&mut ignore)
            .await
            .expect("the script runs")
            .expect("it is recorded");
        end = "commit; begin";
    }
    session
        .batch("set local synchronous_commit to default; commit")
        .await
        .expect("it is committed");
    session.close().await;
}

/// The version rows and the entry of the history, as a run writes them.
fn record(migrator: &Migrator, step: &Step) -> String {
    let versions = migrator.versions();
    let revision = versions.revision(step.node);
    let (up, down, _) = revision.checksums().expect("the scripts' checksums");
    let digest = versions.digest(step.node).expect("the revision's digest");
    let down_text = revision
        .down()
        .expect("a file")
        .map(|down| down.text.to_string());
    let id = &step.revision;
    let parents: Vec<String> = revision
        .header
        .revises
        .iter()
        .map(ToString::to_string)
        .collect();
    let old = step
        .delete
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "insert into grace_migrate.history (version_table, revision, direction, outcome, message, \
         revises, up_checksum, down_checksum, digest, up_script, down_script, \
         started_at, finished_at, duration_ms, run_id, tool_version, performed_by, \
         client_address, application_name) \
         values ('public.alembic_version', '{id}', 'upgrade', 'applied', {}, '{{{}}}', '{up}', {}, \
         '{digest}', {}, {}, transaction_timestamp(), clock_timestamp(), \
         extract(epoch from clock_timestamp() - transaction_timestamp()) * 1000, 'bench', '0', \
         session_user, host(inet_client_addr()), current_setting('application_name')); \
         update alembic_version set version_num = '{id}' where version_num = '{old}'",
        quote_literal(revision.message()),
        parents.join(","),
        quote_literal(&down.map(|down| down.to_string()).unwrap_or_default()),
        quote_literal(&revision.up().text),
        quote_literal(&down_text.unwrap_or_default()),
    )
}
