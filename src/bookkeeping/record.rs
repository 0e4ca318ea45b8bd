use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::error::BookkeepingError;
use super::lock::MigrationLock;
use super::rows::RowEdit;
use super::version_table::VersionTable;
use crate::db::{Answer, DbError, Session, SessionSettings};
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

/// By what a transaction is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within<'a> {
    /// What `pg_current_xact_id()` gave in it.
    Id(&'a str),
    /// [`Within::MARK`] was run in it: its id is not known yet.
    Marked,
}

impl Within<'_> {
    /// The expression that marks the transaction: the session holds a lock by the name of its id,
    /// which another transaction of the session has not.
    pub const MARK: &'static str = "pg_catalog.pg_try_advisory_lock(1196576072, pg_catalog.mod(\
        pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8, 2147483647)\
        ::pg_catalog.int4)";

    /// The expression for the id, in the transaction; another text in another one. A mark goes.
    /// Where the script let go of the marks together with the lock, whose keys these are, it is
    /// null: the lock is what is missed.
    fn sql(self, lock: &str) -> String {
        match self {
            Self::Id(id) => quote_literal(id),
            Self::Marked => format!(
                "case when pg_catalog.pg_advisory_unlock(1196576072, pg_catalog.mod(\
                 pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8, 2147483647)\
                 ::pg_catalog.int4) then pg_catalog.pg_current_xact_id()::pg_catalog.text \
                 when pg_catalog.pg_advisory_unlock({lock}) then '' end"
            ),
        }
    }
}

/// The transaction that a step is recorded in: its own, with its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTransaction<'a> {
    /// By what it is known before the script runs.
    pub within: Within<'a>,
    /// When the script began, by the server's clock and in its words, where that was not when the
    /// transaction did.
    pub began: Option<&'a str>,
    /// Whether the journal may hold something of this revision, which is forgotten then.
    pub journalled: bool,
}

/// Changes the version rows and appends the entries, in a transaction of its own, or in that of the
/// lock where the session is shared: both or neither, and neither unless the migration lock is
/// still ours. What the journal kept of these revisions is forgotten with it, since they stand
/// anew. The caller commits, or the lock's holder; gives what `pg_current_xact_id()` gave. On an
/// error a transaction of its own has been rolled back.
///
/// Of a row that is there twice, because the table has lost its key, both go.
///
/// # Errors
/// [`BookkeepingError::LockLost`], [`BookkeepingError::RowsMoved`], and the server's.
pub async fn begin_record(
    session: &Session,
    recording: &Recording,
    rows: &RowEdit,
    entries: &[Entry],
) -> Result<String, BookkeepingError> {
    // Behind a transaction pooler the transaction is that of the lock, whose holder ends it.
    let begin = if session.is_shared() { "" } else { "begin;" };
    let begun = session
        .answers(&format!("{begin} select pg_catalog.pg_current_xact_id()"))
        .await?;
    let transaction = begun.last().and_then(|answer| answer.value(0));
    let transaction = transaction.ok_or_else(|| DbError::Protocol {
        during: "a transaction's begin",
        reason: "no answer".to_owned(),
    })?;
    let sql = record_sql(recording, rows, entries, None, session.is_shared());
    let answered = session.answers(&sql).await;
    if let Err(error) = confirm(session, recording, rows, answered).await {
        if !session.is_shared() {
            let _gone = session.batch("rollback").await;
        }
        return Err(error);
    }
    Ok(transaction.to_owned())
}

/// The same for one step, in the transaction that its script ran in, which the caller ends. What
/// the script left is put aside first; nothing is written unless it is still that transaction.
#[derive(Debug)]
pub struct StepRecord<'a> {
    recording: &'a Recording,
    rows: RowEdit,
    /// Without what puts the script's settings aside.
    sql: String,
}

impl<'a> StepRecord<'a> {
    /// What is to be recorded, over a session that is `shared` behind a transaction pooler or not.
    #[must_use]
    pub fn new(
        recording: &'a Recording,
        rows: RowEdit,
        entry: &Entry,
        transaction: StepTransaction<'_>,
        shared: bool,
    ) -> Self {
        let entries = std::slice::from_ref(entry);
        Self {
            recording,
            sql: record_sql(recording, &rows, entries, Some(transaction), shared),
            rows,
        }
    }

    /// The statements, for a message that begins before the script could set another encoding; the
    /// answers are for [`StepRecord::confirm`].
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{} {}", SessionSettings::BOOKKEEPING_SQL, self.sql)
    }

    /// Looks at what the statements answered.
    ///
    /// # Errors
    /// As for [`begin_record`], and [`BookkeepingError::TransactionEnded`]; the caller rolls back.
    pub async fn confirm(
        &self,
        session: &Session,
        answered: Result<Vec<Answer>, DbError>,
    ) -> Result<(), BookkeepingError> {
        confirm(session, self.recording, &self.rows, answered).await
    }

    /// Writes it in a message of its own.
    ///
    /// # Errors
    /// As for [`StepRecord::confirm`].
    pub async fn write(&self, session: &Session) -> Result<(), BookkeepingError> {
        if self.sql.is_ascii() {
            let answered = session.answers(&self.sql()).await;
            return self.confirm(session, answered).await;
        }
        // A message is read in the encoding that stands when it arrives, and the script may have
        // set another: the one that sets it goes alone. Both are on their way before either is
        // answered.
        let settings = session.batch(SessionSettings::BOOKKEEPING_SQL);
        let write = session.answers(&self.sql);
        let (settings, answered) = tokio::join!(biased; settings, write);
        settings?;
        self.confirm(session, answered).await
    }
}

