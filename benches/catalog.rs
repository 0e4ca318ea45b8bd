//! What it costs to see what a database is, and to lead it elsewhere: reading the catalog against
//! `pg_dump -s`, `diff` of two databases against both dumps, comparing two states, planning and
//! writing SQL at growing sizes; `test` over a few hundred revisions against psql, which runs them up
//! once; and a second `check` against the first.
//!
//! Run with `cargo bench --bench catalog`; `-- 500 1000` are the numbers of tables.

mod support;

use std::env;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use grace_migrate::catalog;
use grace_migrate::db::{ConnectSpec, Session, SessionOptions, Surroundings};
use grace_migrate::diff;
use grace_migrate::schema::facts::{Scope, State};
use support::timing::{run_to, timed};
use support::{Durable, Project, Script, Table, run};
use tokio::runtime::Runtime;

/// How many tables the databases have.
const SIZES: [usize; 4] = [500, 1_000, 2_000, 5_000];
/// Of so many tables, one differs in the other database.
const DIFFERENT: usize = 15;
const REVISIONS: usize = 300;

fn main() {
    let server = Durable::start();
    run(server
        .psql("postgres")
        .args(["-c", "create role bench_reader"]));
    let sizes = sizes();
    let table = Table::begin();
    for &tables in &sizes {
        states(&server, &table, tables);
    }
    round_trips(&server, &table);
    checks(&server, &table);
}

/// The numbers of tables that were asked for. Cargo itself hands `--bench` on.
fn sizes() -> Vec<usize> {
    let asked: Vec<usize> = env::args().filter_map(|one| one.parse().ok()).collect();
    if asked.is_empty() {
        SIZES.to_vec()
    } else {
        asked
    }
}

fn states(server: &Durable, table: &Table, tables: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let databases = [false, true].map(|is_changed| {
        let database = server.empty();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("schema.sql");
        std::fs::write(&file, schema(tables, is_changed)).expect("a fresh folder");
        run(&mut server.psql_file(&database, &file));
        run(server.psql(&database).args(["-c", "vacuum analyze"]));
        database
    });
    let dump = || {
        let mut command = Command::new(server.tool("pg_dump"));
        run(command.arg("-s").arg(server.url(&databases[0])))
    };
    let url = server.url(&databases[0]);
    table.compare(
        (&format!("reading {tables} tables"), || {
            read(&runtime, &url).1
        }),
        ("pg_dump -s", dump),
    );
    let project = Project::line(0, Script::Nothing);
    table.compare(
        (&format!("schema dump db, {tables} tables"), || {
            run(&mut project.command(&url, &["schema", "dump", "db"]))
        }),
        ("pg_dump -s", dump),
    );
    let other = server.url(&databases[1]);
    table.compare(
        (&format!("diff of two databases, {tables} tables"), || {
            run_to(1, &mut project.command(&url, &["diff", "db", &other]))
        }),
        ("pg_dump -s of both", || {
            let both = [&url, &other].map(|url| {
                let mut command = Command::new(server.tool("pg_dump"));
                run(command.arg("-s").arg(url))
            });
            both.iter().sum()
        }),
    );
    let [from, to] = databases.map(|database| read(&runtime, &server.url(&database)).0);
    let facts = from.facts().len();
    let changes = diff::compare(&from, &to).len();
    table.grows(&format!("compare, {facts} facts"), tables, || {
        timed(|| diff::compare(&from, &to))
    });
    table.grows(&format!("migrate, {changes} facts differ"), tables, || {
        timed(|| diff::migrate(&from, &to).expect("there is a way"))
    });
    let empty = State::empty(from.server_version_num, &from.home);
    table.grows("migrate, from nothing to all", tables, || {
        timed(|| diff::migrate(&empty, &to).expect("there is a way"))
    });
    table.grows("migrate, from all to nothing", tables, || {
        timed(|| diff::migrate(&to, &empty).expect("there is a way"))
    });
    table.grows("create, all of it as SQL", tables, || {
        timed(|| diff::create(&to).expect("there is a way"))
    });
}

/// A state, and how long reading it took in a session of its own.
fn read(runtime: &Runtime, url: &str) -> (State, Duration) {
    let mut found = None;
    let took = timed(|| {
        found = Some(runtime.block_on(async {
            let spec = ConnectSpec::parse(url, &Surroundings::default()).expect("our own URL");
            let options = SessionOptions::default();
            let session = Session::connect(&spec, &options).await.expect("it runs");
            let state = catalog::read_state(&session, &Scope::default()).await;
            session.close().await;
            state.expect("its catalog can be read")
        }));
    });
    (black_box(found).expect("it was read"), took)
}

