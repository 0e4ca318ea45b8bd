//! The mistakes of the service that GRACE had before: each is made again, leaks again, and is
//! prevented by how it is done now, or noticed by the program.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::actors::{ACTIVE, ANON, OLGA, OWN, Outcome, STAN, STRANGER, attempt_as, claim};
use super::setup::{Grace, LOGIN, SCHEMA, Setup, TABLES};
use crate::support::{Project, query};

const TITLES: &str = "select count(*) from public.sessions";
const MINE: &str = "select full_name from public.profiles order by 1";

/// A project whose database this is; `api_roles` are whom its requests run as.
fn project(grace: &Grace, api_roles: &[&str]) -> Project {
    let mut project = Project::new();
    project.env("DATABASE_URL", grace.db.url());
    project.grace(["init"]).success();
    let settings = project.read("grace-migrate.toml").replace(
        r#"api-roles = ["anon", "authenticated", "service_role"]"#,
        &format!("api-roles = {api_roles:?}"),
    );
    project.write("grace-migrate.toml", settings);
    project
}

const API: [&str; 3] = ["anon", "authenticated", "service_role"];

/// What `rls status` says of what a role may do with public.sessions: the outcome of each command,
/// and why no policy binds it.
fn status(project: &Project, role: &str) -> (BTreeSet<String>, Value) {
    let report = project.grace(["rls", "status", "--format", "json"]);
    let report = report.success().json();
    let tables = report["tables"].as_array().unwrap();
    let table = tables.iter().find(|one| one["table"] == "public.sessions");
    let roles = table.unwrap()["roles"].as_array().unwrap();
    let role = roles.iter().find(|one| one["role"] == role).unwrap();
    let commands = role["commands"].as_array().unwrap().iter();
    let outcomes = commands.map(|one| one["outcome"].as_str().unwrap().to_owned());
    (outcomes.collect(), role["bypass"].clone())
}

/// What `rls lint` finds, each as `rule: object`.
fn lint(project: &Project) -> BTreeSet<String> {
    let report = project.grace(["rls", "lint", "--format", "json"]).json();
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.map(|one| format!("{}: {}", one["rule"], one["object"]).replace('"', ""));
    told.collect()
}

/// Claims as they are to be made: by something that knows JSON.
fn claims(sub: &str) -> String {
    json!({"sub": sub, "role": "authenticated"}).to_string()
}

