//! The ways to change a table that people use meanwhile, where there is a better one than the plain.

use super::delta::Delta;
use super::node::Node;
use crate::diff::emit;
use crate::diff::order::is_not_valid;
use crate::schema::facts::{Fact, FactId, Kind};
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

fn part(manner: Manner, sql: impl IntoIterator<Item = String>) -> Part {
    Part {
        manner,
        sql: sql.into_iter().collect(),
        looks_at_rows: false,
    }
}

/// The same, where the rows that are there are looked at.
fn looking(manner: Manner, sql: impl IntoIterator<Item = String>) -> Part {
    Part {
        looks_at_rows: true,
        ..part(manner, sql)
    }
}

/// A way in parts.
pub(super) struct Way {
    pub(super) parts: Vec<Part>,
    /// The part after which the fact is there for whatever needs it.
    pub(super) there_after: usize,
}

/// The way of a node that spares those who use the table; none where the plain one does.
pub(super) fn way(delta: &Delta, node: &Node, plain: &[String]) -> Option<Way> {
    let id = node.id();
    match (node, id.kind) {
        (Node::Create(_), Kind::Index) => create_index(delta, id, plain),
        (Node::Drop(_), Kind::Index) => drop_index(delta, id),
        (Node::Create(_), Kind::Constraint | Kind::ForeignKey) => add_constraint(delta, id, plain),
        (Node::Alter(_), Kind::Column) => set_not_null(delta, id, plain),
        _ => None,
    }
}

/// Whether a table is there, has rows of its own and stays: what is partitioned has none, and what is
/// a partition gets its own from that.
fn is_in_use(delta: &Delta, id: &FactId) -> bool {
    let Some((schema, name)) = id.relation() else {
        return false;
    };
    let Some(table) = delta.from.relation(schema, name) else {
        return false;
    };
    let fact = delta.from.get(&table);
    let stays = delta.to.has(&table) && !delta.gone.contains(&table);
    let is_plain = fact.is_some_and(|fact| fact.text("partition_by").is_none());
    let is_part = delta.to.has(&FactId::new(
        Kind::IndexAttachment,
        id.path().iter().cloned(),
    )) || delta.from.has(&FactId::new(
        Kind::IndexAttachment,
        id.path().iter().cloned(),
    ));
    stays && is_plain && !is_part && matches!(table.kind, Kind::Table | Kind::MaterializedView)
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
    if !is_in_use(delta, id) {
        return None;
    }
    let (first, rest) = plain.split_first()?;
    // What goes for the sake of something else comes again in the same transaction.
    if delta.gone.contains(id) && !is_exchanged(delta, id) {
        return None;
    }
    if !is_exchanged(delta, id) {
        let all = std::iter::once(concurrently(first)).chain(rest.iter().cloned());
        return Some(Way {
            parts: vec![looking(Manner::Outside, all)],
            there_after: 0,
        });
    }
    // The old one serves until the new one does.
    let schema = quote_ident(id.part(0));
    let name = quote_ident(id.last());
    let beside = |end| quote_ident(&delta.free_name(id.part(0), id.last(), end));
    let (new, old) = (beside("__new"), beside("__old"));
    let built = concurrently(first).replacen(&format!(" {name} ON "), &format!(" {new} ON "), 1);
    let mut swap = vec![
        format!("ALTER INDEX {schema}.{name} RENAME TO {old}"),
        format!("ALTER INDEX {schema}.{new} RENAME TO {name}"),
    ];
    swap.extend(rest.iter().cloned());
    Some(Way {
        parts: vec![
            looking(Manner::Outside, [built]),
            part(Manner::Within, swap),
            part(
                Manner::Outside,
                [format!("DROP INDEX CONCURRENTLY {schema}.{old}")],
            ),
        ],
        there_after: 1,
    })
}

fn drop_index(delta: &Delta, id: &FactId) -> Option<Way> {
    if !is_in_use(delta, id) {
        return None;
    }
    if is_exchanged(delta, id) {
        return Some(Way {
            parts: Vec::new(),
            there_after: 0,
        });
    }
    let sql = format!("DROP INDEX CONCURRENTLY {}", id.name());
    // What cannot be without it is to be gone in its own transaction.
    let is_needed = delta.made.contains(id);
    (!is_needed).then(|| Way {
        parts: vec![part(Manner::Outside, [sql])],
        there_after: 0,
    })
}

fn add_constraint(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let fact = delta.to.get(id)?;
    if !is_in_use(delta, id) || is_not_valid(fact) {
        return None;
    }
    let table = emit::relation(fact);
    let name = quote_ident(id.last());
    match fact.text("type") {
        Some("check" | "foreign key") => {
            let add = plain.first()?;
            Some(Way {
                parts: vec![
                    part(Manner::Within, [format!("{add} NOT VALID")]),
                    looking(
                        Manner::Committed,
                        [format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")],
                    ),
                ],
                there_after: 0,
            })
        }
        // The old one has the name of the index until it is gone.
        Some("primary key" | "unique") if !delta.gone.contains(id) => {
            let (index, add) = by_index(fact, &table, &name)?;
            Some(Way {
                parts: vec![
                    looking(Manner::Outside, [index]),
                    part(Manner::Within, [add]),
                ],
                there_after: 1,
            })
        }
        _ => None,
    }
}

/// The index that a key is made of, and what makes the key of it.
fn by_index(fact: &Fact, table: &str, name: &str) -> Option<(String, String)> {
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
    let mut index =
        format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} USING btree {columns}{nulls}");
    let options = emit::settings(fact.list("options"), "");
    if !options.is_empty() {
        index.push_str(&format!(" WITH ({})", options.join(", ")));
    }
    if let Some(tablespace) = fact.text("tablespace") {
        index.push_str(&format!(" TABLESPACE {}", quote_ident(tablespace)));
    }
    let add =
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name}{deferral}");
    Some((index, add))
}

/// NOT NULL by way of a check that is validated while the table is in use.
fn set_not_null(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let (old, new) = (delta.from.get(id)?, delta.to.get(id)?);
    let becomes = !old.flag("not_null") && new.flag("not_null");
    let is_partition = new.hint_flag("inherited");
    if !becomes || !is_in_use(delta, id) || is_partition {
        return None;
    }
    let (table, column) = (emit::relation(new), quote_ident(id.last()));
    let name = format!("{}_{}", id.part(1), id.last());
    let check = quote_ident(&delta.free_name(id.part(0), &name, "__not_null"));
    let is_set = |sql: &String| sql.ends_with(" SET NOT NULL");
    let (set, others): (Vec<String>, Vec<String>) = plain.iter().cloned().partition(is_set);
    let mut first = others;
    first.push(format!(
        "ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"
    ));
    let mut last = set;
    last.push(format!("ALTER TABLE {table} DROP CONSTRAINT {check}"));
    Some(Way {
        parts: vec![
            part(Manner::Within, first),
            looking(
                Manner::Committed,
                [format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}")],
            ),
            part(Manner::Committed, last),
        ],
        there_after: 2,
    })
}
