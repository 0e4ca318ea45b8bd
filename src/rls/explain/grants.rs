//! Which rights decide, and through whom they are held.

use serde::Serialize;

use super::super::{Access, Audit};
use crate::schema::{Grant, Grantee, Privilege, Relation};

/// A right that is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeededRight {
    /// To do what.
    pub privilege: Privilege,
    /// On what, as SQL names it: `schema public`, `public.notes`.
    pub object: String,
    /// How far it reaches.
    pub reach: RightReach,
    /// The columns that it is for; `null` where it is for everything, or for nothing.
    pub columns: Option<Vec<String>>,
    /// The columns that the command needs and the right is not for.
    pub missing_columns: Vec<String>,
    /// Through whom it is held; empty where it is not.
    pub holders: Vec<Holder>,
}

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RightReach {
    /// There is none.
    None,
    /// Some columns.
    Columns,
    /// Everything.
    Whole,
}

/// Through whom a right is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Holder {
    /// How.
    pub through: Through,
    /// Whom it is granted to; for a superuser, the role itself.
    pub grantee: Grantee,
}

/// How a role comes to a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Through {
    /// It is a superuser, and needs none.
    Superuser,
    /// It was granted to the role itself.
    Role,
    /// It was granted to a role that it is a member of.
    Member,
    /// It was granted to everybody.
    Public,
}

impl NeededRight {
    /// Whether the command may go on.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.reach != RightReach::None && self.missing_columns.is_empty()
    }
}

/// The right to look into the table's schema.
#[must_use]
pub fn schema_right(audit: Audit<'_>, role: &str, schema: &str) -> NeededRight {
    let namespace = audit
        .schema
        .namespaces
        .iter()
        .find(|one| one.name == schema);
    let grants = namespace.map_or(&[][..], |one| &one.grants);
    let holders = holders(audit, role, grants, Privilege::Usage, None);
    NeededRight {
        privilege: Privilege::Usage,
        object: format!("schema {}", crate::sql::quote_ident(schema)),
        reach: if holders.is_empty() {
            RightReach::None
        } else {
            RightReach::Whole
        },
        columns: None,
        missing_columns: Vec::new(),
        holders,
    }
}

/// The right to do this with a table; `needed` are the columns that it is certain to be done with.
#[must_use]
pub fn table_right(
    audit: Audit<'_>,
    role: &str,
    table: &Relation,
    privilege: Privilege,
    needed: &[String],
) -> NeededRight {
    let held = |column| holders(audit, role, &table.grants, privilege, column);
    let whole = held(None);
    let (reach, columns, holders) = if whole.is_empty() {
        match audit.access(&Grantee::role(role), table, privilege) {
            Access::No | Access::Whole => (RightReach::None, None, Vec::new()),
            Access::Columns(columns) => {
                let mut holders: Vec<Holder> = columns
                    .iter()
                    .flat_map(|column| held(Some(column)))
                    .collect();
                holders.sort();
                holders.dedup();
                (RightReach::Columns, Some(columns), holders)
            }
        }
    } else {
        (RightReach::Whole, None, whole)
    };
    let is_missing = |name: &&String| match &columns {
        Some(columns) => !columns.contains(name),
        None => false,
    };
    NeededRight {
        privilege,
        object: table.name.to_string(),
        reach,
        missing_columns: needed.iter().filter(is_missing).cloned().collect(),
        columns,
        holders,
    }
}

/// Those through whom a role holds a right on the whole, or on a column alone: its own first.
fn holders(
    audit: Audit<'_>,
    role: &str,
    grants: &[Grant],
    privilege: Privilege,
    column: Option<&String>,
) -> Vec<Holder> {
    let who = Grantee::role(role);
    if audit.role(role).is_some_and(|role| role.superuser) {
        return vec![Holder {
            through: Through::Superuser,
            grantee: who,
        }];
    }
    let mut holders: Vec<Holder> = grants
        .iter()
        .filter(|grant| grant.privilege == privilege && grant.column.as_ref() == column)
        .filter(|grant| audit.has_rights_of(&who, &grant.grantee))
        .map(|grant| Holder {
            through: match &grant.grantee {
                Grantee::Public => Through::Public,
                grantee if *grantee == who => Through::Role,
                Grantee::Role(_) => Through::Member,
            },
            grantee: grant.grantee.clone(),
        })
        .collect();
    holders.sort();
    holders
}
