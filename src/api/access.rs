//! The way to the database: a transaction in somebody's name, and no other.
//!
//! PostgreSQL decides who sees what. What it decides by, the role and the claims, is set for one
//! transaction and gone with it, however that ends: by COMMIT, by an error, by a request that is
//! given up half way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::ApiError;
use super::record::Record;
use super::token::Claims;
use crate::db::{
    Beginning, ConnectSpec, DbError, Lease, Pool, PoolOptions, PoolStatus, SessionOptions, ToSql,
};

/// The role of a signed-in user.
const USER_ROLE: &str = "authenticated";
/// The role of the service.
const SERVICE_ROLE: &str = "service_role";

/// What tells a transaction whose it is, as one statement: the role, the claims, the old setting of
/// the `sub` emptied lest somebody's policies still read it, no schema that names are looked for in,
/// and how long things may take.
const CONTEXT: &str = "select pg_catalog.set_config('role', $1, true), \
     pg_catalog.set_config('request.jwt.claims', $2, true), \
     pg_catalog.set_config('request.jwt.claim.sub', '', true), \
     pg_catalog.set_config('search_path', '', true), \
     pg_catalog.set_config('statement_timeout', $3, true), \
     pg_catalog.set_config('idle_in_transaction_session_timeout', $4, true)";

/// How long a look at the version table waits for a session.
const LOOK: Duration = Duration::from_secs(1);

/// In whose name a transaction runs.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// A signed-in user, by the claims of their token.
    User(Arc<Claims>),
    /// The service, which has its own pool.
    Service,
    /// The login of the users' pool itself, which may read the version table and little else; it has
    /// a session of its own.
    Login,
}

impl Caller {
    fn role(&self) -> &'static str {
        match self {
            Self::User(_) => USER_ROLE,
            Self::Service => SERVICE_ROLE,
            Self::Login => "none",
        }
    }

    fn claims(&self) -> &str {
        match self {
            Self::User(claims) => claims.json(),
            Self::Service => r#"{"role":"service_role"}"#,
            Self::Login => "",
        }
    }
}

/// Whether a transaction may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It only reads.
    Read,
    /// It may write.
    Write,
}

/// How long things may take within a transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScopeLimits {
    /// A statement.
    pub(crate) statement: Duration,
    /// The server's waiting for the next statement.
    pub(crate) idle: Duration,
}

/// The pools. Nobody gets a session of them: [`Access::begin`] gives a transaction.
pub(crate) struct Access {
    users: Pool,
    /// For a look at the version table while all of `users` are in use.
    own: Pool,
    service: Option<Pool>,
    statement: Arc<str>,
    idle: Arc<str>,
}

impl Access {
    /// Pools without a session yet.
    pub(crate) fn new(
        users: ConnectSpec,
        service: Option<ConnectSpec>,
        pool: PoolOptions,
        limits: ScopeLimits,
    ) -> Self {
        let options = |name: &str| SessionOptions {
            application_name: Some(name.to_owned()),
            connect_timeout: Some(pool.wait),
        };
        let own = PoolOptions {
            most: 1,
            wait: pool.wait.min(LOOK),
            ..pool
        };
        Self {
            own: Pool::new(users.clone(), options("grace-api readiness"), own),
            users: Pool::new(users, options("grace-api"), pool),
            service: service.map(|spec| Pool::new(spec, options("grace-api service"), pool)),
            statement: limits.statement.as_millis().to_string().into(),
            idle: limits.idle.as_millis().to_string().into(),
        }
    }

    /// A transaction in somebody's name. It begins with its first statement, in one round trip.
    pub(crate) async fn begin(&self, caller: &Caller, mode: Mode) -> Result<Scope, ApiError> {
        let pool = match caller {
            Caller::User(_) => &self.users,
            Caller::Login => &self.own,
            Caller::Service => self.service.as_ref().ok_or(ApiError::NoService)?,
        };
        Ok(Scope {
            lease: Some(pool.lease().await?),
            unbegun: Some(Context {
                caller: caller.clone(),
                statement: Arc::clone(&self.statement),
                idle: Arc::clone(&self.idle),
            }),
            mode,
            running: false,
        })
    }

    /// The users' pool.
    pub(crate) fn users(&self) -> PoolStatus {
        self.users.status()
    }

    /// The service's pool, where there is one.
    pub(crate) fn service(&self) -> Option<PoolStatus> {
        self.service.as_ref().map(Pool::status)
    }

