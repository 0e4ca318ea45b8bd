//! `rls close` where something is in its way: owners, givers, locks, the log, files.

use std::time::Duration;

use grace_migrate::bookkeeping::{MigrationLock, VersionTable};
use grace_migrate::sql::QualifiedName;

use super::rls_close::{RIGHTS, ask, database};
use crate::support::connect;

/// The keys of the migration lock of the usual version table.
fn lock_keys() -> (i32, i32) {
    let table = QualifiedName::new("public", "alembic_version");
    MigrationLock::of(&VersionTable::new(table)).keys()
}

/// As an owner who is no superuser, in a database that has nothing of ours, and one who may not
/// even make a schema.
#[tokio::test]
async fn by_an_owner() {
    let mut t = database().await;
    let owner = t.database().create_owner().await;
    t.database()
        .run(&format!("alter table notes owner to {owner}"))
        .await;
    let url = t.database().url_as(&owner);
    t.project.env("DATABASE_URL", url);
    let rights = t.database().query(RIGHTS).await;
    t.ok(["rls", "close", "notes"]);
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
    t.ok(["rls", "open", "notes"]);
    assert_eq!(t.database().query(RIGHTS).await, rights);
    t.run(["rls", "close", "notes", "base"]);
    assert_eq!(t.database().query(RIGHTS).await, rights, "all or nothing");
    // What follows finds its schema in the shape that it needs.
    t.revision("a1", "message: first", "select 1;", "select 1;");
    t.ok(["upgrade", "-q"]);
    t.ok(["verify"]);

    let database = t.database().name().to_owned();
    t.database()
        .run(&format!(
            "drop schema grace_migrate cascade; alter database {database} owner to postgres"
        ))
        .await;
    let told = t.ok(["rls", "close", "notes"]);
    assert!(told.stderr.contains("the log does not have it"), "{told}");
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
    t.check("rls_close_owner");
}

/// A superuser closes in a database that another deploys to: the log is the deployer's, also where
/// it has an older shape.
#[tokio::test]
async fn a_superuser_leaves_the_deployer_their_log() {
    let mut t = database().await;
    let owner = t.database().create_owner().await;
    t.ok(["rls", "close", "notes"]);
    t.project.env("DATABASE_URL", t.database().url_as(&owner));
    t.revision("a1", "message: first", "select 1;", "select 1;");
    t.ok(["upgrade", "-q"]);
    t.database()
        .run(
            "drop table grace_migrate.closings;
             delete from grace_migrate.schema_version where version = 4",
        )
        .await;
    t.project.env("DATABASE_URL", t.database().url());
    t.database().run("grant select on notes to anon").await;
    t.ok(["rls", "close", "notes"]);
    t.project.env("DATABASE_URL", t.database().url_as(&owner));
    let log = t.ok(["log", "--format", "json"]).json();
    assert_eq!(log["closings"][0]["who"], "postgres", "{log:#}");
    t.ok(["downgrade", "-1", "-q"]);
}

#[tokio::test]
async fn what_cannot_be_closed_stays_as_it_was() {
    let mut t = database().await;
    let name = t.database().name().to_owned();
    let (group, lead) = (format!("{name}_group"), format!("{name}_owner"));
    t.database().create_owner().await;
    t.database()
        .run(&format!(
            "create table led (id int); alter table led owner to {lead};
             create role {group} nologin;
             grant select on led to {group};
             create role {group}_lead nologin;
             grant select on led to {group}_lead with grant option;
             set role {group}_lead; grant select on led to anon; reset role;"
        ))
        .await;
    let rights = t.database().query(RIGHTS).await;
    t.project.env("DATABASE_URL", t.database().url_as(&lead));
    let told = t.run(["rls", "close", "led"]);
    assert_eq!(told.code, Some(4), "{told}");
    assert!(
        told.stderr.contains(&format!(
            "`{group}_lead` gave it, and alone can take it back"
        )),
        "{told}"
    );
    assert_eq!(t.database().query(RIGHTS).await, rights, "rolled back");

    // A superuser acts in the giver's role.
    t.project.env("DATABASE_URL", t.database().url());
    t.ok(["rls", "close", "led"]);
    assert_eq!(ask(&t, "anon", "select from led").await, "42501");
    t.ok(["rls", "open", "led"]);
    assert_eq!(t.database().query(RIGHTS).await, rights);

    // A right by membership goes with the role that has it, and no superuser is ever closed out.
    let settings = t.project.read("grace-migrate.toml");
    let api = |roles: &str| {
        settings.replace(
            r#"api-roles = ["anon", "authenticated", "service_role"]"#,
            &format!("api-roles = [{roles}]"),
        )
    };
    t.database()
        .run(&format!(
            "create role {group}_member nologin inherit; grant {group} to {group}_member"
        ))
        .await;
    t.project
        .write("grace-migrate.toml", api(&format!("\"{group}_member\"")));
    let member = format!("{group}_member");
    assert_eq!(ask(&t, &member, "select from led").await, "");
    t.ok(["rls", "close", "led"]);
    assert_eq!(ask(&t, &member, "select from led").await, "42501");
    t.project.write("grace-migrate.toml", api("\"postgres\""));
    let told = t.run(["rls", "close", "notes"]);
    assert_eq!(told.code, Some(4), "{told}");
    assert!(told.stderr.contains("error[still-open]"), "{told}");
    assert!(told.stderr.contains("it is a superuser"), "{told}");
    t.database()
        .run(&format!(
            "revoke all on led from {group}, {group}_lead, anon cascade;
             drop role {group}_member, {group}, {group}_lead"
        ))
        .await;
}

