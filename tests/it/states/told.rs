//! Which hazards are told of what: of access, of rows that may be against it, of what goes.

use std::collections::BTreeSet;

use grace_migrate::diff;

use super::corpus::{create_roles, database, read};
use super::identity::runtime;

/// A state, another one, and what is told of the way from the first to the second, kind by kind.
type Told = (&'static str, &'static str, &'static str);

const SECURED: &str =
    "create table d (id int primary key, a text); grant all on d to gm_reader, gm_writer;
    alter table d enable row level security;";

/// Within a table with row level security.
const POLICIES: &[Told] = &[
    ("", "create policy p on d using (true)", "loosens-access"),
    ("create policy p on d using (true)", "", ""),
    ("", "create policy p on d as restrictive using (true)", ""),
    (
        "create policy p on d as restrictive using (true)",
        "",
        "loosens-access",
    ),
    (
        "create policy p on d as restrictive to gm_reader, gm_writer using (id > 0)",
        "create policy p on d as restrictive to gm_reader using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d as restrictive to gm_reader using (id > 0)",
        "create policy p on d as restrictive to public using (id > 0)",
        "",
    ),
    (
        "create policy p on d as restrictive using (id > 0)",
        "create policy p on d as restrictive for select using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d as restrictive for select using (id > 0)",
        "create policy p on d as restrictive using (id > 0)",
        "",
    ),
    (
        "create policy p on d as restrictive using (id > 0)",
        "create policy p on d using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d using (id > 0)",
        "create policy p on d as restrictive using (id > 0)",
        "",
    ),
    (
        "create policy p on d for select using (id > 0)",
        "create policy p on d using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d using (id > 0)",
        "create policy p on d for select using (id > 0)",
        "",
    ),
    (
        "create policy p on d to gm_reader using (id > 0)",
        "create policy p on d to gm_reader, gm_writer using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d to gm_reader, gm_writer using (id > 0)",
        "create policy p on d to gm_reader using (id > 0)",
        "",
    ),
    (
        "create policy p on d using (id > 0)",
        "create policy p on d using (id > 1)",
        "loosens-access",
    ),
    (
        "create policy p on d using (id > 0) with check (id > 9)",
        "create policy p on d using (id > 0)",
        "loosens-access",
    ),
    (
        "create policy p on d using (id > 0) with check (id > 0)",
        "create policy p on d using (id > 0)",
        "",
    ),
    (
        "create policy p on d as restrictive for update using (id > 0) with check (id > 9)",
        "create policy p on d as restrictive for update using (id > 0)",
        "loosens-access",
    ),
    (
        "",
        "alter table d disable row level security",
        "loosens-access",
    ),
    ("alter table d disable row level security", "", ""),
    // The column takes its policy along, which comes again.
    (
        "create policy p on d using (a <> 'x')",
        "alter table d alter a type jsonb using null; create policy p on d using (a <> '{}')",
        "loosens-access may-fail rewrites-table",
    ),
    (
        "create policy p on d using (id > 0 and a is not null)",
        "alter table d alter a type varchar(30); create policy p on d using (id > 0 and a is not null)",
        "may-fail rewrites-table",
    ),
    // Nobody asked them: it is the table's rights that counted.
    (
        "alter table d disable row level security",
        "create policy p on d using (id > 0)",
        "",
    ),
];

const OTHERS: &str = "create table d (id int, a text);";

const RIGHTS: &[Told] = &[
    ("", "grant select on d to gm_reader", "loosens-access"),
    ("grant select on d to gm_reader", "", ""),
    (
        "grant select on d to gm_reader with grant option",
        "grant select on d to gm_reader",
        "",
    ),
    (
        "grant select on d to gm_reader",
        "grant select on d to gm_reader with grant option",
        "loosens-access",
    ),
    (
        "grant all on d to gm_writer with grant option",
        "grant select, insert on d to gm_writer",
        "",
    ),
    (
        "grant select on d to gm_reader",
        "grant insert on d to gm_reader",
        "loosens-access",
    ),
    (
        "create function f() returns int language sql as 'select 1'; revoke execute on function f() from public",
        "create function f() returns int language sql as 'select 1'",
        "loosens-access",
    ),
    (
        "create function f() returns int language sql as 'select 1'",
        "create function f() returns int language sql as 'select 1'; revoke execute on function f() from public",
        "",
    ),
    // Made anew, with and without what was taken from everybody.
    (
        "create function f() returns int language sql as 'select 1'; revoke execute on function f() from public",
        "create function f() returns bigint language sql as 'select 1::bigint'; revoke execute on function f() from public",
        "",
    ),
    (
        "create function f() returns int language sql as 'select 1'; revoke execute on function f() from public",
        "create function f() returns bigint language sql as 'select 1::bigint'",
        "loosens-access",
    ),
    (
        "create function f(a int) returns int language sql as 'select 1'; revoke execute on function f(int) from public",
        "create function f(a text) returns int language sql as 'select 1'",
        "loosens-access",
    ),
    (
        "create function f(a int) returns int language sql as 'select 1'",
        "create function f(a text) returns int language sql as 'select 1'",
        "",
    ),
    (
        "",
        "create function f() returns int language sql security definer as 'select 1'",
        "",
    ),
    (
        "create view v as select id from d; grant select on v to gm_reader",
        "create view v as select a from d; grant select on v to gm_reader",
        "",
    ),
    (
        "create view v as select id from d; grant select on v to gm_reader",
        "create view v as select a from d; grant select, insert on v to gm_reader",
        "loosens-access",
    ),
    (
        "create view v as select id from d; grant select on v to gm_reader",
        "create view v as select a from d; grant select on v to gm_reader, gm_writer",
        "loosens-access",
    ),
    (
        "",
        "create view v as select a from d; grant select on v to gm_reader",
        "",
    ),
];

const KEEPERS: &[Told] = &[
    (
        "create view v with (security_barrier) as select id from d",
        "create view v as select id from d",
        "loosens-access",
    ),
    (
        "create view v as select id from d",
        "create view v with (security_barrier) as select id from d",
        "",
    ),
    (
        "create view v with (security_barrier) as select id from d",
        "create view v as select a from d",
        "loosens-access",
    ),
    (
        "create view v with (security_invoker) as select id from d",
        "create view v with (security_invoker = off) as select id from d",
        "loosens-access",
    ),
    (
        "create view v as select id from d where id > 5 with check option",
        "create view v as select id from d where id > 5",
        "loosens-access",
    ),
    (
        "create view v as select id from d where id > 5 with cascaded check option",
        "create view v as select id from d where id > 5 with local check option",
        "loosens-access",
    ),
    (
        "create function f(a text = ' SECURITY DEFINER') returns text language sql as 'select a'",
        "create function f(a text = ' SECURITY DEFINER') returns text language sql security definer as 'select a'",
        "loosens-access",
    ),
    (
        "create function f() returns int language sql security definer set search_path = pg_catalog as 'select 1'",
        "create function f() returns int language sql security definer as 'select 1'",
        "loosens-access",
    ),
    (
        "create function f() returns int language sql set search_path = pg_catalog as 'select 1'",
        "create function f() returns int language sql as 'select 1'",
        "",
    ),
    (
        "create function f() returns int language sql as 'select 1'",
        "create function f() returns int language sql leakproof as 'select 1'",
        "loosens-access",
    ),
    (
        "create function f() returns int language sql security definer as 'select 1'",
        "create function f() returns int language sql security definer as 'select 2'",
        "",
    ),
    (
        "create function g() returns trigger language plpgsql as 'begin return new; end';
         create trigger t before insert on d for each row execute function g()",
        "create function g() returns trigger language plpgsql as 'begin return new; end';
         create trigger t before insert on d for each row execute function g();
         alter table d disable trigger t",
        "loosens-access",
    ),
];

const BASE: &str = "create table t (a int); create domain checked as int check (value > 0);
    create domain filled as int not null; create domain zero as int not null default 0;
    create domain over as filled; create domain free as int;";

/// What rows, or a sequence, may be against.
const ROWS: &[Told] = &[
    ("", "alter table t add b checked", "rewrites-table"),
    ("", "alter table t add b free", ""),
    ("", "alter table t add b filled", "may-fail rewrites-table"),
    ("", "alter table t add b over", "may-fail rewrites-table"),
    ("", "alter table t add b zero", "rewrites-table"),
    ("", "alter table t add b filled default 3", "rewrites-table"),
    ("", "alter table t add b int not null", "may-fail"),
    ("", "alter table t add b int not null default 1", ""),
    (
        "",
        "alter table t add b int not null generated always as (a) stored",
        "may-fail rewrites-table",
    ),
    (
        "create function f() returns int stable language sql as 'select 1'",
        "create function f() returns int stable language sql as 'select 1'; alter table t add b int not null default f()",
        "may-fail",
    ),
    (
        "create function f() returns int stable language sql as 'select 1'",
        "create function f() returns int stable language sql as 'select 1'; alter table t add b int default f()",
        "",
    ),
    (
        "alter table t add b free",
        "alter table t add b free; alter domain free add check (value > 0)",
        "blocks-table may-fail",
    ),
    (
        "alter table t add b free",
        "alter table t add b free; alter domain free add check (value > 0) not valid",
        "",
    ),
    (
        "alter table t add b free; alter domain free add constraint c check (value > 0) not valid",
        "alter table t add b free; alter domain free add constraint c check (value > 0)",
        "blocks-table may-fail",
    ),
    ("", "alter domain free add check (value > 0)", ""),
    (
        "alter table t add b free",
        "alter table t add b free; alter domain free set not null",
        "blocks-table may-fail",
    ),
    (
        "create domain more as free; alter table t add b more",
        "create domain more as free; alter table t add b more; alter domain free set not null",
        "blocks-table may-fail",
    ),
    ("alter domain free set not null", "", ""),
    // Made anew beside the old one: it is the column that is written anew.
    (
        "create domain own as int; alter table t add b own[]",
        "create domain own as int check (value > 0); alter table t add b own[]",
        "may-fail rewrites-table",
    ),
    ("create sequence s", "create sequence s as int", "may-fail"),
    ("create sequence s as int", "create sequence s", ""),
    (
        "create sequence s",
        "create sequence s maxvalue 10",
        "may-fail",
    ),
    ("create sequence s", "create sequence s increment 2", ""),
    // The same rows are as different as before.
    (
        "alter table t add constraint u unique (a)",
        "alter table t add constraint u unique (a) deferrable",
        "blocks-table",
    ),
    (
        "alter table t add constraint u unique (a) deferrable",
        "alter table t add constraint u unique (a)",
        "blocks-table",
    ),
    (
        "alter table t add constraint u unique nulls not distinct (a)",
        "alter table t add constraint u unique (a)",
        "blocks-table",
    ),
    (
        "alter table t add constraint u unique (a)",
        "alter table t add constraint u unique nulls not distinct (a)",
        "blocks-table may-fail",
    ),
    (
        "create unique index u on t (a)",
        "create unique index u on t (a) with (fillfactor = 70)",
        "blocks-table",
    ),
    (
        "create unique index u on t (a)",
        "alter table t add unique (a)",
        "blocks-table",
    ),
    (
        "create unique index u on t (a) where a > 0",
        "alter table t add unique (a)",
        "blocks-table may-fail",
    ),
    (
        "alter table t add b numeric(8,2), add constraint u unique (b)",
        "alter table t add b numeric(8,1), add constraint u unique (b) deferrable",
        "blocks-table deletes-data may-fail rewrites-table",
    ),
    (
        "alter table t add b int, add constraint u unique (b)",
        "alter table t add b bigint, add constraint u unique (b) deferrable",
        "blocks-table rewrites-table",
    ),
    (
        "alter table t add b int[]",
        "alter table t add b bigint[]",
        "rewrites-table",
    ),
    (
        "alter table t add b varchar(5)[]",
        "alter table t add b text[]",
        "rewrites-table",
    ),
    (
        "alter table t add b bool",
        "alter table t add b int",
        "rewrites-table",
    ),
    (
        "alter table t add b bigint[]",
        "alter table t add b int[]",
        "may-fail rewrites-table",
    ),
];

const GOES: &[Told] = &[
    ("create extension citext", "", ""),
    ("create extension pg_trgm", "", ""),
    (
        "create extension pg_trgm; create table x (a int); alter extension pg_trgm add table x",
        "",
        "deletes-data",
    ),
    (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'a', password 'b')",
        "create extension postgres_fdw; create server s type 'x' foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'a', password 'b')",
        "deletes-data",
    ),
    (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'a', password 'b')",
        "create extension postgres_fdw; create server s version '9' foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'c', password 'b')",
        "",
    ),
    (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'a', password 'b')",
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw",
        "deletes-data",
    ),
    (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;
         create user mapping for public server s options (user 'a')",
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw",
        "",
    ),
];

