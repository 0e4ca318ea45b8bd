//! The matrix that is kept in this repository, `tests/rls/matrix.md`: it holds in every set-up, and
//! no change of a policy goes past it.

use std::path::Path;
use std::time::Instant;

use grace_migrate::clock::Clock;
use grace_migrate::config::{CliOverrides, Environment, Settings};
use grace_migrate::migrator::report::RlsMatrix;
use grace_migrate::migrator::{Control, KeptMatrix, MatrixRequest, Migrator};
use grace_migrate::rls::matrix::Difference;

use super::policies::Policy;
use super::setup::{Grace, Setup, TABLES};

/// This repository, as a project whose database is this one.
fn migrator(grace: &Grace) -> Migrator {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let environment = Environment::new([("DATABASE_URL", grace.migrator_url())]);
    let settings = Settings::resolve(&CliOverrides::default(), &environment, root).unwrap();
    Migrator::load(settings, environment, Clock::System).unwrap()
}

/// A database of this kind whose migrating role may become the API's roles, as it must.
async fn grace(setup: Setup) -> Grace {
    let grace = setup.migrated().await;
    grace.let_migrator_become_api_roles(setup).await;
    grace
}

fn expected(tables: &[&str]) -> MatrixRequest {
    MatrixRequest {
        tables: tables.iter().map(ToString::to_string).collect(),
        expect: Some(KeptMatrix::OfSettings),
        ..MatrixRequest::default()
    }
}

async fn tried(migrator: &Migrator, request: &MatrixRequest) -> RlsMatrix {
    migrator
        .rls_matrix(request, &Control::silent())
        .await
        .unwrap()
}

/// Everything that is in the tables, to the last bit.
async fn content(grace: &Grace) -> String {
    let tables = TABLES.map(|table| {
        format!("select '{table}', t.ctid::text, t.xmin::text, t::text from public.{table} t")
    });
    grace.db.query(&tables.join(" union all ")).await
}

async fn holds(setup: Setup) {
    let grace = grace(setup).await;
    let migrator = migrator(&grace);
    let began = Instant::now();
    let report = tried(&migrator, &expected(&[])).await;
    println!("{setup:?}: {:?}", began.elapsed());
    assert_eq!(report.tables.len(), TABLES.len());
    assert_eq!(report.actors.len(), 8);
    assert!(report.tables.iter().all(|table| table.failures.is_empty()));
    assert_eq!(report.differences, Some(Vec::new()), "{setup:?}");
    assert_eq!(content(&grace).await, "", "nothing stays");
}

#[tokio::test]
async fn the_kept_matrix_where_a_superuser_migrates() {
    holds(Setup::Superuser).await;
}

#[tokio::test]
async fn the_kept_matrix_where_a_plain_owner_migrates() {
    holds(Setup::Owner).await;
}

#[tokio::test]
async fn the_kept_matrix_on_supabase() {
    holds(Setup::Supabase).await;
}

/// Each policy dropped, opened and left without its check: always a difference, of this table alone;
/// where an actor of the API loses something by it, of what was tried too.
#[tokio::test]
async fn no_change_of_a_policy_goes_past_it() {
    let grace = grace(Setup::Owner).await;
    let migrator = migrator(&grace);
    let mut changes = 0;
    for policy in Policy::all(&grace).await {
        let Policy { table, roles, .. } = &policy;
        let table = table.as_str();
        for mutant in &policy.mutants() {
            grace.db.run(mutant).await;
            let report = tried(&migrator, &expected(&[table])).await;
            let differences = report.differences.unwrap();
            assert!(!differences.is_empty(), "{mutant}");
            let cells = differences
                .iter()
                .filter(|one| matches!(one, Difference::Cell { .. }))
                .count();
            // The service's role has BYPASSRLS here, so that its policies decide nothing.
            if mutant.starts_with("drop policy")
                && !mutant.contains("create")
                && roles != "service_role"
            {
                assert!(cells > 0, "{mutant}: {differences:?}");
            }
            changes += 1;
        }
        grace.db.run(&policy.create()).await;
    }
    assert_eq!(
        changes, 100,
        "42 dropped, and whatever of each can be opened"
    );
    let report = tried(&migrator, &expected(&[])).await;
    assert_eq!(report.differences, Some(Vec::new()), "all of them put back");
}

/// A right more or less, and row-level security off or forced.
#[tokio::test]
async fn no_change_of_a_right_goes_past_it() {
    let grace = grace(Setup::Supabase).await;
    let migrator = migrator(&grace);
    for (change, back) in [
        (
            "grant truncate on public.notes to authenticated",
            "revoke truncate on public.notes from authenticated",
        ),
        (
            "grant update (created_at) on public.notes to authenticated",
            "revoke update (created_at) on public.notes from authenticated",
        ),
        (
            "grant references on public.notes to public",
            "revoke references on public.notes from public",
        ),
        (
            "revoke delete on public.notes from service_role",
            "grant delete on public.notes to service_role",
        ),
        (
            "alter table public.notes disable row level security",
            "alter table public.notes enable row level security",
        ),
        (
            "alter table public.notes force row level security",
            "alter table public.notes no force row level security",
        ),
    ] {
        grace.db.run(change).await;
        let report = tried(&migrator, &expected(&["notes"])).await;
        let differences = report.differences.unwrap();
        assert!(
            differences
                .iter()
                .any(|one| matches!(one, Difference::Pinned { .. })),
            "{change}: {differences:?}"
        );
        grace.db.run(back).await;
    }
    let report = tried(&migrator, &expected(&["notes"])).await;
    assert_eq!(report.differences, Some(Vec::new()));
}
