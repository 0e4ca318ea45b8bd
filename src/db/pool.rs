//! Sessions that are kept open for the next one who needs one.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use deadpool::managed::{
    self, Hook, Manager, Metrics, PoolConfig, QueueMode, RecycleError, RecycleResult, Timeouts,
};
use tokio_postgres::Statement;
pub use tokio_postgres::types::{FromSql, Json, ToSql, Type};

use super::wire::TransactionStatus;
use super::{ConnectSpec, DbError, Row, Session, SessionOptions, SqlState};

/// How long the end of an abandoned transaction may take before its link is cut.
const FAREWELL: Duration = Duration::from_secs(5);

/// How many sessions a [`Pool`] keeps, and how long somebody waits for one.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// The most sessions at one time.
    pub most: usize,
    /// How long one waits for a session at most, opening it included.
    pub wait: Duration,
    /// After how long a session is not used any more, so that a server that was replaced behind its
    /// name is found.
    pub longest: Duration,
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// It could not be opened.
    #[error(transparent)]
    Db(#[from] DbError),
    /// All were in use for as long as one waits.
    #[error("no session was free within {} ms", after.as_millis())]
    Exhausted {
        /// How long it was waited.
        after: Duration,
    },
    /// The pool was closed.
    #[error("the pool is closed")]
    Closed,
}

/// Sessions at one place, opened when they are needed and kept.
#[derive(Clone)]
pub struct Pool {
    sessions: managed::Pool<Opener>,
    wait: Duration,
}

/// How many sessions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// The most there can be.
    pub most: usize,
    /// Those that are open.
    pub open: usize,
    /// Those of them that nobody uses.
    pub idle: usize,
    /// Those who wait for one.
    pub waiting: usize,
}

struct Opener {
    spec: ConnectSpec,
    options: SessionOptions,
}

/// A session, and what stays prepared in it.
struct Kept {
    session: Session,
    statements: HashMap<&'static str, Statement>,
    /// It must not be used again.
    spent: bool,
}

impl Manager for Opener {
    type Type = Kept;
    type Error = DbError;

    async fn create(&self) -> Result<Kept, DbError> {
        Ok(Kept {
            session: Session::connect(&self.spec, &self.options).await?,
            statements: HashMap::new(),
            spent: false,
        })
    }

    async fn recycle(&self, kept: &mut Kept, _: &Metrics) -> RecycleResult<DbError> {
        let free = kept.session.transaction_status() == TransactionStatus::Idle;
        if kept.spent || kept.session.is_closed() || !free {
            return Err(RecycleError::message("it cannot be used again"));
        }
        Ok(())
    }
}

impl Pool {
    /// A pool that has no session yet.
    #[must_use]
    pub fn new(spec: ConnectSpec, options: SessionOptions, limits: PoolOptions) -> Self {
        let PoolOptions {
            most,
            wait,
            longest,
        } = limits;
        let config = PoolConfig {
            max_size: most.max(1),
            timeouts: Timeouts {
                wait: Some(wait),
                create: Some(wait),
                recycle: Some(wait),
            },
            queue_mode: QueueMode::Lifo,
        };
        let sessions = managed::Pool::builder(Opener { spec, options })
            .config(config)
            .pre_recycle(Hook::sync_fn(move |_, metrics| {
                if metrics.age() > longest {
                    return Err(managed::HookError::message("it is too old"));
                }
                Ok(())
            }))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .expect("a pool with a runtime");
        Self { sessions, wait }
    }

    /// A session that is free, or a new one.
    ///
    /// # Errors
    /// What keeps it from being opened, and [`PoolError::Exhausted`].
    pub async fn lease(&self) -> Result<Lease, PoolError> {
        match self.sessions.get().await {
            Ok(kept) => Ok(Lease { kept }),
            Err(managed::PoolError::Backend(error)) => Err(error.into()),
            Err(managed::PoolError::Closed) => Err(PoolError::Closed),
            Err(_) => Err(PoolError::Exhausted { after: self.wait }),
        }
    }

    /// Gives no session from here on, and ends those that nobody uses.
    pub fn close(&self) {
        self.sessions.close();
    }

    /// How many sessions there are.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let status = self.sessions.status();
        PoolStatus {
            most: status.max_size,
            open: status.size,
            idle: status.available,
            waiting: status.waiting,
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The command that begins it.
    pub begin: &'static str,
    /// The statement that is run in it before any other.
    pub sql: &'static str,
    /// That one's parameters.
    pub parameters: &'a [&'a (dyn ToSql + Sync)],
}

