//! The command line.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

/// The server of GRACE: verifies Supabase tokens, and asks PostgreSQL in the name of their users.
///
/// Who sees what is decided by the policies in the database.
#[derive(Debug, Parser)]
#[command(
    name = "grace-api",
    version,
    after_help = "Examples:\n  \
        grace-api                                  on this machine, port 8000\n  \
        grace-api --host 0.0.0.0 --port 8000 --no-reload\n  \
        grace-api token --sub 11111111-1111-4111-8111-111111111111\n  \
        grace-api login-role | psql \"$ADMIN_URL\"\n  \
        grace-api openapi > openapi.json\n\n\
        Variables that have no option:\n  \
        DATABASE_URL               where GRACE_API_DATABASE_URL is not set\n  \
        SUPABASE_JWT_SECRET        the legacy secret, where tokens are HS256\n  \
        SUPABASE_SERVICE_ROLE_KEY  what the service says who it is with\n  \
        GRACE_API_LOG              which lines the log has: error, warn, info, debug, trace, off;\n  \
        \x20                          or levels of parts: warn,tower_http=debug [default: info]"
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) global: Global,

    #[command(flatten)]
    pub(super) serve: Serve,
}

/// Where settings are.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Where things are")]
pub(super) struct Global {
    /// The settings file of the project [default: grace-migrate.toml here or in a folder above]
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,

    /// A file of variables, which those of the environment go before [default: .env, in development
    /// builds]
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) env_file: Option<PathBuf>,

    /// Where the database is, as the login of users: a libpq URL, or `embedded` [default: the `url` of
    /// the settings file] [variable: GRACE_API_DATABASE_URL]
    #[arg(long, value_name = "URL", global = true)]
    pub(super) database_url: Option<String>,

    /// Where it is, as the login of the service; without one the service's routes answer 503
    /// [variable: GRACE_API_SERVICE_DATABASE_URL]
    #[arg(long, value_name = "URL", global = true)]
    pub(super) service_database_url: Option<String>,

    /// The Supabase project: issuer and keys of its tokens [variable: SUPABASE_URL]
    #[arg(long, value_name = "URL", global = true)]
    pub(super) supabase_url: Option<String>,
}

/// How it serves. Values are read by `settings`, which knows the variables too.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Listening")]
pub(super) struct Serve {
    /// The address to listen at [default: 127.0.0.1] [variable: GRACE_API_HOST]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) host: Option<IpAddr>,

    /// The port to listen at; 0 is any that is free [default: 8000] [variable: GRACE_API_PORT]
    #[arg(long, value_name = "PORT")]
    pub(super) port: Option<u16>,

    /// Restart when the program or its settings change, without closing the socket [default in
    /// development builds] [variable: GRACE_API_RELOAD]
    #[arg(long, help_heading = "Running", overrides_with_all = ["reload", "no_reload"])]
    pub(super) reload: bool,

    /// Go on with the program and the settings of the start, whatever changes [default in release
    /// builds]
    #[arg(long, help_heading = "Running", overrides_with_all = ["reload", "no_reload"])]
    pub(super) no_reload: bool,

    /// An origin whose pages may ask; may be given several times, or comma separated
    /// [variable: GRACE_API_CORS_ORIGIN]
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    pub(super) cors_origin: Vec<String>,

    /// The most sessions of each login [default: 10] [variable: GRACE_API_POOL_SIZE]
    #[arg(long, help_heading = "Limits", value_name = "COUNT")]
    pub(super) pool_size: Option<String>,

    /// How long a request waits for a session [default: 5s] [variable: GRACE_API_POOL_WAIT]
    #[arg(long, help_heading = "Limits", value_name = "TIME")]
    pub(super) pool_wait: Option<String>,

    /// How long an answer may take [default: 15s] [variable: GRACE_API_REQUEST_TIMEOUT]
    #[arg(long, help_heading = "Limits", value_name = "TIME")]
    pub(super) request_timeout: Option<String>,

