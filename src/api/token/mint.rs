//! Tokens of our own, to try the server with in development.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use uuid::Uuid;

use super::claims::AUTHENTICATED;
use super::{KeyDefect, Secret};

/// A token in the name of `subject`, signed with HS256: what Supabase would hand out to that user
/// after logging in, as far as policies look at it.
///
/// # Errors
/// The secret is none to sign with.
pub fn mint(
    secret: &Secret,
    subject: Uuid,
    issuer: &str,
    lifetime: Duration,
    now: DateTime<Utc>,
) -> Result<String, KeyDefect> {
    let key = secret.signing_key()?;
    let issued_at = now.timestamp();
    let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    let claims = json!({
        "iss": issuer,
        "sub": subject.hyphenated().to_string(),
        "aud": AUTHENTICATED,
        "role": AUTHENTICATED,
        "iat": issued_at,
        "exp": issued_at.saturating_add(lifetime),
    });
    EncodingKey::from_secret(key)
        .and_then(|key| jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key))
        .map_err(|_| KeyDefect::UnusableSecret)
}
