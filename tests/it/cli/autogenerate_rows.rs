//! `migrate` with rows in the tables: made up for the proof, kept, or against what is told as such.

use std::fs;

use super::autogenerate::{check, declare};
use super::transcript::Transcript;
use crate::run::case::Case;

const NOTES: &str = "create table public.notes (
    id bigint generated always as identity primary key,
    body text not null,
    is_done boolean not null default false
);
create table public.never (id int not null check (id <> id));
";

/// What the report says of the rows.
fn rows(t: &Transcript, schema: &str) -> serde_json::Value {
    declare(t, schema);
    let report = t
        .project
        .grace(["migrate", "--dry-run", "--format", "json"]);
    report.success().json()["rows"].clone()
}

#[test]
fn rows_are_kept_or_against_it() {
    let mut t = Transcript::of_files();
    declare(&t, NOTES);
    // There is no table yet.
    let first = t
        .project
        .grace(["migrate", "-m", "notes", "--format", "json"]);
    assert_eq!(first.success().json()["rows"], serde_json::Value::Null);

    let wider = NOTES.replace("body text", "body varchar");
    declare(&t, &wider);
    t.words("migrate -m wider --dry-run");
    let told = rows(&t, &wider);
    assert_eq!(told["tables"], 2);
    assert_eq!(told["empty"], serde_json::json!(["table public.never"]));
    assert_eq!(told["stopped"], serde_json::Value::Null);

    // A row that is done is against it.
    let unique = NOTES.replace("default false", "default false unique check (not is_done)");
    declare(&t, &unique);
    t.words("migrate -m unique --dry-run");
    let told = rows(&t, &unique);
    assert_eq!(told["stopped"]["direction"], "upgrade");
    assert_eq!(told["stopped"]["told"], true);
    assert!(
        told["stopped"]["message"]
            .as_str()
            .unwrap()
            .contains("is violated by some row"),
        "{told}"
    );

    // Of a view rows are no matter.
    let view = format!("{NOTES}create view public.bodies as select body from public.notes;\n");
    assert_eq!(rows(&t, &view), serde_json::Value::Null);
    check(&t, "autogenerate_rows");
}

/// A project with notes, an event trigger that does this when tables are altered, and another column of the
/// notes that is declared.
fn guarded(body: &str) -> Transcript {
    let t = Transcript::of_files();
    let guard = format!(
        "create function public.guard() returns event_trigger language plpgsql as $$
begin
    {body};
end $$;
create event trigger guard on ddl_command_end when tag in ('ALTER TABLE')
    execute function public.guard();\n"
    );
    declare(&t, &format!("{NOTES}{guard}"));
    t.project.grace(["migrate", "-m", "notes"]).success();
    let more = NOTES.replace("body text", "title text,\n    body text");
    declare(&t, &format!("{more}{guard}"));
    t
}

#[test]
fn rows_that_go_untold_are_a_mistake_of_ours() {
    let mut t = guarded("delete from public.notes");
    let temporary = t.project.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    t.project.env("TMPDIR", temporary.to_str().unwrap());
    let before = t.project.files("versions");
    let failed = t.run(["migrate", "-m", "titles"]);
    assert_eq!(failed.code, Some(70));
    assert_eq!(t.project.files("versions"), before);
    let left = t.project.files("tmp");
    let [evidence] = left.as_slice() else {
        panic!("{left:?}");
    };
    let evidence = t.project.read(evidence.clone());
    assert!(evidence.contains("insert into public.notes"), "{evidence}");
    check(&t, "autogenerate_rows_lost");
}

#[test]
fn a_hazard_that_was_not_seen_is_told() {
    let mut t = guarded(
        "if exists (select from public.notes) then
           raise exception 'there are rows' using errcode = 'check_violation';
         end if",
    );
    t.words("migrate -m titles --dry-run");
    let report = t
        .project
        .grace(["migrate", "-m", "titles", "--format", "json"]);
    let stopped = &report.success().json()["rows"]["stopped"];
    assert_eq!(stopped["told"], false);
    assert_eq!(stopped["message"], "there are rows");
    check(&t, "autogenerate_rows_against");
}

#[test]
fn functions_may_call_others_without_a_schema() {
    let t = Transcript::of_files();
    let schema = |kinds: &str| {
        format!(
            "create function norm(t text) returns text immutable language sql as 'select lower(t)';
create function key(t text) returns text immutable language sql as 'select norm(t)';
create table p (name text);
create index on p (key(name));
create table q (s text check (s in ({kinds})));\n"
        )
    };
    declare(&t, &schema("'a', 'b'"));
    t.project.grace(["migrate", "-m", "first"]).success();
    // Expressions that differ are made again, to see whether they are the same.
    declare(&t, &schema("'a', 'b', 'c'"));
    t.project.grace(["migrate", "-m", "second"]).success();
}

#[test]
fn a_sequence_goes_on_behind_the_values_on_the_way_back() {
    let t = Transcript::of_files();
    declare(&t, "create table t (id serial primary key, n int);\n");
    t.project.grace(["migrate", "-m", "first"]).success();
    declare(
        &t,
        "create table t (id bigint generated always as identity primary key, n int);\n",
    );
    t.project.grace(["migrate", "-m", "identity"]).success();
    let files = t.project.files("versions");
    let down = files
        .iter()
        .find(|file| file.ends_with("_identity.down.sql"));
    let down = t.project.read(down.unwrap());
    assert!(
        down.contains("SELECT pg_catalog.setval('public.t_id_seq'"),
        "{down}"
    );
}

/// PostgreSQL writes no table anew whose rows are values of columns elsewhere: it is told, and a column with
/// a default is filled instead.
#[tokio::test]
async fn rows_that_are_values() {
    const BEFORE: &str = "create table public.places (id int not null, name text);
create table public.trips (id int not null, stops public.places[]);\n";
    let mut t = Transcript::of_files();
    declare(&t, BEFORE);
    t.project.grace(["migrate", "-m", "trips"]).success();
    declare(
        &t,
        &BEFORE.replace(
            "(id int not null, name",
            "(id bigint, zone int not null generated always as identity, name",
        ),
    );
    t.run(["migrate", "-m", "wider"]);
    t.run(["diff", "head", "schema", "--format", "sql"]);
    check(&t, "autogenerate_rows_held");

    let case = Case::new().await;
    case.project.write("schema/all.sql", BEFORE);
    case.project.grace(["migrate", "-m", "before"]).success();
    case.ok("upgrade head");
    case.run(
        "insert into places values (1, 'a'), (2, 'b');
         insert into trips select 1, array_agg(places order by id) from places",
    )
    .await;
    let zones = BEFORE.replace("name text", "name text, zone int not null default 7");
    case.project.write("schema/all.sql", &zones);
    case.project.grace(["migrate", "-m", "zones"]).success();
    case.ok("upgrade head");
    let zones = "select sum(zone), (select stops[2].name from trips) from places";
    assert_eq!(case.query(zones).await, "14|b");
}
