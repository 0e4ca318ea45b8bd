//! Tables whose rows are values of columns elsewhere: PostgreSQL does not write such a table's rows anew.

use std::collections::{BTreeMap, BTreeSet};

use super::delta::Delta;
use super::fill;
use super::node::Node;
use super::online::is_in_use;
use super::order::{Graph, Step};
use crate::diff::alter;
use crate::diff::emit;
use crate::diff::order::Cycle;
use crate::schema::facts::{Fact, FactId, Kind, State, Value};
use crate::sql::quote_ident;

/// Why there is no way from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// A mistake of ours.
    #[error(transparent)]
    Cycle(#[from] Cycle),
    /// PostgreSQL refuses it: the rows of a table are values of columns elsewhere.
    #[error("{} changes of tables whose rows are values of columns", changed.len())]
    RowsHeld {
        /// The columns, or tables, that are to change.
        changed: Vec<FactId>,
        /// The columns that have their rows for values.
        holders: Vec<FactId>,
    },
}

/// The columns that have rows of a table for values, by themselves, in arrays, or in other rows.
fn holders<'s>(
    state: &'s State,
    dependants: impl Fn(&FactId) -> Vec<&'s FactId>,
    table: &FactId,
) -> BTreeSet<&'s FactId> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut left = vec![table.clone()];
    while let Some(id) = left.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for one in dependants(&id) {
            match one.kind {
                Kind::Column => {
                    let relation = state.relation(one.part(0), one.part(1));
                    let has_rows = relation.is_some_and(|relation| {
                        matches!(relation.kind, Kind::Table | Kind::MaterializedView)
                            && relation != *table
                    });
                    if has_rows {
                        found.insert(one);
                    }
                }
                Kind::Attribute => {
                    left.push(FactId::new(Kind::Composite, [one.part(0), one.part(1)]));
                }
                Kind::Domain | Kind::Range => left.push(one.clone()),
                _ => {}
            }
        }
    }
    found
}

/// The columns that have a table's rows for values before and afterwards.
fn holders_that_stay<'s>(delta: &Delta<'s>, table: &FactId) -> Vec<&'s FactId> {
    let all = holders(delta.from, |id| delta.dependants_of(id), table);
    let stay = all.into_iter().filter(|one| !delta.gone.contains(one));
    stay.collect()
}

/// The table that a column is added to, or changed in, if it is there and stays.
fn table_of(delta: &Delta, column: &FactId) -> Option<FactId> {
    let table = FactId::new(Kind::Table, [column.part(0), column.part(1)]);
    (delta.from.has(&table) && !delta.gone.contains(&table)).then_some(table)
}

/// A column that comes with a default, to a table whose rows are values elsewhere: it comes without, and
/// is filled.
pub(super) fn filled(delta: &Delta, column: &Fact, with: &[FactId]) -> Option<Vec<String>> {
    if column.id.kind != Kind::Column || !is_written(delta, column, with) {
        return None;
    }
    let default = plain_default(delta, column, with)?;
    let mut bare = column.clone();
    let is_not_null = bare.payload.remove("not_null") == Some(Value::Flag(true));
    let mut made = emit::create(delta.to, &bare, &[], None);
    made.extend(emit::create(delta.to, default, &[], None));
    let (table, name) = (emit::relation(column), quote_ident(column.id.last()));
    made.push(format!("UPDATE ONLY {table} SET {name} = DEFAULT"));
    if is_not_null {
        made.push(format!(
            "ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL"
        ));
    }
    Some(made)
}

/// The default of a new column, if nothing else is to be there for its rows.
fn plain_default<'s>(delta: &Delta<'s>, column: &Fact, with: &[FactId]) -> Option<&'s Fact> {
    let [default] = with else { return None };
    let default = delta.to.get(default)?;
    let is_plain = default.id.kind == Kind::Default
        && !alter::bounds(delta.to, column).is_checked
        && is_in_use(delta, &column.id)
        && !fill::minds_updates(delta, &column.id.path()[..2]);
    is_plain.then_some(default)
}

/// Whether a column comes with values for the rows that are there, and these are values elsewhere.
pub(super) fn is_written(delta: &Delta, column: &Fact, with: &[FactId]) -> bool {
    let has_values = column.text("identity").is_some()
        || column.text("generated").is_some()
        || alter::bounds(delta.to, column).is_checked
        || with.iter().any(|one| one.kind == Kind::Default);
    has_values
        && table_of(delta, &column.id)
            .is_some_and(|table| !holders_that_stay(delta, &table).is_empty())
}

/// Refuses what PostgreSQL would.
pub(super) fn look(delta: &Delta, steps: &[Step]) -> Result<(), NoWay> {
    let (mut changed, mut found) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        let id = step.node.id();
        let (old, new) = (delta.from.get(id), delta.to.get(id));
        let Some(new) = new else { continue };
        let differs = |keys: &[&str]| {
            old.is_some_and(|old| {
                let mut keys = keys.iter();
                keys.any(|key| old.payload.get(*key) != new.payload.get(*key))
            })
        };
        let table = match (&step.node, id.kind) {
            (Node::Alter(_), Kind::Table) if differs(&["unlogged", "access_method"]) => {
                Some(id.clone())
            }
            (Node::Alter(_), Kind::Column)
                if delta.retyped.contains(id) || differs(&["type", "collation"]) =>
            {
                table_of(delta, id)
            }
            (Node::Create(_), Kind::Column)
                if is_written(delta, new, &step.with)
                    && plain_default(delta, new, &step.with).is_none() =>
            {
                table_of(delta, id)
            }
            _ => None,
        };
        let Some(table) = table else { continue };
        let holders = holders_that_stay(delta, &table);
        if !holders.is_empty() {
            changed.insert(id.clone());
            found.extend(holders.into_iter().cloned());
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    Err(NoWay::RowsHeld {
        changed: changed.into_iter().collect(),
        holders: found.into_iter().collect(),
    })
}

impl Graph<'_, '_> {
    /// A table whose rows are values elsewhere changes when they are not so any more, or not yet.
    pub(super) fn add_row_types(&mut self) {
        let delta = self.delta;
        let ids = delta
            .altered
            .keys()
            .chain(&delta.retyped)
            .chain(&delta.made);
        let mut tables: BTreeMap<FactId, Vec<FactId>> = BTreeMap::new();
        for id in ids {
            let table = match id.kind {
                Kind::Column => table_of(delta, id),
                Kind::Table => Some(id.clone()).filter(|id| delta.altered.contains_key(id)),
                _ => None,
            };
            if let Some(table) = table {
                tables.entry(table).or_default().push(id.clone());
            }
        }
        for (table, changes) in tables {
            let before = holders(delta.from, |id| delta.dependants_of(id), &table);
            let after = holders(delta.to, |id| delta.dependants_after(id), &table);
            for change in &changes {
                for node in [self.altered(change), self.made(change)] {
                    for one in &before {
                        self.wait_for(node.clone(), self.gone(one));
                    }
                    for one in &after {
                        self.wait_for(self.made(one), node.clone());
                    }
                }
            }
        }
    }
}
