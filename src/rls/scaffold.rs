//! Scripts of a revision that gives tables row-level security, from what the catalog tells.

use std::collections::BTreeSet;

use super::audit::Audit;
use super::ownership::{Found, Owner, Ownership};
use super::scaffold_table::Table;
use crate::schema::{Grantee, PolicyKind, Privilege, Relation};
use crate::sql::{QualifiedName, quote_ident};

/// The scripts, without a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    /// What the up script does.
    pub up: String,
    /// What the down script does; it fails closed.
    pub down: String,
    /// What whoever runs them should look at first.
    pub cautions: Vec<Caution>,
}

/// Something that names and keys do not settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caution {
    /// Nothing tells whose the rows are: nobody of the API reaches them.
    NoOwner(QualifiedName),
    /// Whose they are is guessed from a column's name.
    Guessed {
        /// The table.
        table: QualifiedName,
        /// The table of the column.
        of: QualifiedName,
        /// The column.
        column: String,
    },
    /// The policies read a table that the users' role may not read, or that no policy keeps.
    ParentNotReady {
        /// The table.
        table: QualifiedName,
        /// The table that they read.
        parent: QualifiedName,
    },
    /// The table has policies already, and one yes is enough.
    HasPolicies {
        /// The table.
        table: QualifiedName,
        /// Their names.
        policies: Vec<String>,
    },
    /// The users' role may not look into a schema.
    NoUsage {
        /// The role.
        role: String,
        /// The schema.
        schema: String,
    },
}

/// The roles of the scripts.
pub(super) struct Roles {
    /// Whom everything is taken from first: PUBLIC and those of the API's roles that are there.
    pub(super) closed: String,
    /// Whom the policies are for.
    pub(super) user: String,
    /// Who is meant to do everything.
    pub(super) trusted: Vec<String>,
}

/// The scripts for these tables, which must be in the schema, each of `serials` a table with a
/// sequence that a column of it takes its numbers from; none where the server has none of
/// the API's roles that policies bind.
#[must_use]
pub fn scaffold(
    audit: Audit<'_>,
    tables: &[&Relation],
    serials: &[(QualifiedName, QualifiedName)],
) -> Option<Scaffold> {
    let roles = Roles::of(audit)?;
    let has_uid = audit.schema.functions.iter().find(|function| {
        function.name == QualifiedName::new("auth", "uid") && function.signature == "auth.uid()"
    });
    let types: &[&str] = match has_uid {
        Some(_) => &["uuid", "text", "character varying"],
        None => &["uuid", "text", "character varying", "bigint", "integer"],
    };
    let ownership = Ownership {
        schema: audit.schema,
        types,
    };
    let mut cautions = Vec::new();
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let mut made = Vec::new();
    for table in tables {
        let one = Table {
            audit,
            roles: &roles,
            table,
            owner: ownership.owner(table),
            sequences: serials
                .iter()
                .filter(|(of, _)| *of == table.name)
                .map(|(_, sequence)| sequence)
                .collect(),
            has_uid: has_uid.is_some(),
        };
        up.push(one.up());
        down.push(one.down());
        one.caution(&mut cautions);
        made.push(one);
    }
    let owned: BTreeSet<&QualifiedName> = made
        .iter()
        .filter(|one| one.owner.is_some())
        .map(|one| &one.table.name)
        .collect();
    for one in &made {
        one.caution_of_parents(&owned, &mut cautions);
    }
    let user = Grantee::role(&roles.user);
    let mut schemas: BTreeSet<&str> = tables.iter().map(|one| one.name.schema.as_str()).collect();
    if has_uid.is_some() {
        schemas.insert("auth");
    }
    let closed = schemas
        .into_iter()
        .filter(|one| !audit.may_enter(&user, one));
    cautions.extend(closed.map(|schema| Caution::NoUsage {
        role: roles.user.clone(),
        schema: schema.to_owned(),
    }));
    // What stands on others goes first.
    down.reverse();
    Some(Scaffold {
        up: up.join("\n"),
        down: down.join("\n"),
        cautions,
    })
}

impl Roles {
    fn of(audit: Audit<'_>) -> Option<Self> {
        let there = |name: &&String| audit.role(name).is_some();
        let scope = audit.scope;
        let api: Vec<&String> = scope.api_roles.iter().filter(there).collect();
        let bound = api
            .iter()
            .filter(|name| !scope.trusted_roles.contains(name));
        let bound: Vec<&&String> = bound.collect();
        // The last is whoever is known: what has no account comes first by custom.
        let known = bound.iter().find(|name| name.as_str() == "authenticated");
        let user = known.or(bound.last())?;
        let closed = api.iter().map(|name| quote_ident(name));
        let closed: Vec<String> = std::iter::once("public".to_owned()).chain(closed).collect();
        let trusted = scope.trusted_roles.iter().filter(there);
        Some(Self {
            closed: closed.join(", "),
            user: user.to_string(),
            trusted: trusted.cloned().collect(),
        })
    }
}

impl Table<'_> {
    fn caution(&self, cautions: &mut Vec<Caution>) {
        let table = || self.table.name.clone();
        match &self.owner {
            None => cautions.push(Caution::NoOwner(table())),
            Some(owner) if owner.claim().found == Found::Name => {
                let (mut of, mut at) = (&self.table.name, owner);
                while let Owner::Through { parent, owner, .. } = at {
                    (of, at) = (parent, owner);
                }
                cautions.push(Caution::Guessed {
                    table: table(),
                    of: of.clone(),
                    column: at.column().to_owned(),
                });
            }
            Some(_) => {}
        }
        if !self.table.policies.is_empty() {
            let names = self.table.policies.iter().map(|one| one.name.clone());
            cautions.push(Caution::HasPolicies {
                table: table(),
                policies: names.collect(),
            });
        }
    }

    /// The tables that the policies read must be the user's to read, and kept by policies: `made`
    /// are, by these scripts.
    fn caution_of_parents(&self, made: &BTreeSet<&QualifiedName>, cautions: &mut Vec<Caution>) {
        let user = Grantee::role(&self.roles.user);
        let mut at = self.owner.as_ref();
        while let Some(Owner::Through { parent, owner, .. }) = at {
            let ready = self
                .audit
                .schema
                .relations
                .get(parent)
                .is_some_and(|table| {
                    let kind = PolicyKind::Permissive;
                    let mut asked = self.audit.asked(table, &user, Privilege::Select, kind);
                    table.row_security.is_on()
                        && asked.next().is_some()
                        && self.audit.may(&user, table, Privilege::Select)
                });
            if !ready && !made.contains(parent) {
                cautions.push(Caution::ParentNotReady {
                    table: self.table.name.clone(),
                    parent: parent.clone(),
                });
            }
            at = Some(owner);
        }
    }
}
