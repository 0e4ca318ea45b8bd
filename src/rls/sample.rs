//! Databases made by hand, for the tests of the rules.

use std::collections::BTreeSet;

use super::{Audit, Rule, Scope};
use crate::schema::{
    Column, Expression, Function, Grant, Grantee, Index, Namespace, Policy, PolicyCommand,
    PolicyKind, Privilege, Relation, RelationKind, Role, RowSecurity, Schema, SubQuery,
    SubQueryKind,
};
use crate::sql::QualifiedName;

/// A database and how it is looked at.
pub(super) struct Sample {
    pub(super) schema: Schema,
    pub(super) scope: Scope,
}

impl Sample {
    /// Supabase's roles, an owner, and these relations.
    pub(super) fn of(relations: impl IntoIterator<Item = Relation>) -> Self {
        let role = |name: &str, bypasses_rls| Role {
            name: name.to_owned(),
            bypasses_rls,
            ..Role::default()
        };
        let roles = [
            role("anon", false),
            role("authenticated", false),
            role("service_role", true),
            role("owner", false),
        ];
        let usage = Grant {
            grantee: Grantee::Public,
            privilege: Privilege::Usage,
            column: None,
        };
        Self {
            schema: Schema {
                roles: roles.map(|role| (role.name.clone(), role)).into(),
                namespaces: vec![Namespace {
                    name: "public".to_owned(),
                    grants: vec![usage],
                }],
                relations: relations
                    .into_iter()
                    .map(|relation| (relation.name.clone(), relation))
                    .collect(),
                ..Schema::default()
            },
            scope: Scope::default(),
        }
    }
}

/// What a rule says: object and message.
pub(super) fn found(rule: &Rule, sample: &Sample) -> Vec<String> {
    let audit = Audit {
        schema: &sample.schema,
        scope: &sample.scope,
    };
    (rule.check)(audit)
        .into_iter()
        .map(|finding| format!("{}: {}", finding.object, finding.message))
        .collect()
}

/// A table in `public` with row-level security on and nothing else.
pub(super) fn table(name: &str) -> Relation {
    Relation {
        name: QualifiedName::new("public", name),
        kind: RelationKind::Table,
        owner: "owner".to_owned(),
        row_security: RowSecurity::On,
        partition_of: None,
        security_invoker: false,
        extension: None,
        columns: Vec::new(),
        grants: Vec::new(),
        policies: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        reads: BTreeSet::new(),
    }
}

/// A column of type uuid.
pub(super) fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_name: "uuid".to_owned(),
    }
}

/// A right of a role to all of a relation.
pub(super) fn grant(role: &str, privilege: Privilege) -> Grant {
    Grant {
        grantee: Grantee::role(role),
        privilege,
        column: None,
    }
}

/// A permissive policy for everybody and every command.
pub(super) fn policy(name: &str) -> Policy {
    Policy {
        name: name.to_owned(),
        command: PolicyCommand::All,
        kind: PolicyKind::Permissive,
        roles: vec![Grantee::Public],
        using: Some(expression()),
        check: None,
    }
}

/// An expression of which nothing is known.
pub(super) fn expression() -> Expression {
    Expression::default()
}

/// `exists (select … from public.relation)`
pub(super) fn sub_query(relation: &str) -> SubQuery {
    SubQuery {
        kind: SubQueryKind::Exists,
        relations: [QualifiedName::new("public", relation)].into(),
        correlated: false,
        comparisons: Vec::new(),
    }
}

/// A function in `public` that everybody may call.
pub(super) fn function(name: &str) -> Function {
    Function {
        name: QualifiedName::new("public", name),
        signature: format!("public.{name}()"),
        owner: "owner".to_owned(),
        security_definer: false,
        sets_search_path: true,
        is_trigger: false,
        grants: vec![Grant {
            grantee: Grantee::Public,
            privilege: Privilege::Execute,
            column: None,
        }],
        extension: None,
    }
}

/// A valid index over these columns.
pub(super) fn index(name: &str, columns: &[&str]) -> Index {
    Index {
        name: name.to_owned(),
        keys: columns.iter().map(|one| Some((*one).to_owned())).collect(),
        partial: false,
        valid: true,
        constraint: None,
        shape: columns.join(", "),
    }
}
