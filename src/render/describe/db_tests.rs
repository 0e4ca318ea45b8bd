//! The words of each error, as they are shown.

use super::super::words::{server_error, shown};
use super::*;
use crate::db::{TargetSession, UrlDefect};

fn endpoint() -> Endpoint {
    Endpoint {
        host: Host::Tcp("db.example.org".to_owned()),
        address: None,
        port: 5432,
    }
}

fn socket() -> Endpoint {
    Endpoint {
        host: Host::Unix("/var/run/postgresql".into()),
        address: None,
        port: 5432,
    }
}

fn server(sqlstate: SqlState, message: &str) -> Box<ServerError> {
    server_error(sqlstate, message)
}

fn said(errors: &[DbError]) -> String {
    let all: Vec<String> = errors.iter().map(|error| shown(&describe(error))).collect();
    all.join("\n")
}

fn attempt(endpoint: Endpoint, failure: Unreachable) -> DbError {
    DbError::Unreachable {
        attempts: vec![Attempt { endpoint, failure }],
    }
}

fn login(failure: AuthenticationFailure, passfile: Option<PassfileIgnored>) -> DbError {
    DbError::Authentication(Box::new(LoginRefused {
        endpoint: endpoint(),
        user: "anna".to_owned(),
        database: "app".to_owned(),
        failure,
        passfile,
    }))
}

#[test]
fn who_cannot_be_reached() {
    let reason = || "the system's words".to_owned();
    insta::assert_snapshot!(said(&[
        attempt(endpoint(), Unreachable::Refused),
        attempt(socket(), Unreachable::NoSocket),
        attempt(socket(), Unreachable::PermissionDenied),
        attempt(endpoint(), Unreachable::NoSuchHost { reason: reason() }),
        attempt(endpoint(), Unreachable::TimedOut { after_ms: 10_000 }),
        attempt(endpoint(), Unreachable::HungUp { reason: reason() }),
        attempt(endpoint(), Unreachable::Other { reason: reason() }),
        DbError::Unreachable {
            attempts: vec![
                Attempt {
                    endpoint: socket(),
                    failure: Unreachable::NoSocket,
                },
                Attempt {
                    endpoint: endpoint(),
                    failure: Unreachable::TimedOut { after_ms: 1_500 },
                },
            ],
        },
        DbError::NoSuchServer {
            wanted: TargetSession::ReadWrite,
            found: vec![
                (endpoint(), ServerRole::Standby),
                (socket(), ServerRole::ReadOnly),
            ],
        },
        DbError::NotAccepting {
            endpoint: endpoint(),
            error: server(
                SqlState::TOO_MANY_CONNECTIONS,
                "sorry, too many clients already",
            ),
        },
    ]));
}

#[test]
fn who_is_not_let_in() {
    insta::assert_snapshot!(said(&[
        login(AuthenticationFailure::NoPassword, None),
        login(
            AuthenticationFailure::NoPassword,
            Some(PassfileIgnored::Permissions {
                path: "/home/anna/.pgpass".into(),
                mode: 0o644,
            }),
        ),
        login(
            AuthenticationFailure::NoPassword,
            Some(PassfileIgnored::NotAFile {
                path: "/home/anna".into(),
            }),
        ),
        login(
            AuthenticationFailure::NoPassword,
            Some(PassfileIgnored::Unreadable {
                path: "/home/anna/.pgpass".into(),
                reason: "stream did not contain valid UTF-8".to_owned(),
            }),
        ),
        login(
            AuthenticationFailure::Rejected(server(
                SqlState::INVALID_PASSWORD,
                "password authentication failed for user \"anna\"",
            )),
            None,
        ),
        login(
            AuthenticationFailure::Rejected(server(
                SqlState::INVALID_AUTHORIZATION,
                "no pg_hba.conf entry for host \"10.0.0.7\", user \"anna\", database \"app\", no encryption",
            )),
            None,
        ),
        login(
            AuthenticationFailure::Method {
                reason: "unsupported authentication method".to_owned(),
            },
            None,
        ),
        DbError::NoSuchDatabase {
            endpoint: endpoint(),
            database: "app".to_owned(),
        },
        DbError::NotCreated {
            database: "app".to_owned(),
            user: "anna".to_owned(),
            error: server(
                SqlState::INSUFFICIENT_PRIVILEGE,
                "permission denied to create database",
            ),
        },
        DbError::NotCreated {
            database: "app".to_owned(),
            user: "anna".to_owned(),
            error: server(SqlState::OBJECT_IN_USE, "source database is being accessed"),
        },
        DbError::Url(UrlDefect::NoUser),
    ]));
}

