//! What can be wrong with a token.

use thiserror::Error;

/// Why a token is not believed. Facts only, and none of them out of the token: what it says may be
/// anybody's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum TokenFault {
    /// It is larger than any token of ours; nothing of it was read.
    #[error("the token is too large")]
    TooLarge,
    /// It is not three parts in unpadded base64url.
    #[error("the token is not three parts in base64url")]
    Malformed,
    /// A part is not a JSON object that PostgreSQL can hold, or a member of the header is of the
    /// wrong type.
    #[error("the {} is not what it has to be", .0.as_str())]
    MalformedPart(Part),
    /// A part names a key twice.
    #[error("the {} names a key twice", .0.as_str())]
    DuplicateKey(Part),
    /// The header asks for an extension to be understood. None is.
    #[error("the header asks for an extension")]
    CriticalHeader,
    /// The algorithm is none that is ever verified here; `none` is one of those.
    #[error("the algorithm is not supported")]
    UnsupportedAlgorithm,
    /// The key that the header names verifies another algorithm, or there is no key for this one.
    #[error("the algorithm is not that of the key")]
    WrongAlgorithm,
    /// The header names no key, and there is not exactly one that it could mean.
    #[error("the header names no key")]
    MissingKeyId,
    /// The header names a key that the project does not have.
    #[error("the key is unknown")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    BadSignature,
    /// A claim is missing.
    #[error("the claim `{}` is missing", .0.as_str())]
    MissingClaim(Claim),
    /// A time is not a whole number of seconds in the range of the calendar.
    #[error("the claim `{}` is not a time in whole seconds", .0.as_str())]
    MalformedTime(Claim),
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It says that it was made in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// Somebody else made it.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// The subject is not a UUID in its canonical form.
    #[error("the subject is not a UUID in canonical form")]
    MalformedSubject,
    /// It is not a user's: its role is another.
    #[error("the role is not that of a user")]
    WrongRole,
    /// It is a service-role key, which is no user's token.
    #[error("a service-role key is no user's token")]
    ServiceKey,
    /// The project's keys cannot be had, and none is known: whether the token is good cannot be
    /// told. The only fault that is not the token's.
    #[error("the keys of the project cannot be reached")]
    KeysUnavailable,
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The first part.
    Header,
    /// The second part.
    Claims,
}

impl Part {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Claims => "payload",
        }
    }
}

/// A claim that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `sub`
    Subject,
    /// `aud`
    Audience,
    /// `iss`
    Issuer,
    /// `role`
    Role,
    /// `exp`
    ExpiresAt,
    /// `nbf`
    NotBefore,
    /// `iat`
    IssuedAt,
}

impl Claim {
    /// Its key in the payload.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Issuer => "iss",
            Self::Role => "role",
            Self::ExpiresAt => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
        }
    }
}

impl TokenFault {
    /// Every fault, once for each of its facts.
    pub const ALL: [Self; 29] = [
        Self::TooLarge,
        Self::Malformed,
        Self::MalformedPart(Part::Header),
        Self::MalformedPart(Part::Claims),
        Self::DuplicateKey(Part::Header),
        Self::DuplicateKey(Part::Claims),
        Self::CriticalHeader,
        Self::UnsupportedAlgorithm,
        Self::WrongAlgorithm,
        Self::MissingKeyId,
        Self::UnknownKey,
        Self::BadSignature,
        Self::MissingClaim(Claim::Subject),
        Self::MissingClaim(Claim::Audience),
        Self::MissingClaim(Claim::Issuer),
        Self::MissingClaim(Claim::Role),
        Self::MissingClaim(Claim::ExpiresAt),
        Self::MalformedTime(Claim::ExpiresAt),
        Self::MalformedTime(Claim::NotBefore),
        Self::MalformedTime(Claim::IssuedAt),
        Self::Expired,
        Self::NotYetValid,
        Self::IssuedInFuture,
        Self::WrongAudience,
        Self::WrongIssuer,
        Self::MalformedSubject,
        Self::WrongRole,
        Self::ServiceKey,
        Self::KeysUnavailable,
    ];

    /// The fault's kebab-case code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "token-too-large",
            Self::Malformed => "malformed-token",
            Self::MalformedPart(Part::Header) => "malformed-header",
            Self::MalformedPart(Part::Claims) => "malformed-claims",
            Self::DuplicateKey(_) => "duplicate-key",
            Self::CriticalHeader => "critical-header",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::WrongAlgorithm => "wrong-algorithm",
            Self::MissingKeyId => "missing-key-id",
            Self::UnknownKey => "unknown-key",
            Self::BadSignature => "bad-signature",
            Self::MissingClaim(_) => "missing-claim",
            Self::MalformedTime(_) => "malformed-time",
            Self::Expired => "token-expired",
            Self::NotYetValid => "token-not-yet-valid",
            Self::IssuedInFuture => "issued-in-future",
            Self::WrongAudience => "wrong-audience",
            Self::WrongIssuer => "wrong-issuer",
            Self::MalformedSubject => "malformed-subject",
            Self::WrongRole => "wrong-role",
            Self::ServiceKey => "service-key-as-token",
            Self::KeysUnavailable => "keys-unavailable",
        }
    }
}