async fn set_claims(client: &Client, claims: &str, local: bool) {
    client
        .execute(
            "select set_config('request.jwt.claims', $1, $2)",
            &[&claims, &local],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn connecting_as_a_superuser_so_that_policies_do_nothing() {
    let grace = Setup::Superuser.populated().await;
    // The service's way: its own login, which is a superuser's, and the user's claims.
    let service = grace.admin().await;
    service.batch_execute("begin").await.unwrap();
    set_claims(&service, &claims(STAN), true).await;
    assert_eq!(query(&service, TITLES).await, "5", "every user's");
    service.batch_execute("rollback").await.unwrap();
    // It is told.
    let (outcomes, bypass) = status(&project(&grace, &["authenticated", "postgres"]), "postgres");
    assert_eq!(outcomes, ["unbound".to_owned()].into());
    assert_eq!(bypass, "superuser");
    // The way that it is done now: a login that is nobody becomes who the policies are for.
    let seen = attempt_as(&grace, &STRANGER, "select from public.sessions").await;
    assert_eq!(seen, Outcome::Rows(1));
    let (outcomes, bypass) = status(&project(&grace, &API), "authenticated");
    assert_eq!(outcomes, ["by-policies".to_owned()].into());
    assert_eq!(bypass, Value::Null);
}

#[tokio::test]
async fn setting_claims_without_switching_the_role() {
    let grace = Setup::Owner.populated().await;
    // The service's way: the tables' owner, no superuser this time, with claims and no role.
    let service = grace.migrator().await;
    service.batch_execute("begin").await.unwrap();
    set_claims(&service, &claims(STAN), true).await;
    assert_eq!(query(&service, TITLES).await, "5", "every user's");
    service.batch_execute("rollback").await.unwrap();
    // It is told.
    let owner = format!("{}_owner", grace.db.name());
    let (outcomes, bypass) = status(&project(&grace, &["authenticated", &owner]), &owner);
    assert_eq!(outcomes, ["unbound".to_owned()].into());
    assert_eq!(bypass, "owner");
    // A login that owns nothing cannot make it: without the role it is refused.
    let login = grace.login().await;
    login.batch_execute("begin").await.unwrap();
    set_claims(&login, &claims(STAN), true).await;
    let error = login.batch_execute(TITLES).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
    login.batch_execute("rollback").await.unwrap();
    let seen = attempt_as(&grace, &STRANGER, "select from public.sessions").await;
    assert_eq!(seen, Outcome::Rows(1));
}

#[tokio::test]
async fn set_config_for_a_transaction_outside_of_one() {
    let grace = Setup::Owner.populated().await;
    let client = grace.login().await;
    client
        .batch_execute("set role authenticated")
        .await
        .unwrap();
    // The service's way: each statement is a transaction of its own, and the claims end with theirs.
    set_claims(&client, &claims(OLGA), true).await;
    assert_eq!(query(&client, MINE).await, "", "the user's own row is gone");
    // Its way out of that was worse: what is set for the session is there for whoever is next.
    set_claims(&client, &claims(OLGA), false).await;
    assert_eq!(query(&client, MINE).await, "Olga");
    client.batch_execute("discard plans").await.unwrap();
    assert_eq!(
        query(&client, MINE).await,
        "Olga",
        "the next request, without claims"
    );
    // The way that it is done now: one transaction, and nothing is left behind it.
    let mut client = grace.login().await;
    let tx = OWN.begin(&mut client).await;
    let row = tx.query_one("select auth.uid()::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), OLGA);
    tx.commit().await.unwrap();
    let left = query(
        &client,
        "select current_user, coalesce(current_setting('request.jwt.claims', true), '')",
    )
    .await;
    assert_eq!(left, format!("{LOGIN}|"));
}

#[tokio::test]
async fn claims_built_as_a_string() {
    let grace = Setup::Owner.populated().await;
    let mut client = grace.login().await;
    // What Stan calls himself.
    let name = format!(r#"{STAN}","sub":"{OLGA}"#);
    let tx = client.transaction().await.unwrap();
    // The service's way: of two keys the last counts.
    let built = format!(r#"{{"sub":"{name}","role":"authenticated"}}"#);
    claim(&tx, "authenticated", &built).await;
    let row = tx.query_one(MINE, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "Olga");
    tx.rollback().await.unwrap();
    // Made by what knows JSON it is one text, and no user.
    let tx = client.transaction().await.unwrap();
    claim(&tx, "authenticated", &claims(&name)).await;
    let error = tx.query(MINE, &[]).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::INVALID_TEXT_REPRESENTATION));
    tx.rollback().await.unwrap();
    // And a quote in a name ends no literal, since claims are a parameter.
    let tx = client.transaction().await.unwrap();
    claim(
        &tx,
        "authenticated",
        &claims(&format!("{STAN}' , true); reset role; --")),
    )
    .await;
    let error = tx.query(MINE, &[]).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::INVALID_TEXT_REPRESENTATION));
}

#[tokio::test]
async fn a_stale_request_jwt_claim_sub() {
    let stale = format!("set \"request.jwt.claim.sub\" = '{OLGA}'");
    // Older auth.uid() functions look there first: whoever is next is who was before.
    let grace = Setup::Supabase.populated().await;
    let mut client = grace.login().await;
    client.batch_execute(&stale).await.unwrap();
    let tx = STRANGER.begin(&mut client).await;
    let row = tx.query_one(MINE, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "Olga");
    // Whoever sets claims there has to blank it.
    tx.batch_execute("set local \"request.jwt.claim.sub\" = ''")
        .await
        .unwrap();
    let row = tx.query_one(MINE, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "Stan");
    // Ours does not look there.
    for setup in [Setup::Superuser, Setup::Owner] {
        let grace = setup.populated().await;
        let mut client = grace.login().await;
        client.batch_execute(&stale).await.unwrap();
        let tx = STRANGER.begin(&mut client).await;
        let row = tx.query_one(MINE, &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), "Stan", "{setup:?}");
    }
}

