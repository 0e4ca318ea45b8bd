//! The ways to change a table that people use meanwhile, where there is a better one than the plain.

use super::delta::Delta;
use super::hazard::HazardKind;
use super::node::Node;
use super::{attach, fill};
use crate::diff::emit;
use crate::diff::order::is_not_valid;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// How statements run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Manner {
    /// In a transaction with others.
    Within,
    /// In a transaction that begins when what is before them is committed.
    Committed,
    /// Each by itself, in no transaction.
    Outside,
}

/// Statements that run in one manner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) manner: Manner,
    pub(super) sql: Vec<String>,
    /// Whether the rows that are there are looked at, and may be against it.
    pub(super) looks_at_rows: bool,
}

pub(super) fn part(manner: Manner, sql: impl IntoIterator<Item = String>) -> Part {
    Part {
        manner,
        sql: sql.into_iter().collect(),
        looks_at_rows: false,
    }
}

/// The same, where the rows that are there are looked at.
pub(super) fn looking(manner: Manner, sql: impl IntoIterator<Item = String>) -> Part {
    Part {
        looks_at_rows: true,
        ..part(manner, sql)
    }
}

/// A way in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) parts: Vec<Part>,
    /// The part after which the fact is there for whatever needs it.
    pub(super) there_after: usize,
    /// The hazards of the plain way that this one has not.
    pub(super) spares: &'static [HazardKind],
}

/// Nobody has to wait long.
pub(super) const SPARES_WAITING: &[HazardKind] = &[HazardKind::BlocksTable];

impl Way {
    /// A way after whose last part the fact is there.
    pub(super) fn of(parts: Vec<Part>) -> Self {
        Self {
            there_after: parts.len().saturating_sub(1),
            parts,
            spares: SPARES_WAITING,
        }
    }

    fn there_after(self, part: usize) -> Self {
        Self {
            there_after: part,
            ..self
        }
    }
}

/// The way of a node that spares those who use the table; none where the plain one does.
pub(super) fn way(delta: &Delta, node: &Node, with: &[FactId], plain: &[String]) -> Option<Way> {
    let id = node.id();
    match (node, id.kind) {
        (Node::Create(_), Kind::Index | Kind::Constraint)
            if attach::is_built_by_parts(delta, id) =>
        {
            Some(Way::of(vec![part(Manner::Outside, plain.to_vec())]))
        }
        (Node::Create(_), Kind::IndexAttachment) => {
            attach::whole_in_use(delta, id)?;
            Some(Way::of(vec![part(Manner::Outside, plain.to_vec())]))
        }
        (Node::Create(_), Kind::Index) => create_index(delta, id, plain),
        (Node::Drop(_), Kind::Index) => drop_index(delta, id),
        (Node::Create(_), Kind::Constraint | Kind::ForeignKey) => add_constraint(delta, id, plain),
        (Node::Drop(_), Kind::Constraint) if is_exchanged_key(delta, id) => {
            Some(Way::of(Vec::new()))
        }
        (Node::Alter(_), Kind::Column) => set_not_null(delta, id, plain),
        (Node::Create(_), Kind::Column) => fill::way(delta, id, with),
        (Node::Create(_), Kind::Partition) => attach::attach(delta, id, plain),
        (Node::Drop(_), Kind::Partition) => attach::detach(delta, id, plain),
        _ => None,
    }
}

/// The table of a fact, where it is there and stays.
pub(super) fn table_in_use<'s>(delta: &Delta<'s>, id: &FactId) -> Option<&'s Fact> {
    let (schema, name) = id.relation()?;
    let table = delta.from.get(&delta.from.relation(schema, name)?)?;
    let stays = delta.to.has(&table.id) && !delta.gone.contains(&table.id);
    let has_rows = matches!(table.id.kind, Kind::Table | Kind::MaterializedView);
    (stays && has_rows).then_some(table)
}

/// Whether a table is there, has rows of its own and stays: what is partitioned has none.
pub(super) fn is_in_use(delta: &Delta, id: &FactId) -> bool {
    table_in_use(delta, id).is_some_and(|table| table.text("partition_by").is_none())
}

