//! What the catalog says of indexes, databases and tablespaces.
//!
//! Asked on the script's own session, so that names mean what they mean to the script: every
//! operator of these questions has its schema.

use crate::db::{DbError, Param, Row, Session};
use crate::sql::{GlobalKind, IndexScope};

/// An index, as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its oid.
    pub oid: i64,
    /// Its name with its schema, quoted.
    pub qualified: String,
    /// Its name alone, as the catalog spells it.
    pub name: String,
    /// Its table with its schema, quoted.
    pub table: String,
    /// It is valid; a concurrent build that failed leaves one that is not.
    pub valid: bool,
    /// Another session holds the lock of a concurrent build on its table.
    pub busy: bool,
}

/// How far a concurrent index build is, as the server tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildProgress {
    /// The index, quoted where it must be; `None` before it is made.
    pub index: Option<String>,
    /// What it does now, in the server's words: `building index: scanning table`.
    pub phase: String,
    /// Blocks read in this phase, and in all.
    pub blocks: (i64, i64),
    /// Rows done in this phase, and in all.
    pub tuples: (i64, i64),
    /// The session whose transaction it waits for.
    pub waits_for: Option<LockerSession>,
}

/// A session whose transaction an index build waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockerSession {
    /// Its backend's process id.
    pub pid: i32,
    /// Its user; `None`, as all below, where the server does not tell.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
    /// What it does: `active`, `idle in transaction`, …
    pub state: Option<String>,
}

pub(super) const EQUALS: &str = "operator(pg_catalog.=)";

const COLUMNS: &str = "select i.indexrelid::pg_catalog.int8, \
        pg_catalog.format('%I.%I', n.nspname, c.relname), c.relname::pg_catalog.text, \
        pg_catalog.format('%I.%I', tn.nspname, t.relname), i.indisvalid, \
        exists (select from pg_catalog.pg_locks l \
                left join pg_catalog.pg_stat_activity a on a.pid operator(pg_catalog.=) l.pid \
                where l.relation operator(pg_catalog.=) i.indrelid and l.granted \
                  and l.mode operator(pg_catalog.=) 'ShareUpdateExclusiveLock' \
                  and l.pid operator(pg_catalog.<>) pg_catalog.pg_backend_pid() \
                  and coalesce(a.backend_type, '') operator(pg_catalog.<>) 'autovacuum worker') \
 from pg_catalog.pg_index i \
 join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) i.indexrelid \
 join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace \
 join pg_catalog.pg_class t on t.oid operator(pg_catalog.=) i.indrelid \
 join pg_catalog.pg_namespace tn on tn.oid operator(pg_catalog.=) t.relnamespace";

/// The indexes that a statement is about.
///
/// # Errors
/// The server's.
pub async fn indexes(session: &Session, scope: &IndexScope) -> Result<Vec<Index>, DbError> {
    let relation = "pg_catalog.to_regclass($1)";
    // A relation and its partitions.
    let tree = format!(
        "select {relation}::pg_catalog.oid as oid union all \
         select relid::pg_catalog.oid from pg_catalog.pg_partition_tree({relation})"
    );
    // What large values are stored aside in has an index too.
    let of_tables = |tables: &str| {
        format!(
            "with tables as ({tables}) {COLUMNS} where i.indrelid {EQUALS} any (array( \
                 select oid from tables union all \
                 select toasted.reltoastrelid from pg_catalog.pg_class toasted \
                 where toasted.oid {EQUALS} any (array(select oid from tables))))"
        )
    };
    let (sql, name, index) = match scope {
        IndexScope::Named { table, index } => (
            format!(
                "{COLUMNS} where c.relname {EQUALS} $2::pg_catalog.name and c.relnamespace {EQUALS} \
                 (select home.relnamespace from pg_catalog.pg_class home where home.oid {EQUALS} \
                  {relation})"
            ),
            table.as_str(),
            Some(index.as_str()),
        ),
        IndexScope::Table(table) => (of_tables(&tree), table.as_str(), None),
        IndexScope::Index(index) => (
            of_tables(&format!(
                "select x.indrelid as oid from pg_catalog.pg_index x \
                 where x.indexrelid {EQUALS} any (array({tree}))"
            )),
            index.as_str(),
            None,
        ),
        IndexScope::Schema(schema) => (
            of_tables(&format!(
                "select x.oid from pg_catalog.pg_class x \
                 where x.relnamespace {EQUALS} pg_catalog.to_regnamespace($1)"
            )),
            schema.as_str(),
            None,
        ),
        IndexScope::Database => (format!("{COLUMNS} where $1 is not null"), "", None),
    };
    let mut parameters = vec![Param::from(name)];
    parameters.extend(index.map(Param::from));
    let rows = session
        .query(&format!("{sql} order by 1"), &parameters)
        .await?;
    rows.iter().map(Index::read).collect()
}

