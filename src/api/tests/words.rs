//! All that the server refuses, in words: requests by status, and its own start by exit code.

use std::fmt::Write as _;
use std::io;

use crate::api::error::ApiError;
use crate::api::login::{LoginDefect, Purpose};
use crate::api::start_error::StartError;
use crate::api::token::{KeyDefect, TokenFault};
use crate::bookkeeping::VersionTable;
use crate::db::DbError;
use crate::render::{Style, error};
use crate::sql::QualifiedName;

#[test]
fn every_problem() {
    let reason = || "only for the log".to_owned();
    let all = [
        ApiError::Malformed {
            reason: "a brace is missing".to_owned(),
        },
        ApiError::NoToken,
        ApiError::Token(TokenFault::Expired),
        ApiError::ServiceKey,
        ApiError::Forbidden,
        ApiError::NotFound,
        ApiError::MethodNotAllowed,
        ApiError::Conflict {
            field: Some("email".to_owned()),
        },
        ApiError::Changed,
        ApiError::TooLarge,
        ApiError::NotJson,
        ApiError::invalid("limit", "it must be from 1 to 200"),
        ApiError::TooMany { retry_after_s: 2 },
        ApiError::Internal { reason: reason() },
        ApiError::Token(TokenFault::KeysUnavailable),
        ApiError::NoService,
        ApiError::TimedOut,
        ApiError::Collided,
        ApiError::Busy,
        ApiError::Unknown { reason: reason() },
        ApiError::Unavailable { reason: reason() },
        ApiError::Stopping,
    ];
    let mut list = String::new();
    for problem in all.iter().map(ApiError::problem) {
        let code = problem.r#type.trim_start_matches("urn:grace:problem:");
        write!(list, "{} {code}: {}", problem.status, problem.title).unwrap();
        match problem.detail {
            Some(detail) => writeln!(list, " ({detail})").unwrap(),
            None => list.push('\n'),
        }
    }
    assert!(!list.contains("only for the log"));
    insta::assert_snapshot!("problems", list);
}

#[test]
fn every_reason_not_to_start() {
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    let unreachable = DbError::Unreachable {
        attempts: Vec::new(),
    };
    let table = VersionTable::new(QualifiedName::new("public", "alembic_version"));
    let login = LoginDefect {
        purpose: Purpose::Users,
        user: "api".to_owned(),
        reasons: vec!["it is a superuser".to_owned()],
        allowable: true,
        sql: crate::api::login::users_sql("grace_api", &table),
    };
    let all = [
        StartError::from(unreachable),
        StartError::setting("GRACE_API_POOL_SIZE", "0", "it must be at least 1"),
        StartError::EnvFile {
            path: ".env".into(),
            reason: "a line is broken at column 3".to_owned(),
        },
        StartError::NoDatabase,
        StartError::NoRevisions,
        StartError::Keys(KeyDefect::NoKeys),
        StartError::NoProject,
        StartError::Login(Box::new(login)),
        StartError::Bind {
            address: "127.0.0.1:80".parse().unwrap(),
            source: denied(),
        },
        StartError::DevelopmentKey {
            path: ".grace/api-secret".into(),
            source: denied(),
        },
        StartError::NoDevelopment,
        StartError::VerifiedElsewhere,
        StartError::OwnServiceKey,
        StartError::System {
            what: "no threads can be had",
            source: denied(),
        },
    ];
    let mut list = String::new();
    for description in all.iter().map(StartError::describe) {
        let words = error(&description, &Style::default());
        writeln!(list, "exit {}\n{words}", description.exit.code()).unwrap();
    }
    insta::assert_snapshot!("start_errors", list);
}
