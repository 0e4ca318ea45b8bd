//! The words of what goes wrong between us and a server.

use std::path::PathBuf;

use crate::db::{
    Attempt, AuthenticationFailure, DbError, Endpoint, Host, LoginRefused, PassfileIgnored,
    ServerError, ServerRole, SqlState, SslMode, TlsFailure, Unreachable,
};
use crate::render::{Description, Exit};
use crate::sql::quote_ident;

use super::words::NOTHING;

/// Says what went wrong.
pub(super) fn describe(error: &DbError) -> Description {
    let code = error.code();
    match error {
        DbError::Url(defect) => super::url::describe(defect),
        DbError::Unreachable { attempts } => unreachable(code, attempts),
        DbError::NotAccepting { endpoint, error } => server_facts(
            Description::new(
                code,
                Exit::Unavailable,
                format!(
                    "the server at `{endpoint}` takes no connections now: {}",
                    error.message
                ),
            ),
            error,
        ),
        DbError::Authentication(login) => login_refused(code, login),
        DbError::NoSuchDatabase { endpoint, database } => Description::new(
            code,
            Exit::Refused,
            format!("there is no database `{database}` at `{endpoint}`"),
        )
        .hint("create it and bring it to head: `grace-migrate setup`"),
        DbError::NotCreated {
            database,
            user,
            error,
        } => not_created(code, database, user, error),
        DbError::Tls {
            endpoint,
            mode,
            failure,
        } => tls(code, endpoint, *mode, failure),
        DbError::NoSuchServer { wanted, found } => found
            .iter()
            .fold(
                Description::new(
                    code,
                    Exit::Unavailable,
                    format!(
                        "no server is what `target_session_attrs={}` asks for",
                        wanted.as_str()
                    ),
                ),
                |described, (endpoint, role)| {
                    let role = match role {
                        ServerRole::Writable => "writes",
                        ServerRole::Standby => "a standby",
                        ServerRole::ReadOnly => "read-only",
                    };
                    described.fact([endpoint.to_string(), role.to_owned()])
                },
            )
            .hint("name the primary server, or try again when a new one has been chosen"),
        DbError::LinkLost {
            during,
            error,
            reason,
        } => {
            let described = Description::new(
                code,
                Exit::Unavailable,
                format!("the connection was lost during {during}: {reason}"),
            );
            match error {
                Some(error) => server_facts(described, error),
                None => described,
            }
        }
        DbError::Server(error) => server_facts(
            Description::new(
                code,
                exit(error),
                format!("the server says: {}", error.message),
            ),
            error,
        ),
        DbError::TransactionEnded => Description::new(code, Exit::Failed, error.to_string()),
        DbError::Protocol { during, reason } => Description::new(
            code,
            Exit::Bug,
            format!("the server's answer to {during} was not to be expected: {reason}"),
        ),
    }
}

/// Whether a refusal may pass by itself.
fn exit(error: &ServerError) -> Exit {
    match error.sqlstate.class() {
        "40" | "53" | "55" | "57" | "58" => Exit::Unavailable,
        _ => Exit::Refused,
    }
}

fn not_created(code: &'static str, database: &str, user: &str, error: &ServerError) -> Description {
    let described = Description::new(
        code,
        exit(error),
        format!(
            "the database `{database}` could not be created: {}",
            error.message
        ),
    );
    if error.sqlstate != SqlState::INSUFFICIENT_PRIVILEGE {
        return server_facts(described, error).outcome(NOTHING);
    }
    let (role, name) = (quote_ident(user), quote_ident(database));
    server_words(described, error)
        .outcome(NOTHING)
        .hint(format!(
            "let `{user}` create it, as a superuser: `alter role {role} createdb;`"
        ))
        .hint(format!(
            "or create it as one who may: `create database {name} owner {role};`"
        ))
}

/// The server's own words beside its message, and what helps with the common ones.
pub(super) fn server_facts(described: Description, error: &ServerError) -> Description {
    let described = server_words(described, error);
    match hint(error) {
        Some(hint) => described.hint(hint),
        None => described,
    }
}

/// The same without a hint, which is for a revision.
pub(super) fn server_words(described: Description, error: &ServerError) -> Description {
    let mut described = described.fact(["SQLSTATE", error.sqlstate.as_str()]);
    let texts = [
        ("detail", &error.detail),
        ("hint", &error.hint),
        ("query", &error.internal_query),
        ("context", &error.where_),
    ];
    for (name, text) in texts {
        for (index, line) in text.iter().flat_map(|text| text.lines()).enumerate() {
            described = described.fact([if index == 0 { name } else { "" }, line]);
        }
    }
    described
}

