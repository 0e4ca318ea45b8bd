//! Schema `auth`: used where it is, made where it is missing, and never taken from others.

use tokio_postgres::error::SqlState;

use super::setup::{SCHEMA, Setup, message};

/// The functions of schema `auth` and what they are to us.
const FUNCTIONS: &str = "
    select p.proname, p.oid, p.proowner::regrole, coalesce(obj_description(p.oid), '')
      from pg_proc p where p.pronamespace = to_regnamespace('auth') order by 1";

#[tokio::test]
async fn supabase_keeps_its_own() {
    let grace = Setup::Supabase.empty().await;
    let before = grace.db.query(FUNCTIONS).await;
    assert_eq!(before.lines().count(), 3);
    grace.up(&SCHEMA).await.unwrap();
    assert_eq!(grace.db.query(FUNCTIONS).await, before);
    grace.down(&SCHEMA).await.unwrap();
    assert_eq!(grace.db.query(FUNCTIONS).await, before);
    assert_eq!(
        grace.db.query("select to_regclass('auth.users')").await,
        "auth.users"
    );
}

#[tokio::test]
async fn profiles_belong_to_auth_users() {
    let grace = Setup::Supabase.populated().await;
    let unknown = "insert into public.profiles (id, email)
                   values ('00000000-0000-4000-8000-000000000009', 'nobody@example.org')";
    let error = grace
        .migrator()
        .await
        .batch_execute(unknown)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));

    grace
        .db
        .run("set role grace_it_auth_admin; delete from auth.users; reset role")
        .await;
    let left = "select (select count(*) from public.profiles), (select count(*) from public.notes)";
    assert_eq!(grace.db.query(left).await, "0|0", "gone with their user");
}

#[tokio::test]
async fn users_that_may_not_be_referenced_are_an_error_that_says_so() {
    let grace = Setup::Supabase.empty().await;
    grace
        .db
        .run("revoke references on auth.users from grace_it_supabase")
        .await;
    let error = grace.up(&SCHEMA).await.unwrap_err();
    assert_eq!(
        message(&error),
        "auth.users exists, and role grace_it_supabase may not reference it \
         (Let its owner run: grant references on auth.users to grace_it_supabase;)"
    );
}

#[tokio::test]
async fn plain_postgresql_gets_the_functions_and_loses_them_again() {
    let grace = Setup::Owner.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    let claims =
        r#"{"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated", "n": 1}"#;
    let read = format!(
        "begin; set local role anon; set local request.jwt.claims = '{claims}';
         select auth.uid(), auth.role(), auth.jwt() ->> 'n'; rollback"
    );
    assert_eq!(
        grace.db.query(&read).await,
        "00000000-0000-4000-8000-000000000001|authenticated|1"
    );
    let foreign_keys = "select count(*) from pg_constraint
                         where contype = 'f' and conrelid = 'public.profiles'::regclass";
    assert_eq!(grace.db.query(foreign_keys).await, "0");

    grace.down(&SCHEMA).await.unwrap();
    assert_eq!(grace.db.query("select to_regnamespace('auth')").await, "");
}

#[tokio::test]
async fn what_others_built_on_our_functions_keeps_them() {
    let grace = Setup::Owner.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    grace
        .migrate(
            "create table public.letters (reader uuid);
             create policy own on public.letters using (reader = (select auth.uid()));
             create table auth.keys (id int)",
        )
        .await;
    grace.down(&SCHEMA).await.unwrap();
    let left = "select string_agg(p.proname, ',') from pg_proc p where p.pronamespace = 'auth'::regnamespace";
    assert_eq!(grace.db.query(left).await, "uid");

    grace.up(&SCHEMA).await.unwrap();
    grace.migrate("drop table public.letters, auth.keys").await;
    grace.down(&SCHEMA).await.unwrap();
    assert_eq!(grace.db.query("select to_regnamespace('auth')").await, "");
}

#[tokio::test]
async fn a_function_that_is_missing_is_added_beside_the_others() {
    let grace = Setup::Superuser.empty().await;
    grace
        .migrate(
            "create schema auth;
             create function auth.uid() returns uuid language sql stable as 'select null::uuid'",
        )
        .await;
    grace.up(&SCHEMA).await.unwrap();
    grace.down(&SCHEMA).await.unwrap();
    let left = "select string_agg(p.proname, ',') from pg_proc p where p.pronamespace = 'auth'::regnamespace";
    assert_eq!(grace.db.query(left).await, "uid", "theirs stays, ours went");
}
