//! `rls close` and `rls open`: what the API may do goes in one transaction, and comes back as it was.

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;
use crate::support::{connect, query};

/// Every right to the tables of the test, the owners' left out: what a closing must give back.
pub(super) const RIGHTS: &str = "
    select c.relname, coalesce(a.attname, ''), x.privilege_type, x.is_grantable,
           coalesce(g.rolname, 'public'), pg_get_userbyid(x.grantor)
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     cross join lateral aclexplode(a.attacl) x
      left join pg_roles g on g.oid = x.grantee
     where c.relnamespace = 'public'::regnamespace and x.grantee <> c.relowner
     union all
    select c.relname, '', x.privilege_type, x.is_grantable,
           coalesce(g.rolname, 'public'), pg_get_userbyid(x.grantor)
      from pg_class c
     cross join lateral aclexplode(c.relacl) x
      left join pg_roles g on g.oid = x.grantee
     where c.relnamespace = 'public'::regnamespace and x.grantee <> c.relowner
     order by 1, 2, 3, 4, 5, 6";

const TABLES: &str = "
    create table notes (id int primary key, owner_id int, body text);
    insert into notes values (1, 1, 'secret');
    alter table notes enable row level security;
    create policy every on notes using (true);
    grant select, truncate on notes to anon;
    grant select (id, body), update (body) on notes to authenticated;
    grant select on notes to grace_it_reporting;
    grant insert on notes to public;
    grant all on notes to service_role;

    create table events (id int, at date) partition by range (at);
    create table events_2020 partition of events for values from ('2020-01-01') to ('2021-01-01');
    create table base (id int);
    create table \"Odd\" () inherits (base);
    grant select on events_2020, \"Odd\" to anon;
";

/// A database with rights of each sort.
pub(super) async fn database() -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database().run(TABLES).await;
    t
}

/// What a role gets: the rows, or the SQLSTATE that it is refused with.
pub(super) async fn ask(t: &Transcript, role: &str, sql: &str) -> String {
    let client = connect(&t.database().url()).await;
    client
        .batch_execute(&format!("set role {role}"))
        .await
        .unwrap();
    match client.simple_query(sql).await {
        Ok(_) => query(&client, sql).await,
        Err(error) => error.code().unwrap().code().to_owned(),
    }
}

#[tokio::test]
async fn closed_and_opened_again() {
    let mut t = database().await;
    let rights = t.database().query(RIGHTS).await;
    assert_eq!(ask(&t, "anon", "select body from notes").await, "secret");

    t.ok(["rls", "close", "notes", "--dry-run"]);
    assert_eq!(t.database().query(RIGHTS).await, rights, "a dry run");
    let made = "select to_regnamespace('grace_migrate')";
    assert_eq!(
        t.database().query(made).await,
        "",
        "a dry run makes nothing"
    );

    t.ok(["rls", "close", "public.notes", "--reason", "leak"]);
    for (role, sql) in [
        ("anon", "select from notes"),
        ("anon", "truncate notes"),
        ("anon", "insert into notes values (2)"),
        ("authenticated", "select body from notes"),
        ("authenticated", "update notes set body = ''"),
    ] {
        assert_eq!(ask(&t, role, sql).await, "42501", "{role}: {sql}");
    }
    for role in ["service_role", "grace_it_reporting"] {
        let body = ask(&t, role, "select body from notes").await;
        assert_eq!(body, "secret", "{role} keeps its right");
    }
    let row_security = "select relrowsecurity from pg_class where relname = 'notes'";
    assert_eq!(t.database().query(row_security).await, "t");

    t.ok(["rls", "close", "notes"]);
    t.ok(["log"]);
    t.ok(["log", "-v"]);
    t.ok(["rls", "open", "notes", "--dry-run"]);
    t.ok(["rls", "open", "notes", "--reason", "mended"]);
    assert_eq!(t.database().query(RIGHTS).await, rights, "as they were");
    t.run(["rls", "open", "notes"]);
    t.ok(["log"]);
    t.check("rls_close");
}

#[tokio::test]
async fn as_json() {
    let mut t = database().await;
    t.ok([
        "rls", "close", "notes", "--reason", "leak", "--format", "json",
    ]);
    t.ok(["log", "--format", "json"]);
    t.ok(["rls", "open", "notes", "--format", "json"]);
    t.check("rls_close_json");
}

/// The undo SQL that is printed is what a person pastes into psql: it must do alone.
#[tokio::test]
async fn the_printed_sql_undoes_it() {
    let mut t = database().await;
    t.database()
        .run(
            "grant select on notes to anon with grant option;
             set role anon; grant select on notes to grace_it_reporting, authenticated;
             reset role; grant update (id, owner_id) on notes to authenticated with grant option;
             set role authenticated; grant update (id) on notes to grace_it_reporting;
             reset role;",
        )
        .await;
    let rights = t.database().query(RIGHTS).await;
    let told = t.ok(["rls", "close", "notes"]).stdout;
    let taken = t.database().query(RIGHTS).await;
    assert_ne!(taken, rights);
    let closed = |one: &&str| {
        one.starts_with("notes|") && (one.contains("|anon|") || one.ends_with("|anon"))
    };
    assert_eq!(taken.lines().find(closed), None);
    let undo = told.split("what undoes it:").nth(1).unwrap();
    t.database().run(undo).await;
    assert_eq!(t.database().query(RIGHTS).await, rights);
    // And so does the log's.
    t.ok(["rls", "close", "notes"]);
    assert_eq!(t.database().query(RIGHTS).await, taken);
    t.ok(["rls", "open", "notes"]);
    assert_eq!(t.database().query(RIGHTS).await, rights);
}

