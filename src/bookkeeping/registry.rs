use refinery::{Migration, Runner};

use super::error::BookkeepingError;
use super::lock::first_is_true;
use super::version_table::VersionTable;
use crate::db::Session;
use crate::sql::quote_literal;

/// The version of the `grace_migrate` schema that this program expects.
pub const REGISTRY_VERSION: i32 = 4;

const TABLE: &str = "grace_migrate.schema_version";
const CLOSE: &str = include_str!("registry/close.sql");
/// In order, from version 1 on.
const VERSIONS: [(&str, &str); 4] = [
    ("V1__history", include_str!("registry/V1__history.sql")),
    ("V2__record", include_str!("registry/V2__record.sql")),
    ("V3__journal", include_str!("registry/V3__journal.sql")),
    ("V4__closings", include_str!("registry/V4__closings.sql")),
];

/// Brings our own tables to the shape that this program expects. Must run under the migration
/// lock: refinery takes none.
///
/// The schema and refinery's own table are created closed, in one transaction, before refinery
/// runs; each of its migrations closes what it made in its own transaction. On a session that is
/// shared all of it is made in the lock's transaction, which refinery would not stay in.
///
/// # Errors
/// [`BookkeepingError::RegistryNewer`], refinery's, and the server's.
pub async fn ensure_registry(session: &mut Session) -> Result<(), BookkeepingError> {
    match version(session).await? {
        Some(REGISTRY_VERSION) => return Ok(()),
        version if session.is_shared() => return make(session, version, Rows::Kept).await,
        Some(_) => {}
        None => {
            // One message is one transaction.
            session.batch(&create_sql()).await?;
        }
    }
    Runner::new(&migrations()?)
        .set_migration_table_name(TABLE)
        .run_async(session.client_mut())
        .await
        .map_err(registry_error)?;
    Ok(())
}

/// Whether our tables have the shape that this program expects.
///
/// # Errors
/// [`BookkeepingError::RegistryNewer`], and the server's.
pub(super) async fn is_current(session: &Session) -> Result<bool, BookkeepingError> {
    Ok(version(session).await? == Some(REGISTRY_VERSION))
}

/// Brings our own tables to that shape in the transaction that is open, which holds the migration
/// lock.
///
/// # Errors
/// As for [`ensure_registry`].
pub(super) async fn make_within(session: &Session) -> Result<(), BookkeepingError> {
    let version = version(session).await?;
    make(session, version, Rows::Kept).await
}

/// Makes what a rehearsal needs, in the transaction that is open and will be rolled back: refinery
/// commits by itself, so it cannot be used there.
///
/// # Errors
/// [`BookkeepingError::RegistryNewer`], and the server's.
pub async fn prepare_rehearsal(
    session: &Session,
    table: &VersionTable,
) -> Result<(), BookkeepingError> {
    table.create(session).await?;
    let version = version(session).await?;
    make(session, version, Rows::Left).await?;
    // What the server says of ours is no word of the first script.
    drop(session.drain_notices());
    Ok(())
}

/// Whether what is made is written into refinery's table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Kept,
    Left,
}

/// Makes what `version` has not yet, in the transaction that is open.
async fn make(session: &Session, version: Option<i32>, rows: Rows) -> Result<(), BookkeepingError> {
    if version.is_none() {
        session.batch(&create_sql()).await?;
    }
    let made = version.unwrap_or(0);
    for migration in migrations()? {
        if migration.version() <= made {
            continue;
        }
        session.batch(migration.sql().unwrap_or_default()).await?;
        if rows == Rows::Kept {
            session.batch(&row_sql(&migration)).await?;
        }
    }
    Ok(())
}

/// What refinery writes into its table for a migration that it ran.
fn row_sql(migration: &Migration) -> String {
    format!(
        "insert into {TABLE} (version, name, applied_on, checksum) values ({}, {}, \
             pg_catalog.to_char(pg_catalog.clock_timestamp() at time zone 'UTC', \
                 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '{}')",
        migration.version(),
        quote_literal(migration.name()),
        migration.checksum(),
    )
}

/// Our own migrations, each of which closes what it makes.
fn migrations() -> Result<Vec<Migration>, BookkeepingError> {
    VERSIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, &format!("{sql}\n{CLOSE}")))
        .collect::<Result<_, _>>()
        .map_err(registry_error)
}

/// The statements that make the schema and refinery's table, closed.
fn create_sql() -> String {
    format!(
        "create schema if not exists grace_migrate; \
         comment on schema grace_migrate is 'grace-migrate: its history and journal'; \
         create table if not exists {TABLE} (version int4 primary key, \
         name varchar(255), applied_on varchar(255), checksum varchar(255)); {CLOSE}"
    )
}

/// The version in the database, none where there is no registry; a newer one than ours is an error.
async fn version(session: &Session) -> Result<Option<i32>, BookkeepingError> {
    let exists = session
        .query(
            "select pg_catalog.to_regclass('grace_migrate.schema_version') is not null",
            &[],
        )
        .await?;
    if !first_is_true(&exists)? {
        return Ok(None);
    }
    let rows = session
        .query(&format!("select max(version) from {TABLE}"), &[])
        .await?;
    let newest: Option<i32> = rows.first().map_or(Ok(None), |row| row.get(0))?;
    match newest.unwrap_or(0) {
        found if found > REGISTRY_VERSION => Err(BookkeepingError::RegistryNewer {
            found,
            known: REGISTRY_VERSION,
        }),
        found => Ok(Some(found)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn registry_error(error: refinery::Error) -> BookkeepingError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    BookkeepingError::Registry { message }
}
