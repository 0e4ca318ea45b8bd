//! The configuration file: its syntax, and its keys.

mod audit;
mod document;
mod keys;

pub use keys::CONFIG_NAME;
pub(super) use keys::{FileDestination, FileSettings, Reference, identifier, read};
