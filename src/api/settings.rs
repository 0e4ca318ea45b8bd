//! What the server is told: flags, then variables, then the file of variables, then defaults.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderValue;
use tracing_subscriber::EnvFilter;

use super::access::ScopeLimits;
use super::args::{Global, LogFormat, Serve};
use super::limits::Rates;
use super::log;
use super::readiness::Newer;
use super::router::Bounds;
use super::start_error::StartError;
use crate::bookkeeping::VersionTable;
use crate::config::{CliOverrides, ConfigError, DatabaseUrl, Environment, Settings};
use crate::db::PoolOptions;
use crate::revision::Timeout;
use crate::sql::QualifiedName;

/// Whether the program was built for development.
pub(super) const DEVELOPMENT: bool = cfg!(debug_assertions);

/// After how long a session is not used any more.
const LONGEST_SESSION: Duration = Duration::from_secs(30 * 60);

/// Where the database is.
#[derive(Debug)]
pub(super) enum Place {
    /// The embedded server of this project.
    Embedded(Box<Settings>),
    /// Where these connection strings lead: the users', and the service's.
    Server {
        users: String,
        service: Option<String>,
    },
}

/// How the server is set up, as far as it does not take a look at the world.
#[derive(Debug)]
pub(super) struct ServerSettings {
    pub(super) environment: Environment,
    pub(super) address: SocketAddr,
    pub(super) reload: bool,
    /// The files whose change is a reason to start anew.
    pub(super) watched: Vec<PathBuf>,
    pub(super) place: Place,
    pub(super) version_table: VersionTable,
    pub(super) supabase_url: Option<String>,
    pub(super) bounds: Bounds,
    pub(super) pool: PoolOptions,
    pub(super) scope: ScopeLimits,
    pub(super) rates: Rates,
    pub(super) drain: Duration,
    pub(super) privileged_login: bool,
    pub(super) newer: Newer,
    pub(super) log: LogFormat,
    pub(super) log_filter: EnvFilter,
}

