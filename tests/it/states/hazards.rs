//! What actions are said to do to tables with rows is what a server does: which of them write the table
//! anew, and which read it whole while others cannot write.

use std::fmt::Write as _;

use grace_migrate::diff::{self, HazardKind};

use super::corpus::{create_roles, database, read};
use super::identity::runtime;

/// What the table `t` has at first, and what it has at last; or what else is run before and after it.
const COLUMNS: &[(&str, &str)] = &[
    ("a varchar(5)", "a varchar(9)"),
    ("a varchar(9)", "a varchar(5)"),
    ("a varchar(5)", "a varchar"),
    ("a varchar(5)", "a text"),
    ("a text", "a varchar"),
    ("a text", "a varchar(9)"),
    ("a char(5)", "a char(9)"),
    ("a char(5)", "a text"),
    ("a smallint", "a int"),
    ("a int", "a bigint"),
    ("a bigint", "a int"),
    ("a int", "a numeric"),
    ("a int", "a numeric(8,2)"),
    ("a int", "a text"),
    ("a numeric(8,2)", "a numeric(10,2)"),
    ("a numeric(8,2)", "a numeric(10,3)"),
    ("a numeric(8,2)", "a numeric"),
    ("a numeric", "a numeric(8,2)"),
    ("a numeric(8,2)", "a numeric(10,1)"),
    ("a bit(5)", "a varbit"),
    ("a bit(5)", "a varbit(9)"),
    ("a varbit(5)", "a varbit(9)"),
    ("a varbit(9)", "a varbit(5)"),
    ("a varbit(5)", "a varbit"),
    ("a cidr", "a inet"),
    ("a inet", "a cidr"),
    ("a timestamp", "a date"),
    ("a timestamp", "a timestamptz"),
    ("a timestamp(3)", "a timestamp(4)"),
    ("a timestamp(3)", "a timestamp"),
    ("a timestamp", "a timestamp(6)"),
    ("a timestamp", "a timestamp(3)"),
    ("a timestamptz(3)", "a timestamptz(4)"),
    ("a timestamptz", "a timestamptz(0)"),
    ("a time(3)", "a time(5)"),
    ("a time(5)", "a time(3)"),
    ("a timetz(3)", "a timetz"),
    ("a interval(3)", "a interval(4)"),
    ("a interval(3)", "a interval"),
    ("a interval", "a interval(6)"),
    ("a interval", "a interval(2)"),
    ("a interval day", "a interval"),
    ("a interval", "a interval day"),
    ("a interval year to month", "a interval hour to minute"),
    ("a interval day", "a interval year to month"),
    ("a interval hour", "a interval minute to second(2)"),
    ("a xml", "a text"),
    ("a varchar(5)[]", "a varchar(9)[]"),
    ("a varchar[]", "a text[]"),
    ("a int[]", "a bigint[]"),
    ("a json", "a jsonb"),
    ("a int", "a free"),
    ("a free", "a int"),
    ("a bigint", "a free"),
    ("a int", "a checked"),
    ("a checked", "a int"),
    ("a free", "a checked"),
    ("a varchar(5)", "a short"),
    ("a short", "a varchar(5)"),
    ("a short", "a varchar(9)"),
    ("a short", "a text"),
    ("a text", "a text collate \"C\""),
    ("a text, unique (a)", "a text collate \"C\", unique (a)"),
    ("a varchar(5) unique", "a varchar(9) unique"),
    (
        "a varchar(5) check (a <> '')",
        "a varchar(9) check (a <> '')",
    ),
    ("a text check (a <> '')", "a varchar check (a <> '')"),
    (
        "a numeric(8,2) check (a > 0)",
        "a numeric(9,2) check (a > 0)",
    ),
    ("a int references r", "a bigint references r"),
    ("a int", "a int, b int"),
    ("a int", "a int, b int default 1"),
    ("a int", "a int, b int not null default 1"),
    ("a int", "a int, b timestamptz default now()"),
    ("a int", "a int, b timestamptz default clock_timestamp()"),
    ("a int", "a int, b double precision default random()"),
    ("a int", "a int, b uuid default gen_random_uuid()"),
    ("a int", "a int, b int generated always as (a + 1) stored"),
    ("a int", "a int, b int generated always as identity"),
    ("a int", "a int, b serial"),
    ("a int", "a int, b free"),
    ("a int", "a int, b checked"),
    ("a int", "a int, b checked default 1"),
    ("a bigint[]", "a int[]"),
    ("a varchar(5)[]", "a text[]"),
    ("a bool", "a int"),
    ("a int, b int", "a int"),
    ("a int", "a int default 7"),
    ("a int", "a int not null"),
    ("a int not null", "a int"),
    ("a int", "a int check (a > 0)"),
    ("a int check (a > 0)", "a int"),
    ("a int", "a int unique"),
    ("a int not null", "a int primary key"),
    ("a int unique", "a int"),
    ("a int", "a int references r"),
    ("a int references r", "a int"),
];

const OTHERS: &[(&str, &str)] = &[
    ("", "create index i on t (a)"),
    ("", "create unique index i on t (a)"),
    ("create index i on t (a)", ""),
    ("", "alter table t set unlogged"),
    ("alter table t set unlogged", ""),
    ("", "alter table t set (fillfactor = 70)"),
    ("", "alter table t alter a set statistics 10"),
    ("", "alter table t enable row level security"),
    ("", "comment on table t is 'x'"),
    ("", "grant select on t to gm_reader"),
    ("", "alter table t replica identity full"),
    ("", "create statistics s on a, (a + 1) from t"),
    (
        "alter table t add b free",
        "alter table t add b free; alter domain free add check (value > 0)",
    ),
    (
        "alter table t add b free",
        "alter table t add b free; alter domain free add check (value > 0) not valid",
    ),
    (
        "create domain more as free; alter table t add b more",
        "create domain more as free; alter table t add b more; alter domain free add check (value > 0)",
    ),
    (
        "alter table t add constraint c unique (a)",
        "alter table t add constraint c unique (a) deferrable",
    ),
    (
        "alter table t add constraint c check (a > 0) not valid",
        "alter table t add constraint c check (a > 0)",
    ),
];

