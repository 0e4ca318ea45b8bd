use super::error::BookkeepingError;
use super::record::Recording;
use crate::db::Session;
use crate::revision::Direction;

/// The journal of one script that runs outside a transaction: intent before each statement,
/// completion after it, so that a later run resumes at the first statement not done.
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

    /// What an earlier run left, by statement.
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
        session
            .query(
                "insert into grace_migrate.journal \
                 (version_table, revision, direction, statement, statements, checksum, run_id) \
                 values ($1, $2, $3, $4, $5, $6, $7) \
                 on conflict (version_table, revision, direction, statement) do update \
                 set statements = excluded.statements, checksum = excluded.checksum, \
                     run_id = excluded.run_id, started_at = excluded.started_at, finished_at = null",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                    int(index).into(),
                    int(count).into(),
                    checksum.into(),
                    (&self.recording.run_id).into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Writes that statement `index` is done.
    ///
    /// # Errors
    /// The server's.
    pub async fn complete(&self, session: &Session, index: usize) -> Result<(), BookkeepingError> {
        session
            .query(
                "update grace_migrate.journal set finished_at = pg_catalog.clock_timestamp() \
                 where version_table = $1 and revision = $2 and direction = $3 and statement = $4",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                    int(index).into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Takes back that statement `index` was about to run: the server said that it did not.
    ///
    /// # Errors
    /// The server's.
    pub async fn withdraw(&self, session: &Session, index: usize) -> Result<(), BookkeepingError> {
        session
            .query(
                "delete from grace_migrate.journal \
                 where version_table = $1 and revision = $2 and direction = $3 and statement = $4",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                    int(index).into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Forgets the script's statements: it is recorded as a whole now. Called in the transaction
    /// that records it.
    ///
    /// # Errors
    /// The server's.
    pub async fn clear(&self, session: &Session) -> Result<(), BookkeepingError> {
        session
            .query(
                "delete from grace_migrate.journal \
                 where version_table = $1 and revision = $2 and direction = $3",
                &[
                    (&self.recording.table.key()).into(),
                    self.revision.into(),
                    (&self.direction.to_string()).into(),
                ],
            )
            .await?;
        Ok(())
    }
}

fn int(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}
