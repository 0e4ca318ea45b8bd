//! Opening a connection: which server, with or without TLS, and what a refusal means.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rand::seq::SliceRandom;
use tokio::io::AsyncReadExt as _;
use tokio_postgres::config::{self, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::socket::{Address, Encryption, Failure, Kept, Socket};
use super::spec::{ChannelBinding, Keepalives};
use super::wire::{Ready, Seen, Wire};
use super::{
    Attempt, AuthenticationFailure, ConnectSpec, DbError, Endpoint, Host, LoginRefused,
    PassfileIgnored, ServerError, SqlState, SslMode, Unreachable, link, socket, tls,
};

/// How long an attempt at one server may take where nothing says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a session wants that is not a part of where it connects to.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// The name that the server shows for the session; it goes before the connection string's.
    pub application_name: Option<String>,
    /// How long an attempt at one server may take; the connection string's goes before it.
    /// 10 s where neither says.
    pub connect_timeout: Option<Duration>,
}

pub(super) type Connection = tokio_postgres::Connection<Wire, Wire>;

/// A fresh connection, whose second half somebody has to drive.
pub(super) struct Opened {
    pub(super) client: tokio_postgres::Client,
    pub(super) connection: Connection,
    pub(super) seen: Arc<Seen>,
    pub(super) encrypted: bool,
    pub(super) cancel: CancelHandle,
}

/// The servers in the order in which they are tried.
pub(super) fn order(spec: &ConnectSpec) -> Vec<Endpoint> {
    let mut endpoints = spec.endpoints().to_vec();
    if spec.shuffle_hosts {
        endpoints.shuffle(&mut rand::rng());
    }
    endpoints
}

/// Opens a connection to one server, by the rules of its `sslmode`.
pub(super) async fn open(
    spec: &ConnectSpec,
    options: &SessionOptions,
    endpoint: &Endpoint,
) -> Result<Opened, DbError> {
    // Sockets carry no TLS, whatever the mode says.
    let mode = match endpoint.host {
        Host::Unix(_) => SslMode::Disable,
        Host::Tcp(_) => spec.tls.mode,
    };
    let attempt = |encryption| attempt(spec, options, endpoint, encryption);
    match mode {
        SslMode::Disable => attempt(Encryption::Never).await,
        SslMode::Allow => match attempt(Encryption::Never).await {
            Err(refused) if refuses_this_encryption(&refused) => {
                match attempt(Encryption::Demanded).await {
                    // No TLS after all: the refusal is what there is to tell.
                    Err(DbError::Tls { .. }) => Err(refused),
                    done => done,
                }
            }
            done => done,
        },
        SslMode::Prefer => match attempt(Encryption::Offered).await {
            Err(error) if refuses_this_encryption(&error) => {
                attempt(Encryption::Never).await.map_err(|_| error)
            }
            done => done,
        },
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull if spec.tls.direct => {
            attempt(Encryption::Direct).await
        }
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            attempt(Encryption::Demanded).await
        }
    }
}

/// Whether the handshake failed, or `pg_hba.conf` has no line for this user with this encryption.
/// A wrong password is no reason to send it again in the clear.
fn refuses_this_encryption(error: &DbError) -> bool {
    matches!(error, DbError::Tls { .. })
        || error
            .server()
            .is_some_and(|error| error.sqlstate == SqlState::INVALID_AUTHORIZATION)
}

/// One attempt at one server, at each of its addresses until one answers.
async fn attempt(
    spec: &ConnectSpec,
    options: &SessionOptions,
    endpoint: &Endpoint,
    encryption: Encryption,
) -> Result<Opened, DbError> {
    let connector = tls::connector(&spec.tls).map_err(|failure| DbError::Tls {
        endpoint: endpoint.clone(),
        mode: spec.tls.mode,
        failure,
    })?;
    let limit = Limit(
        spec.connect_timeout
            .or(options.connect_timeout)
            .unwrap_or(CONNECT_TIMEOUT),
    );
    let addresses = limit
        .keep(socket::resolve(endpoint))
        .await
        .and_then(|addresses| addresses)
        .map_err(|failure| unreachable(endpoint, failure))?;
    let mut failed = Unreachable::NoSuchHost {
        reason: "the name has no address".to_owned(),
    };
    for address in addresses {
        let way = Way {
            endpoint: endpoint.clone(),
            address,
            mode: spec.tls.mode,
            encryption,
            connector: connector.clone(),
            keepalives: spec.keepalives.clone(),
            limit,
        };
        let socket = match way.open().await {
            Ok(socket) => socket,
            Err(Failure::Unreachable(failure)) => {
                failed = failure;
                continue;
            }
            Err(failure) => return Err(way.error(failure)),
        };
        return log_in(spec, options, way, socket).await;
    }
    Err(unreachable(endpoint, failed))
}

