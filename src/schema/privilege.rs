use std::fmt;

use serde::{Serialize, Serializer};

use crate::sql::quote_ident;

/// What a grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// Read rows.
    Select,
    /// Add rows.
    Insert,
    /// Change rows.
    Update,
    /// Delete rows.
    Delete,
    /// Empty the table; no policy is asked.
    Truncate,
    /// Point a foreign key at it.
    References,
    /// Make triggers on it.
    Trigger,
    /// VACUUM, ANALYZE and the like, from PostgreSQL 17 on.
    Maintain,
    /// Look into a schema.
    Usage,
    /// Make objects in a schema.
    Create,
    /// Call a function.
    Execute,
}

impl Privilege {
    /// The commands that change or read rows, and which policies govern.
    pub const ROWS: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    /// Everything by which rows are read or changed, with policies or past them.
    pub const REACH: [Self; 5] = [
        Self::Select,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Truncate,
    ];

    /// The privilege as `aclexplode` spells it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SELECT" => Self::Select,
            "INSERT" => Self::Insert,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            "TRUNCATE" => Self::Truncate,
            "REFERENCES" => Self::References,
            "TRIGGER" => Self::Trigger,
            "MAINTAIN" => Self::Maintain,
            "USAGE" => Self::Usage,
            "CREATE" => Self::Create,
            "EXECUTE" => Self::Execute,
            _ => return None,
        })
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::References => "references",
            Self::Trigger => "trigger",
            Self::Maintain => "maintain",
            Self::Usage => "usage",
            Self::Create => "create",
            Self::Execute => "execute",
        })
    }
}

/// Whom a grant or a policy is for. Displayed quoted, ready for SQL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Everybody.
    Public,
    /// A role, as the catalog spells it.
    Role(String),
}

impl Grantee {
    /// The role of this name.
    pub fn role(name: impl Into<String>) -> Self {
        Self::Role(name.into())
    }
}

impl From<Option<String>> for Grantee {
    fn from(name: Option<String>) -> Self {
        name.map_or(Self::Public, Self::Role)
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.pad("public"),
            Self::Role(name) => f.pad(&quote_ident(name)),
        }
    }
}

impl Serialize for Grantee {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Public => "public",
            Self::Role(name) => name,
        })
    }
}

/// One right of one grantee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Whose.
    pub grantee: Grantee,
    /// To do what.
    pub privilege: Privilege,
    /// On this column alone.
    pub column: Option<String>,
}
