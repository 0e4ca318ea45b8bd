use std::time::Duration;

use rand::RngExt as _;
use tokio::time::Instant;

use super::error::BookkeepingError;
use super::holder::LockHolder;
use super::version_table::VersionTable;
use crate::checksum::stable_hash;
use crate::db::{DbError, Row, Session};

/// The first key of the advisory lock: "GRMG".
const CLASS: i32 = 0x4752_4D47;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The session advisory lock that one run holds: a lost link is a lost run, never a second runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationLock {
    object: i32,
}

/// A look at the lock that is not ours yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How long we have waited.
    pub waited: Duration,
    /// Who holds it, where the server tells.
    pub holder: Option<LockHolder>,
}

impl MigrationLock {
    /// The lock of this version table.
    #[must_use]
    pub fn of(table: &VersionTable) -> Self {
        Self {
            object: stable_hash(&table.key()),
        }
    }

    /// Both keys, as `pg_locks` shows them (`classid`, `objid`).
    #[must_use]
    pub fn keys(self) -> (i32, i32) {
        (CLASS, self.object)
    }

    /// Takes the lock, polling up to `wait`; `waiting` is told at the first look and then about
    /// once a second. Polls, because a session blocked in `pg_advisory_lock` and a concurrent
    /// index build deadlock.
    ///
    /// It is taken twice over, so that whoever wants to know whether it is still ours can give back
    /// one hold and keep the other.
    ///
    /// # Errors
    /// [`BookkeepingError::Locked`] with the holder, and the server's.
    pub async fn acquire(
        self,
        session: &Session,
        wait: Duration,
        mut waiting: impl FnMut(&Waiting),
    ) -> Result<(), BookkeepingError> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut told = None;
        loop {
            if self.attempt(session).await? {
                return Ok(());
            }
            let waited = start.elapsed();
            if waited >= wait {
                return Err(BookkeepingError::Locked {
                    waited,
                    holder: self.holder(session).await?,
                });
            }
            if told.is_none_or(|at: Instant| at.elapsed() >= LONGEST_PAUSE) {
                let holder = self.holder(session).await?;
                waiting(&Waiting { waited, holder });
                told = Some(Instant::now());
            }
            let jitter = rand::rng().random_range(0.5..1.0);
            let left = wait.saturating_sub(waited);
            tokio::time::sleep(pause.mul_f64(jitter).min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(self, session: &Session) -> Result<bool, BookkeepingError> {
        let rows = session
            .query(
                "select pg_catalog.pg_try_advisory_lock($1, $2) \
                    and pg_catalog.pg_try_advisory_lock($1, $2)",
                &[CLASS.into(), self.object.into()],
            )
            .await?;
        Ok(first_is_true(&rows)?)
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// [`BookkeepingError::LockLost`] where it was not ours, and the server's.
    pub async fn release(self, session: &Session) -> Result<(), BookkeepingError> {
        let rows = session
            .query(
                "select pg_catalog.pg_advisory_unlock($1, $2) \
                    and pg_catalog.pg_advisory_unlock($1, $2)",
                &[CLASS.into(), self.object.into()],
            )
            .await?;
        if first_is_true(&rows)? {
            Ok(())
        } else {
            Err(BookkeepingError::LockLost)
        }
    }

    /// Who holds the lock now.
    ///
    /// # Errors
    /// The server's.
    pub async fn holder(self, session: &Session) -> Result<Option<LockHolder>, BookkeepingError> {
        let rows = session
            .query(
                "select a.pid, a.application_name, a.usename::pg_catalog.text, \
                        pg_catalog.host(a.client_addr), a.backend_start \
                 from pg_catalog.pg_locks l \
                 join pg_catalog.pg_stat_activity a on a.pid = l.pid \
                 where l.locktype = 'advisory' and l.granted and l.objsubid = 2 \
                   and l.database = (select oid from pg_catalog.pg_database \
                                     where datname = pg_catalog.current_database()) \
                   and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid",
                &[
                    i64::from(CLASS.cast_unsigned()).into(),
                    i64::from(self.object.cast_unsigned()).into(),
                ],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(LockHolder {
            pid: row.get(0)?,
            application_name: row.get(1)?,
            user: row.get(2)?,
            client_address: row.get(3)?,
            since: row.get(4)?,
        }))
    }
}

/// Whether the one value of an answer is true.
pub(super) fn first_is_true(rows: &[Row]) -> Result<bool, DbError> {
    rows.first().map_or(Ok(false), |row| row.get(0))
}
