use serde::Serialize;

/// Which database a report is about. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DestinationView {
    /// The destination's name in the configuration (`-n`); `null` for the default one.
    pub name: Option<String>,
    /// The database's name.
    pub database: String,
    /// The URL without its password.
    pub url: String,
    /// It is on the project's embedded server.
    pub embedded: bool,
    /// The version table, quoted where it must be: `public.alembic_version`.
    pub version_table: String,
}
