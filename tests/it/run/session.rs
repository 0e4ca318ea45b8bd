//! What a script leaves in its session reaches neither the next revision nor our own tables.

use super::case::{Case, shows};

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

#[tokio::test]
async fn nothing_leaks_into_the_next_revision() {
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

#[tokio::test]
async fn nothing_leaks_out_of_a_script_outside_a_transaction() {
    let case = Case::of_owner().await;
    case.up("a", "", &format!("-- transaction: off\n{LEAVES}"));
    case.up("b", "a", AS_NEW);
    case.ok("upgrade head");
    assert_eq!(case.history().await, "+a +b");
}

#[tokio::test]
async fn another_role_records_nothing() {
    let case = Case::new().await;
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

#[tokio::test]
async fn the_role_of_the_login_comes_back() {
    let case = Case::new().await;
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

#[tokio::test]
async fn a_hostile_path_shadows_none_of_our_operators() {
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

#[tokio::test]
async fn a_script_that_commits_by_a_trick_is_caught() {
    let case = Case::new().await;
    case.table("a", "");
    // Once it runs, the server reads the literal behind the COPY otherwise than we did.
    case.up(
        "b",
        "a",
        "create table b (n int);\n\
         select set_config('standard_conforming_strings', 'off', false);\n\
         set escape_string_warning = off;\n\
         copy b from stdin;\n\\.\n\
         select 'a\\'' ; commit; --';",
    );
    case.table("c", "b");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "upgrade to `b` failed: the script ended the transaction that it ran in",
            "what the script committed itself stays",
            "nothing is recorded as applied",
            "the database stands at a",
        ],
    );
    assert_eq!(case.rows().await, "a");
    assert_eq!(case.history().await, "+a");
    assert_eq!(case.tables().await, "a b", "what it committed is there");
}

#[tokio::test]
async fn a_procedure_cannot_commit() {
    let case = Case::new().await;
    case.up(
        "a",
        "",
        "create procedure p() language plpgsql as $$ begin commit; end $$;\ncall p();",
    );
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["versions/a.up.sql:3:1", "2D000"]);
    case.up("a", "", "do $$ begin rollback; end $$;");
    case.fails("upgrade head", 4, "step-failed");
    assert_eq!(case.rows().await, "");
}

#[tokio::test]
async fn a_lock_that_is_let_go_of_is_noticed() {
    let release = "create function release() returns void language sql as \
                   'select pg_advisory_unlock_all()';";
    for (words, header) in [
        ("upgrade head", ""),
        ("upgrade head --transaction all", ""),
        ("upgrade head", "-- transaction: off\n"),
    ] {
        let case = Case::new().await;
        case.table("a", "");
        case.up("b", "a", &format!("{header}{release}\nselect release();"));
        let output = case.fails(words, 4, "step-failed");
        shows(&output, &["`b` failed: the migration lock was lost"]);
        let stands = if words.ends_with("all") { "" } else { "a" };
        assert_eq!(case.rows().await, stands);
    }
}
