//! Refusals as `application/problem+json` (RFC 9457): the words, the status, the headers.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::token::TokenFault;

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// Which kind of problem it is: `urn:grace:problem:` and the code.
    #[schema(example = "urn:grace:problem:not-found")]
    pub(crate) r#type: String,
    /// The kind in words.
    #[schema(example = "there is no such thing")]
    pub(crate) title: String,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// This one in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

/// What the log says of a refusal, and the caller does not learn.
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub(crate) String);

struct Words {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
}

fn words(status: StatusCode, code: &'static str, title: &'static str) -> Words {
    Words {
        status,
        code,
        title,
    }
}

impl ApiError {
    fn words(&self) -> Words {
        use StatusCode as S;
        match self {
            Self::NoToken => words(S::UNAUTHORIZED, "no-token", "the request has no token"),
            Self::Token(TokenFault::KeysUnavailable) => words(
                S::SERVICE_UNAVAILABLE,
                "keys-unavailable",
                "the keys that tokens are verified with cannot be fetched",
            ),
            Self::Token(_) => words(S::UNAUTHORIZED, "bad-token", "the token is not valid"),
            Self::ServiceKey => words(
                S::UNAUTHORIZED,
                "service-key",
                "this is for the service, and its key is missing or wrong",
            ),
            Self::NoService => words(
                S::SERVICE_UNAVAILABLE,
                "no-service",
                "this server has no login for the service",
            ),
            Self::Forbidden => words(S::FORBIDDEN, "forbidden", "the caller may not do this"),
            Self::NotFound => words(S::NOT_FOUND, "not-found", "there is no such thing"),
            Self::MethodNotAllowed => words(
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "this path does not take this method",
            ),
            Self::Changed => words(
                S::PRECONDITION_FAILED,
                "changed",
                "it has changed since it was read",
            ),
            Self::Conflict { .. } => {
                words(S::CONFLICT, "conflict", "it conflicts with what is there")
            }
            Self::Invalid { .. } => words(
                S::UNPROCESSABLE_ENTITY,
                "invalid",
                "a value is not as it must be",
            ),
            Self::Malformed { .. } => words(S::BAD_REQUEST, "malformed", "the body is no JSON"),
            Self::TooLarge => words(S::PAYLOAD_TOO_LARGE, "too-large", "the body is too large"),
            Self::NotJson => words(
                S::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "the body must be sent as `application/json`",
            ),
            Self::TooMany { .. } => words(
                S::TOO_MANY_REQUESTS,
                "too-many-requests",
                "too many requests in too short a time",
            ),
            Self::TimedOut => words(
                S::SERVICE_UNAVAILABLE,
                "timed-out",
                "it took too long, and was stopped",
            ),
            Self::Collided => words(
                S::SERVICE_UNAVAILABLE,
                "collided",
                "others were in the way; nothing was changed",
            ),
            Self::Busy => words(
                S::SERVICE_UNAVAILABLE,
                "busy",
                "too many requests are being answered; nothing was changed",
            ),
            Self::Unknown { .. } => words(
                S::SERVICE_UNAVAILABLE,
                "outcome-unknown",
                "the database was lost at the end: look whether it was done before trying again",
            ),
            Self::Unavailable { .. } => words(
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                "the database does not answer",
            ),
            Self::Stopping => words(S::SERVICE_UNAVAILABLE, "stopping", "this server stops"),
            Self::Internal { .. } => words(
                S::INTERNAL_SERVER_ERROR,
                "internal",
                "something went wrong here",
            ),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Token(fault) => Some(fault.to_string()),
            Self::Invalid { field, reason } => Some(match field {
                Some(field) => format!("`{field}`: {reason}"),
                None => reason.clone(),
            }),
            Self::Malformed { reason } => Some(reason.clone()),
            Self::Conflict { field: Some(field) } => {
                Some(format!("`{field}`: there is one with this value already"))
            }
            Self::Changed => Some("read it again, and send its new ETag as `If-Match`".to_owned()),
            _ => None,
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid { field, .. } | Self::Conflict { field } => field.clone(),
            _ => None,
        }
    }

    /// What the log is told beyond what the caller learns.
    fn cause(&self) -> Option<Cause> {
        match self {
            Self::Unavailable { reason } | Self::Unknown { reason } | Self::Internal { reason } => {
                Some(Cause(reason.clone()))
            }
            _ => None,
        }
    }

    /// When another try makes sense, in seconds.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after_s } => Some(*retry_after_s),
            Self::Busy
            | Self::Collided
            | Self::TimedOut
            | Self::Unavailable { .. }
            | Self::Stopping => Some(1),
            Self::Token(TokenFault::KeysUnavailable) => Some(30),
            _ => None,
        }
    }

    /// The problem as it is sent.
    pub(crate) fn problem(&self) -> Problem {
        let Words {
            status,
            code,
            title,
        } = self.words();
        Problem {
            r#type: format!("urn:grace:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail(),
            field: self.field(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = self.words().status;
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = match &self {
                Self::Token(_) => r#"Bearer realm="grace", error="invalid_token""#,
                _ => r#"Bearer realm="grace""#,
            };
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(cause) = self.cause() {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
