//! `migrate` with rows in the tables: made up for the proof, kept, or against what is told as such.

use std::fs;

use super::autogenerate::{check, declare};
use super::transcript::Transcript;

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

/// Event triggers that have at rows: without any they do nothing.
#[test]
fn what_rows_show() {
    for (name, body) in [
        ("lost", "delete from public.notes"),
        (
            "against",
            "if exists (select from public.notes) then
               raise exception 'there are rows' using errcode = 'check_violation';
             end if",
        ),
    ] {
        let mut t = Transcript::of_files();
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
        check(&t, &format!("autogenerate_rows_{name}"));
    }
}
