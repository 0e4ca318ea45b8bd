//! Those who sign tokens, rightly or not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::api::token::{Claims, Secret, TokenFault, TokenSettings, Verifier};
use crate::clock::Clock;

pub(super) const SECRET: &str = "the secret of the tests, which has more than 32 bytes";
pub(super) const ISSUER: &str = "https://project.test/auth/v1";
pub(super) const SUBJECT: &str = "6b1f4e0a-3c52-4f7e-9d21-8a0c5e7f1b34";

const RSA: &str = include_str!("../../../../tests/it/api/keys/rsa_test.pem");
const OTHER_RSA: &str = include_str!("../../../../tests/it/api/keys/rsa_other_test.pem");

/// The instant at which the tests begin.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(super) fn seconds(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

pub(super) fn minutes(minutes: i64) -> DateTime<Utc> {
    seconds(60 * minutes)
}

/// The bytes within a PEM text.
pub(super) fn der(pem: &str) -> Vec<u8> {
    let text: String = pem
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect();
    STANDARD.decode(text).unwrap()
}

pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Somebody with a key.
pub(super) struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
    name: &'static str,
    key_id: Option<&'static str>,
}

impl Signer {
    pub(super) fn hs256(secret: impl AsRef<[u8]>) -> Self {
        Self {
            key: EncodingKey::from_secret(secret.as_ref()).unwrap(),
            algorithm: Algorithm::HS256,
            name: "HS256",
            key_id: None,
        }
    }

    /// The project by its secret.
    pub(super) fn secret() -> Self {
        Self::hs256(SECRET)
    }

    fn rsa_of(pem: &str) -> Self {
        Self {
            key: EncodingKey::from_rsa_der(&der(pem)),
            algorithm: Algorithm::RS256,
            name: "RS256",
            key_id: Some("rsa-1"),
        }
    }

    pub(super) fn rsa() -> Self {
        Self::rsa_of(RSA)
    }

    /// Another RSA key that says it has the same id.
    pub(super) fn other_rsa() -> Self {
        Self::rsa_of(OTHER_RSA)
    }

    /// A new key on P-256.
    pub(super) fn ec(key_id: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        Self {
            key: EncodingKey::from_ec_der(pair.serialized_der()),
            algorithm: Algorithm::ES256,
            name: "ES256",
            key_id: Some(key_id),
        }
    }

    pub(super) fn named(mut self, key_id: Option<&'static str>) -> Self {
        self.key_id = key_id;
        self
    }

    /// The header that it writes.
    pub(super) fn header(&self) -> Value {
        let mut header = json!({"alg": self.name, "typ": "JWT"});
        if let Some(key_id) = self.key_id {
            header["kid"] = key_id.into();
        }
        header
    }

    /// A token of these texts.
    pub(super) fn sign(&self, header: &str, payload: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", encode(header), encode(payload));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    pub(super) fn token(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), claims.to_string())
    }

    /// A token that is good at the beginning.
    pub(super) fn good_token(&self) -> String {
        self.token(&good())
    }

    /// A good token with members of the header set.
    pub(super) fn with_header(&self, members: &Value) -> String {
        let mut header = self.header();
        for (key, value) in members.as_object().unwrap() {
            header[key] = value.clone();
        }
        self.sign(&header.to_string(), good().to_string())
    }

    /// The public key as a project publishes it.
    pub(super) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.name.into();
        jwk["key_ops"] = json!(["verify"]);
        jwk["ext"] = true.into();
        if let Some(key_id) = self.key_id {
            jwk["kid"] = key_id.into();
        }
        jwk
    }
}

/// Claims that are good from the beginning on for two days.
pub(super) fn good() -> Value {
    json!({
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": "authenticated",
        "exp": now().timestamp() + 2 * 86_400,
        "iat": now().timestamp(),
        "email": "ada@example.test",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"name": "Ada \u{1f980} \"Lovelace\"", "height": 1.65},
        "role": "authenticated",
        "aal": "aal1",
        "session_id": "3f0d4d55-35a8-4b65-9cb8-59c1f1d1d2fb",
        "is_anonymous": false,
    })
}

pub(super) fn with(claim: &str, value: impl Into<Value>) -> Value {
    let mut claims = good();
    claims[claim] = value.into();
    claims
}

pub(super) fn without(claim: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(claim).unwrap();
    claims
}

/// The settings with the secret alone.
pub(super) fn settings() -> TokenSettings {
    TokenSettings {
        secret: Some(Secret::new(SECRET)),
        ..TokenSettings::of_project("https://project.test/")
    }
}

/// A verifier with the secret alone.
pub(super) fn by_secret() -> Verifier {
    Verifier::new(settings(), Clock::Fixed(now())).unwrap()
}

/// What a verifier with the secret alone says of a token, at the beginning.
pub(super) async fn verdict(token: &str) -> Result<Claims, TokenFault> {
    by_secret().verify(token).await
}

/// Why a verifier does not believe a token at an instant.
pub(super) async fn fault(
    verifier: &Verifier,
    token: &str,
    at: DateTime<Utc>,
) -> Option<TokenFault> {
    verifier.verify_at(token, at).await.err()
}
