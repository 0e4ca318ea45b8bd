//! Where the sequences of columns go on.

use std::collections::BTreeMap;

use super::delta::Delta;
use crate::diff::alter;
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// For each sequence that a column gets instead of another one the old one: an identity instead of what it
/// has its default of, or the other way round.
pub(super) fn successors(delta: &Delta) -> BTreeMap<FactId, FactId> {
    let gone = delta.from.of_kind(Kind::Sequence);
    let gone = gone.filter(|one| delta.gone.contains(&one.id));
    let made = delta.to.of_kind(Kind::Sequence);
    let made = made.filter(|one| delta.made.contains(&one.id));
    let old: BTreeMap<FactId, &Fact> = gone
        .filter_map(|one| Some((column_of(delta.from, one)?, one)))
        .collect();
    let is_identity = |sequence: &Fact| !sequence.list("identity_of").is_empty();
    made.filter_map(|new| {
        let column = column_of(delta.to, new)?;
        let old = old.get(&column)?;
        let stays = !delta.gone.contains(&column) && !delta.made.contains(&column);
        let is_number = [delta.from, delta.to].into_iter().all(|state| {
            let column = state.get(&column).and_then(|column| column.text("type"));
            matches!(column, Some("smallint" | "integer" | "bigint"))
        });
        // What has others of its values is gone when they have let go of it.
        let is_alone = old.id == new.id
            || delta.dependants_of(&old.id).into_iter().all(|id| {
                id.kind == Kind::SequenceOwner
                    || id.kind == Kind::Default && id.path() == column.path()
            });
        let fits = stays && is_number && is_alone && is_identity(old) != is_identity(new);
        fits.then(|| (new.id.clone(), old.id.clone()))
    })
    .collect()
}

/// The column that a sequence belongs to.
fn column_of(state: &State, sequence: &Fact) -> Option<FactId> {
    let path = sequence.list("identity_of");
    if !path.is_empty() {
        return Some(FactId::new(Kind::Column, path.iter().cloned()));
    }
    let owner = FactId::new(Kind::SequenceOwner, sequence.id.path().to_vec());
    let owner = state.get(&owner)?;
    let text = |key| owner.text(key).unwrap_or_default();
    let path = [text("schema"), text("table"), text("column")];
    Some(FactId::new(Kind::Column, path))
}

/// The path of the column that a sequence belonged to.
pub(super) fn old_column(delta: &Delta, sequence: &FactId) -> Vec<String> {
    let column = delta.from.get(sequence);
    let column = column.and_then(|one| column_of(delta.from, one));
    column.map_or_else(Vec::new, |column| column.path().to_vec())
}

/// Gives a sequence another name: where it stands is read as soon as its successor is there.
pub(super) fn make_room(delta: &Delta, old: &FactId) -> String {
    let name = delta.free_name(old.part(0), old.last(), "__old");
    format!(
        "ALTER SEQUENCE {} RENAME TO {}",
        old.name(),
        quote_ident(&name)
    )
}

/// The name that it has meanwhile.
fn room(delta: &Delta, old: &FactId) -> String {
    let name = delta.free_name(old.part(0), old.last(), "__old");
    emit::qualified(old.part(0), &name)
}

/// A new sequence goes on where the old one stands, or behind the values that were put in by hand.
fn go_on(delta: &Delta, sequence: &Fact, column: &FactId, old: &FactId) -> String {
    let table = emit::qualified(column.part(0), column.part(1));
    let name = quote_ident(column.last());
    let (most, within, beyond, bound) = if sequence.number("increment").unwrap_or(1) > 0 {
        ("max", "greatest", ">=", sequence.number("min"))
    } else {
        ("min", "least", "<=", sequence.number("max"))
    };
    let bound = bound.map_or_else(String::new, |bound| format!(", {bound}"));
    format!(
        "SELECT pg_catalog.setval({}, {within}(last_value, most{bound}), is_called OR (most {beyond} last_value) IS TRUE) FROM {}, (SELECT {most}({name}) AS most FROM {table}) AS held",
        crate::sql::quote_literal(&sequence.id.name()),
        room(delta, old)
    )
}

