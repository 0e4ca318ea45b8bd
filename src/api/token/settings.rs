//! What tokens are verified with.

use std::time::Duration;

use super::{Secret, ServiceKey};

/// How long a fetch of the keys may take where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a verifier is made of. It takes tokens of one issuer, and needs the secret, the key set, or
/// both.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// The `iss` that every token must have.
    pub issuer: String,
    /// The project's legacy secret, which verifies HS256.
    pub secret: Option<Secret>,
    /// The project's published keys.
    pub jwks: Option<JwksSettings>,
    /// The service-role key, so that it can be told from a token.
    pub service_key: Option<ServiceKey>,
}

/// Where the published keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwksSettings {
    /// The address: `https`, or plain `http` on this machine.
    pub url: String,
    /// How long a fetch may take, from the first byte out to the last byte in.
    pub timeout: Duration,
}

impl JwksSettings {
    /// Keys at this address, with five seconds for a fetch.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            timeout: TIMEOUT,
        }
    }
}

impl TokenSettings {
    /// The settings for a Supabase project at `SUPABASE_URL`, without keys: whether its published
    /// keys are used is for the caller to say.
    #[must_use]
    pub fn of_project(supabase_url: &str) -> Self {
        Self {
            issuer: format!("{}/auth/v1", supabase_url.trim_end_matches('/')),
            secret: None,
            jwks: None,
            service_key: None,
        }
    }

    /// With the key set that the issuer publishes.
    #[must_use]
    pub fn with_published_keys(mut self) -> Self {
        let url = format!("{}/.well-known/jwks.json", self.issuer);
        self.jwks = Some(JwksSettings::new(url));
        self
    }
}
