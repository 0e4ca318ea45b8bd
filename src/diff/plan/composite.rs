//! Rows of composite types that are made anew: field by field, by name.

use super::delta::Delta;
use super::migrate::aside_name;
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind};
use crate::sql::{quote_ident, quote_literal};

/// The value of a column whose type, or one within it, is made anew, of the old one.
pub(super) fn value(delta: &Delta, column: &Fact, name: &str) -> String {
    let kind = column.text("type").unwrap_or_default();
    let mut types = delta.to.needs(&column.id);
    let composite = types.find(|id| id.kind == Kind::Composite && id.name() == kind);
    if let Some(row) = composite.and_then(|composite| row(delta, composite, name)) {
        row
    } else if goes_by_cast(delta, &column.id) {
        format!("{name}::{kind}")
    } else {
        format!("{name}::text::{kind}")
    }
}

/// A row of a composite type, of the fields of the old one by their names.
fn row(delta: &Delta, composite: &FactId, name: &str) -> Option<String> {
    let mut attributes: Vec<&Fact> = delta.to.under(Kind::Attribute, composite.path()).collect();
    attributes.sort_by_key(|one| one.hint_number("position"));
    let fields = attributes.into_iter().map(|one| {
        let Some(before) = delta.from.get(&one.id) else {
            return "NULL".to_owned();
        };
        let field = format!("({name}).{}", quote_ident(one.id.last()));
        let is_anew = delta.to.needs(&one.id).any(|id| delta.aside.contains(id));
        let kind = one.text("type").unwrap_or_default();
        let is_same = before.text("type") == Some(kind);
        if is_same && !is_anew {
            field
        } else if kind == "text" || is_same && goes_by_cast(delta, &one.id) {
            format!("{field}::{kind}")
        } else {
            format!("{field}::text::{kind}")
        }
    });
    let fields = fields.collect::<Vec<_>>().join(", ");
    Some(format!(
        "CASE WHEN {name} IS DISTINCT FROM NULL THEN ROW({fields})::{} END",
        composite.name()
    ))
}

/// Whether values of a column, an attribute or a domain become what they are to be by a cast of a
/// composite type within.
fn goes_by_cast(delta: &Delta, id: &FactId) -> bool {
    delta.to.needs(id).any(|on| match on.kind {
        Kind::Composite => has_cast(delta, on),
        Kind::Domain => delta.aside.contains(on) && goes_by_cast(delta, on),
        _ => false,
    })
}

/// Whether there is a cast from the old form of a composite type to the new one: where arrays, rows or
/// domains are of it. An array's text would be read as that of rows with as many fields.
fn has_cast(delta: &Delta, composite: &FactId) -> bool {
    let name = composite.name();
    let mut dependants = delta.dependants_of(composite).into_iter();
    composite.kind == Kind::Composite
        && delta.aside.contains(composite)
        && dependants.any(|id| match id.kind {
            Kind::Column => {
                let kind = delta.to.get(id).and_then(|column| column.text("type"));
                delta.retyped.contains(id) && kind != Some(&name)
            }
            Kind::Attribute => {
                let whole = FactId::new(Kind::Composite, [id.part(0), id.part(1)]);
                delta.aside.contains(&whole)
            }
            Kind::Domain => delta.aside.contains(id),
            _ => false,
        })
}

fn function(delta: &Delta, composite: &FactId) -> String {
    let schema = composite.part(0);
    let name = delta.free_name(schema, composite.last(), "__cast");
    let name = emit::qualified(schema, &name);
    format!("{name}({})", aside_name(delta, composite))
}

/// What makes the cast, once both forms are there.
pub(super) fn create_cast(delta: &Delta, composite: &FactId) -> Vec<String> {
    let row = if has_cast(delta, composite) {
        row(delta, composite, "$1")
    } else {
        None
    };
    let Some(row) = row else { return Vec::new() };
    let (function, name) = (function(delta, composite), composite.name());
    let body = quote_literal(&format!("SELECT {row}"));
    vec![
        format!("CREATE FUNCTION {function} RETURNS {name} LANGUAGE sql AS {body}"),
        format!(
            "CREATE CAST ({} AS {name}) WITH FUNCTION {function}",
            aside_name(delta, composite)
        ),
    ]
}

/// What takes it away again.
pub(super) fn drop_cast(delta: &Delta, composite: &FactId) -> Vec<String> {
    if !has_cast(delta, composite) {
        return Vec::new();
    }
    let old = aside_name(delta, composite);
    vec![
        format!("DROP CAST ({old} AS {})", composite.name()),
        format!("DROP FUNCTION {}", function(delta, composite)),
    ]
}