/// The INVALID indexes of the database.
///
/// # Errors
/// The server's.
pub async fn invalid_indexes(session: &Session) -> Result<Vec<Index>, DbError> {
    let sql = format!("{COLUMNS} where not i.indisvalid and c.relkind {EQUALS} 'i' order by 2");
    let rows = session.query(&sql, &[]).await?;
    rows.iter().map(Index::read).collect()
}

impl Index {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            oid: row.get(0)?,
            qualified: row.get(1)?,
            name: row.get(2)?,
            table: row.get(3)?,
            valid: row.get(4)?,
            busy: row.get(5)?,
        })
    }
}

/// Whether there is a relation of this name, quoted as SQL reads it.
///
/// # Errors
/// The server's.
pub async fn relation_exists(session: &Session, name: &str) -> Result<bool, DbError> {
    let sql = "select pg_catalog.to_regclass($1) is not null";
    session.query_one(sql, &[name.into()]).await?.get(0)
}

/// Whether there is a database or tablespace of this name.
///
/// # Errors
/// The server's.
pub async fn global_exists(
    session: &Session,
    kind: GlobalKind,
    name: &str,
) -> Result<bool, DbError> {
    let (table, column) = match kind {
        GlobalKind::Database => ("pg_database", "datname"),
        GlobalKind::Tablespace => ("pg_tablespace", "spcname"),
    };
    let sql = format!(
        "select exists (select from pg_catalog.{table} where {column} {EQUALS} $1::pg_catalog.name)"
    );
    session.query_one(&sql, &[name.into()]).await?.get(0)
}

/// How far the index build of the backend `pid` is; `None` where it builds none. To be asked of
/// another session.
///
/// # Errors
/// The server's.
pub async fn build_progress(session: &Session, pid: i32) -> Result<Option<BuildProgress>, DbError> {
    let row = session
        .query_opt(
            "select case when p.index_relid <> 0 then p.index_relid::regclass::text end, p.phase, \
                    p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, \
                    nullif(p.current_locker_pid, 0)::int4, a.usename::text, a.application_name, \
                    a.state \
             from pg_catalog.pg_stat_progress_create_index p \
             left join pg_catalog.pg_stat_activity a on a.pid = p.current_locker_pid \
             where p.pid = $1",
            &[pid.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let locker: Option<i32> = row.get(6)?;
    let waits_for = match locker {
        Some(pid) => Some(LockerSession {
            pid,
            user: row.get(7)?,
            application: row
                .get::<Option<String>>(8)?
                .filter(|name| !name.is_empty()),
            state: row.get(9)?,
        }),
        None => None,
    };
    Ok(Some(BuildProgress {
        index: row.get(0)?,
        phase: row.get::<Option<String>>(1)?.unwrap_or_default(),
        blocks: (
            row.get::<Option<i64>>(2)?.unwrap_or(0),
            row.get::<Option<i64>>(3)?.unwrap_or(0),
        ),
        tuples: (
            row.get::<Option<i64>>(4)?.unwrap_or(0),
            row.get::<Option<i64>>(5)?.unwrap_or(0),
        ),
        waits_for,
    }))
}