/// Whether an index goes or comes with that of a partitioned table, and not by itself.
fn goes_with_whole(delta: &Delta, id: &FactId) -> bool {
    let attachment = FactId::new(Kind::IndexAttachment, id.path().iter().cloned());
    delta.from.has(&attachment) || delta.to.has(&attachment) && !is_new(delta, id)
}

/// Whether a fact is in the second state alone.
pub(super) fn is_new(delta: &Delta, id: &FactId) -> bool {
    delta.made.contains(id) && !delta.from.has(id)
}

fn concurrently(definition: &str) -> String {
    definition.replacen("INDEX ", "INDEX CONCURRENTLY ", 1)
}

/// Whether an index is exchanged for another one of its name, and what it stands on stays as it is.
fn is_exchanged(delta: &Delta, id: &FactId) -> bool {
    let is_touched = |one: &FactId| {
        delta.gone.contains(one)
            || delta.made.contains(one)
            || delta.altered.contains_key(one)
            || delta.retyped.contains(one)
    };
    delta.gone.contains(id)
        && delta.made.contains(id)
        && !delta.from.needs(id).any(is_touched)
        && !delta.to.needs(id).any(is_touched)
        && !delta.has_dependants(id)
}

fn create_index(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    if !is_in_use(delta, id) || goes_with_whole(delta, id) {
        return None;
    }
    let (first, rest) = plain.split_first()?;
    // What goes for the sake of something else comes again in the same transaction.
    if delta.gone.contains(id) && !is_exchanged(delta, id) {
        return None;
    }
    if !is_exchanged(delta, id) {
        let all = std::iter::once(concurrently(first)).chain(rest.iter().cloned());
        return Some(Way::of(vec![looking(Manner::Outside, all)]));
    }
    // The old one serves until the new one does.
    let schema = quote_ident(id.part(0));
    let name = quote_ident(id.last());
    let new = quote_ident(&delta.free_name(id.part(0), id.last(), "__new"));
    let built = concurrently(first).replacen(&format!(" {name} ON "), &format!(" {new} ON "), 1);
    let mut swap = vec![
        format!("DROP INDEX CONCURRENTLY {schema}.{name}"),
        format!("ALTER INDEX {schema}.{new} RENAME TO {name}"),
    ];
    swap.extend(rest.iter().cloned());
    Some(Way::of(vec![
        looking(Manner::Outside, [built]),
        part(Manner::Outside, swap),
    ]))
}

fn drop_index(delta: &Delta, id: &FactId) -> Option<Way> {
    if !is_in_use(delta, id) || goes_with_whole(delta, id) {
        return None;
    }
    if is_exchanged(delta, id) {
        return Some(Way::of(Vec::new()));
    }
    let sql = format!("DROP INDEX CONCURRENTLY {}", id.name());
    // What cannot be without it is to be gone in its own transaction.
    let is_needed = delta.made.contains(id);
    (!is_needed).then(|| Way::of(vec![part(Manner::Outside, [sql])]))
}

