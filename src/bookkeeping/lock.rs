use std::time::Duration;

use rand::RngExt as _;
use tokio::time::Instant;

use super::blockers::{QUERY, TRANSACTION_MS};
use super::error::BookkeepingError;
use super::holder::{LockHolder, Runner};
use super::version_table::VersionTable;
use crate::checksum::stable_hash;
use crate::db::{DbError, Param, Row, Session, TransactionEnd};

/// The first key of the advisory lock: "GRMG".
const CLASS: i32 = 0x4752_4D47;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whether the session `a` of `pg_stat_activity` holds the lock whose keys are `$1` and `$2`.
const HOLDS: &str = "exists (select from pg_catalog.pg_locks l where l.pid = a.pid \
     and l.locktype = 'advisory' and l.granted and l.objsubid = 2 \
     and l.database = (select oid from pg_catalog.pg_database \
                       where datname = pg_catalog.current_database()) \
     and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid)";

/// The advisory lock that one run holds, with its session: a lost link is a lost run, never a second
/// runner. Behind a transaction pooler no session is ours; it is held with the transaction there.
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
    /// Of a session that is shared it is taken for a transaction, which is open then, and in which
    /// everything that is done under the lock has to be done.
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
            session.begin_shared().await?;
            if self.attempt(session).await? {
                return Ok(session.tidy().await?);
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
            session.end_shared(TransactionEnd::Rollback).await?;
            let jitter = rand::rng().random_range(0.5..1.0);
            let left = wait.saturating_sub(waited);
            tokio::time::sleep(pause.mul_f64(jitter).min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(self, session: &Session) -> Result<bool, BookkeepingError> {
        let take = if session.is_shared() {
            "select pg_catalog.pg_try_advisory_xact_lock($1, $2)"
        } else {
            "select pg_catalog.pg_try_advisory_lock($1, $2) \
                and pg_catalog.pg_try_advisory_lock($1, $2)"
        };
        let sql = format!("{take} {}", self.mark());
        let rows = session
            .query(&sql, &[CLASS.into(), self.object.into()])
            .await?;
        Ok(first_is_true(&rows)?)
    }

    /// What each statement of a session that waits for the lock says: waiting sessions hold
    /// nothing that they could be found by.
    fn mark(self) -> String {
        format!("/* waits for the migration lock {CLASS} {} */", self.object)
    }

    /// Gives the lock back. Of a session that is shared it goes with the transaction, which is
    /// committed, unless it has ended.
    ///
    /// # Errors
    /// [`BookkeepingError::LockLost`] where it was not ours, and the server's.
    pub async fn release(self, session: &Session) -> Result<(), BookkeepingError> {
        if session.is_shared() {
            return Ok(session.end_shared(TransactionEnd::Commit).await?);
        }
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

    /// A statement that fails, as the function `grace_migrate.record` does, unless the lock is held
    /// by whoever runs it.
    pub(super) fn check_sql(self) -> String {
        format!(
            "do $check$ begin
    if not exists (
        select from pg_catalog.pg_locks
        where pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
          and locktype operator(pg_catalog.=) 'advisory' and granted
          and mode operator(pg_catalog.=) 'ExclusiveLock' and objsubid operator(pg_catalog.=) 2
          and database operator(pg_catalog.=) (
              select oid from pg_catalog.pg_database
              where datname operator(pg_catalog.=) pg_catalog.current_database())
          and classid operator(pg_catalog.=) {}::pg_catalog.int8::pg_catalog.oid
          and objid operator(pg_catalog.=) {}::pg_catalog.int8::pg_catalog.oid
    ) then
        raise exception 'the migration lock is not held by this transaction'
            using errcode = 'GM002';
    end if;
end $check$;\n",
            CLASS.cast_unsigned(),
            self.object.cast_unsigned(),
        )
    }

    /// Who holds the lock now.
    ///
    /// # Errors
    /// The server's.
    pub async fn holder(self, session: &Session) -> Result<Option<LockHolder>, BookkeepingError> {
        let sql = format!(
            "select a.pid, a.application_name, a.usename::pg_catalog.text, \
                    pg_catalog.host(a.client_addr), a.backend_start \
             from pg_catalog.pg_stat_activity a where {HOLDS} {}",
            self.mark()
        );
        let rows = session.query(&sql, &self.held_keys()).await?;
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

    /// Who holds the lock now, and every other session of a grace-migrate in this database, the
    /// oldest first; the session that asks is left out.
    ///
    /// # Errors
    /// The server's.
    pub async fn runners(self, session: &Session) -> Result<Vec<Runner>, BookkeepingError> {
        let sql = format!(
            "select a.pid, a.usename::pg_catalog.text, a.application_name, \
                    pg_catalog.host(a.client_addr), a.backend_start, a.state, {TRANSACTION_MS}, \
                    {QUERY}, {HOLDS}, pg_catalog.strpos(a.query, $3) > 0 \
             from pg_catalog.pg_stat_activity a \
             where a.pid <> pg_catalog.pg_backend_pid() and ({HOLDS} \
                or a.datname = pg_catalog.current_database() \
                   and pg_catalog.starts_with(a.application_name, 'grace-migrate/')) \
             order by a.backend_start"
        );
        let [class, object] = self.held_keys();
        let mark = self.mark();
        let rows = session
            .query(&sql, &[class, object, (&mark).into()])
            .await?;
        let runner = |row: &Row| -> Result<Runner, DbError> {
            Ok(Runner {
                pid: row.get(0)?,
                user: row.get(1)?,
                application: row.get(2)?,
                client: row.get(3)?,
                since: row.get(4)?,
                state: row.get(5)?,
                transaction_ms: row.get(6)?,
                query: row.get(7)?,
                holds: row.get(8)?,
                waits: row.get::<Option<bool>>(9)?.unwrap_or_default(),
            })
        };
        Ok(rows.iter().map(runner).collect::<Result<_, _>>()?)
    }

    /// Both keys as [`HOLDS`] takes them.
    fn held_keys(self) -> [Param<'static>; 2] {
        [CLASS, self.object].map(|key| i64::from(key.cast_unsigned()).into())
    }
}

/// Whether the one value of an answer is true.
pub(super) fn first_is_true(rows: &[Row]) -> Result<bool, DbError> {
    rows.first().map_or(Ok(false), |row| row.get(0))
}
