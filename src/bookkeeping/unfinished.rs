use chrono::{DateTime, Utc};

use super::error::BookkeepingError;
use super::version_table::VersionTable;
use crate::db::{DbError, Row, Session};

/// A script that runs outside a transaction and that no run has brought to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The revision.
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// How many statements are done.
    pub done: usize,
    /// Of how many, when it last ran.
    pub statements: usize,
    /// The run that was last at it.
    pub run_id: String,
    /// When that began its last statement.
    pub at: DateTime<Utc>,
    /// The statement where it stopped; `None` where all are done and the whole is not recorded.
    pub stopped: Option<Stopped>,
}

/// The statement where a script stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Which, from 0.
    pub statement: usize,
    /// The line of the script that it began on; `None`, as all below, where an older version of
    /// this program ran it.
    pub line: Option<u32>,
    /// How its text begins.
    pub sql: Option<String>,
    /// When it failed; `None` where nobody wrote how it ended.
    pub failed_at: Option<DateTime<Utc>>,
    /// The server's code.
    pub sqlstate: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
}

/// The scripts that stopped on their way. The journal must exist, in whatever shape; the session's
/// path must be empty.
///
/// # Errors
/// The server's.
pub async fn unfinished(
    session: &Session,
    table: &VersionTable,
) -> Result<Vec<Unfinished>, BookkeepingError> {
    // As JSON, a column that the database does not have yet is null.
    let rows = session
        .query(
            "select d.revision, d.direction, d.done, d.statements, \
                    coalesce(o.run_id, d.run_id), coalesce(o.started_at, d.started_at), \
                    o.statement, (o.whole ->> 'line')::int4, o.whole ->> 'sql', \
                    (o.whole ->> 'failed_at')::timestamptz, o.whole ->> 'sqlstate', \
                    o.whole ->> 'message' \
             from (select revision, direction, count(finished_at)::int4 as done, \
                          max(statements) as statements, max(run_id) as run_id, \
                          max(started_at) as started_at \
                   from grace_migrate.journal where version_table = $1 \
                   group by revision, direction) d \
             left join lateral ( \
                 select j.statement, j.run_id, j.started_at, to_jsonb(j) as whole \
                 from grace_migrate.journal j \
                 where j.version_table = $1 and j.revision = d.revision \
                   and j.direction = d.direction and j.finished_at is null \
                 order by j.statement limit 1) o on true \
             order by d.revision, d.direction",
            &[(&table.key()).into()],
        )
        .await?;
    Ok(rows
        .iter()
        .map(Unfinished::read)
        .collect::<Result<_, DbError>>()?)
}

impl Unfinished {
    fn read(row: &Row) -> Result<Self, DbError> {
        let count = |number: i32| usize::try_from(number).unwrap_or(0);
        let stopped = match row.get::<Option<i32>>(6)? {
            Some(statement) => Some(Stopped {
                statement: count(statement),
                line: row
                    .get::<Option<i32>>(7)?
                    .and_then(|line| u32::try_from(line).ok()),
                sql: row.get(8)?,
                failed_at: row.get(9)?,
                sqlstate: row.get(10)?,
                message: row.get(11)?,
            }),
            None => None,
        };
        Ok(Self {
            revision: row.get(0)?,
            direction: row.get(1)?,
            done: count(row.get(2)?),
            statements: count(row.get(3)?),
            run_id: row.get(4)?,
            at: row.get(5)?,
            stopped,
        })
    }
}