fn hint(error: &ServerError) -> Option<&'static str> {
    Some(match error.sqlstate {
        SqlState::LOCK_NOT_AVAILABLE => {
            "another session holds the lock: end it, or wait longer for it: `--lock-timeout 30s`"
        }
        SqlState::DEADLOCK_DETECTED | SqlState::SERIALIZATION_FAILURE => {
            "another session was in the way: run the same command again"
        }
        SqlState::QUERY_CANCELED if error.message.contains("statement timeout") => {
            "allow it more time: `--statement-timeout 10min`, or `-- statement-timeout: 10min` in the script"
        }
        SqlState::INSUFFICIENT_PRIVILEGE if error.message.contains("row-level security") => {
            "row security would hide rows from this role: connect as the table's owner or a member of it (`grant <owner> to <role>`), or as one with BYPASSRLS; an owner passes where it is not forced: `alter table … no force row level security;`"
        }
        SqlState::INSUFFICIENT_PRIVILEGE => {
            "connect as the owner of what is changed, or as a role that was granted the right"
        }
        SqlState::ACTIVE_SQL_TRANSACTION => {
            "a statement that cannot run in a transaction has a revision to itself, headed `-- transaction: off`"
        }
        SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE => {
            "a new enum value can be used once it is committed: use it in the next revision"
        }
        SqlState::OUT_OF_MEMORY if error.message.contains("shared memory") => {
            "the server's lock table is full: `--transaction revision`, or raise `max_locks_per_transaction`"
        }
        SqlState::TOO_MANY_CONNECTIONS => "end a session that is not needed, and try again",
        SqlState::CANNOT_CONNECT_NOW => "it starts or stops: try again in a moment",
        SqlState::DUPLICATE_TABLE | SqlState::DUPLICATE_OBJECT | SqlState::DUPLICATE_SCHEMA => {
            "if the database had it before the revision, record the revision without running it: `grace-migrate stamp`"
        }
        SqlState::UNDEFINED_OBJECT if error.message.starts_with("role \"") => {
            "roles are the server's and not a database's: make it there first, `create role …`, or write a revision that does where it is not there"
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => {
            "this server or session only reads: name the primary server"
        }
        _ => return None,
    })
}

fn unreachable(code: &'static str, attempts: &[Attempt]) -> Description {
    let described = match attempts {
        [attempt] => Description::new(
            code,
            Exit::Unavailable,
            format!(
                "no server answers at `{}`: {}",
                attempt.endpoint,
                why(&attempt.failure)
            ),
        ),
        _ => attempts.iter().fold(
            Description::new(code, Exit::Unavailable, "no server answers"),
            |described, attempt| {
                described.fact([attempt.endpoint.to_string(), why(&attempt.failure)])
            },
        ),
    };
    let Some(last) = attempts.last() else {
        return described;
    };
    match (&last.failure, &last.endpoint.host) {
        (Unreachable::Refused, Host::Tcp(_)) => {
            described.hint("is the server running, and is the port right?")
        }
        (Unreachable::NoSocket | Unreachable::Refused, _) => described
            .hint("is the server running? its socket's folder is `show unix_socket_directories`")
            .hint("or name a host: `postgres://localhost:5432/database`"),
        (Unreachable::PermissionDenied, _) => {
            described.hint("the socket's folder is closed to this user: connect by `localhost`")
        }
        (Unreachable::NoSuchHost { .. }, _) => described.hint("is the host's name right?"),
        (Unreachable::TimedOut { .. }, _) => described
            .hint("is a firewall between here and there?")
            .hint("allow more time: `connect_timeout=30` in the URL"),
        (Unreachable::HungUp { .. }, _) => {
            described.hint("is it a PostgreSQL server that listens there?")
        }
        (Unreachable::Other { .. }, _) => described,
    }
}

fn why(failure: &Unreachable) -> String {
    match failure {
        Unreachable::Refused => "nothing listens there".to_owned(),
        Unreachable::NoSocket => "there is no such socket".to_owned(),
        Unreachable::PermissionDenied => "permission denied".to_owned(),
        Unreachable::NoSuchHost { reason } => format!("the host has no address: {reason}"),
        Unreachable::TimedOut { after_ms } if after_ms % 1_000 == 0 => {
            format!("no answer within {} s", after_ms / 1_000)
        }
        Unreachable::TimedOut { after_ms } => format!("no answer within {after_ms} ms"),
        Unreachable::HungUp { reason } => format!("it answers and hangs up: {reason}"),
        Unreachable::Other { reason } => reason.clone(),
    }
}