/// Gives each table a row: of these values, one is of the column's type.
const FILL: &str = "insert into r values (1);
    do $$ declare one text; begin
        foreach one in array array['1', 'now', '1 day', '10.0.0.0/8', '{1}', '10101'] loop
            begin
                execute format('insert into t (a) values (%L)', one);
                return;
            exception when others then null;
            end;
        end loop;
        raise 'no value fits';
    end $$";

fn texts() -> Vec<[String; 2]> {
    let base = "create table r (id int primary key); create domain free as int;
                create domain checked as int check (value > 0);
                create domain short as varchar(5)";
    let columns = COLUMNS
        .iter()
        .map(|(old, new)| [old, new].map(|one| format!("{base}; create table t ({one})")));
    let others = OTHERS
        .iter()
        .map(|(old, new)| [old, new].map(|one| format!("{base}; create table t (a int); {one}")));
    columns.chain(others).collect()
}

/// What is wrong with what is said of each action.
async fn measure([old, new]: [String; 2]) -> String {
    let to = read(&database(&new).await.url()).await;
    let database = database(&old).await;
    let from = read(&database.url()).await;
    database.run(FILL).await;
    let mut wrong = String::new();
    database
        .run("set check_function_bodies = off; set timezone = 'Asia/Tokyo'")
        .await;
    for action in diff::migrate(&from, &to).unwrap() {
        database.run("begin").await;
        let seen = "select pg_relation_filenode('public.t'), pg_stat_get_xact_numscans('public.t'::regclass)";
        let before = database.query(seen).await;
        database.run(&action.sql.join(";\n")).await;
        let after = database.query(seen).await;
        let blocking = database
            .query(
                "select count(*) > 0 from pg_locks
                  where relation = 'public.t'::regclass and pid = pg_backend_pid()
                    and mode in ('ShareLock', 'ShareRowExclusiveLock', 'AccessExclusiveLock')",
            )
            .await;
        database.run("commit").await;
        let ((node, scans), (new_node, new_scans)) = (
            before.split_once('|').unwrap(),
            after.split_once('|').unwrap(),
        );
        let rewrites = node != new_node;
        let blocks = !rewrites && scans != new_scans && blocking == "t";
        for (kind, is_so) in [
            (HazardKind::RewritesTable, rewrites),
            (HazardKind::BlocksTable, blocks),
        ] {
            let is_said = action.hazards.iter().any(|one| one.hazard == kind);
            // What writes it anew is not said to block too.
            if is_said != is_so && !(kind == HazardKind::BlocksTable && rewrites) {
                let _ = writeln!(
                    wrong,
                    "{old} -> {new}\n  {kind}: said {is_said}, is {is_so}: {:?}",
                    action.sql
                );
            }
        }
    }
    wrong
}

#[test]
fn what_is_said_of_tables_is_so() {
    let runtime = runtime();
    runtime.block_on(create_roles());
    let wrong: String = texts()
        .into_iter()
        .map(|pair| runtime.block_on(measure(pair)))
        .collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_does_not_fit_is_refused_and_not_cut_off() {
    let runtime = runtime();
    runtime.block_on(async {
        for kind in ["varchar(2)", "char(2)"] {
            let database = database("create table t (a int); insert into t values (12345)").await;
            let from = read(&database.url()).await;
            let to = super::corpus::database(&format!("create table t (a {kind})")).await;
            let actions = diff::migrate(&from, &read(&to.url()).await).unwrap();
            let sql: Vec<String> = actions.into_iter().flat_map(|one| one.sql).collect();
            let error = database.client().batch_execute(&sql.join(";")).await;
            let error = error.unwrap_err();
            assert_eq!(error.code().unwrap().code(), "22001", "{sql:?}");
        }
    });
}

#[test]
fn rows_within_arrays_rows_and_domains_keep_their_fields() {
    let types = |addr: &str| {
        format!(
            "create type addr as ({addr}); create type person as (name text, home addr, others addr[]);
             create domain place as addr; create table t (a addr[], p person, ps person[], d place, ds place[]);"
        )
    };
    let runtime = runtime();
    runtime.block_on(async {
        let old = database(&types("street text, zip varchar(5)")).await;
        let new = database(&types("zip text, country text, street text")).await;
        old.run(
            "insert into t values (
                 '{{\"(x,1)\",NULL},{\"(y,)\",\"(,)\"}}', row('n', row('z', '2'), '{}'),
                 array[row('m', null, array[row('v', '3')::addr])::person], row('u', '4')::addr,
                 '{\"(w,5)\"}'),
                 (null, null, null, null, null), ('{}', null, '{}', null, '{}'),
                 ('[0:0]={\"(q,6)\"}', null, null, null, null)",
        )
        .await;
        let actions = diff::migrate(&read(&old.url()).await, &read(&new.url()).await).unwrap();
        for sql in actions.iter().flat_map(|action| &action.sql) {
            old.run(sql).await;
        }
        let rows = old.query("select t::text from t").await;
        insta::assert_snapshot!(rows);
        assert_eq!(
            old.query("select count(*) from pg_cast where oid >= 16384")
                .await,
            "0"
        );
    });
}