/// Tables as applications have them, in ten schemas, with what hangs on them. Committed now and then:
/// a transaction has a limited number of locks.
fn schema(tables: usize, is_changed: bool) -> String {
    let mut text = "begin;\n".to_owned();
    for nth in 0..10 {
        add(&mut text, format_args!("create schema s{nth}"));
    }
    add(
        &mut text,
        format_args!("create type s0.mood as enum ('sad', 'fine')"),
    );
    for nth in 0..tables {
        add_table(&mut text, nth, is_changed && nth.is_multiple_of(DIFFERENT));
        if nth % 50 == 49 {
            text.push_str("commit;\nbegin;\n");
        }
    }
    text.push_str("commit;\n");
    text
}

fn add(text: &mut String, sql: std::fmt::Arguments<'_>) {
    writeln!(text, "{sql};").expect("a string takes everything");
}

fn add_table(text: &mut String, nth: usize, is_other: bool) {
    let table = format!("s{}.t{nth}", nth % 10);
    let before = nth.saturating_sub(10);
    let every = |other: usize| nth.is_multiple_of(other);
    let length = if is_other { 80 } else { 40 };
    let more = if is_other { ", noted text" } else { "" };
    add(
        text,
        format_args!(
            "create table {table} (
                id bigint generated by default as identity primary key,
                parent_id bigint references s{}.t{before},
                name varchar({length}) not null unique,
                state text not null default 'new' check (state in ('new', 'open', 'done')),
                mood s0.mood not null default 'fine',
                amount numeric(12,2) check (amount >= 0),
                data jsonb not null default '{{}}',
                created_at timestamptz not null default now(){more})",
            before % 10
        ),
    );
    let columns = if is_other {
        "parent_id, state"
    } else {
        "parent_id"
    };
    add(
        text,
        format_args!("create index t{nth}_parent on {table} ({columns})"),
    );
    add(
        text,
        format_args!("create index t{nth}_late on {table} (created_at desc) where state = 'open'"),
    );
    add(
        text,
        format_args!("comment on table {table} is 'what is known of {nth}'"),
    );
    add(
        text,
        format_args!("comment on column {table}.amount is 'in euros'"),
    );
    if every(2) {
        add(
            text,
            format_args!("grant select, insert on {table} to bench_reader"),
        );
    }
    if every(4) {
        add(
            text,
            format_args!("alter table {table} enable row level security"),
        );
        let state = if is_other { "open" } else { "done" };
        add(
            text,
            format_args!("create policy seen on {table} for select using (state = '{state}')"),
        );
    }
    if every(5) {
        add(
            text,
            format_args!(
                "create view s{}.v{nth} as select id, name, amount from {table} where state <> 'done'",
                nth % 10
            ),
        );
    }
    if every(10) {
        add(
            text,
            format_args!(
                "create function s0.f{nth}(one bigint) returns text language sql stable as
                    'select name from {table} where id = one'"
            ),
        );
        add(
            text,
            format_args!(
                "create function s0.touch{nth}() returns trigger language plpgsql as
                    'begin new.created_at = now(); return new; end'"
            ),
        );
        add(
            text,
            format_args!(
                "create trigger touch before update on {table}
                    for each row execute function s0.touch{nth}()"
            ),
        );
    }
}

/// Every revision up, down and up again, on scratch servers, each end read and compared.
fn round_trips(server: &Durable, table: &Table) {
    let project = Project::line(REVISIONS, Script::Table);
    let file = project.write_psql(REVISIONS);
    let url = server.url(&server.empty());
    table.compare(
        (&format!("test, {REVISIONS} tables"), || {
            run(&mut project.command(&url, &["test"]))
        }),
        ("psql, the up files once", || {
            run(&mut server.psql_file(&server.empty(), &file))
        }),
    );
}

/// A database at its head, checked when what its revisions build is known, and when it is not.
fn checks(server: &Durable, table: &Table) {
    let project = Project::line(REVISIONS, Script::Table);
    let url = server.url(&server.empty());
    run(&mut project.command(&url, &["upgrade", "head"]));
    table.compare(
        (&format!("check again, {REVISIONS} tables"), || {
            run(&mut project.command(&url, &["check"]))
        }),
        ("check --no-cache", || {
            run(&mut project.command(&url, &["check", "--no-cache"]))
        }),
    );
}
