use serde::Serialize;

use super::{Access, Audit};
use crate::schema::{
    Grantee, Policy, PolicyCommand, PolicyKind, Privilege, Relation, RelationKind, RowSecurity,
};
use crate::sql::QualifiedName;

/// A role of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleStatus {
    /// Its name.
    pub name: String,
    /// The server has it.
    pub exists: bool,
    /// Why no policy ever binds it; `null` where policies do.
    pub bypass: Option<Bypass>,
    /// It is meant to do everything.
    pub trusted: bool,
}

/// Why policies do not bind somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bypass {
    /// A superuser.
    Superuser,
    /// A role with BYPASSRLS.
    Bypassrls,
    /// The table's owner, for whom they are not forced.
    Owner,
}

/// A table: who may do what with it, and which policies are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableStatus {
    /// Its schema and name.
    pub table: QualifiedName,
    /// What it is.
    pub kind: RelationKind,
    /// The table that it is a partition of; whoever reads the partition itself passes by the
    /// policies of that table.
    pub partition_of: Option<QualifiedName>,
    /// Who owns it.
    pub owner: String,
    /// Why its owner is not bound by its policies; `null` where the owner is.
    pub owner_bypass: Option<Bypass>,
    /// Whether policies are asked, and the owner too.
    pub row_security: RowSecurity,
    /// Its policies, by name.
    pub policies: Vec<PolicyStatus>,
    /// What each role of the API may do.
    pub roles: Vec<TableRole>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyStatus {
    /// Its name.
    pub name: String,
    /// The command that it is asked for.
    pub command: PolicyCommand,
    /// How its answer counts.
    pub kind: PolicyKind,
    /// For whom.
    pub roles: Vec<Grantee>,
    /// Which rows are there.
    pub using: Option<String>,
    /// Which rows may be written.
    pub with_check: Option<String>,
}

/// What one role may do with one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRole {
    /// The role.
    pub role: String,
    /// Why policies do not bind it here.
    pub bypass: Option<Bypass>,
    /// It may look into the table's schema, without which it reaches nothing.
    pub schema_usage: bool,
    /// Each command that is granted or that a policy of the role is for.
    pub commands: Vec<CommandStatus>,
}

/// One command of one role on one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandStatus {
    /// The command.
    pub command: Privilege,
    /// What comes of it.
    pub outcome: Outcome,
    /// The columns alone that the right is for; `null` where it is for all of them.
    pub columns: Option<Vec<String>>,
    /// The permissive policies that are asked: one yes is enough.
    pub permissive: Vec<String>,
    /// The restrictive policies that are asked: each must say yes.
    pub restrictive: Vec<String>,
}

/// What comes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is not granted: refused, whatever the policies.
    NotGranted,
    /// Every row, no policy is asked.
    Unbound,
    /// The rows that the policies let through.
    ByPolicies,
    /// No row: it is granted, and no permissive policy is there.
    NoPolicy,
}

/// The API's roles.
#[must_use]
pub fn roles(audit: Audit<'_>) -> Vec<RoleStatus> {
    let scope = audit.scope;
    scope
        .api_roles
        .iter()
        .map(|name| RoleStatus {
            name: name.clone(),
            exists: audit.role(name).is_some(),
            bypass: above(audit, name),
            trusted: scope.trusted_roles.contains(name),
        })
        .collect()
}

/// The tables of the schemas that are looked at.
#[must_use]
pub fn status(audit: Audit<'_>) -> Vec<TableStatus> {
    audit
        .tables()
        .map(|table| TableStatus {
            table: table.name.clone(),
            kind: table.kind,
            partition_of: table.partition_of.clone(),
            owner: table.owner.clone(),
            owner_bypass: bypass(audit, table, &table.owner),
            row_security: table.row_security,
            policies: table.policies.iter().map(policy).collect(),
            roles: audit
                .scope
                .api_roles
                .iter()
                .filter(|name| audit.role(name).is_some())
                .map(|name| table_role(audit, table, name))
                .collect(),
        })
        .collect()
}

fn policy(policy: &Policy) -> PolicyStatus {
    let sql = |expression: &crate::schema::Expression| expression.sql.clone();
    PolicyStatus {
        name: policy.name.clone(),
        command: policy.command,
        kind: policy.kind,
        roles: policy.roles.clone(),
        using: policy.using.as_ref().map(sql),
        with_check: policy.check.as_ref().map(sql),
    }
}

fn above(audit: Audit<'_>, role: &str) -> Option<Bypass> {
    let role = audit.role(role)?;
    match (role.superuser, role.bypasses_rls) {
        (true, _) => Some(Bypass::Superuser),
        (false, true) => Some(Bypass::Bypassrls),
        (false, false) => None,
    }
}

pub(super) fn bypass(audit: Audit<'_>, table: &Relation, role: &str) -> Option<Bypass> {
    let owns = audit.has_rights_of(&Grantee::role(role), &Grantee::role(&table.owner));
    let owner = owns && table.row_security != RowSecurity::Forced;
    above(audit, role).or(owner.then_some(Bypass::Owner))
}

fn table_role(audit: Audit<'_>, table: &Relation, role: &str) -> TableRole {
    let bypass = bypass(audit, table, role);
    let who = Grantee::role(role);
    let commands = Privilege::REACH
        .into_iter()
        .filter_map(|privilege| command(audit, table, &who, privilege, bypass))
        .collect();
    TableRole {
        role: role.to_owned(),
        bypass,
        schema_usage: audit.may_enter(&who, &table.name.schema),
        commands,
    }
}

fn command(
    audit: Audit<'_>,
    table: &Relation,
    who: &Grantee,
    privilege: Privilege,
    bypass: Option<Bypass>,
) -> Option<CommandStatus> {
    let bound = table.row_security.is_on() && bypass.is_none() && privilege != Privilege::Truncate;
    let asked = |kind| -> Vec<String> {
        let asked = audit.asked(table, who, privilege, kind);
        asked
            .filter(|_| bound)
            .map(|policy| policy.name.clone())
            .collect()
    };
    let (permissive, restrictive) = (
        asked(PolicyKind::Permissive),
        asked(PolicyKind::Restrictive),
    );
    let access = audit.access(who, table, privilege);
    let outcome = match &access {
        Access::No if permissive.is_empty() => return None,
        Access::No => Outcome::NotGranted,
        _ if !bound => Outcome::Unbound,
        _ if permissive.is_empty() => Outcome::NoPolicy,
        _ => Outcome::ByPolicies,
    };
    Some(CommandStatus {
        command: privilege,
        outcome,
        columns: match access {
            Access::Columns(columns) => Some(columns),
            Access::No | Access::Whole => None,
        },
        permissive,
        restrictive,
    })
}
