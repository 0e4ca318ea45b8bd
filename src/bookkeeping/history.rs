use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::error::BookkeepingError;
use super::lock::first_is_true;
use super::record::{Entry, Outcome, Recording};
use super::version_table::VersionTable;
use crate::db::{DbError, Row, Session};
use crate::revision::Direction;

/// The last history entry of a revision: what the history believes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEntry {
    /// The entry's number; later entries have higher ones.
    pub sequence: i64,
    /// Whether it left the revision applied.
    pub applied: bool,
    /// The message that the revision had.
    pub message: Option<String>,
    /// The parents that it had.
    pub revises: Vec<String>,
    /// The dependencies that it had.
    pub depends_on: Vec<String>,
    /// The labels that it had.
    pub labels: Vec<String>,
    /// Checksum of the up script, 64 hex digits.
    pub up_checksum: Option<String>,
    /// Checksum of the down script, likewise; none where there was none.
    pub down_checksum: Option<String>,
    /// Checksum of the verify script, likewise.
    pub verify_checksum: Option<String>,
    /// Digest of the history up to and with it, as it was when the entry was made.
    pub digest: Option<String>,
    /// The up script's text, where it was kept.
    pub up_script: Option<Arc<str>>,
    /// The down script's text, where it was kept.
    pub down_script: Option<Arc<str>>,
}

impl LastEntry {
    /// Whether it left the revision applied with the scripts and the parents of `entry`.
    #[must_use]
    pub fn says_what(&self, entry: &Entry) -> bool {
        self.applied
            && self.up_checksum == entry.up_checksum
            && self.down_checksum == entry.down_checksum
            && self.verify_checksum == entry.verify_checksum
            && self.revises == entry.revises
            && self.depends_on == entry.depends_on
    }

    /// An entry that says the same of `revision`, with another outcome. Texts that were not fetched
    /// are not in it.
    #[must_use]
    pub fn again(&self, revision: &str, outcome: Outcome) -> Entry {
        Entry {
            revision: revision.to_owned(),
            direction: outcome.direction(),
            outcome,
            message: self.message.clone(),
            revises: self.revises.clone(),
            depends_on: self.depends_on.clone(),
            labels: self.labels.clone(),
            up_checksum: self.up_checksum.clone(),
            down_checksum: self.down_checksum.clone(),
            verify_checksum: self.verify_checksum.clone(),
            digest: self.digest.clone(),
            up_script: self.up_script.clone(),
            down_script: self.down_script.clone(),
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The entry's number.
    pub id: i64,
    /// The revision's id.
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// `applied`, `reverted`, `stamped`, `unstamped`, `adopted` or `accepted`.
    pub outcome: String,
    /// The revision's message at that time.
    pub message: Option<String>,
    /// When it ended, by the server's clock.
    pub finished_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The database user who ran it.
    pub performed_by: String,
    /// Where that user came from; `None` on a Unix socket.
    pub client_address: Option<String>,
    /// The run that it belongs to.
    pub run_id: String,
    /// The run's tag.
    pub tag: Option<String>,
    /// The version of grace-migrate.
    pub tool_version: String,
}

/// The last entry of each revision. The history must exist.
///
/// Texts are fetched only for the revisions that `texts` names: a history can be large.
///
/// # Errors
/// The server's.
pub async fn last_entries(
    session: &Session,
    table: &VersionTable,
    texts: &[String],
) -> Result<BTreeMap<String, LastEntry>, BookkeepingError> {
    let rows = session
        .query(
            "select distinct on (revision) revision, id, direction = 'upgrade', message, revises, \
                    depends_on, labels, up_checksum, down_checksum, verify_checksum, digest, \
                    case when revision = any ($2) then up_script end, \
                    case when revision = any ($2) then down_script end \
             from grace_migrate.history where version_table = $1 \
             order by revision, id desc",
            &[(&table.key()).into(), texts.into()],
        )
        .await?;
    let text = |row: &Row, column| -> Result<Option<Arc<str>>, DbError> {
        Ok(row.get::<Option<&str>>(column)?.map(Arc::from))
    };
    rows.iter()
        .map(|row| {
            let entry = LastEntry {
                sequence: row.get(1)?,
                applied: row.get(2)?,
                message: row.get(3)?,
                revises: row.get(4)?,
                depends_on: row.get(5)?,
                labels: row.get(6)?,
                up_checksum: row.get(7)?,
                down_checksum: row.get(8)?,
                verify_checksum: row.get(9)?,
                digest: row.get(10)?,
                up_script: text(row, 11)?,
                down_script: text(row, 12)?,
            };
            Ok((row.get(0)?, entry))
        })
        .collect()
}

/// Whether this run has recorded a step, which it does in the step's own transaction: it was
/// committed if so. The session's path must be empty.
///
/// While the transaction can still be committed, no is no answer.
///
/// # Errors
/// The server's.
pub async fn is_recorded(
    session: &Session,
    recording: &Recording,
    revision: &str,
    direction: Direction,
) -> Result<bool, BookkeepingError> {
    let rows = session
        .query(
            "select exists (select from grace_migrate.history \
                where version_table = $1 and run_id = $2 and revision = $3 and direction = $4)",
            &[
                (&recording.table.key()).into(),
                (&recording.run_id).into(),
                revision.into(),
                (&direction.to_string()).into(),
            ],
        )
        .await?;
    Ok(first_is_true(&rows)?)
}

/// Whether a transaction, by what `pg_current_xact_id()` gave in it, was committed; `None` where it
/// has not come to its end, or the server has forgotten it.
///
/// # Errors
/// The server's, of a server that does not know the transaction among others.
pub async fn transaction_outcome(
    session: &Session,
    transaction: &str,
) -> Result<Option<bool>, BookkeepingError> {
    let row = session
        .query_one(
            "select pg_catalog.pg_xact_status($1::text::xid8)",
            &[transaction.into()],
        )
        .await?;
    Ok(match row.get(0)? {
        Some("committed") => Some(true),
        Some("aborted") => Some(false),
        _ => None,
    })
}

/// The newest `limit` entries, newest first; of one revision where `revision` names it.
///
/// # Errors
/// The server's.
pub async fn log(
    session: &Session,
    table: &VersionTable,
    revision: Option<&str>,
    limit: u32,
) -> Result<Vec<HistoryEntry>, BookkeepingError> {
    let rows = session
        .query(
            "select id, revision, direction, outcome, message, finished_at, duration_ms, \
                    performed_by, client_address, run_id, tag, tool_version \
             from grace_migrate.history \
             where version_table = $1 and ($2::text is null or revision = $2) \
             order by id desc limit $3",
            &[
                (&table.key()).into(),
                revision.into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(HistoryEntry {
                id: row.get(0)?,
                revision: row.get(1)?,
                direction: row.get(2)?,
                outcome: row.get(3)?,
                message: row.get(4)?,
                finished_at: row.get(5)?,
                duration_ms: row.get(6)?,
                performed_by: row.get(7)?,
                client_address: row.get(8)?,
                run_id: row.get(9)?,
                tag: row.get(10)?,
                tool_version: row.get(11)?,
            })
        })
        .collect()
}
