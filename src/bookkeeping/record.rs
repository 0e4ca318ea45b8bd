use std::fmt;

use serde::Serialize;

use super::error::BookkeepingError;
use super::lock::MigrationLock;
use super::rows::RowEdit;
use super::version_table::VersionTable;
use crate::db::Session;
use crate::revision::Direction;

/// How a history entry came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The up script ran.
    Applied,
    /// The down script ran.
    Reverted,
    /// `stamp` said that it is applied.
    Stamped,
    /// `stamp` said that it is not.
    Unstamped,
    /// It was applied before grace-migrate kept a history here.
    Adopted,
    /// An edit of its script was accepted.
    Accepted,
}

impl Outcome {
    /// The word in the history's column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Reverted => "reverted",
            Self::Stamped => "stamped",
            Self::Unstamped => "unstamped",
            Self::Adopted => "adopted",
            Self::Accepted => "accepted",
        }
    }

    /// Which way the entry moves its revision.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::Applied | Self::Stamped | Self::Adopted | Self::Accepted => Direction::Upgrade,
            Self::Reverted | Self::Unstamped => Direction::Downgrade,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One history entry to write; the server adds who, from where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The revision's id.
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: Direction,
    /// How it came to be.
    pub outcome: Outcome,
    /// The revision's message.
    pub message: Option<String>,
    /// Its parents: enough to undo it when its file is gone.
    pub revises: Vec<String>,
    /// Its dependencies, as ids.
    pub depends_on: Vec<String>,
    /// Its own labels.
    pub labels: Vec<String>,
    /// Checksum of the up script.
    pub up_checksum: Option<String>,
    /// Checksum of the down script.
    pub down_checksum: Option<String>,
    /// Checksum of the verify script.
    pub verify_checksum: Option<String>,
    /// Digest of the history up to and with this revision.
    pub digest: Option<String>,
    /// The up script's text, where it is of a size worth keeping.
    pub up_script: Option<String>,
    /// The down script's text, likewise.
    pub down_script: Option<String>,
    /// How long the script took, in milliseconds.
    pub duration_ms: u64,
}

/// The run that entries belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The version table.
    pub table: VersionTable,
    /// This run's id.
    pub run_id: String,
    /// The run's tag.
    pub tag: Option<String>,
}

/// Changes the version rows and appends the entries: one statement, so both or neither. What the
/// journal kept of these revisions is forgotten with it, since they stand anew.
///
/// Of a row that is there twice, because the table has lost its key, both go.
///
/// With `transaction`, the id that `pg_current_xact_id()` gave before the script ran, nothing is
/// written unless it is still that transaction. Nothing is written either where the migration
/// lock is not ours any more.
///
/// # Errors
/// [`BookkeepingError::TransactionEnded`], [`BookkeepingError::LockLost`],
/// [`BookkeepingError::RowsMoved`] (the caller rolls back), and the server's.
pub async fn record(
    session: &Session,
    recording: &Recording,
    rows: &RowEdit,
    entries: &[Entry],
    transaction: Option<&str>,
) -> Result<(), BookkeepingError> {
    let json = serde_json::to_string(entries).expect("entries are plain data");
    let (class, object) = MigrationLock::of(&recording.table).keys();
    let found = session
        .query(
            &record_sql(&recording.table.quoted()),
            &[
                rows.delete.as_slice().into(),
                rows.insert.as_slice().into(),
                (&json).into(),
                (&recording.table.key()).into(),
                (&recording.run_id).into(),
                recording.tag.as_deref().into(),
                env!("CARGO_PKG_VERSION").into(),
                transaction.into(),
                i64::from(class.cast_unsigned()).into(),
                i64::from(object.cast_unsigned()).into(),
            ],
        )
        .await?;
    let Some(row) = found.first() else {
        return Err(BookkeepingError::LockLost);
    };
    if !row.get::<bool>(0)? {
        return Err(BookkeepingError::TransactionEnded);
    }
    if !row.get::<bool>(1)? {
        return Err(BookkeepingError::LockLost);
    }
    let found = (row.get::<i64>(2)?, row.get::<i64>(3)?);
    let expected = (rows.delete.len(), rows.insert.len());
    let counts = |(a, b): (i64, i64)| (usize::try_from(a).ok(), usize::try_from(b).ok());
    if counts(found) != (Some(expected.0), Some(expected.1)) {
        return Err(BookkeepingError::RowsMoved { expected, found });
    }
    Ok(())
}

