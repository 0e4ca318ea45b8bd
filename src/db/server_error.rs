//! What a server says went wrong, in full.

use serde::Serialize;
use tokio_postgres::error::{DbError as Response, ErrorPosition};

use super::SqlState;

/// A server's error message with all its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`, not translated.
    pub severity: String,
    /// The SQLSTATE.
    pub sqlstate: SqlState,
    /// One line.
    pub message: String,
    /// More about it, perhaps several lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the server would do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the text that was sent, in characters counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The query of a function's body in which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_query: Option<String>,
    /// Where in that query, in characters counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_position: Option<u32>,
    /// The call stack of functions, the innermost first, or the line of COPY data.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub where_: Option<String>,
    /// The schema of the object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The column that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The type that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// The constraint that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
}

impl ServerError {
    /// Whether the session ended with it.
    #[must_use]
    pub fn ends_session(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }
}

/// Something the server said on the side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`, not translated.
    pub severity: String,
    /// The SQLSTATE.
    pub sqlstate: SqlState,
    /// One line.
    pub message: String,
    /// More about it, perhaps several lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the server would do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the text that was sent, in characters counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The call stack of functions, the innermost first.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub where_: Option<String>,
    /// The statement of the running script that was at work, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
}

fn severity(response: &Response) -> String {
    match response.parsed_severity() {
        Some(severity) => severity.to_string(),
        // Servers before 9.6 only send the translated word.
        None => response.severity().to_owned(),
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

impl From<&Response> for ServerError {
    fn from(response: &Response) -> Self {
        let (position, internal_position, internal_query) = match response.position() {
            None => (None, None, None),
            Some(ErrorPosition::Original(position)) => (Some(*position), None, None),
            Some(ErrorPosition::Internal { position, query }) => {
                (None, Some(*position), Some(query.clone()))
            }
        };
        Self {
            severity: severity(response),
            sqlstate: SqlState::from_code(response.code().code()),
            message: response.message().to_owned(),
            detail: owned(response.detail()),
            hint: owned(response.hint()),
            position,
            internal_query,
            internal_position,
            where_: owned(response.where_()),
            schema: owned(response.schema()),
            table: owned(response.table()),
            column: owned(response.column()),
            data_type: owned(response.datatype()),
            constraint: owned(response.constraint()),
        }
    }
}

impl From<&Response> for Notice {
    fn from(response: &Response) -> Self {
        Self {
            severity: severity(response),
            sqlstate: SqlState::from_code(response.code().code()),
            message: response.message().to_owned(),
            detail: owned(response.detail()),
            hint: owned(response.hint()),
            position: match response.position() {
                Some(ErrorPosition::Original(position)) => Some(*position),
                _ => None,
            },
            where_: owned(response.where_()),
            statement: None,
        }
    }
}
