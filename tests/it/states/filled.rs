//! Every step of the corpus on tables with rows: what is against them was told, and so is what goes.

use std::sync::Mutex;
use std::thread;

use grace_migrate::db::{DbError, Session};
use grace_migrate::diff::{self, Action, Emission, Transaction};
use grace_migrate::samples::{self, Held, Verdict};
use grace_migrate::schema::facts::Scope;

use super::corpus::{create_roles, database, pairs, read, session};
use super::identity::runtime;

/// What became of a case.
enum Fate {
    /// The rows are kept, on the way up and down.
    Kept,
    /// No table has one.
    Empty,
    /// They are against a statement, as was told.
    Against,
    Wrong(String),
}

/// Goes from a state to another one; what stands in the way, if anything does.
async fn walk(session: &Session, actions: &[Action], emission: Emission) -> Option<Fate> {
    session
        .batch("set check_function_bodies = off")
        .await
        .unwrap();
    for segment in diff::segments(actions, emission) {
        let within = segment.transaction == Transaction::One;
        if within {
            session.batch("begin").await.unwrap();
        }
        for statement in &segment.statements {
            let error = match session.batch(&statement.sql).await {
                Ok(()) => continue,
                Err(DbError::Server(error)) => error,
                Err(error) => panic!("{error}"),
            };
            let verdict = samples::judge(Some(statement), actions, error.sqlstate);
            return Some(match verdict {
                Verdict::Foreseen | Verdict::Users => Fate::Against,
                Verdict::Wrong => Fate::Wrong(format!("{error:?}\nin {}", statement.sql)),
            });
        }
        if within && let Err(error) = session.batch("commit").await {
            return Some(Fate::Wrong(error.to_string()));
        }
    }
    None
}

async fn fate(old: &str, new: &str, emission: Emission) -> Fate {
    let fresh = database(new).await;
    let to = read(&fresh.url()).await;
    let here = database(old).await;
    let from = read(&here.url()).await;
    let up = diff::migrate(&from, &to).unwrap();
    let back = diff::migrate(&to, &from).unwrap();
    let session = session(&here.url()).await;
    let fate = on_rows(&session, &up, &back, emission).await;
    session.close().await;
    fate
}

async fn on_rows(session: &Session, up: &[Action], back: &[Action], emission: Emission) -> Fate {
    let scope = Scope::default();
    let all = || up.iter().chain(back);
    let before = fill(session, &scope, all()).await;
    let Some(before) = before else {
        return Fate::Empty;
    };
    for (actions, emission) in [(up, emission), (back, Emission::Plain)] {
        if let Some(fate) = walk(session, actions, emission).await {
            return fate;
        }
        let now = samples::held(session, &scope).await.unwrap();
        let lost = before.lost(&now, all());
        if !lost.is_empty() {
            return Fate::Wrong(format!("{lost:?}"));
        }
    }
    Fate::Kept
}

/// Fills tables; none where no table has a row then.
async fn fill<'a>(
    session: &Session,
    scope: &Scope,
    actions: impl Iterator<Item = &'a Action> + Clone,
) -> Option<Held> {
    let tables = samples::read(session, scope).await.unwrap();
    let scripts = tables.scripts(|table| samples::sparse(table, actions.clone()));
    samples::fill(session, &scripts).await.unwrap();
    let held = samples::held(session, scope).await.unwrap();
    let empty = tables.empty(|table| held.has_rows(table));
    (empty.len() < tables.tables()).then_some(held)
}

#[test]
fn every_step_of_the_corpus() {
    runtime().block_on(create_roles());
    let cases = Mutex::new(pairs());
    let (wrong, counts) = (Mutex::new(Vec::new()), Mutex::new([0_usize; 3]));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let Some((name, [old, new])) = cases.lock().unwrap().pop() else {
                        return;
                    };
                    // Where there are tables at one end alone, they go first.
                    let steps = if old.contains("table") {
                        fate(&old, &new, Emission::Online)
                    } else {
                        fate(&new, &old, Emission::Plain)
                    };
                    let place = match runtime.block_on(steps) {
                        Fate::Kept => 0,
                        Fate::Empty => 1,
                        Fate::Against => 2,
                        Fate::Wrong(why) => {
                            wrong.lock().unwrap().push(format!("{name}: {why}"));
                            continue;
                        }
                    };
                    counts.lock().unwrap()[place] += 1;
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} steps were not told right:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let [kept, empty, against] = counts.into_inner().unwrap();
    assert!(
        against > 0 && kept > 8 * against && kept > empty,
        "{kept} kept, {empty} empty, {against} against"
    );
}

