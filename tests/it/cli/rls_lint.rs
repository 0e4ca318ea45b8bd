//! `rls lint`: each rule on a real server, where it fires, where it does not, and after the fix.

use std::collections::BTreeSet;
use std::path::Path;

use grace_migrate::rls::RULES;
use serde_json::Value;

use super::transcript::Transcript;
use crate::grace::setup::{ROLES_SQL, Setup};

const WORLD: &str = include_str!("rls/world.sql");
const BAD: &str = include_str!("rls/bad.sql");
const GOOD: &str = include_str!("rls/good.sql");

/// A project whose one revision makes these objects, applied.
async fn project(objects: &str) -> Transcript {
    let t = Transcript::with_database().await;
    let owner = t.database().create_owner().await;
    t.database().run(ROLES_SQL).await;
    let script = format!("{WORLD}\n{}", objects.replace("service_role_less", &owner));
    t.revision("a1", "message: the tables", &script, "");
    t.project.grace(["upgrade"]).success();
    t
}

/// The same with what no script of a revision makes.
async fn bad() -> Transcript {
    let t = project(BAD).await;
    let role = format!("{}_owner", t.database().name());
    t.database()
        .run(&format!(
            "update pg_extension set extnamespace = 'public'::regnamespace
              where extname = 'plpgsql';
             create table login_role (id int);
             alter table login_role enable row level security;
             grant select on login_role to {role}"
        ))
        .await;
    t
}

/// What is found, each as `rule: object`.
fn found(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            format!("{}: {}", text("rule"), text("object"))
        })
        .collect()
}

fn rules(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|one| one["rule"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn each_rule_fires() {
    let mut t = bad().await;
    t.run(["rls", "lint"]);
    let json = t.run(["rls", "lint", "--format", "json"]).json();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !rules(&json).contains(code))
        .collect();
    // A login role that bypasses is a test of its own: roles belong to the whole server.
    assert_eq!(missing, ["login_role_bypasses_rls"]);
    t.check("rls_lint");
}

#[tokio::test]
async fn each_rule_is_silent_on_the_good_twin() {
    let mut t = project(GOOD).await;
    let output = t.ok(["rls", "lint", "--fail-on", "info"]);
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("", "no findings\n")
    );
}

#[tokio::test]
async fn each_fix_makes_its_finding_go() {
    let mut t = bad().await;
    let before = t.run(["rls", "lint", "--format", "json"]).json();
    let mut fixed = BTreeSet::new();
    for one in before["findings"].as_array().unwrap() {
        if let Some(fix) = one["fix"].as_str() {
            t.database().run(fix).await;
            let text = |key: &str| one[key].as_str().unwrap();
            fixed.insert(format!("{}: {}", text("rule"), text("object")));
        }
    }
    assert!(fixed.len() >= 20, "{fixed:?}");
    let after = found(&t.run(["rls", "lint", "--format", "json"]).json());
    let left: Vec<&String> = after.intersection(&fixed).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_login_role_that_bypasses() {
    let mut t = bad().await;
    let role = format!("{}_owner", t.database().name());
    t.database()
        .run(&format!("alter role {role} bypassrls"))
        .await;
    let json = t.run(["rls", "lint", "--format", "json"]).json();
    let expected = format!("login_role_bypasses_rls: {role}");
    assert!(found(&json).contains(&expected), "{json:#}");
    t.database()
        .run(&format!("revoke all on login_role from {role}"))
        .await;
    let json = t.run(["rls", "lint", "--format", "json"]).json();
    assert!(!found(&json).contains(&expected));
}

#[tokio::test]
async fn how_bad_is_bad_enough() {
    let mut t = project(
        "create table noted (id int);
         alter table noted enable row level security;
         grant select on noted to anon;",
    )
    .await;
    assert_eq!(t.run(["rls", "lint"]).code, Some(0));
    assert_eq!(t.run(["rls", "lint", "--fail-on", "info"]).code, Some(1));
    t.database().run("grant truncate on noted to anon").await;
    assert_eq!(t.run(["rls", "lint"]).code, Some(1));
    assert_eq!(
        t.run(["rls", "lint", "--fail-on", "error", "-q"]).code,
        Some(0)
    );
    t.check("rls_lint_fail_on");
}

#[tokio::test]
async fn what_is_allowed_with_a_reason() {
    let mut t = project(
        "create table noted (id int);
         alter table noted enable row level security;
         grant select, truncate on noted to anon;",
    )
    .await;
    let settings = t.project.read("grace-migrate.toml");
    let allow = |rule: &str, object: &str, reason: &str| {
        format!("\n[[rls.allow]]\nrule = \"{rule}\"\nobject = \"{object}\"\n{reason}\n")
    };
    let reason = "reason = \"emptied each night\"";
    let known = allow("truncate_past_policies", "public.noted", reason)
        + &allow("rls_disabled_in_public", "public.gone", reason);
    t.project
        .write("grace-migrate.toml", settings.clone() + &known);
    t.ok(["rls", "lint"]);
    t.ok(["rls", "lint", "--format", "sarif", "-q"]);
    let wrong = allow("truncate_past_policy", "public.noted", reason)
        + &allow("truncate_past_policies", "public.noted", "");
    t.project.write("grace-migrate.toml", settings + &wrong);
    t.run(["rls", "lint"]);
    t.check("rls_lint_allowed");
}

#[tokio::test]
async fn grace_is_clean() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("grace-migrate.toml");
    for setup in Setup::ALL {
        let grace = setup.migrated().await;
        let mut t = Transcript::empty();
        t.project.env("DATABASE_URL", grace.db.url());
        let output = t.run([
            "rls",
            "lint",
            "--fail-on",
            "info",
            "--config",
            config.to_str().unwrap(),
        ]);
        assert_eq!(output.code, Some(0), "{setup:?}: {output}");
        // Each policy counts: one that is widened is found.
        grace
            .db
            .run("alter policy notes_update on public.notes using (true) with check (true)")
            .await;
        let output = t.run(["rls", "lint", "--config", config.to_str().unwrap()]);
        assert_eq!(output.code, Some(1), "{setup:?}");
        assert!(output.stdout.contains("rls_policy_always_true"), "{output}");
        assert!(
            output.stdout.contains("grace_row_level_security.up.sql:"),
            "{output}"
        );
    }
}
