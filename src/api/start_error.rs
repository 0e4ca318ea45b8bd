//! Why the server does not start, and the words for it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::login::{LoginDefect, Purpose};
use super::token::KeyDefect;
use crate::config::ConfigError;
use crate::db::DbError;
use crate::migrator::Error;
use crate::render::{self, Description, Exit};

/// Why the server does not start.
#[derive(Debug)]
pub(super) enum StartError {
    /// What the library says: the project's settings, the embedded server, the database.
    Library(Box<Error>),
    /// A flag or a variable has a value that it cannot have.
    Setting {
        name: &'static str,
        text: String,
        reason: String,
    },
    /// The file of variables cannot be read.
    EnvFile { path: PathBuf, reason: String },
    /// Nothing says where the database is.
    NoDatabase,
    /// The embedded database has no tables yet.
    NoRevisions,
    /// Tokens cannot be verified.
    Keys(KeyDefect),
    /// Nothing says which project's tokens are verified.
    NoProject,
    /// A login is not what it must be.
    Login(Box<LoginDefect>),
    /// The address cannot be listened at.
    Bind {
        address: SocketAddr,
        source: io::Error,
    },
    /// A file of the embedded server's secrets cannot be read or written.
    DevelopmentKey { path: PathBuf, source: io::Error },
    /// A token is made in development only.
    NoDevelopment,
    /// The server verifies tokens by keys that are published, which nobody can sign with here.
    VerifiedElsewhere,
    /// The server takes the service key of a variable.
    OwnServiceKey,
    /// The system does not give what the server needs.
    System {
        what: &'static str,
        source: io::Error,
    },
}

impl StartError {
    pub(super) fn setting(name: &'static str, text: &str, reason: &str) -> Self {
        Self::Setting {
            name,
            text: text.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// The words.
    pub(super) fn describe(&self) -> Description {
        let refused = |code, message: String| {
            Description::new(code, Exit::Refused, message).outcome("nothing is served")
        };
        match self {
            Self::Library(error) => render::describe(error, "grace-api"),
            Self::Setting { name, text, reason } => refused(
                "setting",
                format!("{} is `{text}`: {reason}", shown(name)),
            ),
            Self::EnvFile { path, reason } => refused(
                "env-file",
                format!("{} cannot be read: {reason}", path.display()),
            ),
            Self::NoDatabase => refused(
                "no-database",
                "nothing says where the database is".to_owned(),
            )
            .hint("set `GRACE_API_DATABASE_URL` to the login of users: `grace-api login-role` prints the SQL that makes one")
            .hint("or start in a project whose grace-migrate.toml says `url = \"embedded\"`"),
            Self::NoRevisions => Description::new(
                "no-revisions",
                Exit::No,
                "the embedded database has none of GRACE's tables yet".to_owned(),
            )
            .outcome("nothing is served")
            .hint("apply the revisions: `grace-migrate upgrade`"),
            Self::Keys(defect) => keys(refused(defect.code(), defect.to_string()), defect),
            Self::NoProject => refused(
                "no-supabase-project",
                "nothing says whose tokens are verified".to_owned(),
            )
            .hint("set `SUPABASE_URL` to the project's URL, and `SUPABASE_JWT_SECRET` where its tokens are HS256"),
            Self::Login(defect) => login(refused("login", String::new()), defect),
            Self::Bind { address, source } => Description::new(
                "bind",
                Exit::Unavailable,
                format!("{address} cannot be listened at: {source}"),
            )
            .outcome("nothing is served")
            .hint("another port: `grace-api --port 8001`"),
            Self::DevelopmentKey { path, source } => refused(
                "development-key",
                format!("{} cannot be read or made: {source}", path.display()),
            ),
            Self::NoDevelopment => Description::new(
                "no-development",
                Exit::Refused,
                "tokens are made for the embedded server alone".to_owned(),
            )
            .outcome("no token was made")
            .hint("sign in with Supabase, and take its access token"),
            Self::VerifiedElsewhere => Description::new(
                "verified-elsewhere",
                Exit::Refused,
                "`SUPABASE_URL` (`--supabase-url`) is set: the server verifies tokens by the keys which \
                 that project publishes"
                    .to_owned(),
            )
            .outcome("no token was made")
            .hint("unset it for tokens of development, or set `SUPABASE_JWT_SECRET` too"),
            Self::OwnServiceKey => Description::new(
                "own-service-key",
                Exit::Refused,
                "`SUPABASE_SERVICE_ROLE_KEY` is set: it is the service key that the server takes"
                    .to_owned(),
            )
            .outcome("no key is shown")
            .hint("send that one, or unset it for the key of development"),
            Self::System { what, source } => {
                Description::new("system", Exit::Bug, format!("{what}: {source}"))
                    .outcome("nothing is served")
            }
        }
    }
}

/// A variable as its flag, too, where it has one.
fn shown(name: &str) -> String {
    match name.strip_prefix("GRACE_API_") {
        // Which lines the log has is said by its variable alone.
        Some(rest) if rest != "LOG" => {
            format!("`--{}` (`{name}`)", rest.to_lowercase().replace('_', "-"))
        }
        _ => format!("`{name}`"),
    }
}

fn keys(description: Description, defect: &KeyDefect) -> Description {
    match defect {
        KeyDefect::NoKeys | KeyDefect::NoIssuer => {
            description.hint("set `SUPABASE_URL`, or `SUPABASE_JWT_SECRET`")
        }
        KeyDefect::SecretTooShort { .. }
        | KeyDefect::SecretIsPublic
        | KeyDefect::UnusableSecret => description.hint(
            "`SUPABASE_JWT_SECRET` is the legacy JWT secret of the project's settings, not a key of its API",
        ),
        KeyDefect::ServiceKeyTooShort { .. } => description
            .hint("`SUPABASE_SERVICE_ROLE_KEY` is the `service_role` or secret key of the project"),
        KeyDefect::JwksUrl(_) => {
            description.hint("`SUPABASE_URL` looks like `https://PROJECT.supabase.co`")
        }
        KeyDefect::NoClient { .. } => description,
    }
}

fn login(mut description: Description, defect: &LoginDefect) -> Description {
    let LoginDefect {
        purpose,
        user,
        reasons,
        allowable,
        sql,
    } = defect;
    let whose = match purpose {
        Purpose::Users => "users",
        Purpose::Service => "the service",
    };
    description.message = format!("`{user}` is no login for requests of {whose}");
    for reason in reasons {
        description = description.fact([reason.clone()]);
    }
    description = description
        .attachment(format!("-- a proper one, made by a superuser:\n{sql}"))
        .hint("`grace-api login-role` prints this SQL");
    if *allowable {
        return description.hint("or, knowing what it means: `grace-api --allow-privileged-login`");
    }
    description
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self::Library(Box::new(error))
    }
}

impl From<DbError> for StartError {
    fn from(error: DbError) -> Self {
        Error::from(error).into()
    }
}

impl From<KeyDefect> for StartError {
    fn from(defect: KeyDefect) -> Self {
        Self::Keys(defect)
    }
}
