use super::error::BookkeepingError;
use super::lock::first_is_true;
use super::record::{Recording, optional};
use super::version_table::VersionTable;
use crate::db::{DbError, Row, Session, SessionSettings, SqlState};
use crate::revision::Direction;
use crate::sql::quote_literal;

/// How much is kept of a statement's text and of an error's message, in characters.
const KEPT_CHARACTERS: usize = 2_000;

/// The journal of one script that runs outside a transaction: intent before each statement,
/// completion after it, so that a later run resumes at the first statement not done. It is
/// forgotten when the script is recorded as a whole; see [`begin_record`](super::begin_record).
#[derive(Debug, Clone)]
pub struct Journal<'a> {
    recording: &'a Recording,
    revision: &'a str,
    direction: Direction,
}

/// One statement of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Its index in the script, from 0.
    pub statement: usize,
    /// Its checksum, 64 hex digits.
    pub checksum: String,
    /// How far it came.
    pub state: StatementState,
    /// The run that began it.
    pub run_id: String,
    /// The line of the script that it began on, from 1.
    pub line: Option<u32>,
    /// How its text begins; `None` where an older version of this program began it.
    pub sql: Option<String>,
    /// It ran in one transaction with its completion.
    pub atomic: bool,
    /// The indexes that it could be mistaken to have made and that were there before it, by oid.
    pub indexes_before: Option<Vec<i64>>,
}

/// How far a statement of the journal came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementState {
    /// It was begun, and nobody wrote how it ended.
    Begun,
    /// It is done.
    Done,
    /// The server said that it was not done.
    Failed,
}

/// A statement that is about to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent<'a> {
    /// Its index in the script, from 0.
    pub statement: usize,
    /// How many the script has.
    pub statements: usize,
    /// Its checksum.
    pub checksum: &'a str,
    /// The line of the script that it begins on, from 1.
    pub line: u32,
    /// Its text.
    pub sql: &'a str,
    /// It runs in one transaction with its completion.
    pub atomic: bool,
    /// The indexes that it could be mistaken to have made, by oid.
    pub indexes_before: Option<&'a [i64]>,
}

impl<'a> Journal<'a> {
    /// The journal of this revision and direction.
    #[must_use]
    pub fn of(recording: &'a Recording, revision: &'a str, direction: Direction) -> Self {
        Self {
            recording,
            revision,
            direction,
        }
    }

    /// Whether any journal of this version table holds anything. The session's path must be empty.
    ///
    /// # Errors
    /// The server's.
    pub async fn holds_anything(
        session: &Session,
        table: &VersionTable,
    ) -> Result<bool, BookkeepingError> {
        let rows = session
            .query(
                "select exists (select from grace_migrate.journal where version_table = $1)",
                &[(&table.key()).into()],
            )
            .await?;
        Ok(first_is_true(&rows)?)
    }

