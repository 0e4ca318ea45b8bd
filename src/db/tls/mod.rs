//! TLS by rustls with libpq's meaning of each `sslmode`.

mod certificate;
mod connector;
mod failure;
mod verifier;

pub(super) use connector::connector;
pub(super) use failure::failure;
