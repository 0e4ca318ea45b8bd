//! The keys that a project publishes.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::header::Algorithm;
use super::{KeyDefect, json};

/// A key and the one algorithm that it verifies.
#[derive(Debug)]
pub(super) struct VerifyingKey {
    key_id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The usable keys of a set.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<Arc<VerifyingKey>>,
    /// What of the set is not used.
    pub(super) ignored: Vec<Ignored>,
}

/// A key of the set that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignored {
    /// Its id.
    pub(super) key_id: Option<String>,
    /// Why.
    pub(super) reason: Unusable,
}

/// Why a key of a set is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is no JSON object, or its id is no text.
    NotAKey,
    /// It is of another kind: a shared secret, another curve.
    Kind,
    /// It says that it is for another algorithm.
    Algorithm,
    /// It is not for verifying signatures.
    Purpose,
    /// It holds private parts: others than the project could sign with it.
    Private,
    /// Its numbers are missing, malformed or too weak.
    Numbers,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAKey => "it is no key",
            Self::Kind => "keys of its kind are not used",
            Self::Algorithm => "it is for an algorithm that is not used",
            Self::Purpose => "it is not for verifying signatures",
            Self::Private => "it holds private parts",
            Self::Numbers => "its numbers are missing, malformed or weak",
        })
    }
}

/// The body is not a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAKeySet;

/// Why a set has no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// No key has this id.
    Unknown,
    /// The key of this id verifies another algorithm.
    WrongAlgorithm,
    /// The token names no key, and the set has not exactly one of its algorithm.
    Unnamed,
}

/// Which key a token asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) key_id: Option<&'a str>,
    pub(super) algorithm: Algorithm,
}

impl KeySet {
    /// Reads a key set. Keys that are not understood do not spoil the others.
    pub(super) fn parse(body: &[u8]) -> Result<Self, NotAKeySet> {
        let mut document = json::object(body).map_err(|_| NotAKeySet)?;
        let Some(Value::Array(entries)) = document.remove("keys") else {
            return Err(NotAKeySet);
        };
        let mut set = Self::default();
        for entry in &entries {
            match VerifyingKey::read(entry) {
                Ok(key) => set.keys.push(Arc::new(key)),
                Err(reason) => set.ignored.push(Ignored {
                    key_id: entry.get("kid").and_then(Value::as_str).map(str::to_owned),
                    reason,
                }),
            }
        }
        Ok(set)
    }

    /// How many keys are usable.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys that may have signed the token: one, or several where the project gave several the
    /// same id.
    pub(super) fn select(&self, wanted: Wanted<'_>) -> Result<Vec<Arc<VerifyingKey>>, Miss> {
        let of_algorithm = self
            .keys
            .iter()
            .filter(|key| key.algorithm == wanted.algorithm);
        let Some(key_id) = wanted.key_id else {
            let keys: Vec<_> = of_algorithm.cloned().collect();
            return if keys.len() == 1 {
                Ok(keys)
            } else {
                Err(Miss::Unnamed)
            };
        };
        let named = |key: &&Arc<VerifyingKey>| key.key_id.as_deref() == Some(key_id);
        let keys: Vec<_> = of_algorithm.filter(named).cloned().collect();
        if !keys.is_empty() {
            Ok(keys)
        } else if self.keys.iter().any(|key| named(&key)) {
            Err(Miss::WrongAlgorithm)
        } else {
            Err(Miss::Unknown)
        }
    }
}

impl VerifyingKey {
    /// The secret as a key.
    pub(super) fn of_secret(secret: &[u8]) -> Result<Self, KeyDefect> {
        Ok(Self {
            key_id: None,
            algorithm: Algorithm::Hs256,
            key: DecodingKey::from_secret(secret).map_err(|_| KeyDefect::UnusableSecret)?,
        })
    }

    fn read(entry: &Value) -> Result<Self, Unusable> {
        let jwk = entry.as_object().ok_or(Unusable::NotAKey)?;
        let key_id = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().ok_or(Unusable::NotAKey)?.to_owned()),
        };
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        let (algorithm, name) = match (text(jwk, "kty"), text(jwk, "crv")) {
            (Some("RSA"), _) => (Algorithm::Rs256, "RS256"),
            (Some("EC"), Some("P-256")) => (Algorithm::Es256, "ES256"),
            _ => return Err(Unusable::Kind),
        };
        if private.iter().any(|member| jwk.contains_key(*member)) {
            return Err(Unusable::Private);
        }
        if jwk.get("alg").is_some_and(|alg| alg.as_str() != Some(name)) {
            return Err(Unusable::Algorithm);
        }
        if !is_for_verifying(jwk) {
            return Err(Unusable::Purpose);
        }
        let key = match algorithm {
            Algorithm::Rs256 => rsa(jwk),
            Algorithm::Es256 => p256(jwk),
            Algorithm::Hs256 => None,
        };
        Ok(Self {
            key_id,
            algorithm,
            key: key.ok_or(Unusable::Numbers)?,
        })
    }

    /// Whether `signature` is this key's under `signed`, by the key's own algorithm.
    pub(super) fn verifies(&self, signed: &str, signature: &Vec<u8>) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        };
        // The provider is named: the process's own would be one that any other crate may install.
        (jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(signed.as_bytes(), signature).is_ok())
    }
}

fn text<'a>(jwk: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    jwk.get(member).and_then(Value::as_str)
}

fn is_for_verifying(jwk: &Map<String, Value>) -> bool {
    let purpose = jwk
        .get("use")
        .is_none_or(|purpose| purpose.as_str() == Some("sig"));
    let operations = jwk.get("key_ops").is_none_or(|operations| {
        operations
            .as_array()
            .is_some_and(|list| list.iter().any(|one| one.as_str() == Some("verify")))
    });
    purpose && operations
}

fn number(jwk: &Map<String, Value>, member: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(jwk, member)?).ok()
}

/// A modulus of 2048 to 8192 bits and an odd exponent from 3 on, of 32 bits at the most: with the
/// exponent 1 every message would be its own signature.
fn rsa(jwk: &Map<String, Value>) -> Option<DecodingKey> {
    let modulus = significant(number(jwk, "n")?);
    let exponent = significant(number(jwk, "e")?);
    let bits = 8 * modulus.len() - modulus.first()?.leading_zeros() as usize;
    let odd = exponent.last()? % 2 == 1;
    let one = exponent == [1];
    if !(2048..=8192).contains(&bits) || !odd || one || exponent.len() > 4 {
        return None;
    }
    Some(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

/// A big-endian number without leading zeros.
fn significant(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// A point, as two coordinates of 32 bytes each. Whether it is on the curve is checked each time a
/// signature is.
fn p256(jwk: &Map<String, Value>) -> Option<DecodingKey> {
    const UNCOMPRESSED: u8 = 4;
    let x = number(jwk, "x")?;
    let y = number(jwk, "y")?;
    if x.len() != 32 || y.len() != 32 {
        return None;
    }
    let mut point = vec![UNCOMPRESSED];
    point.extend(x);
    point.extend(y);
    Some(DecodingKey::from_ec_der(&point))
}
