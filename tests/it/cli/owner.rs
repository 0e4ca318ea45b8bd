//! States as a role reads them that owns its database and is no superuser.

use std::fmt::Write as _;

use super::transcript::Transcript;
use crate::states::create_roles;
use crate::support::Output;

/// A project whose database belongs to the role that it connects as; gives the role too.
async fn project() -> (Transcript, String) {
    create_roles().await;
    let mut t = Transcript::with_database().await;
    let owner = t.database().create_owner().await;
    // It owns the database, which is enough, and no revision gives it more.
    let extra = format!("revoke all on schema public from {owner}");
    t.database().run(&extra).await;
    let url = t.database().url_as(&owner);
    t.project.env("DATABASE_URL", url);
    let settings = t.project.read("grace-migrate.toml");
    let named = settings.replace("\nroles = []", "\nroles = [\"gm_reader\"]");
    assert_ne!(named, settings);
    t.project.write("grace-migrate.toml", named);
    (t, owner)
}

#[track_caller]
fn differs(output: Output) -> Output {
    assert_eq!(output.code, Some(1), "{output}");
    output
}

/// A pipeline's role that reads what the owner made sees it as the owner does; with a table of its own,
/// it is at home itself.
#[tokio::test]
async fn others_see_what_the_owner_sees() {
    let (mut t, owner) = project().await;
    let up = "create schema app;
create table app.notes (id bigint generated always as identity primary key, body text);
create view app.bodies as select body from app.notes;
create function app.one() returns int language sql as 'select 1';
alter default privileges in schema app grant select on tables to gm_reader;";
    t.revision("a1", "", up, "drop schema app cascade;");
    t.project.grace(["upgrade"]).success();
    let ours = t.database().url_as(&owner);
    let theirs = t.database().url();
    t.project.env("DATABASE_URL", &theirs);
    t.project.grace(["check", "--only", "drift"]).success();
    t.project.grace(["diff", &ours, &theirs]).success();
    t.database().run("create table app.mine ()").await;
    let check = differs(t.project.grace(["check", "--only", "drift"]));
    assert!(check.stdout.contains("OWNER TO"), "{check}");
}

/// Everything of its own it sees: what it made by its revisions is what those build.
#[tokio::test]
async fn an_owner_sees_its_own() {
    let (t, _) = project().await;
    let up = "create schema app;
create type app.mood as enum ('sad', 'happy');
create table app.notes (id bigint generated always as identity primary key, body text, mood app.mood);
create index notes_body on app.notes (lower(body));
create function app.shout(text) returns text language sql as 'select upper($1)';
create function app.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update on app.notes for each row execute function app.touch();
create view app.happy with (security_invoker) as select id, app.shout(body) from app.notes;
create materialized view app.counted as select count(*) as n from app.notes;
alter table app.notes enable row level security;
create policy own on app.notes for select to gm_reader using (body <> '');
grant usage on schema app to gm_reader;
grant select (id, body), insert on app.notes to gm_reader;
alter default privileges in schema app grant select on tables to gm_reader;
create publication news for table app.notes;
comment on table app.notes is 'what was noted';
create statistics app.both (dependencies) on id, body from app.notes;";
    let down = "drop publication news;\ndrop schema app cascade;";
    t.revision("a1", "", up, down);
    t.project.grace(["upgrade"]).success();
    t.project
        .grace(["schema", "dump", "db", "--split", "schema"])
        .success();
    for words in [
        "check",
        "diff",
        "diff db head --strict",
        "diff head db --strict",
        "diff current db",
        "diff schema db",
        "test",
    ] {
        t.project.grace(words.split(' ')).success();
    }
    let dump = |state| t.project.grace(["schema", "dump", state]).success().stdout;
    assert_eq!(dump("db"), dump("head"));
    t.project.grace(["schema", "erd", "db"]).success();

    // What others changed there, it sees too.
    t.database()
        .run("drop index app.notes_body; create table app.theirs (id int)")
        .await;
    let output = differs(t.project.grace(["check"]));
    for part in ["app.notes", "app.theirs"] {
        assert!(output.stdout.contains(part), "no {part} in {output}");
    }
    let output = differs(t.project.grace(["diff", "current", "db"]));
    assert!(output.stdout.contains("OWNER TO postgres"), "{output}");
}

/// What it may not see is told, and compared with nothing: the options of others' user mappings.
#[tokio::test]
async fn what_an_owner_may_not_see_is_told() {
    let (mut t, owner) = project().await;
    let boss = format!("{}_boss", t.database().name());
    let far = |option: &str| {
        let mut sql = format!(
            "alter role {boss} superuser;\n\
             create foreign data wrapper w;\nalter foreign data wrapper w owner to {boss};\n\
             create server far foreign data wrapper w;\nalter server far owner to {boss};\n\
             grant usage on foreign server far to {owner};\n"
        );
        for (role, option) in [("public", "all"), ("gm_reader", option), (&owner, "mine")] {
            let mapping = "create user mapping for";
            writeln!(sql, "{mapping} {role} server far options (usr '{option}');").unwrap();
        }
        sql
    };
    t.database().run(&format!("create role {boss}")).await;
    t.database().run(&far("theirs")).await;
    t.project.write("same.sql", far("theirs"));
    t.project.write("other.sql", far("others"));
    t.project
        .write("mine.sql", far("theirs").replace("'mine'", "'not mine'"));
    t.revision(
        "a1",
        "",
        "create table public.a ();",
        "drop table public.a;",
    );
    t.project.grace(["upgrade"]).success();
    let tables = "create table public.a ();\n";
    for name in ["same", "other", "mine"] {
        let file = format!("{name}.sql");
        let text = tables.to_owned() + &t.project.read(&file);
        t.project.write(file, text);
    }

    t.ok(["diff", "db", "file:same.sql"]);
    t.ok(["diff", "file:other.sql", "db"]);
    t.run(["diff", "db", "file:mine.sql"]);
    t.run(["diff", "db", "file:same.sql", "--strict"]);
    t.run(["diff", "db", "file:same.sql", "--format", "json", "-q"]);
    t.run(["schema", "dump", "db", "--strict"]);
    t.ok(["schema", "dump", "db"]);
    t.run(["check"]);

    let superuser = t.database().url();
    t.project.env("DATABASE_URL", superuser);
    t.run(["diff", "file:other.sql", "db", "--format", "unified"]);
    let more = [(r"\btest_\d+", "[database]")];
    let more = more.into_iter().chain([
        (r"fingerprint [0-9a-f]{12}", "fingerprint [fingerprint]"),
        (
            r#""fingerprint": "[0-9a-f]{64}""#,
            r#""fingerprint": "[fingerprint]""#,
        ),
        (
            r#""server_version_num": \d+"#,
            r#""server_version_num": "[version]""#,
        ),
    ]);
    t.check_with("owner_unseen", &more.collect::<Vec<_>>());
}
