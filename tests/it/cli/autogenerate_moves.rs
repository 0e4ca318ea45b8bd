//! `migrate` where things go from one schema to another.

use super::autogenerate::{check, declare, scripts};
use super::transcript::Transcript;
use crate::run::case::Case;

const BEFORE: &str = "create schema legacy;
create type public.state as enum ('open', 'done');
create table public.people (
    id serial primary key,
    name text not null,
    state public.state default 'open'
);
create index people_name on public.people (name);
create table public.pay (
    id bigint generated always as identity primary key,
    person int not null references public.people,
    amount numeric check (amount > 0)
);
alter table public.people enable row level security;
create policy own on public.people using (name = current_user);
create view public.totals as select person, sum(amount) from public.pay group by 1;
create function public.paid(p int) returns numeric language sql stable
    as 'select sum(amount) from public.pay where person = p';
create table legacy.old (n int);
";

/// To a schema that comes, with another name, and from one that goes.
const AFTER: &str = "create schema hr;
-- renamed-from: public.state
create type hr.state as enum ('open', 'done');
-- renamed-from: public.people
create table hr.staff (
    id serial primary key,
    name text not null,
    state hr.state default 'open',
    email text
);
create index people_name on hr.staff (name);
-- renamed-from: public.pay
create table hr.pay (
    id bigint generated always as identity primary key,
    person int not null references hr.staff,
    amount numeric check (amount > 0)
);
alter table hr.staff enable row level security;
create policy own on hr.staff using (name = current_user);
-- renamed-from: public.totals
create view hr.totals as select person, sum(amount) from hr.pay group by 1;
create function public.paid(p int) returns numeric language sql stable
    as 'select sum(amount) from hr.pay where person = p';
-- renamed-from: legacy.old
create table public.old (n int);
create function hr.hello() returns int language sql as 'select 1';
";

#[test]
fn what_moves_is_moved() {
    let mut t = Transcript::of_files();
    declare(&t, BEFORE);
    t.project.grace(["migrate", "-m", "before"]).success();
    declare(&t, AFTER);
    t.ok(["migrate", "-m", "moved"]);
    scripts(&mut t, "moved");
    // It says so for good.
    assert_eq!(t.project.grace(["migrate", "-m", "again"]).code, Some(1));
    t.project.grace(["test"]).success();
    for wrong in [
        "index:hr.staff.people_name=public.people_name",
        "table:public.nobody=hr.nobody",
        "table:public.old=hr.pay",
    ] {
        t.run(["migrate", "-m", "wrong", "--rename", wrong]);
    }
    check(&t, "autogenerate_moves");
}

/// What is not told is neither guessed nor lost: a hint names the option.
#[test]
fn a_move_that_is_not_told() {
    let mut t = Transcript::of_files();
    declare(&t, "create table notes (id int, body text);");
    t.project.grace(["migrate", "-m", "notes"]).success();
    declare(
        &t,
        "create schema app; create table app.notes (id int, body text);",
    );
    t.run(["migrate", "-m", "app"]);
    t.ok(["migrate", "-m", "app", "--rename", "table:notes=app.notes"]);
    scripts(&mut t, "app");
    check(&t, "autogenerate_moves_untold");
}

/// There and back, with the rows and where the sequences stand.
#[tokio::test]
async fn rows_move_along() {
    let case = Case::new().await;
    for (schema, message) in [(BEFORE, "before"), (AFTER, "after")] {
        case.project.write("schema/all.sql", schema);
        case.project.grace(["migrate", "-m", message]).success();
        case.ok("upgrade head");
        if message == "before" {
            case.run(
                "insert into people (name) values ('a'), ('b');
                 insert into pay (person, amount) values (1, 10), (2, 5), (2, 6);
                 insert into legacy.old values (7)",
            )
            .await;
        }
    }
    let there = "select hr.staff.name, hr.staff.state, public.paid(2), n from hr.staff, public.old \
                 where id = 2";
    assert_eq!(case.query(there).await, "b|open|11|7");
    case.run("insert into hr.staff (name) values ('c')").await;
    case.ok("downgrade -1");
    let back = "select max(id), (select sum(sum) from totals), (select n from legacy.old), \
                to_regnamespace('hr') is null from people";
    assert_eq!(case.query(back).await, "3|21|7|t");
}