/// Tables of all sorts, and how many rows each gets; what refuses every row stays empty.
#[tokio::test]
async fn rows_of_all_sorts() {
    let sql = "
create type mood as enum ('sad', 'ok');
create type pair as (a int, b text);
create type span as range (subtype = date);
create domain code as text not null check (value in ('xx', 'yy'));
create domain age as int check (value >= 18);
create table kinds (
    id int generated always as identity primary key, b bool not null, n numeric(4, 2) not null,
    v varchar(3) not null unique, c char(2) not null, at timestamptz not null, d date not null,
    u uuid not null, j jsonb not null, y bytea not null, i inet not null, m mood not null,
    p pair not null, s span not null, a mood[] not null, k code, g age not null,
    t interval not null, bits bit(3) not null, vb varbit(4) not null, r int4range not null,
    twice int generated always as (id * 2) stored, made timestamptz not null default now(),
    mr int4multirange not null, pt point not null, x tsvector not null, hour timetz not null,
    constraint later check (d > date '2000-01-01' and char_length(v) > 0));
create table people (
    id uuid primary key default gen_random_uuid(), email text not null check (email like '%@%'),
    word text not null check (word ~ '^[a-z]+$'), percent int not null check (percent > 50));
create table teams (org int, id int, lead uuid not null references people,
    primary key (org, id));
create table members (org int not null, team int not null, of int references members,
    person uuid not null references people, id serial primary key,
    foreign key (org, team) references teams (org, id));
create table hens (id int primary key, egg int not null);
create table eggs (id int primary key, hen int references hens);
alter table hens add foreign key (egg) references eggs deferrable initially deferred;
create table selves (id int primary key, of int not null references selves);
create table logs (at date not null, kind text not null, n int) partition by range (at);
create table logs_a partition of logs for values from ('2020-01-01') to ('2021-01-01');
create table logs_b partition of logs for values from ('2021-01-01') to ('2022-01-01')
    partition by list (kind);
create table logs_bx partition of logs_b for values in ('x', 'y');
create table guarded (id int);
create function no() returns trigger language plpgsql as 'begin raise exception ''no''; end';
create trigger no before insert on guarded for each row execute function no();
create function skip() returns trigger language plpgsql as 'begin return null; end';
create table skipped (id int primary key references kinds);
create trigger skip before insert on skipped for each row execute function skip();
create table \"Never\" (id int check (false) not null);
create table \"It's \"\"none\"\"\" ();
create table base (a int);
create table heir (b text not null) inherits (base);
";
    let here = database(sql).await;
    let session = session(&here.url()).await;
    let scope = Scope::default();
    let held = fill(&session, &scope, std::iter::empty()).await.unwrap();
    let tables = samples::read(&session, &scope).await.unwrap();
    let empty = tables.empty(|table| held.has_rows(table));
    let empty: Vec<String> = empty.iter().map(ToString::to_string).collect();
    assert_eq!(empty, ["table public.\"Never\"", "table public.skipped"]);
    let counted = session
        .query(
            "select string_agg(format('%s %s', t, n), ', ' order by t) from (
               select 'kinds' as t, count(*) as n from kinds union all
               select 'members', count(*) from members union all
               select 'hens', count(*) from hens union all
               select 'selves', count(*) from selves union all
               select 'logs_a', count(*) from logs_a union all
               select 'logs_bx', count(*) from logs_bx union all
               select 'guarded', count(*) from guarded union all
               select 'of', count(of) from members union all
               select 'people', count(distinct word) from people) as counted",
            &[],
        )
        .await
        .unwrap();
    let counted: String = counted[0].get(0).unwrap();
    assert_eq!(
        counted,
        "guarded 3, hens 3, kinds 2, logs_a 3, logs_bx 2, members 3, of 1, people 2, selves 3"
    );
    // Nobody's triggers are left aside.
    let role = session.query("show session_replication_role", &[]).await;
    assert_eq!(role.unwrap()[0].get::<String>(0).unwrap(), "origin");
    session.close().await;
}

/// The numbers that a column gives before its sequence is another one, behind that, and on the way back.
async fn numbers(old: &str, new: &str, rows: &str) -> [String; 3] {
    let to = read(&database(new).await.url()).await;
    let here = database(old).await;
    let from = read(&here.url()).await;
    here.run(rows).await;
    let next = "insert into t default values returning id";
    let mut numbers = vec![here.query(next).await];
    let session = session(&here.url()).await;
    for actions in [diff::migrate(&from, &to), diff::migrate(&to, &from)] {
        let fate = walk(&session, &actions.unwrap(), Emission::Online).await;
        assert!(fate.is_none());
        numbers.push(here.query(next).await);
    }
    assert!(diff::compare(&read(&here.url()).await, &from).is_empty());
    session.close().await;
    numbers.try_into().unwrap()
}

#[test]
fn an_identity_goes_on_where_the_sequence_stood() {
    runtime().block_on(async {
        let serial = "create table t (id serial primary key, v int)";
        let identity = "create table t (id bigint generated always as identity primary key, v int)";
        let named = "create table t (id bigint generated by default as identity
                         (sequence name numbers increment 10) primary key, v int)";
        let down = "create sequence s increment -1;
                    create table t (id int primary key default nextval('s'), v int);
                    alter sequence s owned by t.id";
        let up = "create table t (id int generated by default as identity
                      (sequence name s increment -1 minvalue -100 maxvalue -1) primary key, v int)";
        let fill = "insert into t (v) select 1 from generate_series(1, 9)";
        for (old, new, rows, numbers_then) in [
            (serial, identity, "select 1", ["1", "2", "3"]),
            (serial, identity, fill, ["10", "11", "12"]),
            (
                serial,
                identity,
                &format!("{fill}; delete from t where id > 5"),
                ["10", "11", "12"],
            ),
            (
                serial,
                identity,
                &format!("{fill}; truncate t"),
                ["10", "11", "12"],
            ),
            (
                identity,
                serial,
                &format!("{fill}; truncate t"),
                ["10", "11", "12"],
            ),
            (
                serial,
                named,
                &format!("{fill}; delete from t"),
                ["10", "20", "21"],
            ),
            (
                serial,
                identity,
                "insert into t values (40)",
                ["1", "41", "42"],
            ),
            (
                down,
                up,
                &format!("{fill}; delete from t"),
                ["-10", "-11", "-12"],
            ),
        ] {
            assert_eq!(
                numbers(old, new, rows).await,
                numbers_then,
                "{old} {new} {rows}"
            );
        }
    });
}