#[tokio::test]
async fn what_a_table_is_made_of_is_closed_with_it() {
    let mut t = database().await;
    let rights = t.database().query(RIGHTS).await;
    t.ok(["rls", "close", "events", "base"]);
    for table in ["events_2020", "\"Odd\""] {
        let seen = ask(&t, "anon", &format!("select from {table}")).await;
        assert_eq!(seen, "42501", "{table}");
    }
    // Of the two only one is opened.
    t.ok(["rls", "open", "Odd"]);
    assert_eq!(ask(&t, "anon", "select from \"Odd\"").await, "");
    assert_eq!(ask(&t, "anon", "select from events_2020").await, "42501");
    let told = t.ok(["rls", "open", "events"]);
    assert!(
        told.stderr
            .contains("row-level security is off on public.events_2020"),
        "{told}"
    );
    assert_eq!(t.database().query(RIGHTS).await, rights);
    // A part that stays readable through the whole is told.
    t.database().run("grant select on events to anon").await;
    let told = t.ok(["rls", "close", "events_2020"]).stderr;
    assert!(
        told.contains("public.events_2020 is part of public.events, which anon may read"),
        "{told}"
    );
}

#[tokio::test]
async fn what_shows_the_rows_all_the_same_is_told() {
    let mut t = database().await;
    t.database()
        .run(
            "create view open_view as select * from notes;
             create view over_it with (security_invoker) as select * from open_view;
             create view bound_view with (security_invoker) as select * from notes;
             create materialized view stored as select * from notes;
             create view unseen as select * from notes;
             grant select on open_view, over_it, bound_view, stored to anon;
             create function reads() returns bigint language sql security definer set search_path = ''
                begin atomic select count(*) from public.notes; end;
             create function names() returns bigint language plpgsql security definer
                set search_path = '' as 'begin return (select count(*) from public.notes); end';
             create function harmless() returns text language sql security definer
                set search_path = '' as $$ select 'notes_archive' $$;
             create function invoker() returns bigint language sql set search_path = ''
                as 'select count(*) from public.notes';
             create function secret() returns bigint language sql security definer set search_path = ''
                as 'select count(*) from public.notes';
             revoke execute on function secret() from public;",
        )
        .await;
    let json = t
        .ok(["rls", "close", "notes", "--dry-run", "--format", "json"])
        .json();
    let shown: Vec<String> = json["still_shown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {}", one["kind"], one["by"], one["certain"]).replace('"', ""))
        .collect();
    assert_eq!(
        shown,
        [
            "function public.names() false",
            "function public.reads() true",
            "materialized view public.stored true",
            "view public.open_view true",
        ]
    );
    t.ok(["rls", "close", "notes"]);
    assert_eq!(
        ask(&t, "anon", "select body from open_view").await,
        "secret"
    );
    assert_eq!(
        ask(&t, "anon", "select body from bound_view").await,
        "42501"
    );
    t.ok(["rls", "close", "notes", "open_view", "stored"]);
    assert_eq!(ask(&t, "anon", "select body from open_view").await, "42501");
    t.check("rls_close_shown");
}

#[tokio::test]
async fn trusted_roles_keep_their_rights_unless_told() {
    let mut t = database().await;
    t.ok(["rls", "close", "notes"]);
    assert_eq!(ask(&t, "service_role", "select id from notes").await, "1");
    t.ok(["rls", "close", "notes", "--trusted"]);
    assert_eq!(
        ask(&t, "service_role", "select id from notes").await,
        "42501"
    );
    // Both closings are undone at once.
    t.ok(["rls", "open", "notes"]);
    assert_eq!(ask(&t, "service_role", "select id from notes").await, "1");
    assert_eq!(ask(&t, "anon", "select id from notes").await, "1");
}

#[tokio::test]
async fn a_table_that_is_not_there() {
    let mut t = database().await;
    let rights = t.database().query(RIGHTS).await;
    t.run(["rls", "close", "notes", "note"]);
    t.run(["rls", "close", "public.odd"]);
    t.run(["rls", "close", "nowhere.at_all", "--format", "json"]);
    t.run(["rls", "close"]);
    t.run(["rls", "open", "base"]);
    assert_eq!(t.database().query(RIGHTS).await, rights);
    let made = "select to_regnamespace('grace_migrate')";
    assert_eq!(t.database().query(made).await, "");
    t.check("rls_close_refused");
}

/// A closing is no licence for a table of the same name that came later.
#[tokio::test]
async fn a_table_that_was_made_anew_is_not_opened() {
    let mut t = database().await;
    t.ok(["rls", "close", "notes"]);
    t.database()
        .run("drop table notes; create table notes (id int)")
        .await;
    let told = t.run(["rls", "open", "notes"]);
    assert_eq!(told.code, Some(2), "{told}");
    assert!(told.stderr.contains("error[not-closed]"), "{told}");
    assert_eq!(ask(&t, "anon", "select from notes").await, "42501");
}
