//! The catalog becomes facts.

use std::fmt::Write as _;

use grace_migrate::schema::facts::{Pattern, Scope, State};

use super::corpus::{create_roles, database, read, session};
use crate::support::{Fault, Proxy, server};

/// A state as a text, a fact a line.
fn shown(state: &State) -> String {
    let mut text = String::new();
    for fact in state.facts().values() {
        write!(text, "{}", fact.id).unwrap();
        for (name, value) in &fact.payload {
            write!(text, " | {name}: {}", value.to_string().replace('\n', " ")).unwrap();
        }
        text.push('\n');
    }
    for (from, to) in state.edges() {
        writeln!(text, "{from} -> {to}").unwrap();
    }
    for one in &state.unmodelled {
        writeln!(text, "unmodelled {} {}", one.kind, one.name).unwrap();
    }
    text
}

#[tokio::test]
async fn an_empty_database_is_what_it_is_said_to_be() {
    let database = database("").await;
    let read = read(&database.url()).await;
    assert_eq!(read, State::empty(read.server_version_num, "postgres"));
}

#[tokio::test]
async fn facts_and_edges() {
    create_roles().await;
    let database = database(
        "create type mood as enum ('sad', 'happy');
         create table notes (id bigint generated always as identity primary key,
             body text not null default 'x', mood mood, twice text generated always as (body || body) stored,
             constraint short check (length(body) < 100));
         create table parts (id serial, note bigint references notes on delete cascade);
         create index on notes (lower(body));
         create view happy with (security_invoker) as select count(*) as n from notes;
         alter table notes enable row level security;
         create policy own on notes for select to gm_reader using (body <> '');
         grant select (id), update (body) on notes to gm_reader;
         grant select on happy to public;
         comment on column notes.body is 'what it says';
         create conversion c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;",
    )
    .await;
    insta::assert_snapshot!(shown(&read(&database.url()).await));
}

#[tokio::test]
async fn what_is_out_of_scope_is_left_out() {
    let database = database(
        "create schema auth;
         create table auth.users (id int primary key);
         create table public.t (id int references auth.users);
         create table public.tmp_1 (id int);",
    )
    .await;
    let session = session(&database.url()).await;
    let scope = Scope {
        include: vec![Pattern::schema("public")],
        exclude: vec![Pattern::object("public", "tmp_*")],
    };
    let state = grace_migrate::catalog::read_state(&session, &scope)
        .await
        .unwrap();
    insta::assert_snapshot!(shown(&state), @"
    schema public
    table public.t
    column public.t.id | type: integer
    foreign key public.t.t_id_fkey | definition: FOREIGN KEY (id) REFERENCES auth.users(id) | type: foreign key
    grant schema public to public | privileges: USAGE
    table public.t -> schema public
    foreign key public.t.t_id_fkey -> column public.t.id
    ");
}

/// As many messages for a hundred tables as for none.
#[tokio::test]
async fn the_number_of_queries_does_not_grow() {
    let few = database("").await;
    let many = database(
        "do $$ begin for i in 1..100 loop
           execute format('create table t%s (id serial primary key, a int references t%s)', i, greatest(i - 1, 1));
         end loop; end $$",
    )
    .await;
    let mut counts = Vec::new();
    for database in [&few, &many] {
        let proxy = Proxy::before(server().address().socket_dir());
        // Never struck: it counts.
        proxy.strike(Fault::CutBefore, |_| false);
        read(&proxy.url("postgres", database.name())).await;
        counts.push(proxy.messages());
    }
    // The farewell may come too late to be counted.
    assert!(counts[0].abs_diff(counts[1]) <= 1, "{counts:?}");
    assert!(counts[0] >= grace_migrate::catalog::QUERIES, "{counts:?}");
}
