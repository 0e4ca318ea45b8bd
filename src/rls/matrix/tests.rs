use std::path::Path;

use super::*;
use crate::schema::Privilege;
use crate::sql::QualifiedName;

fn kept() -> Matrix {
    parse(
        Path::new("matrix.md"),
        "# Access matrix

## public.notes

| actor | select | insert  | update  | delete | truncate |
| ----- | ------ | ------- | ------- | ------ | -------- |
| olga  | own    | own     | own→all | own    | refused  |
| anon  | none   | refused | -       | 1 of 3 | refused  |

```sql
alter table public.notes enable row level security;
grant select, update (body) on public.notes to authenticated;
create policy \"a;b\" on public.notes for select to authenticated
    using ((owner = ';'::text));
```

## public.topics

```sql
alter table public.topics disable row level security;
```
",
    )
    .unwrap()
}

#[test]
fn written_and_read() {
    let matrix = kept();
    let name = QualifiedName::new("public", "notes");
    assert_eq!(matrix.tables[&name].pinned.len(), 3);
    let text = document(&matrix);
    assert_eq!(parse(Path::new("m.md"), &text).unwrap(), matrix);
    assert_eq!(
        parse(Path::new("m.md"), &text.replace('\n', "\r\n")).unwrap(),
        matrix,
        "a checkout with other line ends"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn everything_that_cannot_be_read() {
    let defects = parse(
        Path::new("matrix.md"),
        "| olga | own | own | own | own | own |
## notes
## public.notes
## public.notes
| actor | select |
| olga | own |
| olga | own | mine | own | own | refused |
| olga | own | own | own | own | refused |
```sql
select 'open;
```
```sql
",
    )
    .unwrap_err();
    let told: Vec<String> = defects
        .iter()
        .map(|one| format!("{}: {}", one.place.as_ref().unwrap(), one.message))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    let nothing = parse(Path::new("matrix.md"), "").unwrap_err();
    assert_eq!(nothing[0].message, "there is no table in it");
}

#[test]
fn differences() {
    let expected = kept();
    assert_eq!(compare(&expected, &expected), []);

    let mut found = expected.clone();
    let name = QualifiedName::new("public", "notes");
    let notes = found.tables.get_mut(&name).unwrap();
    notes.pinned = vec![
        "alter table public.notes disable row level security".to_owned(),
        "create policy \"a;b\" on public.notes for select to authenticated\n    using (true)"
            .to_owned(),
        "create policy new on public.notes for all to public\n    using (true)".to_owned(),
    ];
    let olga = &mut notes.actors[0].cells;
    drop(olga.insert(Privilege::Select, Cell::of(Reach::All)));
    drop(olga.remove(&Privilege::Delete));
    notes.actors[1].actor = "nobody".to_owned();
    let topics = QualifiedName::new("public", "topics");
    let table = found.tables.remove(&topics).unwrap();
    found
        .tables
        .insert(QualifiedName::new("public", "more"), table);
    let told: Vec<String> = compare(&expected, &found)
        .iter()
        .map(|one| serde_json::to_string(one).unwrap())
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
