//! What a proved token says.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::json;
use super::{Claim, Part, TokenFault};

/// By how many seconds clocks may differ, either way.
const LEEWAY: i64 = 30;

/// The one role and the one audience of users.
pub(super) const AUTHENTICATED: &str = "authenticated";

/// The verified claims of a user. Only a [`super::Verifier`] makes them.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    subject: Uuid,
    json: String,
    expires_at: DateTime<Utc>,
}

impl Claims {
    /// Who the user is.
    #[must_use]
    pub fn subject(&self) -> Uuid {
        self.subject
    }

    /// The whole payload as one JSON object, each key once: the value of `request.jwt.claims`.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Until when the token is good, without the leeway.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The claims of a payload whose signature is proved.
    pub(super) fn read(
        payload: &[u8],
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, TokenFault> {
        let claims = json::object(payload).map_err(|defect| defect.of(Part::Claims))?;
        check_role(&claims)?;
        match claims.get(Claim::Issuer.as_str()) {
            None => return Err(TokenFault::MissingClaim(Claim::Issuer)),
            Some(value) if value.as_str() == Some(issuer) => {}
            Some(_) => return Err(TokenFault::WrongIssuer),
        }
        check_audience(&claims)?;
        let expires_at = check_times(&claims, now)?;
        let subject = subject(&claims)?;
        let json =
            serde_json::to_string(&claims).map_err(|_| TokenFault::MalformedPart(Part::Claims))?;
        Ok(Self {
            subject,
            json,
            expires_at,
        })
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// The role comes first: a service-role key lacks most other claims, and is to be called what it is.
fn check_role(claims: &Map<String, Value>) -> Result<(), TokenFault> {
    match claims.get(Claim::Role.as_str()).map(Value::as_str) {
        None => Err(TokenFault::MissingClaim(Claim::Role)),
        Some(Some(AUTHENTICATED)) => Ok(()),
        Some(Some("service_role")) => Err(TokenFault::ServiceKey),
        Some(_) => Err(TokenFault::WrongRole),
    }
}

fn check_audience(claims: &Map<String, Value>) -> Result<(), TokenFault> {
    let ours = match claims.get(Claim::Audience.as_str()) {
        None => return Err(TokenFault::MissingClaim(Claim::Audience)),
        Some(Value::String(one)) => one == AUTHENTICATED,
        Some(Value::Array(several)) => {
            several.iter().all(Value::is_string)
                && several
                    .iter()
                    .any(|one| one.as_str() == Some(AUTHENTICATED))
        }
        Some(_) => false,
    };
    if ours {
        Ok(())
    } else {
        Err(TokenFault::WrongAudience)
    }
}

/// A time in whole seconds that the calendar has. A number with a point or an exponent is none: no
/// issuer of ours writes one, and rounding it would be a decision.
fn time(claims: &Map<String, Value>, claim: Claim) -> Result<Option<DateTime<Utc>>, TokenFault> {
    let Some(value) = claims.get(claim.as_str()) else {
        return Ok(None);
    };
    value
        .as_i64()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map(Some)
        .ok_or(TokenFault::MalformedTime(claim))
}

/// When it expires, if it is valid now.
fn check_times(
    claims: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TokenFault> {
    let expires_at =
        time(claims, Claim::ExpiresAt)?.ok_or(TokenFault::MissingClaim(Claim::ExpiresAt))?;
    let not_before = time(claims, Claim::NotBefore)?;
    let issued_at = time(claims, Claim::IssuedAt)?;
    // The calendar ends long before these numbers do, so nothing here overflows. All three claims
    // are whole seconds: to cut the clock to one changes no answer.
    let now = now.timestamp();
    if now >= expires_at.timestamp() + LEEWAY {
        return Err(TokenFault::Expired);
    }
    if not_before.is_some_and(|at| now < at.timestamp() - LEEWAY) {
        return Err(TokenFault::NotYetValid);
    }
    if issued_at.is_some_and(|at| now < at.timestamp() - LEEWAY) {
        return Err(TokenFault::IssuedInFuture);
    }
    Ok(expires_at)
}

/// The subject. Other spellings of the same UUID are refused: policies that compare text and policies
/// that compare UUIDs have to see the same user.
fn subject(claims: &Map<String, Value>) -> Result<Uuid, TokenFault> {
    let text = match claims.get(Claim::Subject.as_str()) {
        None => return Err(TokenFault::MissingClaim(Claim::Subject)),
        Some(value) => value.as_str().ok_or(TokenFault::MalformedSubject)?,
    };
    let subject = Uuid::try_parse(text).map_err(|_| TokenFault::MalformedSubject)?;
    if subject.hyphenated().to_string() == text {
        Ok(subject)
    } else {
        Err(TokenFault::MalformedSubject)
    }
}