/// How [`record_sql`] changes the version rows.
enum RowChange<'a> {
    /// One becomes another, as in a line: one statement that the server plans with ease.
    Move(&'a str, &'a str),
    Replace(&'a RowEdit),
}

impl<'a> From<&'a RowEdit> for RowChange<'a> {
    fn from(rows: &'a RowEdit) -> Self {
        match (rows.delete.as_slice(), rows.insert.as_slice()) {
            ([old], [new]) => Self::Move(old, new),
            _ => Self::Replace(rows),
        }
    }
}

impl RowChange<'_> {
    fn sql(&self, table: &str) -> String {
        const ROW: &str = "version_num::pg_catalog.text operator(pg_catalog.=)";
        match self {
            Self::Move(old, new) => format!(
                "update {table} set version_num = {} where {ROW} {};\n",
                quote_literal(new),
                quote_literal(old),
            ),
            Self::Replace(rows) => format!(
                "delete from {table} where {ROW} any ({}) returning version_num;
insert into {table} (version_num) select version from pg_catalog.unnest({}) as version;\n",
                text_array(&rows.delete),
                text_array(&rows.insert),
            ),
        }
    }

    /// How many rows went and came, by what the statements answered, which were the last.
    fn found(&self, answers: &[Answer]) -> (usize, usize) {
        let count = |answer: &Answer| usize::try_from(answer.count).unwrap_or(usize::MAX);
        match (self, answers) {
            (Self::Move(..), [.., moved]) => (count(moved), count(moved)),
            (Self::Replace(_), [.., gone, new]) => {
                let gone: BTreeSet<_> = gone.rows.iter().collect();
                (gone.len(), count(new))
            }
            _ => (0, 0),
        }
    }
}

/// Looks at the last answers to what [`record_sql`] wrote.
async fn confirm(
    session: &Session,
    recording: &Recording,
    rows: &RowEdit,
    answered: Result<Vec<Answer>, DbError>,
) -> Result<(), BookkeepingError> {
    let answers = answered.map_err(refusal)?;
    let change = RowChange::from(rows);
    let expected = (rows.delete.len(), rows.insert.len());
    let found = change.found(&answers);
    match change {
        RowChange::Move(_, new) if found > expected => {
            // The row was there several times, and so is the new one.
            let new = [new.to_owned()];
            let one = RowEdit {
                delete: new.to_vec(),
                insert: new.to_vec(),
            };
            let sql = RowChange::Replace(&one).sql(&recording.table.quoted());
            Ok(session.batch(&sql).await?)
        }
        _ if found != expected => Err(BookkeepingError::RowsMoved { expected, found }),
        _ => Ok(()),
    }
}

/// What the function `grace_migrate.record` says where it writes nothing.
fn refusal(error: DbError) -> BookkeepingError {
    match error.server().map(|error| error.sqlstate.as_str()) {
        Some("GM001") => BookkeepingError::TransactionEnded,
        Some("GM002") => BookkeepingError::LockLost,
        _ => error.into(),
    }
}

/// The statements of [`begin_record`]. What comes after the entries is not run where their function
/// refuses: all are one message. A script can leave a temporary table called `text`, so types are
/// named with their schema too.
fn record_sql(
    recording: &Recording,
    rows: &RowEdit,
    entries: &[Entry],
    transaction: Option<StepTransaction<'_>>,
    shared: bool,
) -> String {
    let lock = MigrationLock::of(&recording.table);
    let (mut sql, keys) = if shared {
        // The lock of a transaction has no hold that the function could give back; without keys it
        // looks at none.
        (lock.check_sql(), "null, null".to_owned())
    } else {
        let (class, object) = lock.keys();
        (String::new(), format!("{class}, {object}"))
    };
    let within = transaction.map(|transaction| transaction.within.sql(&keys));
    let within = within.as_deref().unwrap_or("null");
    let mut call = |entry: &str| {
        sql.push_str(&format!(
            "select grace_migrate.record({within}, {keys}{entry});\n"
        ));
    };
    let began = match transaction {
        Some(transaction) => optional(transaction.began),
        None => "pg_catalog.clock_timestamp()".to_owned(),
    };
    for entry in entries {
        call(&format!(
            ", {values}, {began}, {run_id}, {tag}, {version}",
            values = entry_values(&recording.table, entry),
            run_id = quote_literal(&recording.run_id),
            tag = optional(recording.tag.as_deref()),
            version = quote_literal(env!("CARGO_PKG_VERSION")),
        ));
    }
    if entries.is_empty() {
        call("");
    }
    if transaction.is_none_or(|transaction| transaction.journalled) {
        let anew = entries.iter().filter(|e| e.outcome != Outcome::Accepted);
        let anew: Vec<String> = anew.map(|entry| entry.revision.clone()).collect();
        sql.push_str(&format!(
            "delete from grace_migrate.journal where version_table operator(pg_catalog.=) {key}
    and revision operator(pg_catalog.=) any ({});\n",
            text_array(&anew),
            key = quote_literal(&recording.table.key()),
        ));
    }
    sql.push_str(&RowChange::from(rows).sql(&recording.table.quoted()));
    sql
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
        }
    }
}
