//! What the catalog says of a partition that leaves its table, and of where a database lies.
//!
//! Asked on the script's own session, as what is asked of indexes.

use super::indexes::EQUALS;
use crate::db::{DbError, Session};

/// How far a partition has left its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// It is a partition as before.
    Attached,
    /// Half: it can only be finished.
    Pending,
    /// It is none any more.
    Gone,
    /// One of the two is not there, so that nothing tells.
    Unknown,
}

/// How far `partition` has left `parent`; both quoted, as `to_regclass` reads them.
///
/// # Errors
/// The server's.
pub async fn leaving(session: &Session, parent: &str, partition: &str) -> Result<Leaving, DbError> {
    let sql = format!(
        "select named.parent is not null and named.partition is not null, i.inhdetachpending \
         from (select pg_catalog.to_regclass($1) as parent, \
                      pg_catalog.to_regclass($2) as partition) named \
         left join pg_catalog.pg_inherits i \
             on i.inhparent {EQUALS} named.parent and i.inhrelid {EQUALS} named.partition"
    );
    let row = session
        .query_one(&sql, &[parent.into(), partition.into()])
        .await?;
    Ok(match (row.get(0)?, row.get(1)?) {
        (false, _) => Leaving::Unknown,
        (true, None) => Leaving::Gone,
        (true, Some(true)) => Leaving::Pending,
        (true, Some(false)) => Leaving::Attached,
    })
}

/// Whether the database lies in this tablespace; both as the catalog spells them.
///
/// # Errors
/// The server's.
pub async fn lies_in(session: &Session, database: &str, tablespace: &str) -> Result<bool, DbError> {
    let sql = format!(
        "select exists (select from pg_catalog.pg_database d \
         join pg_catalog.pg_tablespace s on s.oid {EQUALS} d.dattablespace \
         where d.datname {EQUALS} $1::pg_catalog.name and s.spcname {EQUALS} $2::pg_catalog.name)"
    );
    session
        .query_one(&sql, &[database.into(), tablespace.into()])
        .await?
        .get(0)
}
