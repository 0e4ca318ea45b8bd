//! What can go wrong between us and a server.

use std::path::PathBuf;

use thiserror::Error;

use super::{Endpoint, PassfileIgnored, ServerError, SslMode, TargetSession, UrlDefect};

/// Why a connection could not be opened, or why a command on it failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DbError {
    /// The words that say where to connect are wrong.
    #[error(transparent)]
    Url(#[from] UrlDefect),
    /// No server answered.
    #[error("no server could be reached")]
    Unreachable {
        /// What was tried, in order.
        attempts: Vec<Attempt>,
    },
    /// The server takes no connection from us now: too many, or it starts or stops.
    #[error("the server at {endpoint} takes no connections: {}", error.message)]
    NotAccepting {
        /// The server.
        endpoint: Endpoint,
        /// Its words.
        error: Box<ServerError>,
    },
    /// The server does not let this user in.
    #[error("user {} cannot log in at {}", _0.user, _0.endpoint)]
    Authentication(Box<LoginRefused>),
    /// The database does not exist.
    #[error("database {database} does not exist")]
    NoSuchDatabase {
        /// The server.
        endpoint: Endpoint,
        /// The database.
        database: String,
    },
    /// The database does not exist, and could not be created.
    #[error("database {database} could not be created: {}", error.message)]
    NotCreated {
        /// The database.
        database: String,
        /// The user who was to create it.
        user: String,
        /// The server's words.
        error: Box<ServerError>,
    },
    /// TLS is asked for and cannot be had.
    #[error("no TLS with {endpoint}")]
    Tls {
        /// The server.
        endpoint: Endpoint,
        /// What was asked for.
        mode: SslMode,
        /// Why.
        failure: TlsFailure,
    },
    /// Servers answered, and none is of the kind that `target_session_attrs` wants.
    #[error("no {} server among {}", wanted.as_str(), found.len())]
    NoSuchServer {
        /// What is wanted.
        wanted: TargetSession,
        /// The servers that answered, and what they are instead.
        found: Vec<(Endpoint, ServerRole)>,
    },
    /// The link was lost: whether what was running took effect is not known.
    #[error("the connection was lost during {during}")]
    LinkLost {
        /// What was running.
        during: &'static str,
        /// The server's last words, where it had time for them.
        error: Option<Box<ServerError>>,
        /// The system's words otherwise.
        reason: String,
    },
    /// The server refused a command; the session goes on.
    #[error("{}", _0.message)]
    Server(Box<ServerError>),
    /// The script ended the transaction that it ran in; nothing more of it was sent.
    #[error("the script ended the transaction that it ran in")]
    TransactionEnded,
    /// The server said something that was not to be expected; the session cannot be used on.
    #[error("unexpected answer during {during}: {reason}")]
    Protocol {
        /// What was running.
        during: &'static str,
        /// What was wrong.
        reason: String,
    },
}

/// One failed attempt at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The server.
    pub endpoint: Endpoint,
    /// How it failed.
    pub failure: Unreachable,
}

/// How a server could not be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreachable {
    /// Nobody listens there.
    Refused,
    /// The Unix socket does not exist.
    NoSocket,
    /// This user may not use the Unix socket.
    PermissionDenied,
    /// The host name has no address.
    NoSuchHost {
        /// The system's words.
        reason: String,
    },
    /// No answer came in time.
    TimedOut {
        /// The time allowed, in milliseconds.
        after_ms: u64,
    },
    /// Something listens that closes the connection at once, or that is no PostgreSQL server.
    HungUp {
        /// What was seen.
        reason: String,
    },
    /// Something else.
    Other {
        /// The system's words.
        reason: String,
    },
}

/// A login that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRefused {
    /// The server.
    pub endpoint: Endpoint,
    /// The user.
    pub user: String,
    /// The database.
    pub database: String,
    /// Why.
    pub failure: AuthenticationFailure,
    /// Why the password file was not used, where there is one and no other password.
    pub passfile: Option<PassfileIgnored>,
}

/// Why a server does not let a user in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthenticationFailure {
    /// It asks for a password, and none is given.
    NoPassword,
    /// It says no.
    Rejected(Box<ServerError>),
    /// It wants a method that is not supported here, or the method failed on our side.
    Method {
        /// What was wrong.
        reason: String,
    },
}

/// Why TLS cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFailure {
    /// The server does not offer it.
    NotOffered,
    /// The mode verifies, and no root certificate is given or found.
    NoRootCertificate {
        /// The file that is named and missing.
        missing: Option<PathBuf>,
    },
    /// A certificate or key file cannot be used.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system's root certificates cannot be loaded.
    SystemRoots {
        /// What is wrong.
        reason: String,
    },
    /// The certificate does not come from a trusted root.
    UntrustedIssuer,
    /// The certificate is for another name.
    WrongName {
        /// The names that it is for.
        names: Vec<String>,
    },
    /// The certificate's time is over, or has not come.
    Expired,
    /// Anything else in the handshake.
    Handshake {
        /// The TLS library's words.
        reason: String,
    },
}

/// What kind of session a server gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerRole {
    /// It writes.
    Writable,
    /// It is in recovery: a standby.
    Standby,
    /// It is no standby, and its sessions are read-only by default.
    ReadOnly,
}

impl DbError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(defect) => defect.code(),
            Self::Unreachable { .. } => "server-unreachable",
            Self::NotAccepting { .. } => "server-not-accepting",
            Self::Authentication(_) => "authentication-failed",
            Self::NoSuchDatabase { .. } => "no-such-database",
            Self::NotCreated { .. } => "database-not-created",
            Self::Tls { .. } => "tls-failed",
            Self::NoSuchServer { .. } => "no-such-server",
            Self::LinkLost { .. } => "connection-lost",
            Self::Server(_) => "server-error",
            Self::TransactionEnded => "transaction-ended",
            Self::Protocol { .. } => "unexpected-answer",
        }
    }

    /// The server's own error, where there is one.
    #[must_use]
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error)
            | Self::NotAccepting { error, .. }
            | Self::NotCreated { error, .. }
            | Self::LinkLost {
                error: Some(error), ..
            } => Some(error),
            Self::Authentication(login) => match &login.failure {
                AuthenticationFailure::Rejected(error) => Some(error),
                AuthenticationFailure::NoPassword | AuthenticationFailure::Method { .. } => None,
            },
            _ => None,
        }
    }

    /// Whether the link is gone, so that what was running may or may not have taken effect.
    #[must_use]
    pub fn is_link_lost(&self) -> bool {
        matches!(self, Self::LinkLost { .. } | Self::Protocol { .. })
    }
}
