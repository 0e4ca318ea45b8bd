//! One connection, and plain commands on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinHandle};
use tokio_postgres::SimpleQueryMessage;

use super::connect::{self, CancelHandle, Opened, SessionOptions};
use super::link::{self, Link, Loss};
use super::notices::Notices;
use super::prepared::Prepared;
use super::shared::Shared;
use super::value::Answers;
use super::wire::TransactionStatus;
use super::{
    Answer, Attempt, ConnectSpec, DbError, Endpoint, Param, Row, ServerError, ServerRole,
    TargetSession,
};

/// How long a session's end may take before it is cut.
const FAREWELL: Duration = Duration::from_secs(2);

/// An open connection. Dropping it ends it; [`Session::close`] waits for that.
///
/// Nothing stays prepared on the server, unless that is [wanted](Session::keep_statements): queries
/// with parameters use the unnamed statement.
#[derive(Debug)]
pub struct Session {
    pub(super) client: tokio_postgres::Client,
    pub(super) link: Arc<Link>,
    /// What is known of it behind a transaction pooler.
    pub(super) shared: Option<Shared>,
    /// The statements that stay prepared, where that is wanted.
    pub(super) prepared: Option<Prepared>,
    driver: JoinHandle<()>,
    cancel: CancelHandle,
    endpoint: Endpoint,
    encrypted: bool,
    backend_pid: i32,
    server_version_num: i32,
    role: ServerRole,
}

/// What cuts the link of a session that is in use elsewhere; see [`Session::cut`].
#[derive(Debug)]
pub struct Scissors {
    link: Arc<Link>,
    driver: AbortHandle,
}

impl Scissors {
    /// Cuts it.
    pub fn cut(&self, reason: &str) {
        self.link.end(Loss {
            error: None,
            reason: reason.to_owned(),
        });
        self.driver.abort();
    }
}