    /// How long a statement may take [default: 10s] [variable: GRACE_API_STATEMENT_TIMEOUT]
    #[arg(long, help_heading = "Limits", value_name = "TIME")]
    pub(super) statement_timeout: Option<String>,

    /// The longest body, in bytes [default: 1048576] [variable: GRACE_API_BODY_LIMIT]
    #[arg(long, help_heading = "Limits", value_name = "BYTES")]
    pub(super) body_limit: Option<String>,

    /// Requests a second of one user; 0 is no limit [default: 50]
    /// [variable: GRACE_API_RATE_PER_SUBJECT]
    #[arg(long, help_heading = "Limits", value_name = "COUNT")]
    pub(super) rate_per_subject: Option<String>,

    /// Requests a second from one address; 0 is no limit [default: 200]
    /// [variable: GRACE_API_RATE_PER_ADDRESS]
    #[arg(long, help_heading = "Limits", value_name = "COUNT")]
    pub(super) rate_per_address: Option<String>,

    /// How many proxies stand before the server: so many entries of X-Forwarded-For are believed
    /// [default: 0] [variable: GRACE_API_TRUSTED_PROXIES]
    #[arg(long, value_name = "COUNT")]
    pub(super) trusted_proxies: Option<String>,

    /// How long requests may take to end when the server stops [default: 25s]
    /// [variable: GRACE_API_DRAIN_TIMEOUT]
    #[arg(long, value_name = "TIME")]
    pub(super) drain_timeout: Option<String>,

    /// Accept a login that row-level security does not bind
    /// [variable: GRACE_API_ALLOW_PRIVILEGED_LOGIN]
    #[arg(long, help_heading = "Exceptions")]
    pub(super) allow_privileged_login: bool,

    /// Be ready though the database is ahead of the revisions that the program knows
    /// [variable: GRACE_API_ALLOW_NEWER_SCHEMA]
    #[arg(long, help_heading = "Exceptions")]
    pub(super) allow_newer_schema: bool,

    /// How the log is written [default: text in development builds, else json]
    /// [variable: GRACE_API_LOG_FORMAT]
    #[arg(long, help_heading = "Running", value_enum, value_name = "FORMAT")]
    pub(super) log_format: Option<LogFormat>,

    /// Read the settings, say what is wrong with them, and end
    #[arg(long, help_heading = "Running")]
    pub(super) check: bool,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token to try the server with, in development
    Token(Token),
    /// Print the SQL that makes proper logins for the server
    LoginRole(LoginRole),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Debug, Args)]
pub(super) struct Token {
    /// The user: a UUID
    #[arg(long, value_name = "UUID", required_unless_present = "service")]
    pub(super) sub: Option<Uuid>,

    /// How long it is valid
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub(super) lifetime: String,

    /// The service key instead
    #[arg(long, conflicts_with_all = ["sub", "lifetime"])]
    pub(super) service: bool,
}

#[derive(Debug, Args)]
pub(super) struct LoginRole {
    /// The login of users
    #[arg(long, value_name = "ROLE", default_value = "grace_api")]
    pub(super) role: String,

    /// The login of the service
    #[arg(long, value_name = "ROLE", default_value = "grace_api_service")]
    pub(super) service_role: String,
}

impl Cli {
    /// Reads arguments, the program's name first.
    pub(super) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Misuse> {
        Self::try_parse_from(arguments).map_err(|error| Misuse {
            code: u8::try_from(error.exit_code()).unwrap_or(2),
            to_stdout: !error.use_stderr(),
            text: error.render().to_string(),
        })
    }
}

/// Arguments that are no request to serve: help that was asked for, or what is wrong.
#[derive(Debug)]
pub(super) struct Misuse {
    pub(super) code: u8,
    pub(super) to_stdout: bool,
    pub(super) text: String,
}
