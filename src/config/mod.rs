//! grace-migrate.toml and the environment, resolved to settings.
//!
//! A setting is looked for in this order: the command line, the environment (`GRACE_MIGRATE_…`),
//! the chosen `[destination.NAME]`, the rest of the file, the default. Each value keeps where it
//! came from. Relative paths of the file are relative to the file.
//!
//! This is the only module that reads environment variables.

mod actors;
mod audit;
mod check;
mod declared;
mod environment;
mod error;
mod expand;
mod file;
mod origin;
mod redact;
mod resolve;
mod settings;
mod starter;

pub use actors::load_actors;
pub use audit::AuditSettings;
pub use check::{CheckPart, CheckSettings};
pub use declared::{DeclaredSettings, DeclaredSource};
pub use environment::Environment;
pub use error::ConfigError;
pub use file::CONFIG_NAME;
pub use origin::{Origin, Setting};
pub use redact::redacted;
pub use resolve::CliOverrides;
pub use settings::{DatabaseUrl, Settings, SettingsEntry, TransactionScope};
pub use starter::starter;
