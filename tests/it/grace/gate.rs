//! The gate on GRACE's own revisions, as this repository's settings have it.

use std::fs;
use std::path::Path;

use grace_migrate::clock::Clock;
use grace_migrate::config::{CliOverrides, Environment, Settings};
use grace_migrate::graph::Target;
use grace_migrate::migrator::report::{GateMatrix, RunReport};
use grace_migrate::migrator::{
    Control, Error, GateRefusal, Migrator, RunAnswer, RunMode, RunRequest, StepCause,
};
use grace_migrate::revision::Direction;
use grace_migrate::rls::matrix::Difference;

use super::policies::Policy;
use super::setup::{Grace, RLS, Setup};
use crate::support::Project;

/// This repository's settings, revisions and matrix, for a database.
fn repository(grace: &Grace) -> Project {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut project = Project::new();
    let folders = ["versions", "tests/rls"].map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let files = folders
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path());
    for file in files.chain([root.join("grace-migrate.toml")]) {
        project.write(file.strip_prefix(root).unwrap(), fs::read(&file).unwrap());
    }
    project.env("DATABASE_URL", grace.migrator_url());
    project
}

async fn upgrade(grace: &Grace, project: &Project, mode: RunMode) -> Result<RunReport, Error> {
    let environment = Environment::new([("DATABASE_URL", grace.migrator_url())]);
    let path = project.path();
    let settings = Settings::resolve(&CliOverrides::default(), &environment, &path).unwrap();
    let migrator = Migrator::load(settings, environment, Clock::System).unwrap();
    let request = RunRequest {
        direction: Direction::Upgrade,
        target: Target::parse("head").unwrap(),
        mode,
        tag: None,
        from_history: false,
        rls_gate: None,
    };
    match migrator.run(&request, &Control::silent()).await? {
        RunAnswer::Report(report) => Ok(report),
        RunAnswer::Plan(_) => panic!("it was to run"),
    }
}

/// An empty database of this kind whose migrating role may become the API's roles.
async fn empty(setup: Setup) -> Grace {
    let grace = setup.empty().await;
    grace.let_migrator_become_api_roles(setup).await;
    grace
}

/// Its revisions pass, and every actor reaches what the matrix says.
#[tokio::test]
async fn the_revisions_pass_in_every_set_up() {
    for setup in Setup::ALL {
        let grace = empty(setup).await;
        let project = repository(&grace);
        for mode in [RunMode::Rehearse, RunMode::Run] {
            let report = upgrade(&grace, &project, mode).await;
            let report = report.unwrap_or_else(|error| panic!("{setup:?}: {error:?}"));
            let gate = report.rls_gate.unwrap();
            assert_eq!(gate.steps_judged, 2, "{setup:?}");
            assert_eq!(gate.matrix, Some(GateMatrix::Tried), "{setup:?}");
        }
    }
}

/// A revision behind GRACE's own, as the file of a person who means well.
fn write_next(project: &Project, sql: &str) {
    let parent = RLS.up.lines().next().unwrap();
    let parent = parent.strip_prefix("-- revision: ").unwrap();
    project.write(
        "versions/20270101_0000_dd00dd00dd00_next.up.sql",
        format!("-- revision: dd00dd00dd00\n-- revises: {parent}\n\n{sql}\n"),
    );
}

fn refusal(answer: Result<RunReport, Error>, sql: &str) -> GateRefusal {
    match answer {
        Err(Error::StepFailed(failure)) => match failure.cause {
            StepCause::Gate(refusal) => *refusal,
            other => panic!("{sql}: {other:?}"),
        },
        other => panic!("{sql}: {other:?}"),
    }
}

/// Each policy dropped, opened and left without its check by a revision of its own: the gate stops
/// it, and nothing of it stays.
#[tokio::test]
async fn no_revision_that_changes_a_policy_passes() {
    let grace = empty(Setup::Superuser).await;
    let project = repository(&grace);
    upgrade(&grace, &project, RunMode::Run).await.unwrap();
    let before = policies(&grace).await;
    let mut stopped = 0;
    for policy in Policy::all(&grace).await {
        for sql in policy.mutants() {
            write_next(&project, &format!("{sql};"));
            let refusal = refusal(upgrade(&grace, &project, RunMode::Run).await, &sql);
            let pinned = |one: &Difference| matches!(one, Difference::Pinned { .. });
            assert!(refusal.differences.iter().any(pinned), "{sql}");
            stopped += 1;
        }
    }
    assert_eq!(stopped, 100);
    assert_eq!(policies(&grace).await, before, "nothing of them stays");
}

/// What no policy's text shows: a function that they call lets everybody through.
#[tokio::test]
async fn a_function_that_lets_everybody_through_is_found_by_trying() {
    let grace = empty(Setup::Owner).await;
    let project = repository(&grace);
    upgrade(&grace, &project, RunMode::Run).await.unwrap();
    let sql = "create or replace function grace_private.visible_session_ids() returns setof uuid
    language sql stable security definer set search_path = ''
    as 'select s.id from public.sessions s';";
    write_next(&project, sql);
    let refusal = refusal(upgrade(&grace, &project, RunMode::Run).await, sql);
    assert!(
        refusal.differences.iter().any(|one| matches!(
            one,
            Difference::Cell { actor, .. } if actor == "stranger"
        )),
        "{refusal:?}"
    );
}

/// Where people's rows are, nothing is tried: what decides is compared.
#[tokio::test]
async fn where_rows_are_what_decides_is_compared() {
    let grace = empty(Setup::Supabase).await;
    let project = repository(&grace);
    upgrade(&grace, &project, RunMode::Run).await.unwrap();
    grace.populate().await;
    write_next(
        &project,
        "comment on table public.notes is 'what is to be remembered';",
    );
    let report = upgrade(&grace, &project, RunMode::Rehearse).await.unwrap();
    assert_eq!(report.rls_gate.unwrap().matrix, Some(GateMatrix::Decisive));
    let sql = "alter policy notes_select on public.notes using (true);";
    write_next(&project, sql);
    let refusal = refusal(upgrade(&grace, &project, RunMode::Run).await, sql);
    assert_eq!(refusal.differences.len(), 1, "{refusal:?}");
}

async fn policies(grace: &Grace) -> String {
    grace
        .db
        .query("select * from pg_policies order by schemaname, tablename, policyname")
        .await
}