/// An [`Entry`] as JSON, in SQL's words. A script can leave a temporary table called `text`.
const ENTRY_COLUMNS: &str = "revision pg_catalog.text, direction pg_catalog.text, \
    outcome pg_catalog.text, message pg_catalog.text, revises pg_catalog.text[], \
    depends_on pg_catalog.text[], labels pg_catalog.text[], up_checksum pg_catalog.text, \
    down_checksum pg_catalog.text, verify_checksum pg_catalog.text, digest pg_catalog.text, \
    up_script pg_catalog.text, down_script pg_catalog.text, duration_ms bigint";

fn record_sql(table: &str) -> String {
    format!(
        "with allowed as materialized (
    select $8::pg_catalog.text is null
               or pg_catalog.pg_current_xact_id()::pg_catalog.text operator(pg_catalog.=) $8 as inside,
           exists (
               select from pg_catalog.pg_locks l
               where l.locktype operator(pg_catalog.=) 'advisory' and l.granted
                 and l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
                 and l.classid operator(pg_catalog.=) $9::bigint::pg_catalog.oid
                 and l.objid operator(pg_catalog.=) $10::bigint::pg_catalog.oid
                 and l.objsubid operator(pg_catalog.=) 2
           ) as locked
), gone as (
    delete from {table} where version_num::pg_catalog.text operator(pg_catalog.=) any ($1)
        and (select inside and locked from allowed)
    returning version_num::pg_catalog.text as version
), new as (
    insert into {table} (version_num)
    select version from pg_catalog.unnest($2) as version where (select inside and locked from allowed)
    returning 1
), entry as (
    insert into grace_migrate.history (
        version_table, revision, direction, outcome, message, revises, depends_on, labels,
        up_checksum, down_checksum, verify_checksum, digest, up_script, down_script,
        started_at, finished_at, duration_ms, run_id, tag, tool_version,
        performed_by, client_address, application_name)
    select $4, e.revision, e.direction, e.outcome, e.message, e.revises, e.depends_on, e.labels,
        e.up_checksum, e.down_checksum, e.verify_checksum, e.digest, e.up_script, e.down_script,
        clock.now operator(pg_catalog.-) pg_catalog.make_interval(secs => e.duration_ms::pg_catalog.float8 operator(pg_catalog./) 1000),
        clock.now, e.duration_ms, $5, $6, $7,
        session_user, pg_catalog.host(pg_catalog.inet_client_addr()),
        pg_catalog.current_setting('application_name')
    from rows from (pg_catalog.json_to_recordset($3::pg_catalog.json) as (
        {ENTRY_COLUMNS})) with ordinality as e,
        (select pg_catalog.clock_timestamp() as now) clock
    where (select inside and locked from allowed)
    order by e.ordinality
    returning revision, outcome
), forgotten as (
    delete from grace_migrate.journal j using entry
    where j.version_table operator(pg_catalog.=) $4
      and j.revision operator(pg_catalog.=) entry.revision
      and entry.outcome operator(pg_catalog.<>) 'accepted'
)
select (select inside from allowed), (select locked from allowed),
       (select pg_catalog.count(distinct version) from gone),
       (select pg_catalog.count(*) from new)"
    )
}

impl Entry {
    /// The entry of a version row that `stamp` took away and that no file knows.
    #[must_use]
    pub fn unknown_row(row: &str) -> Self {
        Self {
            revision: row.to_owned(),
            direction: Direction::Downgrade,
            outcome: Outcome::Unstamped,
            message: None,
            revises: Vec::new(),
            depends_on: Vec::new(),
            labels: Vec::new(),
            up_checksum: None,
            down_checksum: None,
            verify_checksum: None,
            digest: None,
            up_script: None,
            down_script: None,
            duration_ms: 0,
        }
    }
}
