//! Opening a connection: which server, with or without TLS, and what a refusal means.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use rand::seq::SliceRandom;
use tokio_postgres::Socket;
use tokio_postgres::config::{self, Config};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::spec::ChannelBinding;
use super::{
    Attempt, AuthenticationFailure, ConnectSpec, DbError, Endpoint, Host, LoginRefused,
    PassfileIgnored, ServerError, SqlState, SslMode, TlsFailure, Unreachable, tls,
};

/// How long an attempt at one server may take where nothing says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Keepalives that notice a dead link within a minute.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_COUNT: u32 = 3;

/// What a session wants that is not a part of where it connects to.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// The name that the server shows for the session; it goes before the connection string's.
    pub application_name: Option<String>,
    /// How long an attempt at one server may take; the connection string's goes before it.
    /// 10 s where neither says.
    pub connect_timeout: Option<Duration>,
}

pub(super) type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
pub(super) type Connection = tokio_postgres::Connection<Socket, Stream>;

/// A fresh connection, whose second half somebody has to drive.
pub(super) struct Opened {
    pub(super) client: tokio_postgres::Client,
    pub(super) connection: Connection,
    pub(super) tls: MakeRustlsConnect,
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
        SslMode::Disable => attempt(config::SslMode::Disable).await,
        SslMode::Allow => match attempt(config::SslMode::Disable).await {
            Err(error) if refuses_this_encryption(&error) => {
                // The first refusal is the one to tell of if TLS is not offered at all.
                attempt(config::SslMode::Require)
                    .await
                    .map_err(|second| match second {
                        DbError::Tls { .. } => error,
                        second => second,
                    })
            }
            done => done,
        },
        SslMode::Prefer => match attempt(config::SslMode::Prefer).await {
            Err(error @ DbError::Tls { .. }) => {
                let plain = attempt(config::SslMode::Disable).await;
                plain.map_err(|_| error)
            }
            Err(error) if refuses_this_encryption(&error) => {
                attempt(config::SslMode::Disable).await.map_err(|_| error)
            }
            done => done,
        },
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            attempt(config::SslMode::Require).await
        }
    }
}

/// Whether `pg_hba.conf` has no line for this user with this encryption. A wrong password is no
/// reason to send it again in the clear.
fn refuses_this_encryption(error: &DbError) -> bool {
    matches!(error, DbError::Authentication(_))
        && error
            .server()
            .is_some_and(|error| error.sqlstate == SqlState::INVALID_AUTHORIZATION)
}

async fn attempt(
    spec: &ConnectSpec,
    options: &SessionOptions,
    endpoint: &Endpoint,
    encryption: config::SslMode,
) -> Result<Opened, DbError> {
    let (password, passfile) = match spec.password_for(endpoint) {
        Ok(password) => (password, None),
        Err(ignored) => (None, Some(ignored)),
    };
    let tls = tls::connector(&spec.tls).map_err(|failure| tls_error(spec, endpoint, failure))?;
    let mut config = Config::new();
    config
        .user(spec.user())
        .dbname(spec.database())
        .port(endpoint.port)
        .ssl_mode(encryption)
        .keepalives(!spec.keepalives.off)
        .keepalives_idle(spec.keepalives.idle.unwrap_or(KEEPALIVE_IDLE))
        .keepalives_interval(spec.keepalives.interval.unwrap_or(KEEPALIVE_INTERVAL))
        .keepalives_retries(spec.keepalives.count.unwrap_or(KEEPALIVE_COUNT))
        .channel_binding(match spec.channel_binding {
            ChannelBinding::Disable => config::ChannelBinding::Disable,
            ChannelBinding::Prefer => config::ChannelBinding::Prefer,
            ChannelBinding::Require => config::ChannelBinding::Require,
        });
    match &endpoint.host {
        Host::Tcp(host) => config.host(host),
        Host::Unix(folder) => config.host_path(folder),
    };
    if let Some(address) = endpoint.address {
        config.hostaddr(address);
    }
    if spec.tls.direct && encryption == config::SslMode::Require {
        config.ssl_negotiation(config::SslNegotiation::Direct);
    }
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
    if let Some(timeout) = spec.keepalives.user_timeout {
        config.tcp_user_timeout(timeout);
    }

    let allowed = spec
        .connect_timeout
        .or(options.connect_timeout)
        .unwrap_or(CONNECT_TIMEOUT);
    let result = if allowed == Duration::MAX {
        config.connect(tls.clone()).await
    } else {
        match tokio::time::timeout(allowed, config.connect(tls.clone())).await {
            Ok(result) => result,
            Err(_) => {
                return Err(unreachable(
                    endpoint,
                    Unreachable::TimedOut {
                        after_ms: u64::try_from(allowed.as_millis()).unwrap_or(u64::MAX),
                    },
                ));
            }
        }
    };
    match result {
        Ok((client, connection)) => Ok(Opened {
            client,
            connection,
            tls,
        }),
        Err(error) => Err(match classify(&error) {
            Refusal::Unreachable(failure) => unreachable(endpoint, failure),
            Refusal::Tls(failure) => tls_error(spec, endpoint, failure),
            Refusal::Server(error) => refused(spec, endpoint, error, passfile),
            Refusal::Authentication(failure) => login_refused(spec, endpoint, failure, passfile),
        }),
    }
}

fn unreachable(endpoint: &Endpoint, failure: Unreachable) -> DbError {
    DbError::Unreachable {
        attempts: vec![Attempt {
            endpoint: endpoint.clone(),
            failure,
        }],
    }
}

fn tls_error(spec: &ConnectSpec, endpoint: &Endpoint, failure: TlsFailure) -> DbError {
    DbError::Tls {
        endpoint: endpoint.clone(),
        mode: spec.tls.mode,
        failure,
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
    Unreachable(Unreachable),
    Tls(TlsFailure),
    Server(Box<ServerError>),
    Authentication(AuthenticationFailure),
}

/// Tells the driver's errors apart; it keeps their kind to itself, so that its words are read.
fn classify(error: &tokio_postgres::Error) -> Refusal {
    if let Some(response) = error.as_db_error() {
        return Refusal::Server(Box::new(ServerError::from(response)));
    }
    let source = error.source();
    let words = || match source {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    match error.to_string().as_str() {
        "error performing TLS handshake" => Refusal::Tls(match source {
            Some(source) => tls::failure(source),
            None => TlsFailure::Handshake { reason: words() },
        }),
        "authentication error" => {
            Refusal::Authentication(AuthenticationFailure::Method { reason: words() })
        }
        "invalid configuration" if words() == "password missing" => {
            Refusal::Authentication(AuthenticationFailure::NoPassword)
        }
        "error connecting to server" => {
            let io = source.and_then(|source| source.downcast_ref::<io::Error>());
            Refusal::Unreachable(match io.map(io::Error::kind) {
                Some(io::ErrorKind::ConnectionRefused) => Unreachable::Refused,
                Some(io::ErrorKind::NotFound) => Unreachable::NoSocket,
                Some(io::ErrorKind::PermissionDenied) => Unreachable::PermissionDenied,
                Some(io::ErrorKind::TimedOut) => Unreachable::Other { reason: words() },
                _ if words().starts_with("failed to lookup address information") => {
                    Unreachable::NoSuchHost { reason: words() }
                }
                _ => Unreachable::Other { reason: words() },
            })
        }
        // An answer that is no PostgreSQL message, or none at all.
        _ => Refusal::Unreachable(Unreachable::HungUp { reason: words() }),
    }
}
