//! The pieces of a connection's description.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

/// A password; its `Debug` shows nothing of it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::db) struct Secret(String);

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The password itself, for the one place that sends it.
    pub(in crate::db) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A server's machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name or an address, reached by TCP.
    Tcp(String),
    /// The folder of a Unix socket.
    Unix(PathBuf),
}

/// One server of those that may be tried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Its host; TLS checks the certificate against this name.
    pub host: Host,
    /// The address to use instead of looking the name up.
    pub address: Option<IpAddr>,
    /// Its port, which for a Unix socket is a part of the socket's file name.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    /// `host:port`, `[::1]:port`, or the socket's path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Tcp(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            Host::Tcp(host) => write!(f, "{host}:{}", self.port),
            Host::Unix(folder) => {
                write!(
                    f,
                    "{}",
                    folder.join(format!(".s.PGSQL.{}", self.port)).display()
                )
            }
        }
    }
}

/// What of a connection can be shown to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Host name, address, or folder of the Unix socket; several are joined by commas.
    pub host: String,
    /// Port; several are joined by commas.
    pub port: String,
    /// Database.
    pub database: String,
    /// User.
    pub user: String,
}

/// How much of TLS is asked for, with libpq's meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SslMode {
    /// Never encrypted.
    Disable,
    /// Encrypted only where the server insists.
    Allow,
    /// Encrypted where the server offers it; the certificate is not checked.
    Prefer,
    /// Encrypted; the certificate is checked only where a root certificate is given.
    Require,
    /// Encrypted, and the certificate comes from a trusted root.
    VerifyCa,
    /// Encrypted, the certificate comes from a trusted root and names the host.
    VerifyFull,
}

impl SslMode {
    /// libpq's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [
            Self::Disable,
            Self::Allow,
            Self::Prefer,
            Self::Require,
            Self::VerifyCa,
            Self::VerifyFull,
        ]
        .into_iter()
        .find(|mode| mode.as_str() == text)
    }
}

/// Which kind of server will do, with libpq's meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetSession {
    /// Any.
    Any,
    /// One whose sessions may write.
    ReadWrite,
    /// One whose sessions may not write.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One that is in recovery.
    Standby,
    /// One that is in recovery, if there is one; else any.
    PreferStandby,
}

impl TargetSession {
    /// libpq's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::PreferStandby => "prefer-standby",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [
            Self::Any,
            Self::ReadWrite,
            Self::ReadOnly,
            Self::Primary,
            Self::Standby,
            Self::PreferStandby,
        ]
        .into_iter()
        .find(|target| target.as_str() == text)
    }
}

/// Whom a server's certificate must come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) enum RootCertificates {
    /// Nothing says.
    Unset,
    /// The system's roots.
    System,
    /// The certificates of a PEM file.
    File(PathBuf),
}

/// The certificate that the client shows, and its key; PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) struct ClientCertificate {
    pub(in crate::db) certificate: PathBuf,
    pub(in crate::db) key: PathBuf,
}

/// TCP keepalives; what is absent is left to this crate's defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::db) struct Keepalives {
    pub(in crate::db) off: bool,
    pub(in crate::db) idle: Option<Duration>,
    pub(in crate::db) interval: Option<Duration>,
    pub(in crate::db) count: Option<u32>,
    pub(in crate::db) user_timeout: Option<Duration>,
}

/// Whether the login must be bound to the TLS channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}