/// How long one step of an attempt may take.
#[derive(Debug, Clone, Copy)]
struct Limit(Duration);

impl Limit {
    async fn keep<T>(self, step: impl Future<Output = T>) -> Result<T, Unreachable> {
        if self.0 == Duration::MAX {
            return Ok(step.await);
        }
        let done = tokio::time::timeout(self.0, step).await;
        done.map_err(|_| Unreachable::TimedOut {
            after_ms: u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

/// A way to a server that has been found; a cancel request goes the same.
#[derive(Clone)]
struct Way {
    endpoint: Endpoint,
    address: Address,
    mode: SslMode,
    encryption: Encryption,
    connector: MakeRustlsConnect,
    keepalives: Keepalives,
    limit: Limit,
}

impl Way {
    async fn open(&self) -> Result<Socket, Failure> {
        let opened = self.limit.keep(async {
            let socket = Socket::dial(&self.address, &self.keepalives)
                .await
                .map_err(Failure::Unreachable)?;
            let host = match &self.endpoint.host {
                Host::Tcp(host) => host,
                Host::Unix(_) => "",
            };
            socket.secure(self.encryption, host, &self.connector).await
        });
        opened.await.map_err(Failure::Unreachable)?
    }

    fn error(&self, failure: Failure) -> DbError {
        match failure {
            Failure::Unreachable(failure) => unreachable(&self.endpoint, failure),
            Failure::Tls(failure) => DbError::Tls {
                endpoint: self.endpoint.clone(),
                mode: self.mode,
                failure,
            },
        }
    }
}

/// What tells a server to stop what a session runs.
#[derive(Clone)]
pub struct CancelHandle {
    token: tokio_postgres::CancelToken,
    way: Way,
}

impl CancelHandle {
    /// Asks the server to stop what the session runs now. The session then gets a 57014, unless
    /// it was done before the request arrived. The request is encrypted where the session is. Waits
    /// until the server hangs up, as it does once it has done what it was asked for.
    ///
    /// # Errors
    /// Where the request could not be sent: [`DbError::Unreachable`], [`DbError::Tls`] or
    /// [`DbError::LinkLost`].
    pub async fn cancel(&self) -> Result<(), DbError> {
        let way = &self.way;
        let mut socket = way.open().await.map_err(|failure| way.error(failure))?;
        let sent = self.token.cancel_query_raw(Kept(&mut socket), Ready);
        match way.limit.keep(sent).await {
            Ok(Ok(())) => {
                // A pooler forgets the request of a client that goes before it has passed it on.
                // Whatever the end looks like, it is the end.
                let _ended = way.limit.keep(socket.read(&mut [0])).await;
                Ok(())
            }
            Ok(Err(error)) => Err(link::loss_of(&error).during("a cancel request")),
            Err(late) => Err(way.error(Failure::Unreachable(late))),
        }
    }
}

impl CancelHandle {
    /// Awaits what belongs to opening the session still, for as long as an attempt may take.
    ///
    /// # Errors
    /// Its own, and [`DbError::Unreachable`] where it takes longer.
    pub(super) async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        match self.way.limit.keep(step).await {
            Ok(done) => done,
            Err(late) => Err(unreachable(&self.way.endpoint, late)),
        }
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelHandle")
            .field(&self.way.address)
            .finish()
    }
}

async fn log_in(
    spec: &ConnectSpec,
    options: &SessionOptions,
    way: Way,
    socket: Socket,
) -> Result<Opened, DbError> {
    let endpoint = &way.endpoint;
    let (password, passfile) = match spec.password_for(endpoint) {
        Ok(password) => (password, None),
        Err(ignored) => (None, Some(ignored)),
    };
    let mut config = Config::new();
    config
        .user(spec.user())
        .dbname(spec.database())
        // The socket speaks TLS already, or is not to; either way there is nothing to negotiate.
        .ssl_mode(config::SslMode::Require)
        .ssl_negotiation(config::SslNegotiation::Direct)
        .channel_binding(match spec.channel_binding {
            ChannelBinding::Disable => config::ChannelBinding::Disable,
            ChannelBinding::Prefer => config::ChannelBinding::Prefer,
            ChannelBinding::Require => config::ChannelBinding::Require,
        });
    if let Some(password) = &password {
        config.password(password.expose());
    }
    if let Some(options) = &spec.options {
        config.options(options);
    }
    let name = options.application_name.as_ref();
    if let Some(name) = name.or(spec.application_name.as_ref()) {
        config.application_name(name);
    }
    let encrypted = socket.is_encrypted();
    let wire = Wire::new(socket);
    let seen = wire.seen();
    let error = match way.limit.keep(config.connect_raw(wire, Ready)).await {
        Ok(Ok((client, connection))) => {
            let token = client.cancel_token();
            return Ok(Opened {
                client,
                connection,
                seen,
                encrypted,
                cancel: CancelHandle { token, way },
            });
        }
        Ok(Err(error)) => error,
        Err(late) => return Err(unreachable(endpoint, late)),
    };
    Err(match classify(&error) {
        Refusal::Way(failure) => way.error(failure),
        Refusal::Server(error) => refused(spec, endpoint, error, passfile),
        Refusal::Authentication(failure) => login_refused(spec, endpoint, failure, passfile),
    })
}

fn unreachable(endpoint: &Endpoint, failure: Unreachable) -> DbError {
    DbError::Unreachable {
        attempts: vec![Attempt {
            endpoint: endpoint.clone(),
            failure,
        }],
    }
}

fn login_refused(
    spec: &ConnectSpec,
    endpoint: &Endpoint,
    failure: AuthenticationFailure,
    passfile: Option<PassfileIgnored>,
) -> DbError {
    DbError::Authentication(Box::new(LoginRefused {
        endpoint: endpoint.clone(),
        user: spec.user().to_owned(),
        database: spec.database().to_owned(),
        failure,
        passfile,
    }))
}

/// What the server's own words at the door mean.
fn refused(
    spec: &ConnectSpec,
    endpoint: &Endpoint,
    error: Box<ServerError>,
    passfile: Option<PassfileIgnored>,
) -> DbError {
    match error.sqlstate {
        SqlState::INVALID_CATALOG_NAME => DbError::NoSuchDatabase {
            endpoint: endpoint.clone(),
            database: spec.database().to_owned(),
        },
        SqlState::INVALID_AUTHORIZATION | SqlState::INVALID_PASSWORD => {
            let failure = AuthenticationFailure::Rejected(error);
            login_refused(spec, endpoint, failure, passfile)
        }
        SqlState::TOO_MANY_CONNECTIONS
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN => DbError::NotAccepting {
            endpoint: endpoint.clone(),
            error,
        },
        _ => DbError::Server(error),
    }
}

enum Refusal {
    Way(Failure),
    Server(Box<ServerError>),
    Authentication(AuthenticationFailure),
}

/// Tells the driver's errors at the door apart; it keeps their kind to itself, so that its words
/// are read.
fn classify(error: &tokio_postgres::Error) -> Refusal {
    if let Some(response) = error.as_db_error() {
        return Refusal::Server(Box::new(ServerError::from(response)));
    }
    if let Some(failure) = tls::failure(error) {
        return Refusal::Way(Failure::Tls(failure));
    }
    let reason = link::loss_of(error).reason;
    match error.to_string().as_str() {
        "authentication error" => Refusal::Authentication(AuthenticationFailure::Method { reason }),
        "invalid configuration" if reason == "password missing" => {
            Refusal::Authentication(AuthenticationFailure::NoPassword)
        }
        // An answer that is no PostgreSQL message, or none at all.
        _ => Refusal::Way(Failure::Unreachable(Unreachable::HungUp { reason })),
    }
}
