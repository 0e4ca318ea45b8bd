use std::collections::BTreeMap;

use super::relation::pairs;
use super::rule::{Pair, Rule};
use crate::diff::emit::{self, qualified, sequence_options};
use crate::schema::facts::{FactId, Kind, State};
use crate::sql::{quote_ident, quote_literal};

/// Labels are added where the others keep their order.
pub(super) fn labels(pair: &Pair) -> Rule {
    let (old, new) = (pair.old.list("labels"), pair.new.list("labels"));
    let mut left = old.iter().peekable();
    for label in new {
        left.next_if(|one| *one == label);
    }
    if left.next().is_some() {
        return Rule::Replace;
    }
    let name = pair.new.id.name();
    let mut made = Vec::new();
    for (at, label) in new.iter().enumerate() {
        if old.contains(label) {
            continue;
        }
        // What is before it is there already, or was added just now.
        let place = match at.checked_sub(1).and_then(|before| new.get(before)) {
            Some(before) => format!("AFTER {}", quote_literal(before)),
            None => match old.first() {
                Some(first) => format!("BEFORE {}", quote_literal(first)),
                None => String::new(),
            },
        };
        let is_last = at + 1 == new.len();
        let place = if is_last || place.is_empty() {
            String::new()
        } else {
            format!(" {place}")
        };
        made.push(format!(
            "ALTER TYPE {name} ADD VALUE {}{place}",
            quote_literal(label)
        ));
    }
    Rule::InPlace(made)
}

pub(super) fn domain(pair: &Pair) -> Rule {
    if !pair.only(&["default", "not_null"]) {
        return Rule::Replace;
    }
    let name = pair.new.id.name();
    let mut made = Vec::new();
    if pair.differs("default") {
        made.push(match pair.new.text("default") {
            Some(default) => format!("ALTER DOMAIN {name} SET DEFAULT {default}"),
            None => format!("ALTER DOMAIN {name} DROP DEFAULT"),
        });
    }
    if pair.differs("not_null") {
        let word = if pair.new.flag("not_null") {
            "SET"
        } else {
            "DROP"
        };
        made.push(format!("ALTER DOMAIN {name} {word} NOT NULL"));
    }
    Rule::InPlace(made)
}

pub(super) fn domain_constraint(pair: &Pair) -> Rule {
    let text =
        |fact: &crate::schema::facts::Fact| fact.text("definition").unwrap_or_default().to_owned();
    let (before, after) = (text(pair.old), text(pair.new));
    if before.strip_suffix(" NOT VALID") != Some(&after) {
        return Rule::Replace;
    }
    let id = &pair.new.id;
    let (domain, name) = (qualified(id.part(0), id.part(1)), quote_ident(id.last()));
    Rule::InPlace(vec![format!(
        "ALTER DOMAIN {domain} VALIDATE CONSTRAINT {name}"
    )])
}

