//! What a script leaves in its session, row security and default privileges: none of it reaches the
//! next revision or our own tables.

use crate::run::case::{Case, end, shows};

/// Fails unless the session is as it was in the beginning.
const AS_NEW: &str = "do $$ begin
    if current_setting('search_path') <> '\"$user\", public' then
        raise exception 'search_path is %', current_setting('search_path');
    end if;
    if current_user <> session_user or current_setting('role') <> 'none' then
        raise exception 'role is %', current_user;
    end if;
    if current_setting('row_security') <> 'off' then raise exception 'row_security'; end if;
    if current_setting('statement_timeout') <> '0' then raise exception 'statement_timeout'; end if;
    if current_setting('lock_timeout') <> '3s' then raise exception 'lock_timeout'; end if;
    if to_regclass('pg_temp.leftover') is not null then raise exception 'temporary table'; end if;
    if exists (select from pg_prepared_statements where name = 'leftover') then
        raise exception 'prepared statement';
    end if;
    if exists (select from pg_cursors where name = 'leftover') then raise exception 'cursor'; end if;
    if current_setting('my.own', true) <> '' then raise exception 'own setting'; end if;
    if exists (select from pg_listening_channels()) then raise exception 'listener'; end if;
end $$;";

const LEAVES: &str = "create schema other;
set search_path = other;
create temporary table leftover (n int);
-- a table, and with it a type, by the name of one that is asked for
create temporary table text (n int);
prepare leftover as select 1;
declare leftover cursor with hold for select 1;
listen leftover;
set row_security = on;
set lock_timeout = '1h';
set statement_timeout = '1h';
set my.own = 'x';
set client_min_messages = error;
set default_transaction_read_only = on;";

/// F24: a script leaves its search path, timeouts, row security, temporary tables, prepared
/// statements, cursors and listeners: the next revision and our bookkeeping find the session as
/// new.
#[tokio::test]
async fn f24_a_script_leaves_its_settings_behind() {
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "upgrade head --transaction all",
    ] {
        let case = Case::of_owner().await;
        case.up("a", "", LEAVES);
        case.up("b", "a", AS_NEW);
        case.ok(words);
    }
}

/// F24: the same from a script outside a transaction: the next revision finds the session as new.
#[tokio::test]
async fn f24_a_script_outside_a_transaction_leaves_its_settings_behind() {
    let case = Case::of_owner().await;
    case.up("a", "", &format!("-- transaction: off\n{LEAVES}"));
    case.up("b", "a", AS_NEW);
    case.ok("upgrade head");
    assert_eq!(case.history().await, "+a +b");
}

/// F24: a script leaves another role or session user: version rows and history are written by who
/// logged in.
#[tokio::test]
async fn f24_a_script_leaves_another_role() {
    let case = Case::of_superuser().await;
    let role = case.database.create_owner().await;
    for (id, revises, header) in [("a", "", ""), ("b", "a", "-- transaction: off\n")] {
        case.up(
            id,
            revises,
            &format!("{header}set role {role};\ncreate table {id} (n int);"),
        );
    }
    case.up(
        "c",
        "b",
        &format!("set session authorization {role};\ncreate table c (n int);"),
    );
    case.up(
        "d",
        "c",
        &format!("-- transaction: off\nset session authorization {role};\ncreate table d (n int);"),
    );
    case.up("e", "d", AS_NEW);
    case.ok("upgrade head");
    let owners = case.query(
        "select string_agg(distinct tableowner, ' ') from pg_tables \
         where tablename in ('a', 'b', 'c', 'd')",
    );
    assert_eq!(owners.await, role);
    let by = case.query("select string_agg(distinct performed_by, ' ') from grace_migrate.history");
    assert_eq!(by.await, "postgres");
}

