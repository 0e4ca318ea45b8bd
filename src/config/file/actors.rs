//! The keys of the file of the actors.

use std::path::PathBuf;

use super::document::{Document, Section, Value, object, string};
use super::keys::identifier;
use crate::diagnostic::Diagnostic;
use crate::rls::{Actor, Actors};
use crate::sql::QualifiedName;

/// Reads the file, or says everything that is wrong with it. `path` is the file as it is shown.
pub(in crate::config) fn read(path: PathBuf, text: &str) -> Result<Actors, Vec<Diagnostic>> {
    let (mut document, mut top) = Document::parse(path, text);
    let mut actors = Actors::default();
    match top.value("actor") {
        Some(value) => all(&mut document, value, &mut actors),
        None => {
            let message = "there is no `[[actor]]`";
            document.defect("config-value", crate::sql::Span::new(0, 0), message, None);
        }
    }
    let mut owner = top.section(&mut document, "owner");
    for (table, at, expression) in owner.named_texts(&mut document) {
        match QualifiedName::parse(&table) {
            Ok(name) if !expression.value.trim().is_empty() => {
                actors.owners.insert(name, expression.value);
            }
            Ok(_) => {
                let message = format!("`owner.\"{table}\"`: it is empty");
                document.defect("config-value", at, message, None);
            }
            Err(defect) => document.defect("config-value", at, defect.to_string(), None),
        }
    }
    top.finish(&mut document);
    let defects = document.into_defects();
    if defects.is_empty() {
        Ok(actors)
    } else {
        Err(defects)
    }
}

fn all<'t>(document: &mut Document<'t>, value: Value<'t>, actors: &mut Actors) {
    let at = value.span;
    let sections = value.into_sections(document, "actor");
    if sections.is_empty() {
        document.defect("config-value", at, "there is no `[[actor]]`", None);
    }
    for mut section in sections {
        let Some(actor) = one(document, &mut section, at) else {
            section.finish(document);
            continue;
        };
        section.finish(document);
        actors.actors.push(actor);
    }
    let mut names: Vec<&str> = actors.actors.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    for twice in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!("two actors are called `{}`", twice[0]);
        document.defect("config-value", at, message, None);
    }
}

fn one<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    at: crate::sql::Span,
) -> Option<Actor> {
    for key in ["name", "role"] {
        if !section.has(key) {
            let message = format!("an `[[actor]]` has no `{key}`");
            document.defect("config-value", at, message, None);
        }
    }
    let name = section.take(document, "name", |value| named(&string(value)?));
    let role = section.take(document, "role", |value| {
        match identifier(&string(value)?)?.as_str() {
            "none" => Err("no role has this name".to_owned()),
            role => Ok(role.to_owned()),
        }
    });
    let claims = section.take(document, "claims", object);
    Some(Actor {
        name: name?.value,
        role: role?.value,
        claims: claims.map(|claims| claims.value),
    })
}

/// A name that stands well in a table.
fn named(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".to_owned()),
        trimmed if trimmed != text || text.contains(['|', '`', '\n', '\r', '\0']) => {
            Err("it has a `|`, a backtick, a line end, or white space around it".to_owned())
        }
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defects(text: &str) -> String {
        let defects = read("actors.toml".into(), text).unwrap_err();
        let told: Vec<String> = defects
            .iter()
            .map(|one| {
                let help = one.help.as_ref().map(|help| format!(" ({help})"));
                let place = one.place.as_ref().unwrap();
                format!("{place}: {}{}", one.message, help.unwrap_or_default())
            })
            .collect();
        told.join("\n")
    }

    #[test]
    fn a_file() {
        let actors = read(
            "actors.toml".into(),
            r#"
            [[actor]]
            name = "olga"
            role = "authenticated"
            claims = { sub = "o", age = 3, app_metadata = { roles = ["a", true, 1.5] } }

            [[actor]]
            name = "no token"
            role = "anon"

            [owner]
            "public.profiles" = "id"
            "Api.Notes" = "owner_id"
            "#,
        )
        .unwrap();
        let [olga, nobody] = actors.actors.as_slice() else {
            panic!("{actors:?}");
        };
        assert_eq!(
            olga.claims_json(),
            r#"{"age":3,"app_metadata":{"roles":["a",true,1.5]},"sub":"o","role":"authenticated"}"#
        );
        assert_eq!((olga.sub(), nobody.claims.as_ref()), (Some("o"), None));
        let owners: Vec<String> = actors.owners.keys().map(ToString::to_string).collect();
        assert_eq!(owners, ["api.notes", "public.profiles"]);
    }

    #[test]
    fn everything_that_is_wrong() {
        insta::assert_snapshot!(defects(
            r#"
[[actor]]
name = "a|b"
role = "none"
claims = { since = 2020-01-01 }
rule = 1

[[actor]]
name = "olga"

[[actor]]
name = "twice"
role = "anon"
claims = "sub"

[[actor]]
name = "twice"
role = "anon"

[owner]
profiles = "id"
"public.notes" = " "
"public.topics" = 1

[actors]
"#,
        ));
        assert_eq!(defects(""), "actors.toml:1:1: there is no `[[actor]]`");
        assert_eq!(
            defects("actor = []"),
            "actors.toml:1:9: there is no `[[actor]]`"
        );
    }
}
