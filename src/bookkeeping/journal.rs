use super::error::BookkeepingError;
use super::lock::first_is_true;
use super::record::Recording;
use super::version_table::VersionTable;
use crate::db::{DbError, Session, SessionSettings, SqlState};
use crate::revision::Direction;
use crate::sql::quote_literal;

/// The journal of one script that runs outside a transaction: intent before each statement,
/// completion after it, so that a later run resumes at the first statement not done. It is
/// forgotten when the script is recorded as a whole; see [`record`](super::record()).
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
    /// Whether it was completed; begun only, otherwise.
    pub done: bool,
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
                "select statement, checksum, finished_at is not null from grace_migrate.journal \
                 where version_table = $1 and revision = $2 and direction = $3 order by statement",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                ],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(JournalRow {
                    statement: usize::try_from(row.get::<i32>(0)?).unwrap_or(0),
                    checksum: row.get(1)?,
                    done: row.get(2)?,
                })
            })
            .collect()
    }

    /// Writes that statement `index` of `count` is about to run.
    ///
    /// # Errors
    /// The server's.
    pub async fn begin(
        &self,
        session: &Session,
        index: usize,
        count: usize,
        checksum: &str,
    ) -> Result<(), BookkeepingError> {
        let insert = format!(
            "insert into grace_migrate.journal \
             (version_table, revision, direction, statement, statements, checksum, run_id) \
             values ({}, {}, '{}', {index}, {count}, {}, {}) \
             on conflict (version_table, revision, direction, statement) do update \
             set statements = excluded.statements, checksum = excluded.checksum, \
                 run_id = excluded.run_id, started_at = excluded.started_at, finished_at = null",
            quote_literal(&self.recording.table.key()),
            quote_literal(self.revision),
            self.direction,
            quote_literal(checksum),
            quote_literal(&self.recording.run_id),
        );
        write(session, &insert).await
    }

    /// Writes that statement `index` is done.
    ///
    /// # Errors
    /// The server's.
    pub async fn complete(&self, session: &Session, index: usize) -> Result<(), BookkeepingError> {
        let update = "update grace_migrate.journal set finished_at = pg_catalog.clock_timestamp()";
        write(session, &format!("{update} where {}", self.row(index))).await
    }

    /// Takes back that statement `index` was about to run: the server said that it did not.
    ///
    /// # Errors
    /// The server's.
    pub async fn withdraw(&self, session: &Session, index: usize) -> Result<(), BookkeepingError> {
        let delete = "delete from grace_migrate.journal";
        write(session, &format!("{delete} where {}", self.row(index))).await
    }

    fn row(&self, index: usize) -> String {
        format!(
            "version_table = {} and revision = {} and direction = '{}' and statement = {index}",
            quote_literal(&self.recording.table.key()),
            quote_literal(self.revision),
            self.direction,
        )
    }
}

/// Writes in a transaction of its own, in which nothing counts that the script set. A cancel
/// request that was meant for the script's statement may hit this one: it is tried once more.
async fn write(session: &Session, statement: &str) -> Result<(), BookkeepingError> {
    let settings = SessionSettings::BOOKKEEPING_ASIDE_SQL;
    let sql = format!("begin read write; {settings} {statement}; commit");
    let mut result = session.batch(&sql).await;
    if matches!(&result, Err(DbError::Server(error)) if error.sqlstate == SqlState::QUERY_CANCELED)
    {
        session.batch("rollback").await?;
        result = session.batch(&sql).await;
    }
    Ok(result?)
}