/// Rights by way of a trusted role, and of one that the server brought, are no API role's own.
#[tokio::test]
async fn whoever_gets_through_by_another_role_is_named() {
    let mut t = database().await;
    let name = t.database().name().to_owned();
    let (api, trusted) = (format!("{name}_api"), format!("{name}_trusted"));
    t.database()
        .run(&format!(
            "create role {api} nologin inherit; create role {trusted} nologin;
             grant {trusted} to {api}; grant select on notes to {trusted}"
        ))
        .await;
    let settings = t.project.read("grace-migrate.toml");
    let settings = settings
        .replace(
            r#"api-roles = ["anon", "authenticated", "service_role"]"#,
            &format!("api-roles = [\"{api}\"]"),
        )
        .replace(
            r#"trusted-roles = ["service_role"]"#,
            &format!("trusted-roles = [\"{trusted}\"]"),
        );
    t.project.write("grace-migrate.toml", settings);
    let told = t.run(["rls", "close", "notes"]);
    assert_eq!(told.code, Some(4), "{told}");
    let why = format!("it has the rights of `{trusted}`, which is trusted");
    assert!(told.stderr.contains(&why), "{told}");
    assert_eq!(ask(&t, &api, "select id from notes").await, "1");
    t.ok(["rls", "close", "notes", "--trusted"]);
    assert_eq!(ask(&t, &api, "select id from notes").await, "42501");

    t.database()
        .run(&format!("grant pg_read_all_data to {api}"))
        .await;
    let told = t.run(["rls", "close", "notes", "--trusted"]);
    assert_eq!(told.code, Some(4), "{told}");
    let hint = format!("`revoke pg_read_all_data from {api};`");
    assert!(told.stderr.contains(&hint), "{told}");
    t.database()
        .run(&format!(
            "revoke pg_read_all_data from {api}; drop role {api}, {trusted}"
        ))
        .await;
}

/// It waits neither for the migration lock nor for whoever reads or writes the table, and only a
/// while for whoever changes its definition.
#[tokio::test]
async fn nobody_is_waited_for_but_a_change_of_the_table() {
    let mut t = database().await;
    t.ok(["ensure-version"]);
    let other = connect(&t.database().url()).await;
    let (class, object) = lock_keys();
    other
        .batch_execute(&format!(
            "begin; select pg_advisory_lock({class}, {object}); update notes set body = 'x'"
        ))
        .await
        .unwrap();
    let told = t.ok(["rls", "close", "notes"]);
    assert!(told.stderr.contains("in the log"), "{told}");
    t.ok(["rls", "open", "notes"]);

    // Another changes the table and does not end: it is said who.
    let settings = t.project.read("grace-migrate.toml");
    let hasty = settings.replace(
        "lock-timeout = \"3s\"",
        "lock-timeout = \"1s\"\nlock-tries = 1",
    );
    assert_ne!(hasty, settings);
    t.project.write("grace-migrate.toml", hasty);
    other
        .batch_execute("rollback; begin; alter table notes add column other int")
        .await
        .unwrap();
    let told = t.run(["rls", "close", "notes"]);
    assert_eq!(told.code, Some(3), "{told}");
    assert!(told.stderr.contains("error[table-locked]"), "{told}");
    assert!(
        told.stderr.contains("alter table notes add column other"),
        "{told}"
    );
    assert!(told.stderr.contains("pg_terminate_backend("), "{told}");
    assert_eq!(ask(&t, "authenticated", "select 1").await, "1");
    t.project.write("grace-migrate.toml", settings);

    // Another changes the table for a second: the first tries end, a later one goes through.
    other
        .batch_execute("rollback; begin; alter table notes add column more int")
        .await
        .unwrap();
    let release = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.batch_execute("commit").await.unwrap();
    });
    let command = t.project.command(["rls", "close", "notes"]);
    let output = tokio::task::spawn_blocking(move || {
        let mut command = command;
        crate::support::Output::of(&mut command)
    })
    .await
    .unwrap();
    release.await.unwrap();
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
}

#[tokio::test]
async fn broken_revision_files_keep_nobody_from_it() {
    let mut t = database().await;
    t.project.write("versions/a1.up.sql", "-- revisoin: a1\n");
    assert_eq!(t.run(["upgrade"]).code, Some(2));
    t.ok(["rls", "close", "notes"]);
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
    t.ok(["rls", "open", "notes"]);
}

/// Where our schema is missing and another run holds the lock under which it is made, the tables are
/// closed all the same.
#[tokio::test]
async fn a_log_that_cannot_be_written_keeps_nothing_open() {
    let mut t = database().await;
    let other = connect(&t.database().url()).await;
    let (class, object) = lock_keys();
    other
        .batch_execute(&format!("select pg_advisory_lock({class}, {object})"))
        .await
        .unwrap();
    let told = t.ok(["rls", "close", "notes"]);
    assert!(told.stderr.contains("the log does not have it"), "{told}");
    assert!(told.stdout.contains("grant select, truncate"), "{told}");
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
}

/// The log of closings is closed itself.
#[tokio::test]
async fn the_log_is_closed_to_the_api() {
    let mut t = database().await;
    t.database()
        .run("alter default privileges grant all on tables to anon, authenticated")
        .await;
    t.ok(["rls", "close", "notes"]);
    t.database()
        .run("grant usage on schema grace_migrate to anon")
        .await;
    for sql in ["select from", "delete from", "truncate"] {
        let sql = format!("{sql} grace_migrate.closings");
        assert_eq!(ask(&t, "anon", &sql).await, "42501", "{sql}");
    }
}
