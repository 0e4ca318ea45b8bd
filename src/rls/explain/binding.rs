//! Whether policies are asked about a role at all.

use serde::Serialize;

use crate::rls::status::bypass;
use crate::rls::{Audit, Bypass};
use crate::schema::Relation;

/// Whether policies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// They are.
    Asked,
    /// Row-level security is off.
    Off,
    /// The role is a superuser.
    Superuser,
    /// The role has BYPASSRLS.
    Bypassrls,
    /// The role owns the table, and policies are not forced on it.
    Owner,
}

impl From<Bypass> for Binding {
    fn from(bypass: Bypass) -> Self {
        match bypass {
            Bypass::Superuser => Self::Superuser,
            Bypass::Bypassrls => Self::Bypassrls,
            Bypass::Owner => Self::Owner,
        }
    }
}

/// Whether a table's policies are asked about a role.
#[must_use]
pub fn binding(audit: Audit<'_>, table: &Relation, role: &str) -> Binding {
    if !table.row_security.is_on() {
        return Binding::Off;
    }
    bypass(audit, table, role).map_or(Binding::Asked, Binding::from)
}
