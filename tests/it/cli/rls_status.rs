//! `rls status`: who may do what, as the catalog tells it.

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;

/// A database with a table of each sort.
async fn database() -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database()
        .run(
            "create schema auth;
             create function auth.uid() returns uuid language sql stable as 'select null::uuid';
             grant usage on schema auth to authenticated;

             create table notes (id int primary key, owner_id uuid, body text, pinned bool);
             alter table notes enable row level security;
             grant select, delete, truncate on notes to authenticated;
             grant insert (owner_id, body), update (body) on notes to authenticated;
             grant all on notes to service_role;
             create policy own on notes to authenticated using (owner_id = (select auth.uid()));
             create policy pinned on notes for select using (pinned);
             create policy living on notes as restrictive for select to authenticated
                 using (body is not null);
             create policy anybody on notes for insert to anon with check (true);

             create table events (id int, at date) partition by range (at);
             alter table events enable row level security, force row level security;
             create table events_2020 partition of events
                 for values from ('2020-01-01') to ('2021-01-01');
             grant select, insert on events, events_2020 to anon;

             create schema closed;
             create table closed.secrets (id int);
             grant select on closed.secrets to anon;",
        )
        .await;
    t
}

#[tokio::test]
async fn who_may_do_what() {
    let mut t = database().await;
    t.ok(["rls", "status"]);
    t.ok(["rls", "status", "--schema", "closed", "--schema", "nowhere"]);
    t.ok(["rls", "status", "--schema", "nowhere", "-q"]);
    t.ok(["rls", "status", "--format", "json"]);
    t.check("rls_status");
}

#[tokio::test]
async fn other_roles_than_supabase_has() {
    let mut t = database().await;
    let settings = t.project.read("grace-migrate.toml").replace(
        r#"api-roles = ["anon", "authenticated", "service_role"]"#,
        r#"api-roles = ["anon", "nobody_has_this_role"]"#,
    );
    t.project.write("grace-migrate.toml", settings);
    let json = t.ok(["rls", "status", "--format", "json"]).json();
    assert_eq!(json["roles"][1]["exists"], false);
    let roles = &json["tables"][0]["roles"];
    assert_eq!(roles.as_array().unwrap().len(), 1);
    let told = t.ok(["rls", "status"]).stderr;
    assert!(
        told.contains("the server has no role nobody_has_this_role"),
        "{told}"
    );
}

#[tokio::test]
async fn nothing_is_written() {
    let mut t = database().await;
    t.ok(["rls", "status"]);
    let made = t
        .database()
        .query("select to_regclass('alembic_version')")
        .await;
    assert_eq!(made, "");
}
