//! Where to connect, as one checked value.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::endpoints::{DEFAULT_PORT, SOCKET_FOLDERS, endpoints};
use super::parameters::Given;
use super::parts::{ChannelBinding, Keepalives, RootCertificates, Secret};
use super::passfile::{self, PassfileIgnored};
use super::tls_spec::TlsSpec;
use super::values::{connect_timeout, flag, number, word};
use super::{Endpoint, Host, Parts, SslMode, TargetSession, UrlDefect, keywords, service, url};

/// What stands around a connection string: libpq's rules look here for what it does not say.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment's `PG*` variables by name; others are not looked at.
    pub variables: BTreeMap<String, String>,
    /// The operating system's name of the user.
    pub user: Option<String>,
    /// The user's home folder, for `.pgpass`, `.pg_service.conf` and `.postgresql/`.
    pub home: Option<PathBuf>,
}

/// Where to connect, as whom, and how safely.
///
/// `Display` is a URL without its password; `Debug` hides it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectSpec {
    endpoints: Vec<Endpoint>,
    database: String,
    user: String,
    password: Option<Secret>,
    passfile: Option<PathBuf>,
    pgbouncer: bool,
    pub(in crate::db) options: Option<String>,
    pub(in crate::db) application_name: Option<String>,
    pub(in crate::db) connect_timeout: Option<Duration>,
    pub(in crate::db) keepalives: Keepalives,
    pub(in crate::db) channel_binding: ChannelBinding,
    pub(in crate::db) target_session: TargetSession,
    pub(in crate::db) shuffle_hosts: bool,
    pub(in crate::db) tls: TlsSpec,
}

impl ConnectSpec {
    /// Reads a connection string: a `postgres://` URL or `keyword=value` pairs.
    ///
    /// What it leaves out comes from the service that it names, the `PG*` variables, and the
    /// defaults, in this order, by libpq's rules. An empty string leaves everything out.
    ///
    /// # Errors
    /// A [`UrlDefect`], which never holds any part of a password.
    pub fn parse(text: &str, around: &Surroundings) -> Result<Self, UrlDefect> {
        let mut given = Given::default();
        let text = text.trim();
        match text.split_once("://") {
            Some(("postgres" | "postgresql", rest)) => url::parse(rest, &mut given)?,
            Some((scheme, _)) if is_scheme(scheme) => {
                return Err(UrlDefect::Scheme {
                    scheme: scheme.to_owned(),
                });
            }
            _ if text.is_empty() || text.contains('=') => keywords::parse(text, &mut given)?,
            _ => return Err(UrlDefect::NotAConnectionString),
        }
        let environment = Given::from_environment(&around.variables)?;
        if let Some(name) = given.get("service").or(environment.get("service")) {
            let file = given.get("servicefile").or(environment.get("servicefile"));
            let home = around.home.as_deref();
            let service = service::read(name, file, home, &around.variables)?;
            given.or(service);
        }
        given.or(environment);
        Self::from_parameters(&given, around)
    }

    fn from_parameters(given: &Given, around: &Surroundings) -> Result<Self, UrlDefect> {
        let user = given
            .get("user")
            .or(around.user.as_deref())
            .ok_or(UrlDefect::NoUser)?
            .to_owned();
        let home = around.home.as_deref();
        Ok(Self {
            endpoints: endpoints(given)?,
            database: given.get("dbname").unwrap_or(&user).to_owned(),
            password: given
                .get("password")
                .map(|text| Secret::new(text.to_owned())),
            passfile: given
                .get("passfile")
                .map(PathBuf::from)
                .or_else(|| home.map(|home| home.join(".pgpass"))),
            pgbouncer: flag(given, "pgbouncer")?,
            options: given.get("options").map(str::to_owned),
            application_name: given.get("application_name").map(str::to_owned),
            connect_timeout: connect_timeout(given)?,
            keepalives: Keepalives {
                off: given.get("keepalives") == Some("0"),
                idle: number(given, "keepalives_idle")?.map(Duration::from_secs),
                interval: number(given, "keepalives_interval")?.map(Duration::from_secs),
                count: number(given, "keepalives_count")?,
                user_timeout: number(given, "tcp_user_timeout")?.map(Duration::from_millis),
            },
            channel_binding: word(
                given,
                "channel_binding",
                "`disable`, `prefer` or `require`",
                {
                    |text| match text {
                        "disable" => Some(ChannelBinding::Disable),
                        "prefer" => Some(ChannelBinding::Prefer),
                        "require" => Some(ChannelBinding::Require),
                        _ => None,
                    }
                },
            )?
            .unwrap_or(ChannelBinding::Prefer),
            target_session: word(
                given,
                "target_session_attrs",
                "`any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`",
                TargetSession::parse,
            )?
            .unwrap_or(TargetSession::Any),
            shuffle_hosts: word(given, "load_balance_hosts", "`disable` or `random`", {
                |text| match text {
                    "disable" => Some(false),
                    "random" => Some(true),
                    _ => None,
                }
            })?
            .unwrap_or(false),
            tls: TlsSpec::from_parameters(given, home)?,
            user,
        })
    }