fn login_refused(code: &'static str, login: &LoginRefused) -> Description {
    let LoginRefused {
        endpoint,
        user,
        database,
        failure,
        passfile,
    } = login;
    let refused = |why: &str| {
        Description::new(
            code,
            Exit::Refused,
            format!("user `{user}` cannot log in at `{endpoint}`: {why}"),
        )
        .fact(["database", database])
    };
    let described = match failure {
        AuthenticationFailure::NoPassword => refused("it asks for a password, and none is given"),
        AuthenticationFailure::Rejected(error) => server_facts(refused(&error.message), error),
        AuthenticationFailure::Method { reason } => refused(reason),
    };
    let described = match passfile {
        Some(PassfileIgnored::Permissions { path, mode }) => described
            .fact([
                "not used".to_owned(),
                format!(
                    "{}, which others may read (mode {mode:04o})",
                    path.display()
                ),
            ])
            .hint(format!("close it: `chmod 600 {}`", path.display())),
        Some(PassfileIgnored::NotAFile { path }) => described.fact([
            "not used".to_owned(),
            format!("{}, which is not a plain file", path.display()),
        ]),
        Some(PassfileIgnored::Unreadable { path, reason }) => described.fact([
            "not used".to_owned(),
            format!("{}: {reason}", path.display()),
        ]),
        None => described,
    };
    match failure {
        AuthenticationFailure::NoPassword => described
            .hint("give it as `PGPASSWORD`, or as a line of `~/.pgpass`: `host:port:database:user:password`"),
        AuthenticationFailure::Rejected(error)
            if error.sqlstate == SqlState::INVALID_PASSWORD =>
        {
            described.hint("see which user and password are meant: `grace-migrate config`")
        }
        AuthenticationFailure::Rejected(_) => {
            described.hint("the server's `pg_hba.conf` says who may log in from where, and with which `sslmode`")
        }
        AuthenticationFailure::Method { .. } => described,
    }
}

fn tls(
    code: &'static str,
    endpoint: &Endpoint,
    mode: SslMode,
    failure: &TlsFailure,
) -> Description {
    let refused = |why: String| {
        Description::new(
            code,
            Exit::Refused,
            format!("no encrypted connection to `{endpoint}`: {why}"),
        )
        .fact(["sslmode", mode.as_str()])
    };
    let missing = |missing: &Option<PathBuf>| match missing {
        Some(path) => format!("its root certificate `{}` does not exist", path.display()),
        None => "no root certificate is given to check the server's with".to_owned(),
    };
    match failure {
        TlsFailure::NotOffered => refused("the server does not offer it".to_owned())
            .hint("switch `ssl` on in the server, or allow less: `sslmode=prefer`"),
        TlsFailure::NoRootCertificate { missing: path } => refused(missing(path))
            .hint("name the authority's certificate: `sslrootcert=/path/root.crt`")
            .hint("or trust those of this system: `sslrootcert=system`"),
        TlsFailure::File { path, reason } => {
            refused(format!("`{}` cannot be used: {reason}", path.display()))
        }
        TlsFailure::SystemRoots { reason } => {
            refused(format!("this system's root certificates cannot be read: {reason}"))
                .hint("install them (the package `ca-certificates`), or name one: `sslrootcert=/path/root.crt`")
        }
        TlsFailure::UntrustedIssuer => {
            refused("the server's certificate does not come from a trusted authority".to_owned())
                .hint("name the authority's certificate: `sslrootcert=/path/root.crt`")
        }
        TlsFailure::WrongName { names } => {
            let described = refused("the server's certificate is for another name".to_owned());
            names
                .iter()
                .fold(described, |described, name| described.fact(["it is for", name]))
                .hint("connect by that name, or check the authority only: `sslmode=verify-ca`")
        }
        TlsFailure::Expired => {
            refused("the server's certificate has expired, or is not valid yet".to_owned())
        }
        TlsFailure::Handshake { reason } => refused(reason.clone()),
    }
}

#[cfg(test)]
#[path = "db_tests.rs"]
mod tests;
