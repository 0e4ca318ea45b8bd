//! A text that nothing shows.

use std::fmt;

use super::KeyDefect;

/// What HS256 needs at the least: a key shorter than the hash can be guessed from one token.
const LEAST_BYTES: usize = 32;

/// A secret: its `Debug` shows nothing of it, and it has no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text, byte for byte.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the places that sign and verify with it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// The secret as a key of HS256.
    ///
    /// # Errors
    /// It is too short, or it is something that everybody may know: whoever knows the secret can
    /// write tokens in any name.
    pub(super) fn signing_key(&self) -> Result<&[u8], KeyDefect> {
        let bytes = self.0.as_bytes();
        if bytes.len() < LEAST_BYTES {
            return Err(KeyDefect::SecretTooShort {
                bytes: bytes.len(),
                least: LEAST_BYTES,
            });
        }
        if is_public(&self.0) {
            return Err(KeyDefect::SecretIsPublic);
        }
        Ok(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether the text is what is often pasted in the secret's place and is known to others: a key file,
/// a JSON key, a token (the `anon` key is one, and every visitor of the site has it), or a
/// publishable key.
fn is_public(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('{')
        || text.starts_with("sb_publishable_")
        || text.starts_with("ssh-")
        || text.contains("-----BEGIN ")
        || (text.starts_with("eyJ") && text.matches('.').count() == 2)
}