fn add_constraint(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let fact = delta.to.get(id)?;
    let in_use = table_in_use(delta, id)?;
    let is_whole = in_use.text("partition_by").is_some();
    if is_not_valid(fact) || goes_with_whole(delta, id) {
        return None;
    }
    let table = emit::relation(fact);
    let name = quote_ident(id.last());
    match fact.text("type") {
        // A foreign key of what is partitioned is valid from the first, before PostgreSQL 18.
        Some("foreign key") if is_whole && delta.to.server_version_num < 180_000 => None,
        Some("check" | "foreign key") => {
            let add = plain.first()?;
            let way = Way::of(vec![
                part(Manner::Within, [format!("{add} NOT VALID")]),
                looking(
                    Manner::Committed,
                    [format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")],
                ),
            ]);
            Some(way.there_after(0))
        }
        // The index of the old one serves until the new one does.
        _ if is_whole => None,
        Some("primary key" | "unique") if is_exchanged_key(delta, id) => {
            let new = quote_ident(&delta.free_name(id.part(0), id.last(), "__new"));
            let (index, add) = by_index(fact, &table, &name, &new)?;
            let add = add.replacen(" ADD ", &format!(" DROP CONSTRAINT {name}, ADD "), 1);
            Some(Way::of(vec![
                looking(Manner::Outside, [index]),
                part(Manner::Outside, [add]),
            ]))
        }
        // The old one has the name of the index until it is gone.
        Some("primary key" | "unique") if !delta.gone.contains(id) => {
            let (index, add) = by_index(fact, &table, &name, &name)?;
            let then = if attach::whole_in_use(delta, id).is_some() {
                Manner::Outside
            } else {
                Manner::Within
            };
            Some(Way::of(vec![
                looking(Manner::Outside, [index]),
                part(then, [add]),
            ]))
        }
        _ => None,
    }
}

/// Whether a key is exchanged for another one of its name that an index can be built for.
fn is_exchanged_key(delta: &Delta, id: &FactId) -> bool {
    let is_key = |state: &State| {
        state.get(id).is_some_and(|fact| {
            matches!(fact.text("type"), Some("primary key" | "unique"))
                && by_index(fact, "", "", "").is_some()
        })
    };
    is_exchanged(delta, id)
        && is_in_use(delta, id)
        && !goes_with_whole(delta, id)
        && is_key(delta.from)
        && is_key(delta.to)
}

/// The index that a key is made of, and what makes the key of it.
fn by_index(fact: &Fact, table: &str, name: &str, index_name: &str) -> Option<(String, String)> {
    let definition = fact.text("definition")?;
    let (head, deferral) = match definition.find(" DEFERRABLE") {
        Some(at) => definition.split_at(at),
        None => (definition, ""),
    };
    let (word, rest) = head
        .strip_prefix("PRIMARY KEY ")
        .map(|rest| ("PRIMARY KEY", rest))
        .or_else(|| head.strip_prefix("UNIQUE ").map(|rest| ("UNIQUE", rest)))?;
    let (nulls, columns) = match rest.strip_prefix("NULLS NOT DISTINCT ") {
        Some(columns) => (" NULLS NOT DISTINCT", columns),
        None => ("", rest),
    };
    // Without overlaps it is no plain unique index.
    if columns.contains("WITHOUT OVERLAPS") {
        return None;
    }
    let mut index = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {index_name} ON {table} USING btree {columns}{nulls}"
    );
    let options = emit::settings(fact.list("options"), "");
    if !options.is_empty() {
        index.push_str(&format!(" WITH ({})", options.join(", ")));
    }
    if let Some(tablespace) = fact.text("tablespace") {
        index.push_str(&format!(" TABLESPACE {}", quote_ident(tablespace)));
    }
    let add = format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {index_name}{deferral}"
    );
    Some((index, add))
}

/// NOT NULL by way of a check that is validated while the table is in use.
fn set_not_null(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let (old, new) = (delta.from.get(id)?, delta.to.get(id)?);
    let becomes = !old.flag("not_null") && new.flag("not_null");
    let is_partition = delta.goes_along(new);
    if !becomes || table_in_use(delta, id).is_none() || is_partition {
        return None;
    }
    let is_set = |sql: &String| sql.ends_with(" SET NOT NULL");
    let others = plain.iter().filter(|sql| !is_set(sql)).cloned().collect();
    Some(Way::of(not_null(delta, new, others)))
}

/// What makes a column not null, behind other statements.
pub(super) fn not_null(delta: &Delta, column: &Fact, before: Vec<String>) -> Vec<Part> {
    let id = &column.id;
    let (table, name) = (emit::relation(column), quote_ident(id.last()));
    let check = format!("{}_{}", id.part(1), id.last());
    let check = quote_ident(&delta.free_name(id.part(0), &check, "__not_null"));
    let mut first = before;
    first.push(format!(
        "ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID"
    ));
    let last = [
        format!("ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL"),
        format!("ALTER TABLE {table} DROP CONSTRAINT {check}"),
    ];
    vec![
        part(Manner::Within, first),
        looking(
            Manner::Committed,
            [format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}")],
        ),
        part(Manner::Committed, last),
    ]
}