    /// The servers that are tried, in this order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The same, at one of its servers alone.
    #[must_use]
    pub fn at(&self, endpoint: &Endpoint) -> Self {
        Self {
            endpoints: vec![endpoint.clone()],
            ..self.clone()
        }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// How much of TLS is asked for.
    #[must_use]
    pub fn ssl_mode(&self) -> SslMode {
        self.tls.mode
    }

    /// Which kind of server will do.
    #[must_use]
    pub fn target_session(&self) -> TargetSession {
        self.target_session
    }

    /// The same server and user, another database.
    #[must_use]
    pub fn with_database(&self, database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            ..self.clone()
        }
    }

    /// The same, as another user, who has no password.
    #[must_use]
    pub fn with_user(&self, user: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: None,
            ..self.clone()
        }
    }

    /// What of it can be shown to anybody.
    #[must_use]
    pub fn parts(&self) -> Parts {
        let join = |part: fn(&Endpoint) -> String| {
            let mut parts: Vec<String> = self.endpoints.iter().map(part).collect();
            parts.dedup();
            parts.join(",")
        };
        Parts {
            host: join(|endpoint| match &endpoint.host {
                Host::Tcp(host) => host.clone(),
                Host::Unix(folder) => folder.display().to_string(),
            }),
            port: join(|endpoint| endpoint.port.to_string()),
            database: self.database.clone(),
            user: self.user.clone(),
        }
    }

    /// The URL without its password; the same as `Display`.
    #[must_use]
    pub fn redacted(&self) -> String {
        self.to_string()
    }

    pub(super) fn says_pgbouncer(&self) -> bool {
        self.pgbouncer
    }

    /// The password for one server: the given one, or the password file's.
    pub(in crate::db) fn password_for(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Option<Secret>, PassfileIgnored> {
        if self.password.is_some() {
            return Ok(self.password.clone());
        }
        let Some(path) = &self.passfile else {
            return Ok(None);
        };
        let (host, folder) = match &endpoint.host {
            Host::Tcp(host) => (host.clone(), None),
            Host::Unix(folder) => (folder.display().to_string(), Some(folder)),
        };
        let host = match folder {
            Some(folder)
                if SOCKET_FOLDERS
                    .iter()
                    .any(|known| folder == Path::new(known)) =>
            {
                "localhost".to_owned()
            }
            _ => host,
        };
        passfile::read(
            path,
            &passfile::Wanted {
                host: &host,
                port: endpoint.port,
                database: &self.database,
                user: &self.user,
            },
        )
    }
}

impl fmt::Display for ConnectSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}", url::encode(&self.user))?;
        if self.password.is_some() {
            f.write_str(":***")?;
        }
        f.write_str("@")?;
        let mut parameters: Vec<(&str, String)> = Vec::new();
        if let [
            Endpoint {
                host: Host::Unix(folder),
                port,
                ..
            },
        ] = self.endpoints.as_slice()
        {
            write!(f, "/{}", url::encode(&self.database))?;
            parameters.push(("host", folder.display().to_string()));
            if *port != DEFAULT_PORT {
                parameters.push(("port", port.to_string()));
            }
        } else {
            for (index, endpoint) in self.endpoints.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                match &endpoint.host {
                    Host::Tcp(_) => write!(f, "{comma}{endpoint}")?,
                    Host::Unix(folder) => {
                        let folder = url::encode(&folder.display().to_string());
                        write!(f, "{comma}{folder}:{}", endpoint.port)?;
                    }
                }
            }
            write!(f, "/{}", url::encode(&self.database))?;
        }
        if self.tls.mode != SslMode::Prefer {
            parameters.push(("sslmode", self.tls.mode.as_str().to_owned()));
        }
        match &self.tls.root {
            RootCertificates::Unset => {}
            RootCertificates::System => parameters.push(("sslrootcert", "system".to_owned())),
            RootCertificates::File(path) => {
                parameters.push(("sslrootcert", path.display().to_string()));
            }
        }
        if self.target_session != TargetSession::Any {
            let target = self.target_session.as_str().to_owned();
            parameters.push(("target_session_attrs", target));
        }
        for (index, (name, value)) in parameters.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            // A slash is allowed in a query, and paths read better with it.
            let value = url::encode(value).replace("%2F", "/");
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ':'))
}