/// What uses the function `norm`, whose body changes.
const USERS: &[(&str, &str)] = &[
    (
        "create table t (a text); create index on t (norm(a))",
        "stale-values",
    ),
    (
        "create table t (a text check (norm(a) = a))",
        "stale-values",
    ),
    (
        "create table t (a text, b text generated always as (norm(a)) stored)",
        "stale-values",
    ),
    (
        "create table t (a text) partition by list (norm(a))",
        "stale-values",
    ),
    (
        "create table t (a text); create materialized view m as select norm(a) from t",
        "stale-values",
    ),
    (
        "create table t (a text); create view v as select norm(a) from t;
         create materialized view m as select * from v",
        "stale-values",
    ),
    (
        "create domain d as text check (norm(value) = value); create table t (a d)",
        "stale-values",
    ),
    (
        "create table t (a text); create view v as select norm(a) from t",
        "",
    ),
    ("create table t (a text default norm('x'))", ""),
];

/// What is told of the way.
async fn told(base: &str, old: &str, new: &str) -> String {
    let from = read(&database(&format!("{base} {old}")).await.url()).await;
    let to = read(&database(&format!("{base} {new}")).await.url()).await;
    let actions = diff::migrate(&from, &to).unwrap();
    let hazards = actions.iter().flat_map(|action| &action.hazards);
    let words: BTreeSet<&str> = hazards.map(|one| one.hazard.word()).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

async fn wrong(base: &str, all: &[Told]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (old, new, expected) in all {
        let told = told(base, old, new).await;
        if told != *expected {
            wrong.push(format!(
                "{old} -> {new}\n  told `{told}`, expected `{expected}`\n"
            ));
        }
    }
    wrong
}

#[test]
fn what_loosens_access_is_told_and_nothing_else() {
    runtime().block_on(async {
        create_roles().await;
        let mut found = wrong(SECURED, POLICIES).await;
        found.extend(wrong(OTHERS, RIGHTS).await);
        found.extend(wrong(OTHERS, KEEPERS).await);
        assert!(found.is_empty(), "{}", found.concat());
    });
}

#[test]
fn what_rows_may_be_against_is_told_and_nothing_else() {
    runtime().block_on(async {
        create_roles().await;
        let mut found = wrong(BASE, ROWS).await;
        found.extend(wrong("", GOES).await);
        assert!(found.is_empty(), "{}", found.concat());
    });
}

#[test]
fn what_a_function_computed_is_told_to_stay_where_its_body_changes() {
    let norm = |body: &str, rest: &str| {
        format!(
            "create function norm(t text) returns text language sql immutable {rest} as '{body}';"
        )
    };
    let old = norm("select lower(t)", "");
    runtime().block_on(async {
        create_roles().await;
        let mut found = Vec::new();
        for (users, expected) in USERS {
            let [old, new, other] = [
                old.clone(),
                norm("select lower(trim(t))", ""),
                norm("select lower(t)", "cost 7"),
            ]
            .map(|one| format!("{one} {users}"));
            let told_of = [told("", &old, &new).await, told("", &old, &other).await];
            if told_of != [(*expected).to_owned(), String::new()] {
                found.push(format!(
                    "{users}: told {told_of:?}, expected `{expected}`\n"
                ));
            }
        }
        assert!(found.is_empty(), "{}", found.concat());
    });
}
