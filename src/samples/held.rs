//! How many rows there are, and of which tables they went.

use std::collections::{BTreeMap, BTreeSet};

use super::read::OURS;
use crate::db::{DbError, Session};
use crate::diff::{Action, HazardKind};
use crate::schema::facts::{FactId, Kind, Scope};
use crate::sql::quote_ident;

/// How many tables are counted in one query.
const TOGETHER: usize = 500;

/// The tables of a database, by the catalog's number, which stays when one gets another name; and
/// how many rows each has.
#[derive(Debug, Clone, Default)]
pub struct Held(BTreeMap<i64, (FactId, u64)>);

/// Fewer rows than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The table, as it was called.
    pub table: FactId,
    /// How many rows it had.
    pub before: u64,
    /// How many it has; none where it is gone.
    pub after: Option<u64>,
}

/// Counts the rows of the tables that a scope holds, partitions each by itself.
///
/// # Errors
/// The server's.
pub async fn held(session: &Session, scope: &Scope) -> Result<Held, DbError> {
    let sql = format!(
        "select c.oid::int8, n.nspname::text, c.relname::text, pg_relation_size(c.oid) > 0
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and c.relpersistence <> 't' and {OURS}"
    );
    let mut held = Held::default();
    let mut to_count = Vec::new();
    for row in session.query(&sql, &[]).await? {
        let names: [String; 2] = [row.get(1)?, row.get(2)?];
        let id = FactId::new(Kind::Table, names);
        if scope.holds(&id) {
            let oid: i64 = row.get(0)?;
            if row.get(3)? {
                to_count.push((oid, id.clone()));
            }
            held.0.insert(oid, (id, 0));
        }
    }
    for tables in to_count.chunks(TOGETHER) {
        let parts = tables.iter().map(|(oid, id)| {
            let (schema, name) = (quote_ident(id.part(0)), quote_ident(id.part(1)));
            format!("select {oid}::int8, count(*) from only {schema}.{name}")
        });
        let sql = parts.collect::<Vec<_>>().join(" union all ");
        for row in session.query(&sql, &[]).await? {
            let (oid, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            if let Some((_, rows)) = held.0.get_mut(&oid) {
                *rows = u64::try_from(count).unwrap_or_default();
            }
        }
    }
    Ok(held)
}

impl Held {
    /// Whether a table has rows.
    #[must_use]
    pub fn has_rows(&self, table: &FactId) -> bool {
        let mut of_it = self.0.values().filter(|(id, _)| id == table);
        of_it.any(|(_, rows)| *rows > 0)
    }

    /// The tables of which rows went on the way to `now`, where no action tells that it deletes them.
    #[must_use]
    pub fn lost<'a>(&self, now: &Self, actions: impl IntoIterator<Item = &'a Action>) -> Vec<Lost> {
        let hazards = actions.into_iter().flat_map(|action| &action.hazards);
        let told = hazards.filter(|one| one.hazard == HazardKind::DeletesData);
        let told: BTreeSet<&FactId> = told.map(|one| &one.fact).collect();
        // What an extension has goes with it.
        let any = told.iter().any(|fact| fact.kind == Kind::Extension);
        let mut lost = Vec::new();
        for (oid, (table, before)) in self.0.iter().filter(|(_, (_, rows))| *rows > 0) {
            let there = now.0.get(oid);
            let there = there.or_else(|| now.0.values().find(|(id, _)| id == table));
            let is_told =
                any || told.contains(table) || there.is_some_and(|(id, _)| told.contains(id));
            let after = there.map(|(_, rows)| *rows);
            if !is_told && after.is_none_or(|after| after < *before) {
                lost.push(Lost {
                    table: table.clone(),
                    before: *before,
                    after,
                });
            }
        }
        lost
    }
}
