use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::{Expression, Grant, Grantee, Privilege};
use crate::sql::QualifiedName;

/// What holds rows, or looks as if it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its schema and name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: RelationKind,
    /// Who owns it.
    pub owner: String,
    /// Whether policies are asked.
    pub row_security: RowSecurity,
    /// The table that it is a partition of.
    pub partition_of: Option<QualifiedName>,
    /// A view that reads with the rights of whoever asks it.
    pub security_invoker: bool,
    /// The extension that it came with.
    pub extension: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Who may do what with it, its owner too.
    pub grants: Vec<Grant>,
    /// Its policies, by name.
    pub policies: Vec<Policy>,
    /// Its indexes, by name.
    pub indexes: Vec<Index>,
    /// Its foreign keys, by name.
    pub foreign_keys: Vec<ForeignKey>,
    /// What a view reads, directly or through other views.
    pub reads: BTreeSet<QualifiedName>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// An ordinary table; a partition is one too.
    Table,
    /// A table that is partitioned.
    PartitionedTable,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A foreign table.
    ForeignTable,
}

impl RelationKind {
    /// Whether it can have policies.
    #[must_use]
    pub fn has_policies(self) -> bool {
        matches!(self, Self::Table | Self::PartitionedTable)
    }

    /// Its name in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Table | Self::PartitionedTable => "table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::ForeignTable => "foreign table",
        }
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PartitionedTable => "partitioned table",
            kind => kind.sql(),
        })
    }
}

/// Whether a table's policies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowSecurity {
    /// They are not.
    Off,
    /// They are, except for the owner.
    On,
    /// They are, for the owner too.
    Forced,
    /// They are not, and would be for the owner too.
    OffButForced,
}

impl RowSecurity {
    /// What the two marks of `pg_class` mean.
    #[must_use]
    pub fn of(enabled: bool, forced: bool) -> Self {
        match (enabled, forced) {
            (false, false) => Self::Off,
            (true, false) => Self::On,
            (true, true) => Self::Forced,
            (false, true) => Self::OffButForced,
        }
    }

    /// Whether policies are asked.
    #[must_use]
    pub fn is_on(self) -> bool {
        matches!(self, Self::On | Self::Forced)
    }
}

impl fmt::Display for RowSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Forced => "forced",
            Self::OffButForced => "off, but forced",
        })
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as SQL writes it.
    pub type_name: String,
}

/// A policy of row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The command that it is asked for.
    pub command: PolicyCommand,
    /// How its answer counts.
    pub kind: PolicyKind,
    /// For whom.
    pub roles: Vec<Grantee>,
    /// Which rows are there: `USING`.
    pub using: Option<Expression>,
    /// Which rows may be written: `WITH CHECK`.
    pub check: Option<Expression>,
}

impl Policy {
    /// Both expressions, as far as they are there, each with its clause.
    pub fn expressions(&self) -> impl Iterator<Item = (&'static str, &Expression)> {
        let using = self.using.iter().map(|one| ("USING", one));
        using.chain(self.check.iter().map(|one| ("WITH CHECK", one)))
    }
}

/// How a policy's answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// One yes is enough.
    Permissive,
    /// Each must say yes, beside one that is permissive.
    Restrictive,
}

/// The command that a policy is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyCommand {
    /// Each of the four.
    All,
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

impl PolicyCommand {
    /// The command of `pg_policy.polcmd`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "*" => Self::All,
            "r" => Self::Select,
            "a" => Self::Insert,
            "w" => Self::Update,
            "d" => Self::Delete,
            _ => return None,
        })
    }

    /// Whether it is asked for what this privilege allows.
    #[must_use]
    pub fn covers(self, privilege: Privilege) -> bool {
        match self {
            Self::All => Privilege::ROWS.contains(&privilege),
            Self::Select => privilege == Privilege::Select,
            Self::Insert => privilege == Privilege::Insert,
            Self::Update => privilege == Privilege::Update,
            Self::Delete => privilege == Privilege::Delete,
        }
    }
}

impl fmt::Display for PolicyCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::All => "all",
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name; it is in its table's schema.
    pub name: String,
    /// Its key columns in order; `None` where an expression stands.
    pub keys: Vec<Option<String>>,
    /// It holds only some of the rows.
    pub partial: bool,
    /// It serves, which one that a failed build left does not.
    pub valid: bool,
    /// It belongs to a constraint, which must be dropped instead.
    pub constraint: Option<String>,
    /// Its definition without its name: two that are equal do the same.
    pub shape: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The columns that point.
    pub columns: Vec<String>,
    /// The table that they point at.
    pub target: QualifiedName,
    /// The columns of it that they point at, in the same order.
    pub target_columns: Vec<String>,
}