#[tokio::test]
async fn disabling_row_level_security_with_default_grants_in_place() {
    let grace = Setup::Supabase.populated().await;
    let project = project(&grace, &API);
    let found = lint(&project);
    assert!(
        !found.iter().any(|one| one.contains("public.notes")),
        "{found:?}"
    );
    // What default privileges give to a table that nobody thought of.
    grace
        .migrate("grant all on public.notes to anon, authenticated")
        .await;
    let own = attempt_as(&grace, &OWN, "select from public.notes").await;
    assert_eq!(own, Outcome::Rows(1), "the policies hold");
    // The service's emergency switch.
    grace
        .migrate("alter table public.notes disable row level security")
        .await;
    for actor in [&ANON, &STRANGER] {
        for statement in ["select from public.notes", "delete from public.notes"] {
            let open = attempt_as(&grace, actor, statement).await;
            assert_eq!(open, Outcome::Rows(5), "{}: {statement}", actor.name);
        }
    }
    // It is noticed.
    let found = lint(&project);
    for rule in ["rls_disabled_in_public", "policy_exists_rls_disabled"] {
        assert!(
            found.contains(&format!("{rule}: public.notes")),
            "{found:?}"
        );
    }
    // And this is the switch.
    project
        .grace(["rls", "close", "public.notes", "--reason", "leak"])
        .success();
    for actor in [&ANON, &OWN, &ACTIVE, &STRANGER] {
        for statement in [
            "select from public.notes",
            "delete from public.notes",
            "truncate public.notes",
        ] {
            let closed = attempt_as(&grace, actor, statement).await;
            assert_eq!(closed, Outcome::Refused, "{}: {statement}", actor.name);
        }
    }
    let found = lint(&project);
    assert!(
        !found.contains("rls_disabled_in_public: public.notes"),
        "{found:?}"
    );
}

/// Every table of GRACE's closes and opens: what its users may do is the same before and after.
#[tokio::test]
async fn the_switch_closes_every_table_and_gives_back_what_was() {
    for setup in [Setup::Owner, Setup::Supabase] {
        let grace = setup.populated().await;
        let rights = "select c.relname, c.relacl::text,
                             (select string_agg(a.attname || a.attacl::text, ' ' order by a.attname)
                                from pg_attribute a where a.attrelid = c.oid)
                        from pg_class c
                       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                         and c.relname <> 'alembic_version'
                       order by 1";
        let sorted = |text: String| -> BTreeSet<String> {
            let acl = |line: &str| {
                let mut items: Vec<&str> = line.split(['{', '}', ',', '|', ' ']).collect();
                items.sort_unstable();
                items.join(" ")
            };
            text.lines().map(acl).collect()
        };
        let before = sorted(grace.db.query(rights).await);
        let project = project(&grace, &API);
        let tables = |command: &'static str| ["rls", command].into_iter().chain(TABLES);
        project.grace(tables("close")).success();
        for table in TABLES {
            for actor in [&ANON, &OWN, &ACTIVE] {
                let closed =
                    attempt_as(&grace, actor, &format!("select from public.{table}")).await;
                assert_eq!(
                    closed,
                    Outcome::Refused,
                    "{setup:?}: {} {table}",
                    actor.name
                );
            }
        }
        project.grace(tables("open")).success();
        assert_eq!(sorted(grace.db.query(rights).await), before, "{setup:?}");
        let own = attempt_as(&grace, &OWN, "select from public.sessions").await;
        assert_eq!(own, Outcome::Rows(1));
    }
}

#[tokio::test]
async fn a_version_table_that_anon_reads() {
    let grace = Setup::Supabase.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    let mut project = project(&grace, &API);
    // Alembic's way, where default privileges give everything to everybody.
    grace
        .migrate(
            "create table public.alembic_version (version_num varchar(32) primary key);
             insert into public.alembic_version values ('8f3c2a1b9d04')",
        )
        .await;
    let ask = async |statement: &str| attempt_as(&grace, &ANON, statement).await;
    assert_eq!(
        ask("select from public.alembic_version").await,
        Outcome::Rows(1)
    );
    assert_eq!(
        ask("delete from public.alembic_version").await,
        Outcome::Rows(1)
    );
    // It is noticed, and closed.
    let found = lint(&project);
    let open = "rls_disabled_in_public: public.alembic_version";
    assert!(found.contains(open), "{found:?}");
    project.grace(["rls", "close", "alembic_version"]).success();
    assert_eq!(
        ask("select from public.alembic_version").await,
        Outcome::Refused
    );
    // Ours is closed from the beginning.
    grace.migrate("drop table public.alembic_version").await;
    project.env("DATABASE_URL", grace.db.url_as("grace_it_supabase"));
    project.grace(["ensure-version"]).success();
    for statement in [
        "select from public.alembic_version",
        "delete from public.alembic_version",
    ] {
        assert_eq!(ask(statement).await, Outcome::Refused, "{statement}");
    }
    assert!(!lint(&project).contains(open));
}
