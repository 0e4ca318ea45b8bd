//! What keeps a request from being answered, as facts. `problem` has the words.

use std::error::Error;

use axum::extract::rejection::{JsonRejection, QueryRejection};

use super::token::TokenFault;
use crate::db::{DbError, PoolError, ServerError, SqlState};

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The request has no `Authorization: Bearer …`.
    NoToken,
    /// The token is none of ours.
    Token(TokenFault),
    /// The service key is missing or wrong.
    ServiceKey,
    /// The server was started without the service's login.
    NoService,
    /// PostgreSQL does not allow it.
    Forbidden,
    /// There is nothing there, or nothing that the caller may know of.
    NotFound,
    /// There is something there, and it does not do this.
    MethodNotAllowed,
    /// The row is not in the state that `If-Match` names.
    Changed,
    /// It cannot be together with what is there.
    Conflict {
        /// Which field has the value that is there already, where that is known.
        field: Option<String>,
    },
    /// A value cannot be.
    Invalid {
        /// Which, where that is known.
        field: Option<String>,
        /// Why, as a clause.
        reason: String,
    },
    /// The body is no JSON.
    Malformed {
        /// Why, as a clause.
        reason: String,
    },
    /// The body is larger than allowed.
    TooLarge,
    /// The body is not said to be JSON.
    NotJson,
    /// Too many requests in too short a time.
    TooMany {
        /// When the next may come, in seconds.
        retry_after_s: u64,
    },
    /// It took too long, and was stopped.
    TimedOut,
    /// Others were in the way: it may do the next time.
    Collided,
    /// All sessions are in use.
    Busy,
    /// The link was lost at COMMIT: whether it was done is not known.
    Unknown {
        /// Why, for the log.
        reason: String,
    },
    /// The database does not answer.
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
    /// The server stops.
    Stopping,
    /// A bug.
    Internal {
        /// What is known, for the log.
        reason: String,
    },
}

impl ApiError {
    /// A value that cannot be.
    pub(crate) fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }
}

impl From<TokenFault> for ApiError {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Db(error) => Self::Unavailable {
                reason: error.to_string(),
            },
            PoolError::Exhausted { .. } => Self::Busy,
            PoolError::Closed => Self::Stopping,
        }
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Server(error) => refused(&error),
            DbError::Protocol { during, reason } => Self::Internal {
                reason: format!("{during}: {reason}"),
            },
            error => Self::Unavailable {
                reason: error.to_string(),
            },
        }
    }
}

/// What the server's refusal means to the caller. Its words are not passed on: they may hold other
/// people's values.
fn refused(error: &ServerError) -> ApiError {
    let reason = || format!("{}: {}", error.sqlstate, error.message);
    match error.sqlstate {
        SqlState::INSUFFICIENT_PRIVILEGE => ApiError::Forbidden,
        SqlState::UNIQUE_VIOLATION => ApiError::Conflict {
            field: unique(error),
        },
        SqlState::FOREIGN_KEY_VIOLATION => ApiError::Invalid {
            field: error.column.clone().or_else(|| field(error, "_fkey")),
            reason: "it names something that is not there".to_owned(),
        },
        SqlState::NOT_NULL_VIOLATION => ApiError::Invalid {
            field: error.column.clone(),
            reason: "it must have a value".to_owned(),
        },
        SqlState::CHECK_VIOLATION => ApiError::Invalid {
            field: field(error, "_check"),
            reason: "the value is not of the shape that it must have".to_owned(),
        },
        SqlState::INVALID_PARAMETER_VALUE => ApiError::Unavailable { reason: reason() },
        SqlState::QUERY_CANCELED => ApiError::TimedOut,
        SqlState::SERIALIZATION_FAILURE
        | SqlState::DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE
        // A table has changed since the statement was prepared, or a pooler has lost the statement.
        | SqlState::FEATURE_NOT_SUPPORTED
        | SqlState::INVALID_SQL_STATEMENT_NAME => ApiError::Collided,
        // A schema that is not there yet, or no longer.
        SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN
        | SqlState::UNDEFINED_FUNCTION
        | SqlState::UNDEFINED_OBJECT
        | SqlState::INVALID_SCHEMA_NAME => ApiError::Unavailable { reason: reason() },
        sqlstate => match sqlstate.class() {
            // Data that the type cannot hold.
            "22" => ApiError::Invalid {
                field: None,
                reason: "a value is out of range, or has a character that cannot be stored"
                    .to_owned(),
            },
            // More than the server can do with: a name that no index holds, say.
            "54" => ApiError::Invalid {
                field: None,
                reason: "a value is too large".to_owned(),
            },
            // Insufficient resources, an operator's intervention, a lost link.
            "53" | "57" | "08" => ApiError::Unavailable { reason: reason() },
            // A message that a trigger wrote may hold anything.
            _ => ApiError::Internal {
                reason: format!(
                    "{} (table {}, constraint {})",
                    error.sqlstate,
                    error.table.as_deref().unwrap_or("?"),
                    error.constraint.as_deref().unwrap_or("?")
                ),
            },
        },
    }
}

/// The column that a constraint is about, by the name that PostgreSQL gives it:
/// `medications_name_check`.
fn field(error: &ServerError, suffix: &str) -> Option<String> {
    let name = error.constraint.as_deref()?.strip_suffix(suffix)?;
    let column = name
        .strip_prefix(error.table.as_deref()?)?
        .strip_prefix('_')?;
    Some(column.to_owned())
}