/// F24: a script drops the role that the database gives at login: it is back for the next revision
/// and for our own tables.
#[tokio::test]
async fn f24_a_script_drops_the_role_of_the_login() {
    let case = Case::of_superuser().await;
    let owner = case.database.create_owner().await;
    let name = case.database.name();
    case.database
        .run(&format!("alter database {name} set role = {owner}"))
        .await;
    case.table("a", "");
    case.up("b", "a", "set role none;\n");
    case.up("c", "b", "-- transaction: off\nset role none;\nselect 1;");
    case.table("d", "c");
    case.ok("upgrade head");
    let owners = case.query(
        "select string_agg(distinct tableowner, ' ') from pg_tables \
         where schemaname in ('public', 'grace_migrate')",
    );
    assert_eq!(owners.await, owner);
    case.database
        .run(&format!("alter database {name} reset role"))
        .await;
}

/// F25: a hostile schema before pg_catalog shadows operators: bookkeeping matches the rows that it
/// means.
#[tokio::test]
async fn f25_a_hostile_schema_shadows_operators() {
    let case = Case::new().await;
    let name = case.database.name();
    case.database
        .run(&format!(
            "create schema hostile;
             create function hostile.yes(varchar, varchar) returns boolean language sql as 'select true';
             create function hostile.yes(text, text) returns boolean language sql as 'select true';
             create function hostile.no(text[], text[]) returns boolean language sql as 'select false';
             create operator hostile.= (leftarg = varchar, rightarg = varchar, function = hostile.yes);
             create operator hostile.= (leftarg = text, rightarg = text, function = hostile.yes);
             create operator hostile.<> (leftarg = text[], rightarg = text[], function = hostile.no);
             alter database {name} set search_path = hostile, pg_catalog, public;"
        ))
        .await;
    case.graph("a b<a c<a");
    case.up("m", "b, c", "-- transaction: off\nselect 1;\nselect 2;")
        .down("m", "-- transaction: off\nselect 3;\nselect 4;");
    case.ok("upgrade heads");
    assert_eq!(case.rows().await, "m");
    case.ok("downgrade b");
    assert_eq!(case.rows().await, "b c");
    case.ok("stamp heads");
    case.ok("stamp b");
    assert_eq!(case.rows().await, "b");
    let sql = case.ok("upgrade a:b --sql").stdout;
    case.project.write("up.sql", sql);
    assert_eq!(case.ok("current").stdout.lines().count(), 1);
    case.database
        .run(&format!("alter database {name} reset search_path"))
        .await;
}

/// F26: forced row security with an owner who does not bypass it: an error with file and line,
/// never silence.
#[tokio::test]
async fn f26_forced_row_security_and_an_owner_who_does_not_bypass_it() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table t (n int);\ninsert into t values (1);\n\
         alter table t enable row level security;\nalter table t force row level security;",
    );
    for (id, sql) in [
        ("b", "update t set n = 2;"),
        ("c", "create table copied as select * from t;"),
        ("d", "-- transaction: off\ndelete from t;"),
    ] {
        case.up(id, "a", sql);
        let output = case.fails("upgrade heads", 4, "step-failed");
        shows(
            &output,
            &[&format!("versions/{id}.up.sql"), "42501", "stands at a"],
        );
        case.remove(id);
    }
    assert_eq!(case.query("select n from t").await, "1");
}

/// F27: the version table under forced row security: an error from every command, never an empty
/// history.
#[tokio::test]
async fn f27_a_version_table_under_row_security() {
    let case = Case::of_owner().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.database
        .run("alter table alembic_version force row level security")
        .await;
    for words in [
        "current",
        "upgrade head",
        "downgrade -1",
        "stamp a",
        "upgrade head --sql",
    ] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(&output, &["alembic_version", "42501"]);
    }
    assert_eq!(case.rows().await, "b");
}

/// Default privileges that give API roles everything, as Supabase's do; the roles are this
/// cluster's `anon` and `authenticated`.
async fn open_to_all(case: &Case, creator: &str) {
    for role in ["anon", "authenticated"] {
        case.database
            .run(&format!(
                "do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; end $$;
                 grant usage on schema public to {role};
                 alter default privileges for role {creator} grant all on tables to {role}, public;
                 alter default privileges for role {creator} grant all on sequences to {role}, public;
                 alter default privileges for role {creator} grant all on functions to {role}, public;
                 alter default privileges for role {creator} grant all on schemas to {role}, public;"
            ))
            .await;
    }
}

