use super::{mermaid, svg};
use crate::schema::diagram::Diagram;
use crate::schema::facts::{Fact, FactId, Kind, State, Value};

fn text(fact: &mut Fact, name: &str, value: &str) {
    let value = Value::Text(value.to_owned());
    fact.payload.insert(name.to_owned(), value);
}

/// A table with columns: their names, types, and whether they are not null.
fn table(state: &mut State, schema: &str, name: &str, columns: &[(&str, &str, bool)]) {
    let id = FactId::new(Kind::Table, [schema, name]);
    state.insert(Fact::new(id.clone(), None));
    for (place, (column, data_type, not_null)) in (1..).zip(columns) {
        let column = FactId::new(Kind::Column, [schema, name, column]);
        let mut fact = Fact::new(column, Some(id.clone()));
        text(&mut fact, "type", data_type);
        let position = "position".to_owned();
        fact.hints.insert(position, Value::Number(place));
        if *not_null {
            fact.payload.insert("not_null".into(), Value::Flag(true));
        }
        state.insert(fact);
    }
}

fn part(state: &mut State, kind: Kind, path: [&str; 3], definition: &str) {
    let mut fact = Fact::new(FactId::new(kind, path), None);
    text(&mut fact, "definition", definition);
    state.insert(fact);
}

fn comment(state: &mut State, kind: Kind, path: &[&str], words: &str) {
    let id = FactId::new(kind, path.iter().copied());
    let mut fact = Fact::new(FactId::about(Kind::Comment, &id, None), Some(id));
    text(&mut fact, "text", words);
    state.insert(fact);
}

fn sample() -> Diagram {
    let mut state = State::new(150_000, "me");
    let s = &mut state;
    table(
        s,
        "public",
        "users",
        &[
            ("id", "bigint", true),
            ("mail", "character varying(80)", true),
            ("boss", "bigint", false),
        ],
    );
    table(
        s,
        "app",
        "Odd \"one\"",
        &[
            ("user", "bigint", true),
            ("pk", "numeric(10,2)", false),
            ("2 %{x}%", "app.\"T\"[]", false),
        ],
    );
    table(s, "app", "nothing", &[]);
    table(s, "app", "part", &[("id", "integer", true)]);
    s.insert(Fact::new(
        FactId::new(Kind::Partition, ["app", "part"]),
        None,
    ));
    for (kind, path, definition) in [
        (
            Kind::Constraint,
            ["public", "users", "k"],
            "PRIMARY KEY (id)",
        ),
        (Kind::Constraint, ["public", "users", "u"], "UNIQUE (mail)"),
        (
            Kind::ForeignKey,
            ["public", "users", "boss"],
            "FOREIGN KEY (boss) REFERENCES public.users(id)",
        ),
        (
            Kind::Constraint,
            ["app", "Odd \"one\"", "k"],
            "PRIMARY KEY (\"user\")",
        ),
        (
            Kind::ForeignKey,
            ["app", "Odd \"one\"", "owner"],
            "FOREIGN KEY (\"user\") REFERENCES public.users(id) ON DELETE CASCADE",
        ),
        (
            Kind::ForeignKey,
            ["app", "part", "elsewhere"],
            "FOREIGN KEY (id) REFERENCES public.users(id)",
        ),
    ] {
        part(s, kind, path, definition);
    }
    comment(s, Kind::Table, &["public", "users"], "who\nis here");
    comment(
        s,
        Kind::Column,
        &["public", "users", "mail"],
        "a \"name\" <b>",
    );
    Diagram::of(&state)
}

#[test]
fn for_mermaid() {
    insta::assert_snapshot!(mermaid(&sample()));
}

#[test]
fn as_a_picture() {
    let text = svg(&sample());
    assert_eq!(text, svg(&sample()));
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let empty = Diagram::default();
    assert_eq!(mermaid(&empty), "erDiagram\n");
    assert!(svg(&empty).contains("<svg"));
}

#[test]
fn a_circle_and_many_tables_are_laid_out() {
    let mut state = State::new(150_000, "me");
    for number in 0..60 {
        let name = format!("t{number}");
        table(&mut state, "public", &name, &[("id", "bigint", true)]);
        let other = (number + 1) % 40;
        if number < 40 {
            let definition = format!("FOREIGN KEY (id) REFERENCES public.t{other}(id)");
            part(
                &mut state,
                Kind::ForeignKey,
                ["public", &name, "f"],
                &definition,
            );
        }
    }
    let text = svg(&Diagram::of(&state));
    assert_eq!(text.matches("class=\"head\"").count(), 60);
    assert_eq!(text.matches("line weak").count(), 40);
    assert!(!text.contains("NaN") && !text.contains("inf"));
}