    /// What an earlier run left, by statement. The session's path must be empty.
    ///
    /// # Errors
    /// The server's.
    pub async fn read(&self, session: &Session) -> Result<Vec<JournalRow>, BookkeepingError> {
        let rows = session
            .query(
                "select statement, checksum, finished_at is not null, failed_at is not null, \
                        run_id, sql, atomic, indexes_before, line \
                 from grace_migrate.journal \
                 where version_table operator(pg_catalog.=) $1 \
                   and revision operator(pg_catalog.=) $2 \
                   and direction operator(pg_catalog.=) $3 order by statement",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                ],
            )
            .await?;
        Ok(rows
            .iter()
            .map(JournalRow::read)
            .collect::<Result<_, DbError>>()?)
    }

    /// Writes that a statement is about to run.
    ///
    /// # Errors
    /// The server's.
    pub async fn begin(
        &self,
        session: &Session,
        intent: Intent<'_>,
    ) -> Result<(), BookkeepingError> {
        let before = intent.indexes_before.map_or_else(
            || "null".to_owned(),
            |oids| {
                let oids: Vec<String> = oids.iter().map(i64::to_string).collect();
                format!("array[{}]::pg_catalog.int8[]", oids.join(", "))
            },
        );
        let insert = format!(
            "insert into grace_migrate.journal \
             (version_table, revision, direction, statement, statements, checksum, run_id, \
              line, sql, atomic, indexes_before) \
             values ({}, {}, '{}', {}, {}, {}, {}, {}, {}, {}, {before}) \
             on conflict (version_table, revision, direction, statement) do update \
             set statements = excluded.statements, checksum = excluded.checksum, \
                 run_id = excluded.run_id, started_at = excluded.started_at, finished_at = null, \
                 line = excluded.line, sql = excluded.sql, atomic = excluded.atomic, \
                 indexes_before = excluded.indexes_before, \
                 failed_at = null, sqlstate = null, message = null",
            quote_literal(&self.recording.table.key()),
            quote_literal(self.revision),
            self.direction,
            intent.statement,
            intent.statements,
            quote_literal(intent.checksum),
            quote_literal(&self.recording.run_id),
            intent.line,
            quote_literal(start_of(intent.sql)),
            intent.atomic,
        );
        write(session, &insert).await
    }

    /// Writes that statement `index` is done.
    ///
    /// # Errors
    /// The server's.
    pub async fn complete(&self, session: &Session, index: usize) -> Result<(), BookkeepingError> {
        write(session, &self.completion(index)).await
    }

    /// Writes that statement `index` is done, in the transaction that it ran in, and commits both.
    /// What was deferred is checked first, while everything is as the script set it.
    ///
    /// # Errors
    /// The server's; the caller rolls back.
    pub async fn complete_within(&self, session: &Session, index: usize) -> Result<(), DbError> {
        let settings = SessionSettings::BOOKKEEPING_ASIDE_SQL;
        let completion = self.completion(index);
        session.batch("set constraints all immediate").await?;
        session
            .batch(&format!("{settings} {completion}; commit"))
            .await
    }

    fn completion(&self, index: usize) -> String {
        format!(
            "update grace_migrate.journal set finished_at = pg_catalog.clock_timestamp(), \
             failed_at = null, sqlstate = null, message = null where {}",
            self.row(index)
        )
    }

    /// Writes that statement `index` was not done: the server said so, in these words.
    ///
    /// # Errors
    /// The server's.
    pub async fn fail(
        &self,
        session: &Session,
        index: usize,
        sqlstate: Option<SqlState>,
        message: &str,
    ) -> Result<(), BookkeepingError> {
        let sqlstate = sqlstate.map(|sqlstate| sqlstate.to_string());
        let update = format!(
            "update grace_migrate.journal set failed_at = pg_catalog.clock_timestamp(), \
             sqlstate = {}, message = {} where {}",
            optional(sqlstate.as_deref()),
            quote_literal(start_of(message)),
            self.row(index)
        );
        write(session, &update).await
    }

    /// Which row is that of statement `index`. Our columns have types whose operators no other
    /// schema can stand before: the path is empty.
    fn row(&self, index: usize) -> String {
        format!(
            "version_table = {} and revision = {} and direction = '{}' and statement = {index}",
            quote_literal(&self.recording.table.key()),
            quote_literal(self.revision),
            self.direction,
        )
    }
}

impl JournalRow {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            statement: usize::try_from(row.get::<i32>(0)?).unwrap_or(0),
            checksum: row.get(1)?,
            state: match (row.get(2)?, row.get(3)?) {
                (true, _) => StatementState::Done,
                (false, true) => StatementState::Failed,
                (false, false) => StatementState::Begun,
            },
            run_id: row.get(4)?,
            sql: row.get(5)?,
            atomic: row.get(6)?,
            indexes_before: row.get(7)?,
            line: row
                .get::<Option<i32>>(8)?
                .and_then(|line| u32::try_from(line).ok()),
        })
    }
}

/// The first characters of a text.
fn start_of(text: &str) -> &str {
    text.char_indices()
        .nth(KEPT_CHARACTERS)
        .map_or(text, |(end, _)| &text[..end])
}

/// Writes in a transaction of its own, in which nothing counts that the script set. A cancel
/// request that was meant for the script's statement may hit this one: it is tried once more.
async fn write(session: &Session, statement: &str) -> Result<(), BookkeepingError> {
    let mut result = attempt(session, statement).await;
    if matches!(&result, Err(DbError::Server(error)) if error.sqlstate == SqlState::QUERY_CANCELED)
    {
        session.batch("rollback").await?;
        result = attempt(session, statement).await;
    }
    Ok(result?)
}

async fn attempt(session: &Session, statement: &str) -> Result<(), DbError> {
    let settings = SessionSettings::BOOKKEEPING_ASIDE_SQL;
    let begin = format!("begin read write; {settings}");
    if statement.is_ascii() {
        return session.batch(&format!("{begin} {statement}; commit")).await;
    }
    // A message is read in the encoding that stands when it arrives: the script may have set
    // another.
    session.batch(&begin).await?;
    session.batch(&format!("{statement}; commit")).await
}