/// F44: default privileges give API roles everything: they can neither read nor change our tables,
/// nor call our function.
#[tokio::test]
async fn f44_default_privileges_give_api_roles_everything() {
    for owner in [false, true] {
        let (case, creator) = if owner {
            let case = Case::of_owner().await;
            let creator = format!("{}_owner", case.database.name());
            (case, creator)
        } else {
            (Case::of_superuser().await, "postgres".to_owned())
        };
        open_to_all(&case, &creator).await;
        case.graph("a b<a");
        case.up("c", "b", "-- transaction: off\nselect 1;");
        case.ok("upgrade head");
        for role in ["anon", "authenticated"] {
            for sql in [
                "select * from public.alembic_version",
                "insert into public.alembic_version values ('x')",
                "delete from public.alembic_version",
                "truncate public.alembic_version",
                "select * from grace_migrate.history",
                "insert into grace_migrate.history default values",
                "delete from grace_migrate.journal",
                "select * from grace_migrate.schema_version",
                "create table grace_migrate.x (n int)",
                "select nextval('grace_migrate.history_id_seq')",
                "select grace_migrate.record(null, 1, 2)",
            ] {
                let client = case.database.client();
                client
                    .batch_execute(&format!("begin; set local role {role}"))
                    .await
                    .unwrap();
                let error = client.batch_execute(sql).await.unwrap_err();
                let code = error.code().unwrap().code().to_owned();
                assert_eq!(code, "42501", "{role}: {sql}");
                client.batch_execute("rollback").await.unwrap();
            }
        }
        // Not even the right to look is left.
        let open = case.query(
            "select string_agg(c.relname, ' ') from pg_class c, lateral aclexplode(c.relacl) a \
             where c.relnamespace in ('grace_migrate'::regnamespace, 'public'::regnamespace) \
               and c.relname not in ('a', 'b') \
               and a.grantee <> c.relowner",
        );
        assert_eq!(open.await, "");
        let secured = case.query(
            "select bool_and(relrowsecurity) from pg_class where relkind = 'r' and \
             (relnamespace = 'grace_migrate'::regnamespace or relname = 'alembic_version')",
        );
        assert_eq!(secured.await, "t");
    }
}

/// Rights of others in our own schema and on the version table, functions among it.
const RIGHTS_OF_OTHERS: &str = "
    select string_agg(found.name, ' ') from (
        select c.relname::text as name, c.relowner as owner, c.relacl as acl from pg_class c
        where c.relnamespace = to_regnamespace('grace_migrate') or c.relname = 'alembic_version'
        union all
        select p.proname, p.proowner, p.proacl from pg_proc p
        where p.pronamespace = to_regnamespace('grace_migrate')
        union all
        select n.nspname, n.nspowner, n.nspacl from pg_namespace n
        where n.nspname = 'grace_migrate'
    ) found, lateral aclexplode(found.acl) a
    where a.grantee <> found.owner";

/// F44: the same, while the first run makes its tables: at no instant has anybody else a right on them.
#[tokio::test]
async fn f44_nobody_has_a_right_at_any_instant() {
    let case = Case::of_owner().await;
    let creator = format!("{}_owner", case.database.name());
    open_to_all(&case, &creator).await;
    // What is open between two transactions is open for as long as the next one takes.
    case.database
        .run(
            "create function slow() returns event_trigger language plpgsql as
             $$ begin perform pg_sleep(0.02); end $$;
             create event trigger slow on ddl_command_end execute function slow();",
        )
        .await;
    case.table("a", "");
    let mut run = case.start("upgrade head");
    let mut looks = 0;
    while run.try_wait().unwrap().is_none() {
        assert_eq!(case.query(RIGHTS_OF_OTHERS).await, "");
        looks += 1;
    }
    end(run).success();
    assert!(looks > 10, "{looks}");
    assert_eq!(case.query(RIGHTS_OF_OTHERS).await, "");
}