/// An attribute of a type in which no column is can have another type.
pub(super) fn attribute(from: &State, pair: &Pair) -> Rule {
    let id = &pair.new.id;
    let composite = FactId::new(Kind::Composite, [id.part(0), id.part(1)]);
    let is_used = from.edges().iter().any(|(dependant, on)| {
        *on == composite
            && matches!(
                dependant.kind,
                Kind::Column | Kind::Attribute | Kind::Domain
            )
    });
    if is_used {
        return Rule::Replace;
    }
    let mut sql = format!(
        "ALTER TYPE {} ALTER ATTRIBUTE {} SET DATA TYPE {}",
        composite.name(),
        quote_ident(id.last()),
        pair.new.text("type").unwrap_or_default()
    );
    if let Some(collation) = pair.new.text("collation") {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    Rule::InPlace(vec![sql])
}

pub(super) fn sequence(pair: &Pair) -> Rule {
    if pair.differs("identity_of") {
        return Rule::Replace;
    }
    let (old, new) = (pair.old, pair.new);
    let name = new.id.name();
    let mut made = Vec::new();
    if pair.differs("unlogged") {
        let word = if new.flag("unlogged") {
            "UNLOGGED"
        } else {
            "LOGGED"
        };
        made.push(format!("ALTER SEQUENCE {name} SET {word}"));
    }
    let mut set = String::new();
    if pair.differs("type") {
        set.push_str(&format!(" AS {}", new.text("type").unwrap_or_default()));
    }
    for (key, word) in [
        ("increment", "INCREMENT BY"),
        ("min", "MINVALUE"),
        ("max", "MAXVALUE"),
        ("start", "START WITH"),
        ("cache", "CACHE"),
    ] {
        // Another type brings other limits along.
        let is_limit = pair.differs("type") && matches!(key, "min" | "max");
        if pair.differs(key) || is_limit {
            set.push_str(&format!(" {word} {}", new.number(key).unwrap_or_default()));
        }
    }
    if pair.differs("cycle") {
        set.push_str(if new.flag("cycle") {
            " CYCLE"
        } else {
            " NO CYCLE"
        });
    }
    // Where it stands has to be within the new limits.
    let (least, most) = (new.number("min"), new.number("max"));
    let start = new.number("start");
    let was_outside = least > old.number("min") || most < old.number("max");
    if was_outside && (old.number("start") < least || old.number("start") > most) {
        set.push_str(&format!(" RESTART WITH {}", start.unwrap_or_default()));
    }
    if !set.is_empty() {
        made.push(format!("ALTER SEQUENCE {name}{set}"));
    }
    Rule::InPlace(made)
}

/// A sequence as a clause, for a column that gets its identity.
pub(in crate::diff) fn identity_clause(sequence: &crate::schema::facts::Fact) -> String {
    format!(
        "(SEQUENCE NAME {}{})",
        sequence.id.name(),
        sequence_options(sequence, false)
    )
}

pub(super) fn extension(pair: &Pair) -> Rule {
    let schema = quote_ident(pair.new.text("schema").unwrap_or_default());
    Rule::InPlace(vec![format!(
        "ALTER EXTENSION {} SET SCHEMA {schema}",
        pair.new.id.name()
    )])
}

/// What makes one list of foreign data's options the other: `OPTIONS (ADD a '1', DROP b)`.
pub(super) fn server_options(old: &[String], new: &[String]) -> String {
    let (before, after) = (pairs(old, ""), pairs(new, ""));
    let mut parts = Vec::new();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        parts.push(format!("DROP {}", quote_ident(name)));
    }
    for (name, value) in &after {
        let word = match before.get(name) {
            None => "ADD",
            Some(old) if old != value => "SET",
            Some(_) => continue,
        };
        parts.push(format!(
            "{word} {} {}",
            quote_ident(name),
            quote_literal(value)
        ));
    }
    format!("OPTIONS ({})", parts.join(", "))
}

pub(super) fn foreign(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let known: &[&str] = match new.id.kind {
        Kind::ForeignDataWrapper => &["options", "handler", "validator"],
        Kind::ForeignServer => &["options", "version"],
        _ => &["options"],
    };
    if !pair.only(known) || pair.differs("version") && new.text("version").is_none() {
        return Rule::Replace;
    }
    let mut sql = match new.id.kind {
        Kind::UserMapping => format!(
            "ALTER USER MAPPING FOR {} SERVER {}",
            emit::grantee(new.id.part(1)),
            quote_ident(new.id.part(0))
        ),
        kind => format!("ALTER {} {}", kind.sql(), new.id.name()),
    };
    for (key, word) in [("handler", "HANDLER"), ("validator", "VALIDATOR")] {
        if pair.differs(key) {
            match new.text(key) {
                Some(function) => sql.push_str(&format!(" {word} {function}")),
                None => sql.push_str(&format!(" NO {word}")),
            }
        }
    }
    if let Some(version) = new.text("version").filter(|_| pair.differs("version")) {
        sql.push_str(&format!(" VERSION {}", quote_literal(version)));
    }
    if pair.differs("options") {
        let options = server_options(old.list("options"), new.list("options"));
        sql.push_str(&format!(" {options}"));
    }
    Rule::InPlace(vec![sql])
}

pub(super) fn text_search_configuration(pair: &Pair) -> Rule {
    if !pair.only(&["mappings"]) {
        return Rule::Replace;
    }
    let map = |list: &[String]| -> BTreeMap<String, String> {
        let pairs = list.iter().filter_map(|one| one.split_once(' '));
        pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    };
    let (before, after) = (
        map(pair.old.list("mappings")),
        map(pair.new.list("mappings")),
    );
    let start = format!("ALTER TEXT SEARCH CONFIGURATION {}", pair.new.id.name());
    let mut made = Vec::new();
    for token in before.keys().filter(|token| !after.contains_key(*token)) {
        made.push(format!("{start} DROP MAPPING FOR {token}"));
    }
    for (token, dictionaries) in &after {
        let word = match before.get(token) {
            None => "ADD",
            Some(old) if old != dictionaries => "ALTER",
            Some(_) => continue,
        };
        made.push(format!(
            "{start} {word} MAPPING FOR {token} WITH {dictionaries}"
        ));
    }
    Rule::InPlace(made)
}

pub(super) fn publication(pair: &Pair) -> Rule {
    if pair.differs("all_tables") {
        return Rule::Replace;
    }
    Rule::InPlace(vec![format!(
        "ALTER PUBLICATION {} SET ({})",
        pair.new.id.name(),
        emit::publication_settings(pair.new)
    )])
}
