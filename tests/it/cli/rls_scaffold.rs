//! `revision --template rls --table …`: scripts from what the database tells, which pass our own lint
//! and keep users apart.

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;
use crate::support::{connect, query};

const ANNA: &str = "00000000-0000-4000-8000-00000000000a";
const BEN: &str = "00000000-0000-4000-8000-00000000000b";

/// Supabase's world, with its default grants, and a session and notes each of two users.
const SUPABASE: &str = "
    create schema auth;
    create table auth.users (id uuid primary key);
    create function auth.uid() returns uuid language sql stable set search_path = '' as $$
        select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    grant usage on schema auth to anon, authenticated, service_role;
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    create table profiles (id uuid primary key references auth.users, name text);
    create table sessions (id int primary key, profile_id uuid not null references profiles);
    create table notes (id int primary key, session_id int not null references sessions, body text);
    create table events (user_id uuid, at date) partition by range (at);
    create table events_2020 partition of events for values from ('2020-01-01') to ('2021-01-01');
    create table logs (id int primary key, line text);
    insert into auth.users values ('{anna}'), ('{ben}');
    insert into profiles values ('{anna}', 'Anna'), ('{ben}', 'Ben');
    insert into sessions values (1, '{anna}'), (2, '{ben}');
    insert into notes values (1, 1, 'Anna''s'), (2, 2, 'Ben''s');
    insert into events values ('{anna}', '2020-05-01'), ('{ben}', '2020-06-01');
    insert into logs values (1, 'x');
";

async fn supabase() -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    let sql = SUPABASE.replace("{anna}", ANNA).replace("{ben}", BEN);
    t.database().run(&sql).await;
    t
}

/// What a user of the API gets: the rows, or the SQLSTATE that it is refused with.
async fn ask(t: &Transcript, role: &str, sub: &str, sql: &str) -> String {
    let client = connect(&t.database().url()).await;
    let claims = format!(
        "begin; set local request.jwt.claims = '{{\"sub\":\"{sub}\"}}'; set local role {role};"
    );
    client.batch_execute(&claims).await.unwrap();
    let answer = match client.simple_query(sql).await {
        Ok(_) => {
            let again = format!("rollback; {claims}");
            client.batch_execute(&again).await.unwrap();
            query(&client, sql).await
        }
        Err(error) => error.code().unwrap().code().to_owned(),
    };
    client.batch_execute("rollback").await.unwrap();
    answer
}

/// Keeps the scripts that were written.
fn files(t: &mut Transcript) {
    for file in t.project.files("versions") {
        if file.ends_with(".sql") {
            t.file(&file);
        }
    }
}

/// What the lint finds of these tables, notes too.
fn findings(t: &Transcript, tables: &[&str]) -> Vec<String> {
    let arguments = ["rls", "lint", "--fail-on", "note", "--format", "json"];
    let json = t.project.grace(arguments).json();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|one| format!("{}: {}", one["rule"], one["object"]))
        .filter(|one| tables.iter().any(|table| one.contains(table)))
        .collect()
}

const TABLES: [&str; 6] = [
    "notes",
    "sessions",
    "profiles",
    "events",
    "events_2020",
    "logs",
];

#[tokio::test]
async fn users_are_kept_apart() {
    let mut t = supabase().await;
    assert!(findings(&t, &TABLES).len() >= 6, "open before");
    let seen = ask(&t, "anon", BEN, "select count(*) from notes").await;
    assert_eq!(seen, "2", "open before");

    t.ok([
        "revision",
        "-m",
        "keep users apart",
        "--rev-id",
        "b1",
        "--template",
        "rls",
        "--table",
        "notes",
        "--table",
        "public.sessions",
        "--table",
        "profiles",
        "--table",
        "events",
        "--table",
        "logs",
        "--table",
        "notes",
    ]);
    files(&mut t);
    let shape = "select c.relname, c.relacl::text, count(p.polname)
                   from pg_class c left join pg_policy p on p.polrelid = c.oid
                  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'i')
                    and c.relname !~ 'alembic'
                  group by 1, 2 order by 1, 2";
    let mut shapes = Vec::new();
    for _ in 0..2 {
        t.ok(["upgrade", "-q"]);
        shapes.push(t.database().query(shape).await);
        assert_eq!(findings(&t, &TABLES), [""; 0]);
        for (user, own, other) in [(ANNA, "1", "2"), (BEN, "2", "1")] {
            let ask = async |sql: &str| ask(&t, "authenticated", user, sql).await;
            assert_eq!(ask("select id from notes").await, own);
            assert_eq!(ask("select id from sessions").await, own);
            assert_eq!(ask("select id from profiles").await, user);
            assert_eq!(ask("select user_id from events").await, user);
            assert_eq!(
                ask("select from events_2020").await,
                "42501",
                "past the policies"
            );
            let insert =
                |session: &str| format!("insert into notes values (9, {session}) returning id");
            assert_eq!(ask(&insert(own)).await, "9");
            assert_eq!(ask(&insert(other)).await, "42501");
            let give = format!("update notes set session_id = {other} returning id");
            assert_eq!(ask(&give).await, "42501", "a row is not given away");
            assert_eq!(ask("update notes set body = '' returning id").await, own);
            assert_eq!(
                ask(&format!(
                    "delete from notes where id = {other} returning id"
                ))
                .await,
                ""
            );
            assert_eq!(ask("select from logs").await, "42501");
            assert_eq!(ask("truncate notes").await, "42501");
        }
        for table in TABLES {
            let seen = ask(&t, "anon", ANNA, &format!("select from {table}")).await;
            assert_eq!(seen, "42501", "anon: {table}");
        }
        let served = ask(&t, "service_role", ANNA, "select id from notes order by id").await;
        assert_eq!(served, "1\n2");

        t.ok(["downgrade", "-1", "-q"]);
        for table in TABLES {
            for role in ["anon", "authenticated", "service_role"] {
                let seen = ask(&t, role, ANNA, &format!("select from {table}")).await;
                assert_eq!(seen, "42501", "{role}: {table} after the downgrade");
            }
        }
        let left = "select count(*) from pg_policy";
        assert_eq!(t.database().query(left).await, "0");
        let off = "select count(*) from pg_class where relname = 'notes' and not relrowsecurity";
        assert_eq!(
            t.database().query(off).await,
            "0",
            "row-level security stays on"
        );
    }
    assert_eq!(shapes[0], shapes[1]);
    t.check("rls_scaffold");
}

