//! The service-role key: whoever has it passes row-level security.

use std::fmt;

use subtle::ConstantTimeEq as _;

use super::{KeyDefect, Secret};
use crate::checksum::sha256;

/// The shortest keys that Supabase hands out have more. An empty key would be matched by nothing.
const LEAST_BYTES: usize = 32;

/// The configured service-role key, of which only the hash is kept.
#[derive(Clone)]
pub struct ServiceKey {
    hash: [u8; 32],
}

impl ServiceKey {
    /// The key of this text.
    ///
    /// # Errors
    /// It is so short that it could be guessed.
    pub fn new(key: &Secret) -> Result<Self, KeyDefect> {
        let bytes = key.expose().len();
        if bytes < LEAST_BYTES {
            return Err(KeyDefect::ServiceKeyTooShort {
                bytes,
                least: LEAST_BYTES,
            });
        }
        Ok(Self {
            hash: sha256(key.expose().as_bytes()),
        })
    }

    /// Whether `presented` is the key. How long that takes depends on the length of `presented`
    /// alone: the hashes are compared, and those whole.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.hash.ct_eq(&sha256(presented.as_bytes())).into()
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
