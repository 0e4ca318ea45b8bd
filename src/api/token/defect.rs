//! What can be wrong with the keys that the server is given.

use thiserror::Error;

/// Why the server cannot start with these keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyDefect {
    /// Neither a secret nor a key set is configured: no token could ever be verified.
    #[error("there is neither a secret nor a key set to verify tokens with")]
    NoKeys,
    /// No issuer is configured.
    #[error("there is no issuer to expect in tokens")]
    NoIssuer,
    /// The secret is too short for HS256.
    #[error("the secret has {bytes} bytes, HS256 wants {least}")]
    SecretTooShort {
        /// Its bytes.
        bytes: usize,
        /// The bytes that are wanted at the least.
        least: usize,
    },
    /// What stands in the secret's place is a public key, a token or a publishable key: others know
    /// it.
    #[error("what is given as the secret is known to others")]
    SecretIsPublic,
    /// The cryptography takes no key of this secret.
    #[error("no key can be made of the secret")]
    UnusableSecret,
    /// The service-role key is too short.
    #[error("the service-role key has {bytes} bytes, at least {least} are wanted")]
    ServiceKeyTooShort {
        /// Its bytes.
        bytes: usize,
        /// The bytes that are wanted at the least.
        least: usize,
    },
    /// The address of the key set is wrong.
    #[error("the address of the key set is wrong: {0}")]
    JwksUrl(JwksUrlDefect),
    /// No HTTP client can be had.
    #[error("the key set cannot be fetched from here: {reason}")]
    NoClient {
        /// The client's words.
        reason: String,
    },
}

/// What is wrong with the address of a key set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwksUrlDefect {
    /// It is no URL with a host.
    #[error("it is no URL with a host")]
    NotAUrl,
    /// It is neither `https` nor `http`.
    #[error("its scheme is {scheme}")]
    Scheme {
        /// Its scheme.
        scheme: String,
    },
    /// It is plain `http` to another machine: whoever stands between could write the keys.
    #[error("plain http leads to {host}, which is not this machine")]
    PlainHttp {
        /// Its host.
        host: String,
    },
    /// It holds a user or a password.
    #[error("it holds a user or a password")]
    Credentials,
}

impl KeyDefect {
    /// The defect's kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeys => "no-token-keys",
            Self::NoIssuer => "no-token-issuer",
            Self::SecretTooShort { .. } => "token-secret-too-short",
            Self::SecretIsPublic => "token-secret-public",
            Self::UnusableSecret => "token-secret-unusable",
            Self::ServiceKeyTooShort { .. } => "service-key-too-short",
            Self::JwksUrl(_) => "jwks-url",
            Self::NoClient { .. } => "jwks-client",
        }
    }
}