/// A new sequence takes the place of a column's identity.
pub(super) fn instead_of_identity(delta: &Delta, sequence: &Fact) -> Vec<String> {
    let Some(old) = delta.goes_on.get(&sequence.id) else {
        return Vec::new();
    };
    let column = FactId::new(Kind::Column, old_column(delta, old));
    let table = emit::qualified(column.part(0), column.part(1));
    let mut made = seeing_all(delta, &column, go_on(delta, sequence, &column, old));
    made.push(format!(
        "ALTER TABLE {table} ALTER COLUMN {} DROP IDENTITY",
        quote_ident(column.last())
    ));
    made
}

/// A statement that reads a column's table as its owner, who sees all rows of it: where row level security
/// is forced on him, too, it is not for that moment.
fn seeing_all(delta: &Delta, column: &FactId, sql: String) -> Vec<String> {
    let security = FactId::new(Kind::RowSecurity, [column.part(0), column.part(1)]);
    let is_forced = |state: &State| state.get(&security).is_some_and(|one| one.flag("forced"));
    let table = emit::qualified(column.part(0), column.part(1));
    let alter = |word: &str| format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY");
    let [before, after] = [delta.from, delta.to].map(is_forced);
    let mut made = Vec::new();
    if before || after {
        made.push(alter("NO FORCE"));
    }
    made.push(sql);
    if after {
        made.push(alter("FORCE"));
    }
    made
}

/// The column that gets an identity, where it is there already.
pub(super) fn identity_column(delta: &Delta, fact: &Fact) -> Option<FactId> {
    let path = fact.list("identity_of");
    if fact.id.kind != Kind::Sequence || path.is_empty() {
        return None;
    }
    let column = FactId::new(Kind::Column, path.iter().cloned());
    (!delta.made.contains(&column)).then_some(column)
}

/// A column that is there gets an identity, which goes on behind the values that it has.
pub(super) fn identity(delta: &Delta, sequence: &Fact, column: &FactId) -> Vec<String> {
    let to = delta.to;
    let table = emit::qualified(column.part(0), column.part(1));
    let name = quote_ident(column.last());
    let kind = to.get(column).and_then(|column| column.text("identity"));
    let clause = alter::identity_clause(sequence);
    let kind = kind.unwrap_or("by default").to_uppercase();
    let add = format!(
        "ALTER TABLE {table} ALTER COLUMN {name} ADD GENERATED {kind} AS IDENTITY {clause}"
    );
    let kind = emit::identity_type(to, sequence);
    let follow = match delta.goes_on.get(&sequence.id) {
        Some(old) => {
            let mut made = seeing_all(delta, column, go_on(delta, sequence, column, old));
            made.push(format!("DROP SEQUENCE {}", room(delta, old)));
            made
        }
        None => seeing_all(delta, column, follow(sequence, column)),
    };
    [add].into_iter().chain(kind).chain(follow).collect()
}

/// A sequence goes on behind the values of a column: those that were put in by hand may lie beyond what it
/// gives.
fn follow(sequence: &Fact, column: &FactId) -> String {
    let table = emit::qualified(column.part(0), column.part(1));
    let name = quote_ident(column.last());
    let (most, within, bound) = if sequence.number("increment").unwrap_or(1) > 0 {
        ("max", "greatest", sequence.number("min").unwrap_or(1))
    } else {
        ("min", "least", sequence.number("max").unwrap_or(-1))
    };
    format!(
        "SELECT pg_catalog.setval({}, {within}({most}({name}), {bound})) FROM {table} HAVING {most}({name}) IS NOT NULL",
        crate::sql::quote_literal(&sequence.id.name())
    )
}

/// A sequence that is made for a column which is there already goes on behind its values.
pub(super) fn follow_column(delta: &Delta, owner: &Fact) -> Vec<String> {
    let text = |key| owner.text(key).unwrap_or_default();
    let column = FactId::new(
        Kind::Column,
        [text("schema"), text("table"), text("column")],
    );
    let sequence = FactId::new(Kind::Sequence, owner.id.path().to_vec());
    let is_new = delta.made.contains(&sequence);
    let is_number = delta.to.get(&column).is_some_and(|column| {
        matches!(column.text("type"), Some("smallint" | "integer" | "bigint"))
    });
    let goes_on = delta.goes_on.contains_key(&sequence);
    if goes_on || !is_new || !is_number || delta.made.contains(&column) {
        return Vec::new();
    }
    let sequence = delta.to.get(&sequence).into_iter();
    sequence
        .flat_map(|sequence| seeing_all(delta, &column, follow(sequence, &column)))
        .collect()
}