impl ServerSettings {
    /// Reads them, and nothing but files.
    pub(super) fn resolve(
        global: &Global,
        serve: &Serve,
        environment: Environment,
        cwd: &Path,
    ) -> Result<Self, StartError> {
        // Watched, too, while it is not there yet.
        let variables_at = match &global.env_file {
            Some(file) => Some(cwd.join(file)),
            None => Some(cwd.join(".env")).filter(|_| DEVELOPMENT),
        };
        let asked_for = global.env_file.is_some();
        let env_file = variables_at
            .clone()
            .filter(|file| asked_for || file.is_file());
        let environment = match &env_file {
            Some(file) => environment.or(variables(file)?),
            None => environment,
        };
        let said = Said(&environment);
        let url = match said.text("GRACE_API_DATABASE_URL", global.database_url.clone())? {
            Some(url) => Some(url),
            None => said.text("DATABASE_URL", None)?,
        }
        .map(|url| DatabaseUrl::new(&url));
        let project = project(global, url.as_ref(), &environment, cwd)?;
        let place = place(global, &said, url, project.as_ref())?;
        let flag = |set: bool, name| -> Result<bool, StartError> {
            Ok(set || said.parsed::<bool>(name, None)?.unwrap_or(false))
        };
        let reload = if serve.no_reload {
            false
        } else {
            serve.reload
                || said
                    .parsed("GRACE_API_RELOAD", None)?
                    .unwrap_or(DEVELOPMENT)
        };
        let host = said.parsed("GRACE_API_HOST", serve.host.map(|host| host.to_string()))?;
        let port = said.parsed("GRACE_API_PORT", serve.port.map(|port| port.to_string()))?;
        let time = |name, flag: &Option<String>, usual| -> Result<Duration, StartError> {
            let text = said.text(name, flag.clone())?;
            text.map_or(Ok(usual), |text| duration(name, &text))
        };
        let request = time(
            "GRACE_API_REQUEST_TIMEOUT",
            &serve.request_timeout,
            secs(15),
        )?;
        let rate = |name, flag: &Option<String>, usual| -> Result<_, StartError> {
            let rate = said.parsed(name, flag.clone())?.unwrap_or(usual);
            Ok(NonZeroU32::new(rate))
        };
        let mut watched: Vec<PathBuf> =
            project.iter().map(|project| project.file.clone()).collect();
        watched.extend(variables_at);
        let table = project.as_ref().map(Settings::version_table);
        Ok(Self {
            address: SocketAddr::new(
                host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                port.unwrap_or(8000),
            ),
            reload,
            watched,
            place,
            version_table: VersionTable::new(
                table.unwrap_or_else(|| QualifiedName::new("public", "alembic_version")),
            ),
            supabase_url: said.text("SUPABASE_URL", global.supabase_url.clone())?,
            bounds: Bounds {
                origins: origins(&said, &serve.cors_origin)?,
                body: said
                    .parsed("GRACE_API_BODY_LIMIT", serve.body_limit.clone())?
                    .unwrap_or(1024 * 1024),
                time: request,
                proxies: said
                    .parsed("GRACE_API_TRUSTED_PROXIES", serve.trusted_proxies.clone())?
                    .unwrap_or(0),
            },
            pool: PoolOptions {
                most: pool_size(&said, serve.pool_size.clone())?,
                wait: time("GRACE_API_POOL_WAIT", &serve.pool_wait, secs(5))?,
                longest: LONGEST_SESSION,
            },
            scope: ScopeLimits {
                statement: statement(&said, serve.statement_timeout.clone(), request)?,
                idle: secs(30),
            },
            rates: Rates {
                per_subject: rate("GRACE_API_RATE_PER_SUBJECT", &serve.rate_per_subject, 50)?,
                per_address: rate("GRACE_API_RATE_PER_ADDRESS", &serve.rate_per_address, 200)?,
            },
            drain: time("GRACE_API_DRAIN_TIMEOUT", &serve.drain_timeout, secs(25))?,
            privileged_login: flag(
                serve.allow_privileged_login,
                "GRACE_API_ALLOW_PRIVILEGED_LOGIN",
            )?,
            newer: if flag(serve.allow_newer_schema, "GRACE_API_ALLOW_NEWER_SCHEMA")? {
                Newer::Allowed
            } else {
                Newer::Refused
            },
            log: log_format(&said, serve.log_format)?,
            log_filter: log_filter(&said)?,
            environment,
        })
    }
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What a setting can be, and the words for what is not.
trait Kind: FromStr {
    const NOT: &'static str;
}

impl Kind for usize {
    const NOT: &'static str = "it is no whole number";
}

impl Kind for u32 {
    const NOT: &'static str = "it is no whole number";
}

impl Kind for u16 {
    const NOT: &'static str = "it is no port, a number from 0 to 65535";
}

impl Kind for bool {
    const NOT: &'static str = "it is neither `true` nor `false`";
}

impl Kind for IpAddr {
    const NOT: &'static str = "it is no IP address";
}

/// What the flags and the variables say.
struct Said<'a>(&'a Environment);

impl Said<'_> {
    fn text(&self, name: &str, flag: Option<String>) -> Result<Option<String>, StartError> {
        match flag {
            Some(flag) => Ok(Some(flag)),
            None => Ok(self.0.text(name)?.map(str::to_owned)),
        }
    }

    fn parsed<T: Kind>(
        &self,
        name: &'static str,
        flag: Option<String>,
    ) -> Result<Option<T>, StartError> {
        let Some(text) = self.text(name, flag)? else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(StartError::setting(name, &text, T::NOT)),
        }
    }
}

fn duration(name: &'static str, text: &str) -> Result<Duration, StartError> {
    match Timeout::parse(text) {
        Ok(time) if time != Timeout::ZERO => Ok(Duration::from_millis(time.millis())),
        Ok(_) => Err(StartError::setting(
            name,
            text,
            "it must be longer than nothing",
        )),
        Err(defect) => Err(StartError::setting(name, text, &defect.to_string())),
    }
}

fn pool_size(said: &Said<'_>, flag: Option<String>) -> Result<usize, StartError> {
    const NAME: &str = "GRACE_API_POOL_SIZE";
    match said.parsed(NAME, flag)? {
        Some(0) => Err(StartError::setting(
            NAME,
            "0",
            "no request would get a session",
        )),
        size => Ok(size.unwrap_or(10)),
    }
}