#[test]
fn why_there_is_no_tls() {
    let failures = [
        TlsFailure::NotOffered,
        TlsFailure::NoRootCertificate { missing: None },
        TlsFailure::NoRootCertificate {
            missing: Some("/etc/root.crt".into()),
        },
        TlsFailure::File {
            path: "/etc/root.crt".into(),
            reason: "it holds no certificate that can be read".to_owned(),
        },
        TlsFailure::SystemRoots {
            reason: "there are none".to_owned(),
        },
        TlsFailure::UntrustedIssuer,
        TlsFailure::WrongName {
            names: vec!["other.example.org".to_owned()],
        },
        TlsFailure::Expired,
        TlsFailure::Handshake {
            reason: "peer is incompatible".to_owned(),
        },
    ];
    let errors = failures.map(|failure| DbError::Tls {
        endpoint: endpoint(),
        mode: SslMode::VerifyFull,
        failure,
    });
    insta::assert_snapshot!(said(&errors));
}

#[test]
fn what_a_session_says() {
    let mut full = server(
        SqlState::UNDEFINED_FUNCTION,
        "function missing() does not exist",
    );
    full.detail = Some("one\ntwo".to_owned());
    full.hint = Some("No function matches the given name.".to_owned());
    full.internal_query = Some("SELECT missing()".to_owned());
    full.where_ = Some("PL/pgSQL function f() line 3 at PERFORM\nSQL statement".to_owned());
    insta::assert_snapshot!(said(&[
        DbError::Server(full),
        DbError::LinkLost {
            during: "a script",
            error: Some(server(
                SqlState::ADMIN_SHUTDOWN,
                "terminating connection due to administrator command",
            )),
            reason: "terminating connection due to administrator command".to_owned(),
        },
        DbError::LinkLost {
            during: "a query",
            error: None,
            reason: "the server closed the connection".to_owned(),
        },
        DbError::TransactionEnded,
        DbError::Protocol {
            during: "reading a row",
            reason: "invalid column `3`".to_owned(),
        },
    ]));
}

#[test]
fn common_errors_come_with_a_hint() {
    let hints: Vec<String> = [
        (
            SqlState::LOCK_NOT_AVAILABLE,
            "canceling statement due to lock timeout",
        ),
        (SqlState::DEADLOCK_DETECTED, "deadlock detected"),
        (
            SqlState::SERIALIZATION_FAILURE,
            "could not serialize access",
        ),
        (
            SqlState::QUERY_CANCELED,
            "canceling statement due to statement timeout",
        ),
        (
            SqlState::QUERY_CANCELED,
            "canceling statement due to user request",
        ),
        (
            SqlState::INSUFFICIENT_PRIVILEGE,
            "query would be affected by row-level security policy for table \"t\"",
        ),
        (
            SqlState::INSUFFICIENT_PRIVILEGE,
            "permission denied for table t",
        ),
        (
            SqlState::ACTIVE_SQL_TRANSACTION,
            "VACUUM cannot run inside a transaction block",
        ),
        (
            SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE,
            "unsafe use of new value \"x\" of enum type e",
        ),
        (SqlState::OUT_OF_MEMORY, "out of shared memory"),
        (SqlState::OUT_OF_MEMORY, "out of memory"),
        (
            SqlState::CANNOT_CONNECT_NOW,
            "the database system is starting up",
        ),
        (SqlState::UNDEFINED_OBJECT, "role \"r\" does not exist"),
        (SqlState::UNDEFINED_OBJECT, "type \"r\" does not exist"),
        (SqlState::DUPLICATE_TABLE, "relation \"t\" already exists"),
        (
            SqlState::READ_ONLY_SQL_TRANSACTION,
            "cannot execute CREATE TABLE in a read-only transaction",
        ),
    ]
    .into_iter()
    .map(|(sqlstate, message)| {
        let hint = hint(&server(sqlstate, message)).unwrap_or("-");
        format!("{sqlstate} {message}\n    {hint}")
    })
    .collect();
    insta::assert_snapshot!(hints.join("\n"));
}
