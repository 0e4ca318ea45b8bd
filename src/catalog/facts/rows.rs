//! What is in the tables of a database, as two numbers for each.

use std::collections::BTreeMap;

use super::found::is_ours;
use crate::db::{DbError, Session};
use crate::schema::facts::{FactId, Kind, Scope};
use crate::sql::{quote_ident, quote_literal};

/// What is in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// How many rows.
    pub count: u64,
    /// What they say, whatever their order and that of the columns: the sum of their hashes. None
    /// where a value cannot be told.
    pub sum: Option<String>,
}

/// What is in each table that a scope holds and that has anything in it.
///
/// # Errors
/// The server's.
pub async fn table_rows(
    session: &Session,
    scope: &Scope,
) -> Result<BTreeMap<FactId, TableRows>, DbError> {
    let sql = format!(
        "select n.nspname::text, c.relname::text
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and pg_relation_size(c.oid) > 0 and {}",
        is_ours("pg_class", "c.oid")
    );
    let mut tables = Vec::new();
    for row in session.query(&sql, &[]).await? {
        let (schema, name): (String, String) = (row.get(0)?, row.get(1)?);
        let id = FactId::new(Kind::Table, [schema, name]);
        if scope.holds(&id) {
            tables.push(id);
        }
    }
    if tables.is_empty() {
        return Ok(BTreeMap::new());
    }
    match counted(session, &tables, SUM).await {
        Err(DbError::Server(_)) => counted(session, &tables, "null::text").await,
        counted => counted,
    }
}

/// Keys are sorted: a column that was dropped and added again stands behind the others.
const SUM: &str = "coalesce(sum(hashtextextended(to_jsonb(t)::text, 0)::numeric), 0)::text";

async fn counted(
    session: &Session,
    tables: &[FactId],
    sum: &str,
) -> Result<BTreeMap<FactId, TableRows>, DbError> {
    let parts = tables.iter().enumerate().map(|(index, id)| {
        let (schema, name) = (quote_ident(id.part(0)), quote_ident(id.part(1)));
        let index = quote_literal(&index.to_string());
        format!("select {index}::int8, count(*), {sum} from only {schema}.{name} t")
    });
    let sql = parts.collect::<Vec<_>>().join(" union all ");
    let mut found = BTreeMap::new();
    for row in session.query(&sql, &[]).await? {
        let (index, count): (i64, i64) = (row.get(0)?, row.get(1)?);
        let id = usize::try_from(index).ok().and_then(|at| tables.get(at));
        if let (Some(id), Ok(count)) = (id, u64::try_from(count))
            && count > 0
        {
            let sum = row.get(2)?;
            found.insert(id.clone(), TableRows { count, sum });
        }
    }
    Ok(found)
}