impl Session {
    /// Opens a connection to the first server of `spec` that will do, by libpq's rules: one that
    /// is not there, or takes no connections yet, gives way to the next; one that does not let us
    /// in ends the search. Costs one round trip after the login.
    ///
    /// Must be called within a tokio runtime, which also drives the connection.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    pub async fn connect(spec: &ConnectSpec, options: &SessionOptions) -> Result<Self, DbError> {
        let wanted = spec.target_session;
        let endpoints = connect::order(spec);
        let (mut attempts, mut found) = (Vec::<Attempt>::new(), Vec::new());
        let mut not_accepting = None;
        let mut second_choice = None;
        for endpoint in &endpoints {
            let session = match connect::open(spec, options, endpoint).await {
                Ok(opened) => Self::start(opened, endpoint.clone()).await?,
                Err(DbError::Unreachable { attempts: failed }) => {
                    attempts.extend(failed);
                    continue;
                }
                Err(error @ DbError::NotAccepting { .. }) => {
                    not_accepting = not_accepting.or(Some(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if satisfies(session.role, wanted) {
                return Ok(session);
            }
            if wanted == TargetSession::PreferStandby && second_choice.is_none() {
                second_choice = Some(session);
            } else {
                found.push((endpoint.clone(), session.role));
                session.close().await;
            }
        }
        match (second_choice, not_accepting) {
            (Some(session), _) => Ok(session),
            (None, Some(error)) => Err(error),
            (None, None) if found.is_empty() => Err(DbError::Unreachable { attempts }),
            (None, None) => Err(DbError::NoSuchServer { wanted, found }),
        }
    }

    pub(super) async fn start(opened: Opened, endpoint: Endpoint) -> Result<Self, DbError> {
        let Opened {
            client,
            connection,
            seen,
            encrypted,
            cancel,
        } = opened;
        let link = Arc::new(Link::new(seen));
        let mut session = Self {
            cancel,
            client,
            driver: tokio::spawn(link::drive(connection, Arc::clone(&link))),
            link,
            shared: None,
            prepared: None,
            endpoint,
            encrypted,
            backend_pid: 0,
            server_version_num: 0,
            role: ServerRole::Writable,
        };
        let opening = session.cancel.clone();
        opening.in_time(session.introduce()).await?;
        Ok(session)
    }

    /// Awaits what belongs to opening the session still, for as long as an attempt at a server may
    /// take by its connection string: a link can stall behind the login too.
    ///
    /// # Errors
    /// Its own, and [`DbError::Unreachable`] where it takes longer.
    pub async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        self.cancel.in_time(step).await
    }

    /// Learns who is at the other end.
    async fn introduce(&mut self) -> Result<(), DbError> {
        const WHO: &str = "select pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
                           pg_catalog.current_setting('transaction_read_only'), \
                           pg_catalog.current_setting('server_version_num')";
        let during = "the greeting";
        let answer = self.client.simple_query(WHO).await;
        let answer = answer.map_err(|error| self.failure(&error, during))?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let column = |index| row.and_then(|row| row.try_get(index).ok().flatten());
        let (Some(pid), Some(recovery), Some(read_only), Some(version)) = (
            column(0).and_then(|text| text.parse().ok()),
            column(1),
            column(2),
            column(3).and_then(|text| text.parse().ok()),
        ) else {
            return Err(DbError::Protocol {
                during,
                reason: "no row".to_owned(),
            });
        };
        self.backend_pid = pid;
        self.server_version_num = version;
        self.role = match (recovery, read_only) {
            ("t", _) => ServerRole::Standby,
            (_, "on") => ServerRole::ReadOnly,
            _ => ServerRole::Writable,
        };
        Ok(())
    }

    /// The server at the other end.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The process id of the server's side; behind a transaction pooler, of the last transaction
    /// that was to change something.
    #[must_use]
    pub fn backend_pid(&self) -> i32 {
        let shared = self.shared.as_ref();
        shared.map_or(self.backend_pid, |shared| {
            shared.pid.load(Ordering::Relaxed)
        })
    }

    /// The server's version as one number: 150004 is 15.4.
    #[must_use]
    pub fn server_version_num(&self) -> i32 {
        self.server_version_num
    }

    /// Whether this server writes, as it was when the session began.
    #[must_use]
    pub fn role(&self) -> ServerRole {
        self.role
    }

    /// Whether what goes over the link is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Whether a transaction is open, as the server said after the last command. Costs nothing.
    #[must_use]
    pub fn transaction_status(&self) -> TransactionStatus {
        self.link.seen.transaction()
    }

    /// Whether something that the last script did is committed, whatever becomes of the transaction
    /// that it began in: it ended that, by words that no reading of its text finds. Costs nothing.
    #[must_use]
    pub fn script_kept(&self) -> bool {
        self.link.seen.script_kept()
    }

    /// Runs one or several statements, and throws rows away.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        self.client
            .batch_execute(sql)
            .await
            .map_err(|error| self.failure(&error, "a command"))
    }

    /// Runs one or several statements as one message, and gives the answer of each.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn answers(&self, sql: &str) -> Result<Vec<Answer>, DbError> {
        let messages = self.client.simple_query(sql).await;
        let messages = messages.map_err(|error| self.failure(&error, "a command"))?;
        let mut answers = Answers::default();
        for message in messages {
            answers.take(message);
        }
        Ok(answers.whole)
    }

