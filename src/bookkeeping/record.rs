use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::error::BookkeepingError;
use super::lock::MigrationLock;
use super::rows::RowEdit;
use super::version_table::VersionTable;
use crate::db::{Answer, Session, SessionSettings};
use crate::revision::Direction;
use crate::sql::quote_literal;

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
    pub up_script: Option<Arc<str>>,
    /// The down script's text, likewise.
    pub down_script: Option<Arc<str>>,
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

/// The transaction that a step is recorded in: its own, with its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTransaction<'a> {
    /// What `pg_current_xact_id()` gave before the script ran.
    pub id: &'a str,
    /// Its COMMIT comes next: the migration lock must still be ours. The server lists all locks
    /// for that, of which one long transaction has many.
    pub commits: bool,
}

/// Changes the version rows and appends the entries, in a transaction of its own: both or neither,
/// and neither unless the migration lock is still ours. What the journal kept of these revisions
/// is forgotten with it, since they stand anew.
///
/// Of a row that is there twice, because the table has lost its key, both go.
///
/// # Errors
/// [`BookkeepingError::LockLost`], [`BookkeepingError::RowsMoved`], and the server's.
pub async fn record(
    session: &Session,
    recording: &Recording,
    rows: &RowEdit,
    entries: &[Entry],
) -> Result<(), BookkeepingError> {
    session.batch("begin").await?;
    let answers = session
        .answers(&record_sql(recording, rows, entries, None))
        .await;
    let recorded = match answers {
        Ok(answers) => verify(&answers, rows),
        Err(error) => Err(error.into()),
    };
    let end = if recorded.is_ok() {
        "commit"
    } else {
        "rollback"
    };
    let ended = session.batch(end).await;
    recorded?;
    Ok(ended?)
}

/// The same for one step, in the transaction that its script ran in, which the caller ends. What
/// the script left is put aside first; nothing is written unless it is still that transaction.
///
/// # Errors
/// As for [`record()`], and [`BookkeepingError::TransactionEnded`]; the caller rolls back.
pub async fn record_step(
    session: &Session,
    recording: &Recording,
    rows: &RowEdit,
    entry: &Entry,
    transaction: StepTransaction<'_>,
) -> Result<(), BookkeepingError> {
    let entries = std::slice::from_ref(entry);
    let sql = record_sql(recording, rows, entries, Some(transaction));
    // A message is read under the settings that stand when it arrives: the first one, which sets
    // them, is one of its own. Both are on their way before either is answered.
    let settings = session.batch(SessionSettings::BOOKKEEPING_SQL);
    let (settings, answers) = tokio::join!(biased; settings, session.answers(&sql));
    settings?;
    verify(&answers?, rows)
}

/// What the statements of [`record_sql`] answered.
fn verify(answers: &[Answer], rows: &RowEdit) -> Result<(), BookkeepingError> {
    let [allowed, gone, new, ..] = answers else {
        return Err(BookkeepingError::LockLost);
    };
    if allowed.value(0) != Some("t") {
        return Err(BookkeepingError::TransactionEnded);
    }
    if allowed.value(1) != Some("t") {
        return Err(BookkeepingError::LockLost);
    }
    let gone: BTreeSet<_> = gone.rows.iter().collect();
    let expected = (rows.delete.len(), rows.insert.len());
    let found = (gone.len(), usize::try_from(new.count).unwrap_or(usize::MAX));
    if found != expected {
        return Err(BookkeepingError::RowsMoved { expected, found });
    }
    Ok(())
}

