use std::collections::BTreeSet;

use crate::schema::{
    Function, Grant, Grantee, Policy, PolicyKind, Privilege, Relation, Role, Schema,
};

/// What is looked at, and through whose eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The schemas that an API shows.
    pub schemas: Vec<String>,
    /// The roles that requests run as.
    pub api_roles: Vec<String>,
    /// Those of them that are meant to do everything.
    pub trusted_roles: Vec<String>,
}

impl Default for Scope {
    /// What PostgREST and Supabase have.
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            schemas: owned(&["public"]),
            api_roles: owned(&["anon", "authenticated", "service_role"]),
            trusted_roles: owned(&["service_role"]),
        }
    }
}

/// How far a right reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// There is none.
    No,
    /// These columns.
    Columns(Vec<String>),
    /// Everything.
    Whole,
}

impl Access {
    /// Whether there is any.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self != Self::No
    }
}

/// A database and what is asked about it.
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a> {
    /// The database.
    pub schema: &'a Schema,
    /// What is looked at.
    pub scope: &'a Scope,
}

impl<'a> Audit<'a> {
    /// The relations of the schemas that are looked at, without those of extensions.
    pub fn relations(self) -> impl Iterator<Item = &'a Relation> {
        self.schema.relations.values().filter(move |relation| {
            relation.extension.is_none() && self.scope.schemas.contains(&relation.name.schema)
        })
    }

    /// Those of them that can have policies.
    pub fn tables(self) -> impl Iterator<Item = &'a Relation> {
        self.relations()
            .filter(|relation| relation.kind.has_policies())
    }

    /// Each table with each of its policies.
    pub fn policies(self) -> impl Iterator<Item = (&'a Relation, &'a Policy)> {
        self.tables()
            .flat_map(|table| table.policies.iter().map(move |policy| (table, policy)))
    }

    /// The functions of the schemas that are looked at, without those of extensions.
    pub fn functions(self) -> impl Iterator<Item = &'a Function> {
        self.schema.functions.iter().filter(move |function| {
            function.extension.is_none() && self.scope.schemas.contains(&function.name.schema)
        })
    }

    /// A role that is there.
    #[must_use]
    pub fn role(self, name: &str) -> Option<&'a Role> {
        self.schema.roles.get(name)
    }

    /// Whom policies are to keep in bounds: the API's roles that are there, are not trusted and
    /// are bound by policies; everybody, where there is none of them.
    #[must_use]
    pub fn exposed(self) -> Vec<Grantee> {
        let roles: Vec<Grantee> = self
            .scope
            .api_roles
            .iter()
            .filter(|name| !self.scope.trusted_roles.contains(name))
            .filter(|name| {
                let role = self.role(name);
                role.is_some_and(|role| !role.is_above_policies())
            })
            .map(Grantee::role)
            .collect();
        if roles.is_empty() {
            vec![Grantee::Public]
        } else {
            roles
        }
    }

    /// Whether whoever is `grantee` has what is given to `holder`.
    #[must_use]
    pub fn has_rights_of(self, grantee: &Grantee, holder: &Grantee) -> bool {
        match (grantee, holder) {
            (_, Grantee::Public) => true,
            (Grantee::Public, Grantee::Role(_)) => false,
            (Grantee::Role(name), Grantee::Role(held)) => {
                name == held
                    || self
                        .role(name)
                        .is_some_and(|role| role.superuser || role.has_rights_of.contains(held))
            }
        }
    }

    /// How far somebody's right to do this with a relation reaches.
    #[must_use]
    pub fn access(self, who: &Grantee, relation: &Relation, privilege: Privilege) -> Access {
        if self.holds(who, &relation.grants, privilege) {
            return Access::Whole;
        }
        let columns: BTreeSet<&String> = relation
            .grants
            .iter()
            .filter(|grant| grant.privilege == privilege)
            .filter(|grant| self.has_rights_of(who, &grant.grantee))
            .filter_map(|grant| grant.column.as_ref())
            .collect();
        if columns.is_empty() {
            return Access::No;
        }
        let in_order = relation.columns.iter().map(|column| &column.name);
        Access::Columns(
            in_order
                .filter(|name| columns.contains(name))
                .cloned()
                .collect(),
        )
    }

    /// Whether somebody may call a function and look into its schema.
    #[must_use]
    pub fn may_call(self, who: &Grantee, function: &Function) -> bool {
        self.may_enter(who, &function.name.schema)
            && self.holds(who, &function.grants, Privilege::Execute)
    }

    /// Whether somebody may do this with a relation, or with a column of it, and look into its
    /// schema.
    #[must_use]
    pub fn may(self, who: &Grantee, relation: &Relation, privilege: Privilege) -> bool {
        self.may_enter(who, &relation.name.schema) && self.access(who, relation, privilege).is_any()
    }

    /// Whether somebody may look into a schema; one that was not read is open.
    #[must_use]
    pub fn may_enter(self, who: &Grantee, schema: &str) -> bool {
        let namespace = self.schema.namespaces.iter().find(|one| one.name == schema);
        namespace.is_none_or(|one| self.holds(who, &one.grants, Privilege::Usage))
    }

    fn holds(self, who: &Grantee, grants: &[Grant], privilege: Privilege) -> bool {
        if let Grantee::Role(name) = who
            && self.role(name).is_some_and(|role| role.superuser)
        {
            return true;
        }
        grants.iter().any(|grant| {
            grant.privilege == privilege
                && grant.column.is_none()
                && self.has_rights_of(who, &grant.grantee)
        })
    }

    /// Of [`Self::exposed`], those who may do this with a relation.
    #[must_use]
    pub fn who_may(self, relation: &Relation, privilege: Privilege) -> Vec<Grantee> {
        let mut who = self.exposed();
        who.retain(|one| self.may(one, relation, privilege));
        who
    }

    /// What those who are exposed may do with a relation, each right with whose it is.
    #[must_use]
    pub fn exposure(self, relation: &Relation) -> Vec<(Privilege, Vec<Grantee>)> {
        Privilege::REACH
            .into_iter()
            .map(|privilege| (privilege, self.who_may(relation, privilege)))
            .filter(|(_, who)| !who.is_empty())
            .collect()
    }

    /// Whether a policy is asked about somebody.
    #[must_use]
    pub fn applies(self, policy: &Policy, who: &Grantee) -> bool {
        policy
            .roles
            .iter()
            .any(|holder| self.has_rights_of(who, holder))
    }

    /// The policies of a kind that are asked when somebody does this.
    pub fn asked(
        self,
        relation: &'a Relation,
        who: &Grantee,
        privilege: Privilege,
        kind: PolicyKind,
    ) -> impl Iterator<Item = &'a Policy> {
        relation.policies.iter().filter(move |policy| {
            policy.kind == kind && policy.command.covers(privilege) && self.applies(policy, who)
        })
    }

    /// Whether a policy is asked about anybody who is exposed.
    #[must_use]
    pub fn binds_exposed(self, policy: &Policy) -> bool {
        self.exposed().iter().any(|who| self.applies(policy, who))
    }

    /// Whether a table's owner reads past its policies.
    #[must_use]
    pub fn owner_bypasses(self, relation: &Relation) -> bool {
        let above = self
            .role(&relation.owner)
            .is_some_and(Role::is_above_policies);
        above || relation.row_security != crate::schema::RowSecurity::Forced
    }
}

/// `anon, authenticated`
pub(super) fn names(who: &[Grantee]) -> String {
    let names: Vec<String> = who.iter().map(ToString::to_string).collect();
    names.join(", ")
}
