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
    ("a timestamp", "a date"),
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
        "alter table t add constraint c check (a > 0) not valid",
        "alter table t add constraint c check (a > 0)",
    ),
];

fn texts() -> Vec<[String; 2]> {
    let base = "create table r (id int primary key)";
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
    database
        .run(
            "insert into r values (1);
             do $$ begin insert into t (a) values ('1');
             exception when others then insert into t (a) values (1); end $$"
                .replace(
                    "'1'",
                    if old.contains("timestamp") {
                        "now()"
                    } else {
                        "'1'"
                    },
                )
                .as_str(),
        )
        .await;
    let mut wrong = String::new();
    database.run("set check_function_bodies = off").await;
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