/// Plain PostgreSQL: no auth.uid(), users of our own whose ids are numbers, texts as claims.
#[tokio::test]
async fn without_auth_uid() {
    let mut t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database()
        .run(
            "create table users (id bigint primary key, name text);
             create table orders (id int primary key, buyer bigint references users);
             create table \"Items\" (\"order\" int references orders, id int primary key);
             create table posts (id serial primary key, author_id text);
             insert into users values (7), (8);
             insert into orders values (1, 7), (2, 8);
             insert into \"Items\" values (1, 1), (2, 2);
             insert into posts (author_id) values ('7'), ('8');
             grant all on all tables in schema public to public;",
        )
        .await;
    t.ok([
        "revision",
        "-m",
        "apart",
        "--rev-id",
        "b1",
        "--template",
        "rls",
        "--table",
        "users",
        "--table",
        "orders",
        "--table",
        "Items",
        "--table",
        "posts",
    ]);
    files(&mut t);
    for _ in 0..2 {
        t.ok(["upgrade", "-q"]);
        assert_eq!(
            findings(&t, &["users", "orders", "Items", "posts"]),
            [""; 0]
        );
        for (user, own) in [("7", "1"), ("8", "2")] {
            for table in ["orders", "\"Items\"", "posts"] {
                let sql = format!("select id from {table}");
                assert_eq!(ask(&t, "authenticated", user, &sql).await, own, "{table}");
            }
            assert_eq!(
                ask(&t, "authenticated", user, "select id from users").await,
                user
            );
            let write =
                format!("insert into posts (author_id) values ('{user}') returning author_id");
            assert_eq!(ask(&t, "authenticated", user, &write).await, user);
        }
        t.ok(["downgrade", "-1", "-q"]);
        assert_eq!(
            ask(&t, "authenticated", "7", "select from orders").await,
            "42501"
        );
    }
    // Who has no claims at all sees nothing, and it is no error.
    t.ok(["upgrade", "-q"]);
    let client = connect(&t.database().url()).await;
    client
        .batch_execute("set role authenticated")
        .await
        .unwrap();
    assert_eq!(query(&client, "select id from posts").await, "");
    t.check("rls_scaffold_plain");
}

#[tokio::test]
async fn what_is_not_settled_is_told() {
    let mut t = supabase().await;
    t.database()
        .run(
            "create table drafts (id int primary key, owner_id uuid);
             alter table drafts enable row level security;
             create policy anybody on drafts using (true);
             create schema hidden;
             create table hidden.things (id int primary key, user_id uuid references auth.users);",
        )
        .await;
    t.ok([
        "revision",
        "-m",
        "cautions",
        "--rev-id",
        "b1",
        "--template",
        "rls",
        "--table",
        "notes",
        "--table",
        "drafts",
        "--table",
        "hidden.things",
        "--table",
        "logs",
    ]);
    t.ok(["upgrade", "-q"]);
    // The policies' sub-query reads what nobody keeps: it works, and was warned of.
    let seen = ask(&t, "authenticated", ANNA, "select id from notes").await;
    assert_eq!(seen, "1");
    // What the user may not read fails closed.
    t.database()
        .run("revoke all on sessions from authenticated")
        .await;
    let seen = ask(&t, "authenticated", ANNA, "select id from notes").await;
    assert_eq!(seen, "42501");
    t.check("rls_scaffold_cautions");
}

#[tokio::test]
async fn what_is_refused() {
    let mut t = supabase().await;
    t.database()
        .run("create view seen as select * from notes")
        .await;
    let rls = ["revision", "-m", "x", "--template", "rls", "--table"];
    let with = |table| [rls[0], rls[1], rls[2], rls[3], rls[4], rls[5], table];
    t.run(["revision", "-m", "x", "--table", "notes"]);
    t.run([
        "revision",
        "-m",
        "x",
        "--template",
        "rls",
        "--table",
        "notes",
        "--set",
        "owner=id",
    ]);
    t.run(with("note"));
    t.run(with("seen"));
    let settings = t.project.read("grace-migrate.toml").replace(
        r#"api-roles = ["anon", "authenticated", "service_role"]"#,
        r#"api-roles = ["nobody_has_this_role"]"#,
    );
    t.project.write("grace-migrate.toml", settings);
    t.run(with("notes"));
    assert_eq!(t.project.files("versions"), ["versions/.gitkeep"]);
    t.check("rls_scaffold_refused");
}

/// The way to fill in for irreversible: no down script is written.
#[tokio::test]
async fn without_a_way_back() {
    let mut t = supabase().await;
    t.ok([
        "revision",
        "-m",
        "x",
        "--rev-id",
        "b1",
        "--template",
        "rls",
        "--table",
        "profiles",
        "--irreversible",
        "never open again",
    ]);
    let written = t.project.files("versions");
    assert!(!written.iter().any(|file| file.ends_with(".down.sql")));
    t.ok(["upgrade", "-q"]);
    let seen = ask(&t, "authenticated", ANNA, "select name from profiles").await;
    assert_eq!(seen, "Anna");
}
