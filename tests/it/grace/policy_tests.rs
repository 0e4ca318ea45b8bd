//! GRACE's own policy tests (`tests/rls/`), run by the program in every set-up.

use std::path::Path;

use super::setup::{Grace, Setup};
use crate::support::{Output, Project};

/// Runs them as a role that can become every actor.
fn run<const N: usize>(url: &str, arguments: [&str; N]) -> Output {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("grace-migrate.toml");
    let mut project = Project::new();
    project.env("DATABASE_URL", url);
    let config = ["rls", "test", "--config", config.to_str().unwrap()];
    project.grace(config.iter().chain(&arguments))
}

async fn assert_passes(setup: Setup) {
    let grace = setup.migrated().await;
    let url = grace.acting_migrator(setup).await;
    let output = run(&url, ["--format", "json"]);
    assert_eq!(output.code, Some(0), "{setup:?}: {output}");
    let report = output.json();
    assert!(report["passed"].as_u64().unwrap() >= 15, "{setup:?}");
    assert_eq!(report["skipped"], 0);
    assert_eq!(grace.db.query("select * from public.profiles").await, "");
    broken(&grace, &url).await;
}

/// Each thing that is broken fails a test.
async fn broken(grace: &Grace, url: &str) {
    for (what, mended, files) in [
        (
            "alter policy notes_select on public.notes using (true)",
            "alter policy notes_select on public.notes
             using (notes.session_id = any (array(select grace_private.visible_session_ids())))",
            &["caregivers", "outsiders", "own_rows"][..],
        ),
        (
            "grant select on public.topics to anon",
            "revoke select on public.topics from anon",
            &["outsiders"],
        ),
        (
            "revoke insert on public.notes from service_role",
            "grant insert on public.notes to service_role",
            &["service"],
        ),
        (
            "create policy extra on public.sessions for update to authenticated using (true)",
            "drop policy extra on public.sessions",
            &["caregivers"],
        ),
    ] {
        grace.migrate(what).await;
        let output = run(url, ["--format", "json"]);
        grace.migrate(mended).await;
        assert_eq!(output.code, Some(1), "{what}: {output}");
        let report = output.json();
        let tests = report["tests"].as_array().unwrap().iter();
        let mut failed: Vec<&str> = tests
            .filter(|one| one["outcome"] == "failed")
            .map(|one| one["path"].as_str().unwrap())
            .map(|path| path.rsplit_once('/').unwrap().1)
            .map(|name| name.strip_suffix(".test.sql").unwrap())
            .collect();
        failed.dedup();
        assert_eq!(failed, files, "{what}");
    }
    assert_eq!(run(url, []).code, Some(0));
}

#[tokio::test]
async fn policy_tests_where_a_superuser_migrates() {
    assert_passes(Setup::Superuser).await;
}

#[tokio::test]
async fn policy_tests_where_a_plain_owner_migrates() {
    assert_passes(Setup::Owner).await;
}

#[tokio::test]
async fn policy_tests_on_supabase() {
    assert_passes(Setup::Supabase).await;
}

/// The owner of a careful deployment is no member of the API's roles.
#[tokio::test]
async fn who_cannot_become_an_actor_is_told() {
    let grace = Setup::Owner.migrated().await;
    let owner = format!("{}_owner", grace.db.name());
    let output = run(&grace.db.url_as(&owner), []);
    assert_eq!(output.code, Some(2), "{output}");
    let told = "make the migrating role a member of it: `grant authenticated to <role>`";
    assert!(output.stderr.contains(told), "{output}");
    assert!(
        output.stderr.starts_with("error[actor-not-taken]"),
        "{output}"
    );
}
