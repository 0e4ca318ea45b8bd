use std::time::Duration;

use super::holder::LockHolder;
use crate::db::DbError;

/// What can go wrong with our own tables and the lock.
#[derive(Debug, thiserror::Error)]
pub enum BookkeepingError {
    /// Another run holds the migration lock, and went on holding it.
    #[error("the migration lock is held by another run")]
    Locked {
        /// How long we waited.
        waited: Duration,
        /// Who holds it, where the server tells.
        holder: Option<LockHolder>,
    },
    /// The lock was no longer ours before a commit, or at the end.
    #[error("the migration lock was lost")]
    LockLost,
    /// A table of the version table's name has another shape.
    #[error("{table} is no version table")]
    NotAVersionTable {
        /// Its qualified name.
        table: String,
        /// Its columns, as `name type`.
        columns: Vec<String>,
    },
    /// The schema that the version table shall live in does not exist.
    #[error("schema {schema} does not exist")]
    NoSchema {
        /// The schema's name.
        schema: String,
    },
    /// The version rows were not those that the plan was made from.
    #[error("the version table changed under the run")]
    RowsMoved {
        /// The rows that should have been deleted and inserted.
        expected: (usize, usize),
        /// The rows that were.
        found: (usize, usize),
    },
    /// The script ended the transaction that it ran in.
    #[error("the script ended its own transaction")]
    TransactionEnded,
    /// The `grace_migrate` schema was made by a newer version of this program.
    #[error(
        "the database's grace_migrate schema is at version {found}, this program knows {known}"
    )]
    RegistryNewer {
        /// The version in the database.
        found: i32,
        /// The newest that this program knows.
        known: i32,
    },
    /// A migration of our own tables failed, in refinery's words.
    #[error("cannot bring the grace_migrate schema up to date: {message}")]
    Registry {
        /// Refinery's message.
        message: String,
    },
    /// A statement of ours failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl BookkeepingError {
    /// The error's kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::LockLost => "lock-lost",
            Self::NotAVersionTable { .. } => "not-a-version-table",
            Self::NoSchema { .. } => "no-schema",
            Self::RowsMoved { .. } => "version-rows-moved",
            Self::TransactionEnded => "transaction-ended",
            Self::RegistryNewer { .. } => "registry-newer",
            Self::Registry { .. } => "registry",
            Self::Db(error) => error.code(),
        }
    }
}