/// A session of a pool, for as long as somebody needs it. Statements stay prepared in it.
///
/// Whoever has begun a transaction in it must end it: with [`Lease::roll_back`] where the last
/// command may still run.
pub struct Lease {
    kept: managed::Object<Opener>,
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kept.session.fmt(f)
    }
}

impl Lease {
    /// Its session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.kept.session
    }

    async fn statement(&mut self, sql: &'static str) -> Result<Statement, DbError> {
        if let Some(statement) = self.kept.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.kept.session.client.prepare(sql).await;
        let statement =
            prepared.map_err(|error| self.kept.session.failure(&error, "a preparation"))?;
        self.kept.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Begins a transaction by `begin`, and runs `sql` in it: two messages in one round trip.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn begin(&mut self, beginning: &Beginning<'_>) -> Result<(), DbError> {
        let statement = self.statement(beginning.sql).await?;
        let session = &self.kept.session;
        let (begun, run) = tokio::join!(
            session.batch(beginning.begin),
            session.client.execute(&statement, beginning.parameters)
        );
        begun?;
        run.map_err(|error| self.failure(&error))?;
        Ok(())
    }

    /// [`Lease::begin`] and [`Lease::query`]: one round trip where the query is prepared already.
    ///
    /// # Errors
    /// The outer one of beginning, the inner one of the query.
    pub async fn begin_and_query(
        &mut self,
        beginning: &Beginning<'_>,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Result<Vec<Row>, DbError>, DbError> {
        let Some(query) = self.kept.statements.get(sql).cloned() else {
            // It is prepared within the transaction: a login need not see the tables' schema.
            self.begin(beginning).await?;
            return Ok(self.query(sql, parameters).await);
        };
        let statement = self.statement(beginning.sql).await?;
        let session = &self.kept.session;
        let (begun, run, rows) = tokio::join!(
            session.batch(beginning.begin),
            session.client.execute(&statement, beginning.parameters),
            session.client.query(&query, parameters)
        );
        begun?;
        run.map_err(|error| self.failure(&error))?;
        Ok(match rows {
            Ok(rows) => Ok(rows.into_iter().map(Row).collect()),
            Err(error) => Err(self.failure(&error)),
        })
    }

    /// The rows of a query.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn query(
        &mut self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        let statement = self.statement(sql).await?;
        let rows = self.kept.session.client.query(&statement, parameters).await;
        match rows {
            Ok(rows) => Ok(rows.into_iter().map(Row).collect()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Runs a command, and gives the number of rows that it touched.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn execute(
        &mut self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DbError> {
        let statement = self.statement(sql).await?;
        let run = self
            .kept
            .session
            .client
            .execute(&statement, parameters)
            .await;
        run.map_err(|error| self.failure(&error))
    }

    /// Commits. An answer that is no COMMIT is an error.
    ///
    /// # Errors
    /// The server's error, a lost link, or [`DbError::Protocol`] where the transaction had failed
    /// before, so that nothing is kept.
    pub async fn commit(&mut self) -> Result<(), DbError> {
        if self.kept.session.transaction_status() != TransactionStatus::Open {
            return Err(DbError::Protocol {
                during: "a COMMIT",
                reason: "the transaction has failed before".to_owned(),
            });
        }
        self.kept.session.batch("commit").await
    }

    /// Ends whatever is begun, and gives the session back, or ends it where that takes too long.
    /// What runs still is cancelled first where `running` says that something may.
    pub async fn roll_back(mut self, running: bool) {
        let tidied = tokio::time::timeout(FAREWELL, async {
            let session = &self.kept.session;
            if running {
                session.cancel_handle().cancel().await?;
            }
            match session.batch("rollback").await {
                // The cancel request came late, and met this.
                Err(DbError::Server(error)) if error.sqlstate == SqlState::QUERY_CANCELED => {
                    session.batch("rollback").await
                }
                done => done,
            }
        });
        if !matches!(tidied.await, Ok(Ok(()))) {
            self.kept.spent = true;
            self.kept.session.cut("an abandoned request did not end");
        }
    }

    fn failure(&mut self, error: &tokio_postgres::Error) -> DbError {
        let failure = self.kept.session.failure(error, "a query");
        let stale = matches!(&failure, DbError::Server(error)
            // A table has changed under what is prepared, or a pooler lost it.
            if matches!(error.sqlstate, SqlState::FEATURE_NOT_SUPPORTED | SqlState::INVALID_SQL_STATEMENT_NAME));
        if stale {
            self.kept.spent = true;
        }
        failure
    }
}