    /// Runs one statement with parameters, and gives its rows.
    ///
    /// Columns should have built-in types: others cost a look-up that stays prepared.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn query(&self, sql: &str, parameters: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        let answered = match &self.prepared {
            Some(prepared) if parameters.is_empty() => prepared.query(&self.client, sql).await,
            _ => {
                let typed: Vec<_> = parameters.iter().map(Param::typed).collect();
                self.client.query_typed(sql, &typed).await
            }
        };
        match answered {
            Ok(rows) => Ok(rows.into_iter().map(Row).collect()),
            Err(error) => Err(self.failure(&error, "a query")),
        }
    }

    /// The one row of [`Session::query`], or none.
    ///
    /// # Errors
    /// The server's error, a lost link, or [`DbError::Protocol`] where there are several.
    pub async fn query_opt(
        &self,
        sql: &str,
        parameters: &[Param<'_>],
    ) -> Result<Option<Row>, DbError> {
        let mut rows = self.query(sql, parameters).await?;
        if rows.len() > 1 {
            return Err(DbError::Protocol {
                during: "a query",
                reason: format!("{} rows instead of one", rows.len()),
            });
        }
        Ok(rows.pop())
    }

    /// The one row of [`Session::query`].
    ///
    /// # Errors
    /// The server's error, a lost link, or [`DbError::Protocol`] where there is not exactly one.
    pub async fn query_one(&self, sql: &str, parameters: &[Param<'_>]) -> Result<Row, DbError> {
        self.query_opt(sql, parameters)
            .await?
            .ok_or_else(|| DbError::Protocol {
                during: "a query",
                reason: "no row".to_owned(),
            })
    }

    /// Runs one statement with parameters, and gives the number of rows that it touched.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn execute(&self, sql: &str, parameters: &[Param<'_>]) -> Result<u64, DbError> {
        let typed: Vec<_> = parameters.iter().map(Param::typed).collect();
        self.client
            .execute_typed(sql, &typed)
            .await
            .map_err(|error| self.failure(&error, "a command"))
    }

    /// The driver's own client, for the package that migrates our own tables.
    pub(crate) fn client_mut(&mut self) -> &mut tokio_postgres::Client {
        &mut self.client
    }

    /// What the server said on the side since the last look.
    #[must_use]
    pub fn drain_notices(&self) -> Notices {
        self.link.board.drain()
    }

    /// What tells the server to stop what this session runs.
    #[must_use]
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// Whether the link is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits until the link is gone, and says why; for as long as it stands, for ever.
    pub async fn lost(&self) -> DbError {
        self.link.lost().await.during("an idle session")
    }

    /// Ends the session, and waits a moment until the server has been told.
    pub async fn close(self) {
        let Self {
            client, mut driver, ..
        } = self;
        drop(client);
        if tokio::time::timeout(FAREWELL, &mut driver).await.is_err() {
            driver.abort();
        }
    }

    /// Cuts the link, where what comes next on it would not be understood, or nothing comes at all:
    /// whatever waits for an answer gets [`DbError::LinkLost`] for this reason.
    pub fn cut(&self, reason: &str) {
        self.scissors().cut(reason);
    }

    /// What cuts the link from elsewhere.
    #[must_use]
    pub fn scissors(&self) -> Scissors {
        Scissors {
            link: Arc::clone(&self.link),
            driver: self.driver.abort_handle(),
        }
    }

    /// What a driver's error means on a session that was open.
    pub(super) fn failure(&self, error: &tokio_postgres::Error, during: &'static str) -> DbError {
        if let Some(response) = error.as_db_error() {
            let response = Box::new(ServerError::from(response));
            return if response.ends_session() {
                DbError::LinkLost {
                    during,
                    reason: response.message.clone(),
                    error: Some(response),
                }
            } else {
                DbError::Server(response)
            };
        }
        if error.is_closed() {
            let loss = self.link.loss().unwrap_or_else(Loss::silent);
            return loss.during(during);
        }
        let loss = link::loss_of(error);
        match error.to_string().as_str() {
            "error communicating with the server" => loss.during(during),
            words => DbError::Protocol {
                during,
                reason: format!("{words}: {}", loss.reason),
            },
        }
    }
}

fn satisfies(role: ServerRole, wanted: TargetSession) -> bool {
    match wanted {
        TargetSession::Any => true,
        TargetSession::ReadWrite => role == ServerRole::Writable,
        TargetSession::ReadOnly => role != ServerRole::Writable,
        TargetSession::Primary => role != ServerRole::Standby,
        TargetSession::Standby | TargetSession::PreferStandby => role == ServerRole::Standby,
    }
}
