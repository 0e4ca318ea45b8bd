//! Tokens: who is asking, proved.
//!
//! A [`Verifier`] turns the text of a token into [`Claims`] or says by a [`TokenFault`] why not. It
//! knows two kinds of keys, and **each key verifies one algorithm**, whatever a header says: the
//! project's legacy secret verifies HS256, a key of the project's published set verifies what its
//! own `kty` and `crv` say (RSA: RS256, EC on P-256: ES256). The header chooses among keys, never
//! how a key is used; addresses and keys in a header are not looked at.
//!
//! Nothing of the payload is read before the signature is proved. The claims are kept as one text,
//! the one that is bound to `request.jwt.claims`, with every key once: two readers of the same
//! claims cannot see two different users in them.
//!
//! The published set is fetched by one task at a time and never by a request itself, so that a
//! client that goes away takes no fetch with it. See `ring.rs` for when it is fetched.
//!
//! The service-role key is another matter: [`ServiceKey`] compares it, and no user's token is ever
//! taken for it, nor it for one.

mod claims;
mod defect;
mod fault;
mod fetch;
mod header;
mod json;
mod key_set;
mod mint;
mod ring;
mod secret;
mod service_key;
mod settings;
mod verifier;

pub use claims::Claims;
pub use defect::{JwksUrlDefect, KeyDefect};
pub use fault::{Claim, Part, TokenFault};
pub use mint::mint;
pub use secret::Secret;
pub use service_key::ServiceKey;
pub use settings::{JwksSettings, TokenSettings};
pub use verifier::Verifier;

#[cfg(test)]
mod tests;