/// How long a statement may take: never longer than the answer that waits for it.
fn statement(
    said: &Said<'_>,
    flag: Option<String>,
    request: Duration,
) -> Result<Duration, StartError> {
    const NAME: &str = "GRACE_API_STATEMENT_TIMEOUT";
    let Some(text) = said.text(NAME, flag)? else {
        return Ok(secs(10).min(request));
    };
    let statement = duration(NAME, &text)?;
    if statement > request {
        return Err(StartError::setting(
            NAME,
            &text,
            "it is longer than an answer may take, by `--request-timeout`",
        ));
    }
    Ok(statement)
}

fn log_filter(said: &Said<'_>) -> Result<EnvFilter, StartError> {
    const NAME: &str = "GRACE_API_LOG";
    let text = said.text(NAME, None)?;
    let text = text.as_deref().unwrap_or(log::USUAL);
    log::filter(text).map_err(|reason| StartError::setting(NAME, text, &reason))
}

fn log_format(said: &Said<'_>, flag: Option<LogFormat>) -> Result<LogFormat, StartError> {
    const NAME: &str = "GRACE_API_LOG_FORMAT";
    if let Some(format) = flag {
        return Ok(format);
    }
    match said.text(NAME, None)?.as_deref() {
        Some("text") => Ok(LogFormat::Text),
        Some("json") => Ok(LogFormat::Json),
        Some(other) => Err(StartError::setting(
            NAME,
            other,
            "it is neither `text` nor `json`",
        )),
        None if DEVELOPMENT => Ok(LogFormat::Text),
        None => Ok(LogFormat::Json),
    }
}

fn origins(said: &Said<'_>, flags: &[String]) -> Result<Vec<HeaderValue>, StartError> {
    const NAME: &str = "GRACE_API_CORS_ORIGIN";
    let listed = said.text(NAME, None)?.unwrap_or_default();
    let variables = listed.split(',').map(str::to_owned);
    let all: Vec<String> = if flags.is_empty() {
        variables.collect()
    } else {
        flags.to_vec()
    };
    let all = all.iter().map(|origin| origin.trim().trim_end_matches('/'));
    all.filter(|origin| !origin.is_empty())
        .map(|origin| {
            let whole = ["http://", "https://"].iter().any(|scheme| {
                let host = origin.strip_prefix(scheme);
                host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
            });
            match HeaderValue::from_str(origin) {
                Ok(value) if whole => Ok(value),
                _ => Err(StartError::setting(
                    NAME,
                    origin,
                    "an origin is a scheme and a host, `https://app.example.org`; `*` is none",
                )),
            }
        })
        .collect()
}

/// The variables of a file.
fn variables(file: &Path) -> Result<Vec<(String, String)>, StartError> {
    let wrong = |error: &dotenvy::Error| StartError::EnvFile {
        path: file.to_owned(),
        reason: match error {
            // The line would show a secret.
            dotenvy::Error::LineParse(_, at) => format!("a line is broken at column {at}"),
            error => error.to_string(),
        },
    };
    let lines = dotenvy::from_path_iter(file).map_err(|error| wrong(&error))?;
    lines
        .map(|line| line.map_err(|error| wrong(&error)))
        .collect()
}

/// The project's settings. A server that is deployed alone has none.
fn project(
    global: &Global,
    url: Option<&DatabaseUrl>,
    environment: &Environment,
    cwd: &Path,
) -> Result<Option<Settings>, StartError> {
    let embedded = url.filter(|url| **url == DatabaseUrl::Embedded);
    let overrides = CliOverrides {
        config: global.config.clone(),
        url: embedded.map(ToString::to_string),
        ..CliOverrides::default()
    };
    match Settings::resolve(&overrides, environment, cwd) {
        Ok(settings) => Ok(Some(settings)),
        Err(ConfigError::NoProject { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn place(
    global: &Global,
    said: &Said<'_>,
    url: Option<DatabaseUrl>,
    project: Option<&Settings>,
) -> Result<Place, StartError> {
    let url = match (url, project) {
        (Some(url), _) => url,
        (None, Some(project)) => project.database()?.value.clone(),
        (None, None) => return Err(StartError::NoDatabase),
    };
    match (url, project) {
        (DatabaseUrl::Embedded, Some(project)) => Ok(Place::Embedded(Box::new(project.clone()))),
        (DatabaseUrl::Embedded, None) => Err(StartError::NoDatabase),
        (DatabaseUrl::Server(users), _) => Ok(Place::Server {
            users,
            service: said.text(
                "GRACE_API_SERVICE_DATABASE_URL",
                global.service_database_url.clone(),
            )?,
        }),
    }
}
