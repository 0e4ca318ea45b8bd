use chrono::{DateTime, Utc};

use super::error::BookkeepingError;
use super::lock::{MigrationLock, first_is_true};
use super::registry::{is_current, make_within};
use super::version_table::VersionTable;
use crate::db::{DbError, Row, Session};
use crate::sql::quote_ident;

/// Something to be written of one table that was closed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClosing {
    /// The table, as SQL names it.
    pub relation: String,
    /// Its number in the catalog.
    pub relation_id: u32,
    /// What ran.
    pub sql: String,
    /// What undoes it; none of an opening.
    pub undo: Option<String>,
}

/// What is known of a table that was closed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Its number, ascending.
    pub id: i64,
    /// `closed` or `opened`.
    pub outcome: String,
    /// The table, as SQL names it.
    pub relation: String,
    /// Its number in the catalog then.
    pub relation_id: i64,
    /// Why, as whoever did it said.
    pub reason: Option<String>,
    /// What ran.
    pub sql: String,
    /// What undoes it; none of an opening.
    pub undo: Option<String>,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// The run that it belongs to.
    pub run_id: String,
    /// The version of grace-migrate.
    pub tool_version: String,
    /// The database user.
    pub performed_by: String,
    /// Where that user came from; `None` on a Unix socket.
    pub client_address: Option<String>,
}

/// Whether there is a place to write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosingsPlace {
    /// It is there.
    Ready,
    /// It would have to be made, and another run holds the migration lock under which it is.
    Busy,
}

/// Sees to it that closings can be recorded, in the transaction that is open: makes our schema where
/// it is missing or old, under the migration lock, which is not waited for.
///
/// It belongs to whom it belongs already, else to the owner of the version table or of the database,
/// where whoever is connected can act for them: a superuser who closes a table at night must not
/// leave a schema that tomorrow's deployment has no right to.
///
/// # Errors
/// [`BookkeepingError::RegistryNewer`], and the server's.
pub async fn ensure_closings(
    session: &Session,
    table: &VersionTable,
) -> Result<ClosingsPlace, BookkeepingError> {
    if is_current(session).await? {
        return Ok(ClosingsPlace::Ready);
    }
    let (class, object) = MigrationLock::of(table).keys();
    let locked = session
        .query(
            "select pg_catalog.pg_try_advisory_xact_lock($1, $2)",
            &[class.into(), object.into()],
        )
        .await?;
    if !first_is_true(&locked)? {
        return Ok(ClosingsPlace::Busy);
    }
    let maker = maker(session, table).await?;
    if let Some(role) = &maker {
        let role = quote_ident(role);
        session.batch(&format!("set local role {role}")).await?;
    }
    make_within(session).await?;
    if maker.is_some() {
        session.batch("reset role").await?;
    }
    // What the server says of ours is no word to anybody.
    drop(session.drain_notices());
    Ok(ClosingsPlace::Ready)
}

/// Whose our schema is to be, where that is another than who is connected, who can act for them.
async fn maker(
    session: &Session,
    table: &VersionTable,
) -> Result<Option<String>, BookkeepingError> {
    let row = session
        .query_opt(
            "select rolname::text from pg_catalog.pg_roles \
             where oid = coalesce( \
                 (select nspowner from pg_catalog.pg_namespace where nspname = 'grace_migrate'), \
                 (select relowner from pg_catalog.pg_class \
                   where oid = pg_catalog.to_regclass($1)), \
                 (select datdba from pg_catalog.pg_database \
                   where datname = pg_catalog.current_database())) \
               and rolname <> current_user and pg_catalog.pg_has_role(oid, 'MEMBER')",
            &[(&table.quoted()).into()],
        )
        .await?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

/// Records what was closed, or opened where nothing undoes it, in the transaction that is open.
///
/// # Errors
/// The server's.
pub async fn record_closings(
    session: &Session,
    closings: &[NewClosing],
    reason: Option<&str>,
    run_id: &str,
) -> Result<(), BookkeepingError> {
    for one in closings {
        let outcome = if one.undo.is_some() {
            "closed"
        } else {
            "opened"
        };
        session
            .execute(
                "insert into grace_migrate.closings \
                    (outcome, relation, relation_id, reason, sql, undo, run_id, tool_version) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    outcome.into(),
                    (&one.relation).into(),
                    i64::from(one.relation_id).into(),
                    reason.into(),
                    (&one.sql).into(),
                    one.undo.as_deref().into(),
                    run_id.into(),
                    env!("CARGO_PKG_VERSION").into(),
                ],
            )
            .await?;
    }
    Ok(())
}

const COLUMNS: &str = "id, outcome, relation, relation_id, reason, sql, undo, at, run_id, \
    tool_version, performed_by, client_address";

/// The newest `limit` closings and openings, newest first; none where nothing was ever closed.
///
/// # Errors
/// The server's.
pub async fn closings(session: &Session, limit: u32) -> Result<Vec<Closing>, BookkeepingError> {
    if !are_kept(session).await? {
        return Ok(Vec::new());
    }
    let sql = format!("select {COLUMNS} from grace_migrate.closings order by id desc limit $1");
    read(&session.query(&sql, &[i64::from(limit).into()]).await?)
}

/// Of these tables, as SQL names them, what was closed and not opened since, newest first.
///
/// # Errors
/// The server's.
pub async fn standing_closings(
    session: &Session,
    relations: &[String],
) -> Result<Vec<Closing>, BookkeepingError> {
    if !are_kept(session).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select {COLUMNS} from grace_migrate.closings c \
         where relation = any ($1) and outcome = 'closed' \
           and not exists (select from grace_migrate.closings o \
                           where o.relation = c.relation and o.outcome = 'opened' and o.id > c.id) \
         order by id desc"
    );
    read(&session.query(&sql, &[relations.into()]).await?)
}

async fn are_kept(session: &Session) -> Result<bool, BookkeepingError> {
    let rows = session
        .query(
            "select pg_catalog.to_regclass('grace_migrate.closings') is not null",
            &[],
        )
        .await?;
    Ok(first_is_true(&rows)?)
}

fn read(rows: &[Row]) -> Result<Vec<Closing>, BookkeepingError> {
    let closing = |row: &Row| -> Result<Closing, DbError> {
        Ok(Closing {
            id: row.get(0)?,
            outcome: row.get(1)?,
            relation: row.get(2)?,
            relation_id: row.get(3)?,
            reason: row.get(4)?,
            sql: row.get(5)?,
            undo: row.get(6)?,
            at: row.get(7)?,
            run_id: row.get(8)?,
            tool_version: row.get(9)?,
            performed_by: row.get(10)?,
            client_address: row.get(11)?,
        })
    };
    Ok(rows.iter().map(closing).collect::<Result<_, _>>()?)
}
