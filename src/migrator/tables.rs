//! Which table a text names.

use super::access_error::AccessError;
use crate::revision::nearest;
use crate::sql::QualifiedName;

/// What a text may name: the schema, where it says one, and the name, once as SQL reads it and once
/// as it stands, for whoever forgot that the shell takes the quotes.
fn readings(text: &str) -> Vec<(Option<String>, String)> {
    let mut readings = Vec::new();
    if let Ok(name) = QualifiedName::parse(text) {
        readings.push((Some(name.schema), name.name));
    } else if let Ok(name) = QualifiedName::parse(&format!("x.{text}")) {
        readings.push((None, name.name));
    }
    readings.push(match text.split_once('.') {
        Some((schema, name)) => (Some(schema.to_owned()), name.to_owned()),
        None => (None, text.to_owned()),
    });
    readings
}

/// The schemas that have to be looked at: these, and those that the texts name.
pub(super) fn schemas_of(texts: &[String], schemas: &[String]) -> Vec<String> {
    let mut all = schemas.to_vec();
    for (schema, _) in texts.iter().flat_map(|text| readings(text)) {
        all.extend(schema.filter(|schema| !all.contains(schema)));
    }
    all
}

/// The table that a text names; one without a schema is looked for in `schemas`.
///
/// # Errors
/// [`AccessError::UnknownTable`] and [`AccessError::AmbiguousTable`].
pub(super) fn resolve(
    text: &str,
    schemas: &[String],
    known: &[&QualifiedName],
) -> Result<QualifiedName, AccessError> {
    for (schema, name) in readings(text) {
        let found: Vec<QualifiedName> = known
            .iter()
            .filter(|one| one.name == name)
            .filter(|one| match &schema {
                Some(schema) => one.schema == *schema,
                None => schemas.contains(&one.schema),
            })
            .map(|one| (*one).clone())
            .collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            _ => {
                let text = text.to_owned();
                return Err(AccessError::AmbiguousTable { text, found });
            }
        }
    }
    let spelt = |one: &QualifiedName| {
        if text.contains('.') {
            format!("{}.{}", one.schema, one.name)
        } else {
            one.name.clone()
        }
    };
    let spellings: Vec<String> = known.iter().map(|one| spelt(one)).collect();
    let nearest = nearest(text, spellings.iter().map(String::as_str));
    let at = spellings
        .iter()
        .position(|one| Some(one.as_str()) == nearest);
    Err(AccessError::UnknownTable {
        text: text.to_owned(),
        nearest: at.and_then(|at| known.get(at)).map(|one| (*one).clone()),
        schemas: schemas_of(&[text.to_owned()], schemas),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_sql_reads_it_or_as_it_stands() {
        let names = [
            ("public", "notes"),
            ("public", "Orders"),
            ("shop", "notes"),
            ("shop", "parts"),
        ]
        .map(|(schema, name)| QualifiedName::new(schema, name));
        let known: Vec<&QualifiedName> = names.iter().collect();
        let public = ["public".to_owned()];
        let named = |text: &str| match resolve(text, &public, &known) {
            Ok(name) => name.to_string(),
            Err(AccessError::UnknownTable { nearest, .. }) => {
                format!(
                    "? {}",
                    nearest.map_or_else(String::new, |one| one.to_string())
                )
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(named("notes"), "public.notes");
        assert_eq!(named("NOTES"), "public.notes");
        assert_eq!(named("shop.Notes"), "shop.notes");
        assert_eq!(named("Orders"), "public.\"Orders\"");
        assert_eq!(named("public.Orders"), "public.\"Orders\"");
        assert_eq!(named("\"Orders\""), "public.\"Orders\"");
        assert_eq!(named("parts"), "? shop.parts");
        assert_eq!(named("note"), "? public.notes");
        assert_eq!(named("shop.note"), "? shop.notes");
        assert_eq!(named("nothing like it"), "? ");
        let both = ["public".to_owned(), "shop".to_owned()];
        assert!(matches!(
            resolve("notes", &both, &known),
            Err(AccessError::AmbiguousTable { found, .. }) if found.len() == 2
        ));
        assert_eq!(
            schemas_of(&["a.b".to_owned(), "c".to_owned()], &public),
            ["public", "a"]
        );
    }
}
