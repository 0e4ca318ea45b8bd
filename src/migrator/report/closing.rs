use chrono::{DateTime, Utc};
use serde::Serialize;

use super::destination::DestinationView;
use crate::catalog::Shown;
use crate::schema::{AclItem, Grantee, RelationKind};
use crate::sql::QualifiedName;

/// `rls close`: what the API may not do any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsClose {
    /// Which database.
    pub destination: DestinationView,
    /// It was tried and rolled back.
    pub dry_run: bool,
    /// Why, as whoever did it said.
    pub reason: Option<String>,
    /// The tables, with their partitions and the tables that inherit, by name.
    pub tables: Vec<ClosedTable>,
    /// Whose rights were looked for, by name; `public` is everybody.
    pub closed_to: Vec<Grantee>,
    /// The rights that were taken, those too that hung on one of them; empty where there was
    /// nothing to do.
    pub revoked: Vec<AclItem>,
    /// The rights that stay, without the owner's.
    pub kept: Vec<AclItem>,
    /// The statements that ran.
    pub sql: Vec<String>,
    /// The statements that undo them, for one transaction.
    pub undo: Vec<String>,
    /// What shows rows of the tables to those whom they are closed to.
    pub still_shown: Vec<Shown>,
    /// Why the log does not have it; `null` where it does, or nothing was done.
    pub not_recorded: Option<String>,
    /// The run; `null` where nothing was done.
    pub run_id: Option<String>,
}

/// A table that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedTable {
    /// Its schema and name.
    pub table: QualifiedName,
    /// What it is.
    pub kind: RelationKind,
    /// Policies are asked.
    pub row_security: bool,
}

/// `rls open`: what was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsOpen {
    /// Which database.
    pub destination: DestinationView,
    /// It was tried and rolled back.
    pub dry_run: bool,
    /// The tables that were opened, by name.
    pub tables: Vec<ClosedTable>,
    /// The rights that are there again.
    pub granted: Vec<AclItem>,
    /// The statements that ran.
    pub sql: Vec<String>,
    /// The run.
    pub run_id: String,
}

/// A closing or an opening in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosingEntry {
    /// Its number in its own list, ascending.
    pub sequence: i64,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// `closed` or `opened`.
    pub outcome: String,
    /// The table, quoted where it must be.
    pub table: String,
    /// Why, as whoever did it said.
    pub reason: Option<String>,
    /// The statements that ran.
    pub sql: Vec<String>,
    /// The statements that undo them; empty for an opening.
    pub undo: Vec<String>,
    /// The database role that did it.
    pub who: String,
    /// Where it was done from: a host or address; `null` for a local socket.
    pub from: Option<String>,
    /// The run that it belongs to.
    pub run_id: String,
    /// The version of grace-migrate that did it.
    pub tool_version: String,
}
