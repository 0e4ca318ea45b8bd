//! The one way from a token to claims.

use std::fmt;

use chrono::{DateTime, Utc};

use super::header::{Algorithm, Parts};
use super::key_set::{VerifyingKey, Wanted};
use super::ring::KeyRing;
use super::{Claims, KeyDefect, ServiceKey, TokenFault, TokenSettings};
use crate::clock::Clock;

/// The most bytes of a token that anything is read of. Supabase's have one to two thousand.
const MOST_BYTES: usize = 8 * 1024;

/// Verifies tokens.
pub struct Verifier {
    issuer: String,
    secret: Option<VerifyingKey>,
    ring: Option<KeyRing>,
    service_key: Option<ServiceKey>,
    clock: Clock,
}

impl Verifier {
    /// A verifier. Nothing is fetched yet.
    ///
    /// # Errors
    /// What is wrong with the keys.
    pub fn new(settings: TokenSettings, clock: Clock) -> Result<Self, KeyDefect> {
        if settings.issuer.is_empty() {
            return Err(KeyDefect::NoIssuer);
        }
        let secret = match &settings.secret {
            Some(secret) => Some(secret.signing_key().and_then(VerifyingKey::of_secret)?),
            None => None,
        };
        let ring = settings.jwks.as_ref().map(KeyRing::new).transpose()?;
        if secret.is_none() && ring.is_none() {
            return Err(KeyDefect::NoKeys);
        }
        Ok(Self {
            issuer: settings.issuer,
            secret,
            ring,
            service_key: settings.service_key,
            clock,
        })
    }

    /// The claims of a token, if it is good.
    ///
    /// Waits for a fetch of the published keys only where none are known, or not the one that the
    /// token names.
    ///
    /// # Errors
    /// Why the token is not believed.
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenFault> {
        self.verify_at(token, self.clock.now()).await
    }

    /// Fetches the published keys if none are known yet, so that the first token need not wait. A
    /// failure is logged, and mended when a token asks.
    pub async fn warm(&self) {
        if let Some(ring) = &self.ring {
            ring.warm(self.clock.now()).await;
        }
    }

    pub(super) async fn verify_at(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, TokenFault> {
        if token.len() > MOST_BYTES {
            return Err(TokenFault::TooLarge);
        }
        if self
            .service_key
            .as_ref()
            .is_some_and(|key| key.matches(token))
        {
            return Err(TokenFault::ServiceKey);
        }
        let parts = Parts::parse(token)?;
        self.prove(&parts, now).await?;
        Claims::read(&parts.payload()?, &self.issuer, now)
    }

    /// Proves the signature. The header chooses among keys, and each key has its own algorithm.
    async fn prove(&self, parts: &Parts<'_>, now: DateTime<Utc>) -> Result<(), TokenFault> {
        let proved = |key: &VerifyingKey| key.verifies(parts.signed, &parts.signature);
        let good = match parts.algorithm {
            // Whatever its `kid`: Supabase gives the legacy secret an id that it publishes nowhere,
            // and no published key verifies HS256.
            Algorithm::Hs256 => proved(self.secret.as_ref().ok_or(TokenFault::WrongAlgorithm)?),
            Algorithm::Rs256 | Algorithm::Es256 => {
                let ring = self.ring.as_ref().ok_or(TokenFault::WrongAlgorithm)?;
                let wanted = Wanted {
                    key_id: parts.key_id.as_deref(),
                    algorithm: parts.algorithm,
                };
                let keys = ring.find(wanted, now).await?;
                keys.iter().any(|key| proved(key))
            }
        };
        if good {
            Ok(())
        } else {
            Err(TokenFault::BadSignature)
        }
    }

    #[cfg(test)]
    pub(super) fn ring(&self) -> &KeyRing {
        self.ring.as_ref().expect("a key set is configured")
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
