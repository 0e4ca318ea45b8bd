//! Types, collations and sequences.

use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::{quote_ident, quote_literal};

pub(super) fn create(fact: &Fact, with: &[&Fact]) -> Vec<String> {
    let name = fact.id.name();
    let text = |key: &str| fact.text(key).unwrap_or_default();
    vec![match fact.id.kind {
        Kind::Collation => collation(fact),
        Kind::Enum => {
            let labels: Vec<String> = fact
                .list("labels")
                .iter()
                .map(|one| quote_literal(one))
                .collect();
            format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))
        }
        Kind::Composite => composite(fact, with),
        Kind::Attribute => {
            let (schema, composite) = (quote_ident(fact.id.part(0)), quote_ident(fact.id.part(1)));
            format!(
                "ALTER TYPE {schema}.{composite} ADD ATTRIBUTE {}",
                attribute(fact)
            )
        }
        Kind::Range => range(fact),
        Kind::Domain => domain(fact, with),
        Kind::DomainConstraint => {
            let (schema, domain) = (quote_ident(fact.id.part(0)), quote_ident(fact.id.part(1)));
            format!(
                "ALTER DOMAIN {schema}.{domain} ADD {}",
                domain_constraint(fact)
            )
        }
        Kind::SequenceOwner => format!(
            "ALTER SEQUENCE {name} OWNED BY {}.{}.{}",
            quote_ident(text("schema")),
            quote_ident(text("table")),
            quote_ident(text("column"))
        ),
        _ => {
            let unlogged = if fact.flag("unlogged") {
                "UNLOGGED "
            } else {
                ""
            };
            format!(
                "CREATE {unlogged}SEQUENCE {name}{}",
                sequence_options(fact, true)
            )
        }
    }]
}

fn collation(fact: &Fact) -> String {
    let mut parts = vec![format!(
        "provider = {}",
        fact.text("provider").unwrap_or_default()
    )];
    for key in ["locale", "lc_collate", "lc_ctype", "rules"] {
        if let Some(value) = fact.text(key) {
            parts.push(format!("{key} = {}", quote_literal(value)));
        }
    }
    if fact.flag("nondeterministic") {
        parts.push("deterministic = false".to_owned());
    }
    format!("CREATE COLLATION {} ({})", fact.id.name(), parts.join(", "))
}

fn composite(fact: &Fact, with: &[&Fact]) -> String {
    let mut attributes: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Attribute)
        .collect();
    attributes.sort_by_key(|one| one.hint_number("position"));
    let lines: Vec<String> = attributes.iter().map(|one| attribute(one)).collect();
    if lines.is_empty() {
        return format!("CREATE TYPE {} AS ()", fact.id.name());
    }
    format!(
        "CREATE TYPE {} AS (\n    {}\n)",
        fact.id.name(),
        lines.join(",\n    ")
    )
}

fn attribute(fact: &Fact) -> String {
    let mut line = format!(
        "{} {}",
        quote_ident(fact.id.last()),
        fact.text("type").unwrap_or_default()
    );
    if let Some(collation) = fact.text("collation") {
        line.push_str(&format!(" COLLATE {collation}"));
    }
    line
}

fn range(fact: &Fact) -> String {
    let keys = [
        ("subtype", "subtype"),
        ("subtype_opclass", "operator_class"),
        ("collation", "range_collation"),
        ("canonical", "canonical"),
        ("subtype_diff", "difference"),
        ("multirange_type_name", "multirange"),
    ];
    let parts: Vec<String> = keys
        .into_iter()
        .filter_map(|(word, key)| Some(format!("{word} = {}", fact.text(key)?)))
        .collect();
    format!(
        "CREATE TYPE {} AS RANGE (\n    {}\n)",
        fact.id.name(),
        parts.join(",\n    ")
    )
}

fn domain(fact: &Fact, with: &[&Fact]) -> String {
    let mut sql = format!(
        "CREATE DOMAIN {} AS {}",
        fact.id.name(),
        fact.text("type").unwrap_or_default()
    );
    if let Some(collation) = fact.text("collation") {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = fact.text("default") {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if fact.flag("not_null") {
        sql.push_str(" NOT NULL");
    }
    for one in with
        .iter()
        .filter(|one| one.id.kind == Kind::DomainConstraint)
    {
        sql.push_str(&format!("\n    {}", domain_constraint(one)));
    }
    sql
}

fn domain_constraint(fact: &Fact) -> String {
    format!(
        "CONSTRAINT {} {}",
        quote_ident(fact.id.last()),
        fact.text("definition").unwrap_or_default()
    )
}

/// What gives the sequence of an identity column a type that is not the column's, as `LIKE … INCLUDING
/// IDENTITY` does: the clause of the column cannot say it.
pub(in crate::diff) fn identity_type(state: &State, sequence: &Fact) -> Option<String> {
    let path = sequence.list("identity_of");
    let column = state.get(&FactId::new(Kind::Column, path.iter().cloned()))?;
    let kind = sequence.text("type").unwrap_or("bigint");
    if path.is_empty() || column.text("type") == Some(kind) {
        return None;
    }
    Some(format!(
        "ALTER SEQUENCE {} AS {kind} MINVALUE {} MAXVALUE {}",
        sequence.id.name(),
        sequence.number("min")?,
        sequence.number("max")?
    ))
}

/// What of a sequence is not as it is by default; its type too, unless its column tells that.
pub(in crate::diff) fn sequence_options(fact: &Fact, with_type: bool) -> String {
    let kind = fact.text("type").unwrap_or("bigint");
    let (least, most) = match kind {
        "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let number = |key: &str| fact.number(key).unwrap_or_default();
    let increment = number("increment");
    let (usual_min, usual_max) = if increment > 0 {
        (1, most)
    } else {
        (least, -1)
    };
    let usual_start = if increment > 0 {
        number("min")
    } else {
        number("max")
    };
    let mut sql = String::new();
    if with_type && kind != "bigint" {
        sql.push_str(&format!(" AS {kind}"));
    }
    for (word, value, usual) in [
        ("START WITH", number("start"), usual_start),
        ("INCREMENT BY", increment, 1),
        ("MINVALUE", number("min"), usual_min),
        ("MAXVALUE", number("max"), usual_max),
        ("CACHE", number("cache"), 1),
    ] {
        if value != usual {
            sql.push_str(&format!(" {word} {value}"));
        }
    }
    if fact.flag("cycle") {
        sql.push_str(" CYCLE");
    }
    sql
}
