//! The configuration file: its syntax, and its keys.

mod actors;
mod audit;
mod check;
mod declared;
mod document;
mod keys;

pub(super) use actors::read as read_actors;
pub use keys::CONFIG_NAME;
pub(super) use keys::{FileDestination, FileSettings, Reference, identifier, read};
