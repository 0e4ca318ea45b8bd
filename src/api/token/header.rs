//! A token taken apart, and what its header says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::json::{self, JsonDefect};
use super::{Part, TokenFault};

/// The algorithms that are verified here. There is no other word for one in the house, so that
/// nothing else can be asked of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// The secret's.
    Hs256,
    /// Of RSA keys.
    Rs256,
    /// Of keys on P-256.
    Es256,
}

impl Algorithm {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A token taken apart. Nothing of it is proved.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// The algorithm that the header names.
    pub(super) algorithm: Algorithm,
    /// The key that it names.
    pub(super) key_id: Option<String>,
    /// What is signed: the first two parts as they stand.
    pub(super) signed: &'a str,
    /// The second part as it stands.
    payload: &'a str,
    /// The signature's bytes.
    pub(super) signature: Vec<u8>,
}

/// The bytes of a part. Padding and stray bits at its end are refused: a token is written one way.
fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFault::Malformed)
}

impl JsonDefect {
    /// The defect as a fault of a part of a token.
    pub(super) fn of(self, part: Part) -> TokenFault {
        match self {
            Self::NotJson => TokenFault::MalformedPart(part),
            Self::DuplicateKey => TokenFault::DuplicateKey(part),
        }
    }
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    ///
    /// Of the header only `alg`, `kid` and `crit` are read: a key or an address of one (`jwk`,
    /// `jku`, `x5c`, `x5u`) in a header is the sender's word for his own signature.
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenFault> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        // More than three parts leave a dot in the header, which is no base64url.
        let (header, payload) = signed.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let header = json::object(&decode(header)?).map_err(|defect| defect.of(Part::Header))?;
        let malformed = TokenFault::MalformedPart(Part::Header);
        if header.contains_key("crit") {
            return Err(TokenFault::CriticalHeader);
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().ok_or(malformed)?.to_owned()),
        };
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(malformed)?;
        Ok(Self {
            algorithm: Algorithm::from_name(algorithm).ok_or(TokenFault::UnsupportedAlgorithm)?,
            key_id,
            signed,
            payload,
            signature: decode(signature)?,
        })
    }

    /// The payload's bytes, to be read only once the signature is proved.
    pub(super) fn payload(&self) -> Result<Vec<u8>, TokenFault> {
        decode(self.payload)
    }
}
