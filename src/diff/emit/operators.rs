//! Aggregates, operators, their families and classes, casts.

use crate::schema::facts::{Fact, Kind};
use crate::sql::{quote_ident, quote_literal};

pub(super) fn create(fact: &Fact) -> Vec<String> {
    let name = fact.id.name();
    match fact.id.kind {
        Kind::Aggregate => vec![aggregate(fact)],
        Kind::Operator => vec![operator(fact)],
        Kind::OperatorFamily => {
            let mut made = vec![format!("CREATE OPERATOR FAMILY {name}")];
            let items = fact.list("items");
            if !items.is_empty() {
                let items = items.join(",\n    ");
                made.push(format!("ALTER OPERATOR FAMILY {name} ADD\n    {items}"));
            }
            made
        }
        Kind::OperatorClass => vec![operator_class(fact)],
        _ => vec![cast(fact)],
    }
}

fn schema_and_name(fact: &Fact) -> String {
    format!(
        "{}.{}",
        quote_ident(fact.id.part(0)),
        quote_ident(fact.id.part(1))
    )
}

fn aggregate(fact: &Fact) -> String {
    let mut parts = Vec::new();
    let keys = [
        ("sfunc", false),
        ("stype", false),
        ("sspace", false),
        ("finalfunc", false),
        ("finalfunc_extra", false),
        ("finalfunc_modify", false),
        ("combinefunc", false),
        ("serialfunc", false),
        ("deserialfunc", false),
        ("initcond", true),
        ("msfunc", false),
        ("minvfunc", false),
        ("mstype", false),
        ("msspace", false),
        ("mfinalfunc", false),
        ("mfinalfunc_extra", false),
        ("mfinalfunc_modify", false),
        ("minitcond", true),
        ("sortop", false),
        ("parallel", false),
    ];
    for (key, is_text) in keys {
        if let Some(text) = fact.text(key) {
            let value = if is_text {
                quote_literal(text)
            } else {
                text.to_owned()
            };
            parts.push(format!("{key} = {value}"));
        } else if let Some(number) = fact.number(key) {
            parts.push(format!("{key} = {number}"));
        } else if fact.flag(key) {
            parts.push(key.to_owned());
        }
    }
    if fact.flag("hypothetical") {
        parts.push("hypothetical".to_owned());
    }
    let arguments = match fact.text("arguments") {
        None | Some("") => "*",
        Some(arguments) => arguments,
    };
    format!(
        "CREATE AGGREGATE {}({arguments}) (\n    {}\n)",
        schema_and_name(fact),
        parts.join(",\n    ")
    )
}

fn operator(fact: &Fact) -> String {
    let id = &fact.id;
    let mut parts = vec![format!(
        "FUNCTION = {}",
        fact.text("function").unwrap_or_default()
    )];
    for (word, at) in [("LEFTARG", 2), ("RIGHTARG", 3)] {
        if !id.part(at).is_empty() {
            parts.push(format!("{word} = {}", id.part(at)));
        }
    }
    for (word, key) in [
        ("COMMUTATOR", "commutator"),
        ("NEGATOR", "negator"),
        ("RESTRICT", "restrict"),
        ("JOIN", "join"),
    ] {
        if let Some(text) = fact.text(key) {
            parts.push(format!("{word} = {text}"));
        }
    }
    for (word, key) in [("HASHES", "hashes"), ("MERGES", "merges")] {
        if fact.flag(key) {
            parts.push(word.to_owned());
        }
    }
    format!(
        "CREATE OPERATOR {}.{} (\n    {}\n)",
        quote_ident(id.part(0)),
        id.part(1),
        parts.join(",\n    ")
    )
}

fn operator_class(fact: &Fact) -> String {
    let default = if fact.flag("default") { " DEFAULT" } else { "" };
    let mut items = fact.list("items").to_vec();
    let storage = fact.text("storage");
    // A class without a member of its own is one with a storage type, which says nothing.
    if storage.is_some() || items.is_empty() {
        let storage = storage.or(fact.text("type")).unwrap_or_default();
        items.push(format!("STORAGE {storage}"));
    }
    format!(
        "CREATE OPERATOR CLASS {}{default} FOR TYPE {} USING {} FAMILY {} AS\n    {}",
        schema_and_name(fact),
        fact.text("type").unwrap_or_default(),
        quote_ident(fact.id.part(2)),
        fact.text("family").unwrap_or_default(),
        items.join(",\n    ")
    )
}

fn cast(fact: &Fact) -> String {
    let how = match (fact.text("function"), fact.flag("inout")) {
        (Some(function), _) => format!("WITH FUNCTION {function}"),
        (None, true) => "WITH INOUT".to_owned(),
        (None, false) => "WITHOUT FUNCTION".to_owned(),
    };
    let context = fact
        .text("context")
        .map(|word| format!(" AS {}", word.to_uppercase()));
    format!(
        "CREATE CAST {} {how}{}",
        fact.id.name(),
        context.unwrap_or_default()
    )
}