/// The field that a unique constraint is about. A key of several columns begins with whose the row is,
/// which no body names.
fn unique(error: &ServerError) -> Option<String> {
    let key = field(error, "_key");
    let named = key.map(|key| {
        key.strip_prefix("profile_id_")
            .map_or(key.clone(), str::to_owned)
    });
    let primary = error.constraint.as_deref()?.ends_with("_pkey");
    named.or_else(|| primary.then(|| "id".to_owned()))
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonSyntaxError(error) => Self::Malformed {
                reason: innermost(&error),
            },
            JsonRejection::JsonDataError(error) => unread(&error),
            JsonRejection::MissingJsonContentType(_) => Self::NotJson,
            JsonRejection::BytesRejection(error)
                if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Self::TooLarge
            }
            rejection => Self::Malformed {
                reason: rejection.body_text(),
            },
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        match rejection {
            QueryRejection::FailedToDeserializeQueryString(error) => unread(&error),
            rejection => Self::Invalid {
                field: None,
                reason: rejection.body_text(),
            },
        }
    }
}

/// A value that a body or a query cannot have: which, as far as the error tells, and why.
fn unread(error: &(dyn Error + 'static)) -> ApiError {
    let (field, words) = placed(error).unwrap_or_else(|| (None, innermost(error)));
    let place = words.rfind(" at line ").unwrap_or(words.len());
    let words = &words[..place];
    let named = |words: &str, begin: &str, end: &str| {
        let (name, rest) = words.strip_prefix(begin)?.rsplit_once(end)?;
        Some((name.to_owned(), rest.to_owned()))
    };
    if let Some((field, rest)) = named(words, "unknown field `", "`, expected ") {
        return ApiError::invalid(&field, format!("there is no such field, but {rest}"));
    }
    if let Some((field, _)) = named(words, "missing field `", "`") {
        return ApiError::invalid(&field, "it is missing");
    }
    if let Some((field, _)) = named(words, "duplicate field `", "`") {
        return ApiError::invalid(&field, "it is there more than once");
    }
    ApiError::Invalid {
        field,
        reason: words.to_owned(),
    }
}

/// Where in the body or the query an error lies, and its words, by whoever keeps count of the place.
fn placed(error: &(dyn Error + 'static)) -> Option<(Option<String>, String)> {
    fn read<E: Error + 'static>(error: &(dyn Error + 'static)) -> Option<(Option<String>, String)> {
        let error = error.downcast_ref::<serde_path_to_error::Error<E>>()?;
        let path = error.path();
        let somewhere = path.iter().next().is_some();
        Some((
            somewhere.then(|| path.to_string()),
            error.inner().to_string(),
        ))
    }
    let mut next = Some(error);
    while let Some(error) = next {
        let found = read::<serde_json::Error>(error);
        let found = found.or_else(|| read::<serde::de::value::Error>(error));
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

/// The words of the error at the bottom: those above it only say who passed it on.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(sqlstate: SqlState, table: &str, constraint: &str) -> ServerError {
        ServerError {
            severity: "ERROR".to_owned(),
            sqlstate,
            message: "no".to_owned(),
            detail: Some("Key (email)=(somebody@example.org)".to_owned()),
            hint: None,
            position: None,
            internal_query: None,
            internal_position: None,
            where_: None,
            schema: Some("public".to_owned()),
            table: Some(table.to_owned()),
            column: None,
            data_type: None,
            constraint: Some(constraint.to_owned()),
        }
    }

    #[test]
    fn a_constraint_names_its_column() {
        let told = |sqlstate, table, constraint| match refused(&error(sqlstate, table, constraint))
        {
            ApiError::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        };
        let check = SqlState::CHECK_VIOLATION;
        assert_eq!(
            told(check, "medications", "medications_name_check").as_deref(),
            Some("name")
        );
        assert_eq!(told(check, "sessions", "ends_later"), None);
        let key = SqlState::FOREIGN_KEY_VIOLATION;
        assert_eq!(
            told(
                key,
                "caregiver_relations",
                "caregiver_relations_caregiver_id_fkey"
            )
            .as_deref(),
            Some("caregiver_id")
        );
    }

    #[test]
    fn a_unique_constraint_names_the_field_of_the_body() {
        for (table, constraint, field) in [
            ("activities", "activities_name_key", Some("name")),
            ("profiles", "profiles_pkey", Some("id")),
            (
                "caregiver_relations",
                "caregiver_relations_profile_id_caregiver_id_key",
                Some("caregiver_id"),
            ),
            ("activities", "one_of_a_kind", None),
        ] {
            match refused(&error(SqlState::UNIQUE_VIOLATION, table, constraint)) {
                ApiError::Conflict { field: told } => {
                    assert_eq!(told.as_deref(), field, "{constraint}");
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn every_class_of_refusal_has_a_meaning() {
        let meaning = |code| {
            format!(
                "{:?}",
                refused(&error(SqlState::from_code(code), "t", "t_a_key"))
            )
        };
        for (code, wanted) in [
            ("42501", "Forbidden"),
            ("23505", "Conflict"),
            ("23502", "Invalid"),
            ("22021", "Invalid"),
            ("22P05", "Invalid"),
            ("57014", "TimedOut"),
            ("40001", "Collided"),
            ("0A000", "Collided"),
            ("26000", "Collided"),
            ("54000", "Invalid"),
            ("25006", "Internal"),
            ("42P01", "Unavailable"),
            ("3F000", "Unavailable"),
            ("42804", "Internal"),
            ("53300", "Unavailable"),
            ("57P01", "Unavailable"),
            ("22023", "Unavailable"),
            ("XX000", "Internal"),
        ] {
            assert!(
                meaning(code).starts_with(wanted),
                "{code}: {}",
                meaning(code)
            );
        }
    }
}