/// The statements of [`record`], each of which does nothing where it must not. A script can leave
/// a temporary table called `text`, so types are named with their schema too.
///
/// Several plain statements cost a server half of what one with a branch for each does.
fn record_sql(
    recording: &Recording,
    rows: &RowEdit,
    entries: &[Entry],
    transaction: Option<StepTransaction<'_>>,
) -> String {
    let table = recording.table.quoted();
    let (class, object) = MigrationLock::of(&recording.table).keys();
    let locked = format!(
        "exists (select from pg_catalog.pg_locks l \
         where l.locktype operator(pg_catalog.=) 'advisory' and l.granted \
         and l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid() \
         and l.classid operator(pg_catalog.=) {}::pg_catalog.oid \
         and l.objid operator(pg_catalog.=) {}::pg_catalog.oid \
         and l.objsubid operator(pg_catalog.=) 2)",
        class.cast_unsigned(),
        object.cast_unsigned(),
    );
    let inside = transaction.map(|transaction| {
        format!(
            "pg_catalog.pg_current_xact_id()::pg_catalog.text operator(pg_catalog.=) {}",
            quote_literal(transaction.id)
        )
    });
    let locked = match transaction {
        Some(transaction) if !transaction.commits => "true".to_owned(),
        _ => locked,
    };
    let allowed = inside.as_deref().unwrap_or(&locked);
    let key = quote_literal(&recording.table.key());
    let mut sql = format!(
        "select {inside}, {locked};
delete from {table} where version_num::pg_catalog.text operator(pg_catalog.=) any ({delete})
    and {allowed} returning version_num;
insert into {table} (version_num)
    select version from pg_catalog.unnest({insert}) as version where {allowed};
",
        inside = inside.as_deref().unwrap_or("true"),
        delete = text_array(&rows.delete),
        insert = text_array(&rows.insert),
    );
    if !entries.is_empty() {
        let entries: Vec<String> = entries.iter().map(|e| entry_row(recording, e)).collect();
        sql.push_str(&format!(
            "insert into grace_migrate.history ({ENTRY_COLUMNS})
    select * from (values {}) as entries where {allowed};\n",
            entries.join(",\n")
        ));
    }
    let anew = entries.iter().filter(|e| e.outcome != Outcome::Accepted);
    let anew: Vec<String> = anew.map(|entry| entry.revision.clone()).collect();
    sql.push_str(&format!(
        "delete from grace_migrate.journal where version_table operator(pg_catalog.=) {key}
    and revision operator(pg_catalog.=) any ({}) and {allowed}",
        text_array(&anew)
    ));
    sql
}

/// A row of the history.
fn entry_row(recording: &Recording, entry: &Entry) -> String {
    format!(
        "({values},
    pg_catalog.clock_timestamp() operator(pg_catalog.-) '{ms} ms'::pg_catalog.interval,
    pg_catalog.clock_timestamp(), {ms}, {run_id}, {tag}, {version},
    session_user, pg_catalog.host(pg_catalog.inet_client_addr()),
    pg_catalog.current_setting('application_name'))",
        values = entry_values(&recording.table, entry),
        ms = entry.duration_ms,
        run_id = quote_literal(&recording.run_id),
        tag = optional(recording.tag.as_deref()),
        version = quote_literal(env!("CARGO_PKG_VERSION")),
    )
}

/// The columns of the history, in the order of [`entry_values`] and of what else is known of a
/// run: when it began and ended, how long it took in milliseconds, its id, its tag, the program's
/// version, and who from where by which application.
pub(super) const ENTRY_COLUMNS: &str = "version_table, revision, direction, outcome, message, \
    revises, depends_on, labels, up_checksum, down_checksum, verify_checksum, digest, up_script, \
    down_script, started_at, finished_at, duration_ms, run_id, tag, tool_version, \
    performed_by, client_address, application_name";

/// What the history says of a revision, as literals.
pub(super) fn entry_values(table: &VersionTable, entry: &Entry) -> String {
    [
        quote_literal(&table.key()),
        quote_literal(&entry.revision),
        quote_literal(&entry.direction.to_string()),
        quote_literal(entry.outcome.as_str()),
        optional(entry.message.as_deref()),
        text_array(&entry.revises),
        text_array(&entry.depends_on),
        text_array(&entry.labels),
        optional(entry.up_checksum.as_deref()),
        optional(entry.down_checksum.as_deref()),
        optional(entry.verify_checksum.as_deref()),
        optional(entry.digest.as_deref()),
        optional(entry.up_script.as_deref()),
        optional(entry.down_script.as_deref()),
    ]
    .join(", ")
}

pub(super) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quote_literal)
}

pub(super) fn text_array(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quote_literal(item)).collect();
    format!("array[{}]::pg_catalog.text[]", items.join(", "))
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