    /// Ends the sessions that nobody uses, and gives no more.
    pub(crate) fn close(&self) {
        self.users.close();
        self.own.close();
        if let Some(service) = &self.service {
            service.close();
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("users", &self.users)
            .field("service", &self.service)
            .finish()
    }
}

/// What a transaction is begun with.
struct Context {
    caller: Caller,
    statement: Arc<str>,
    idle: Arc<str>,
}

impl Context {
    /// Begins it by `work`.
    async fn begin<T>(
        &self,
        mode: Mode,
        work: impl AsyncFnOnce(&Beginning<'_>) -> Result<T, DbError>,
    ) -> Result<T, ApiError> {
        let (role, claims) = (self.caller.role(), self.caller.claims());
        let (statement, idle) = (&*self.statement, &*self.idle);
        let begin = match mode {
            Mode::Read => "begin transaction read only",
            Mode::Write => "begin transaction read write",
        };
        let beginning = Beginning {
            begin,
            sql: CONTEXT,
            parameters: &[&role, &claims, &statement, &idle],
        };
        work(&beginning).await.map_err(|error| match error.into() {
            // Whoever asks cannot help it.
            ApiError::Forbidden => ApiError::Unavailable {
                reason: format!("the login may not become {role}"),
            },
            error => error,
        })
    }
}

/// A transaction in somebody's name. What is not committed is rolled back when this is dropped, and
/// what runs still is cancelled; the session serves nobody else before that is done.
pub(crate) struct Scope {
    lease: Option<Lease>,
    /// What it is to begin with, as long as it has not.
    unbegun: Option<Context>,
    mode: Mode,
    /// A command was sent, and its answer has not come.
    running: bool,
}

/// Parameters of a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Scope {
    /// Works with the session, and with what the transaction is to begin with if it has not.
    async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Lease, Option<Context>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let lease = self
            .lease
            .as_mut()
            .expect("a scope has its session until it ends");
        self.running = true;
        let done = work(lease, self.unbegun.take()).await;
        self.running = false;
        done
    }

    /// All rows of a query.
    pub(crate) async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<T>, ApiError> {
        let mode = self.mode;
        let rows = self
            .run(async |lease, unbegun| match unbegun {
                Some(context) => {
                    let rows = context.begin(mode, async |beginning| {
                        lease.begin_and_query(beginning, sql, values).await
                    });
                    Ok(rows.await??)
                }
                None => Ok(lease.query(sql, values).await?),
            })
            .await?;
        let records: Result<Vec<T>, DbError> = rows.iter().map(T::of).collect();
        Ok(records?)
    }

    /// The first row of a query, or none.
    pub(crate) async fn maybe<T: Record>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Option<T>, ApiError> {
        let all = self.all(sql, values).await?;
        Ok(all.into_iter().next())
    }

    /// The first row of a query; that there is none means that there is nothing, or nothing that the
    /// caller may know of.
    pub(crate) async fn one<T: Record>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<T, ApiError> {
        self.maybe(sql, values).await?.ok_or(ApiError::NotFound)
    }

    /// Runs a command, and gives the number of rows that it touched.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<u64, ApiError> {
        let mode = self.mode;
        self.run(async |lease, unbegun| {
            if let Some(context) = unbegun {
                let begun = context.begin(mode, async |beginning| lease.begin(beginning).await);
                begun.await?;
            }
            Ok(lease.execute(sql, values).await?)
        })
        .await
    }

    /// Keeps what was done. Once this has begun it goes on to its end, whether somebody waits for it
    /// or not: what was sent cannot be called back.
    ///
    /// A transaction that only read has nothing to keep: nobody waits for its end.
    pub(crate) async fn commit(mut self) -> Result<(), ApiError> {
        if self.unbegun.is_some() {
            return Ok(());
        }
        let mut lease = self
            .lease
            .take()
            .expect("a scope has its session until it ends");
        let end = tokio::spawn(async move {
            let committed = lease.commit().await;
            if committed.is_err() {
                lease.roll_back(false).await;
            }
            committed
        });
        if self.mode == Mode::Read {
            return Ok(());
        }
        match end.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(DbError::LinkLost { reason, .. })) => Err(ApiError::Unknown { reason }),
            Ok(Err(error)) => Err(error.into()),
            Err(cut) => Err(ApiError::Unknown {
                reason: cut.to_string(),
            }),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let (Some(lease), running) = (self.lease.take(), self.running) else {
            return;
        };
        if self.unbegun.is_some() {
            return;
        }
        // Without a runtime the program ends, and the link with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(lease.roll_back(running));
        }
    }
}
