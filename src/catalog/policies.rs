//! Policies, with what the trees of their expressions tell.

use std::collections::BTreeSet;

use super::expression::{self, Names, Wanted};
use super::node::Node;
use super::read::{oid, texts};
use super::relations::{Relations, name};
use crate::db::{DbError, Session};
use crate::schema::{Expression, Grantee, Policy, PolicyCommand, PolicyKind};

const POLICIES: &str = "
    select p.polrelid::int8, p.polname::text, p.polcmd::text, p.polpermissive,
           array(select case when r.oid <> 0 then pg_get_userbyid(r.oid)::text end
                   from unnest(p.polroles) r (oid) order by 1),
           pg_get_expr(p.polqual, p.polrelid), p.polqual::text,
           pg_get_expr(p.polwithcheck, p.polrelid), p.polwithcheck::text
      from pg_policy p
     where p.polrelid = any ($1::text[]::oid[])
     order by p.polrelid, p.polname";

const FUNCTIONS: &str = "
    select p.oid::int8, n.nspname::text, p.proname::text
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.oid = any ($1::text[]::oid[])";

const COLUMNS: &str = "
    select c.oid::int8, n.nspname::text, c.relname::text, a.attnum::int4, a.attname::text
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid
     where c.oid = any ($1::text[]::oid[])";

const EQUALITIES: &str = "
    select o.oid::int8 from pg_operator o
     where o.oid = any ($1::text[]::oid[]) and o.oprname = '='";

/// A policy whose trees are not yet understood.
struct Unread {
    relid: u32,
    policy: Policy,
    using: Option<(String, Node)>,
    check: Option<(String, Node)>,
}

/// Adds the policies to their relations, and gives the functions that they call.
pub(super) async fn read(
    session: &Session,
    relations: &mut Relations,
) -> Result<BTreeSet<u32>, DbError> {
    let oids = texts(relations.keys().copied());
    let mut all = Vec::new();
    let mut wanted = Wanted::default();
    for row in session.query(POLICIES, &[oids.as_slice().into()]).await? {
        let Some(command) = PolicyCommand::parse(row.get(2)?) else {
            continue;
        };
        let roles: Vec<Option<String>> = row.get(4)?;
        let unread = Unread {
            relid: oid(row.get(0)?)?,
            policy: Policy {
                name: row.get(1)?,
                command,
                kind: if row.get(3)? {
                    PolicyKind::Permissive
                } else {
                    PolicyKind::Restrictive
                },
                roles: roles.into_iter().map(Grantee::from).collect(),
                using: None,
                check: None,
            },
            using: tree(row.get(5)?, row.get(6)?)?,
            check: tree(row.get(7)?, row.get(8)?)?,
        };
        for (_, tree) in [&unread.using, &unread.check].into_iter().flatten() {
            wanted.add(tree);
        }
        wanted.relations.insert(unread.relid);
        all.push(unread);
    }
    let names = names(session, &wanted).await?;
    for mut unread in all {
        let read = |(sql, tree): (String, Node)| -> Expression {
            expression::read(sql, &tree, unread.relid, &names)
        };
        unread.policy.using = unread.using.map(read);
        unread.policy.check = unread.check.map(read);
        if let Some(relation) = relations.get_mut(&unread.relid) {
            relation.policies.push(unread.policy);
        }
    }
    Ok(wanted.functions)
}

fn tree(sql: Option<String>, text: Option<String>) -> Result<Option<(String, Node)>, DbError> {
    let Some((sql, text)) = sql.zip(text) else {
        return Ok(None);
    };
    let tree = Node::parse(&text).ok_or_else(|| DbError::Protocol {
        during: "reading the catalog",
        reason: format!("the tree of the expression {sql} cannot be read"),
    })?;
    Ok(Some((sql, tree)))
}

async fn names(session: &Session, wanted: &Wanted) -> Result<Names, DbError> {
    let mut names = Names::default();
    let oids = texts(wanted.functions.iter().copied());
    for row in session.query(FUNCTIONS, &[oids.as_slice().into()]).await? {
        names.functions.insert(oid(row.get(0)?)?, name(&row, 1)?);
    }
    let oids = texts(wanted.relations.iter().copied());
    for row in session.query(COLUMNS, &[oids.as_slice().into()]).await? {
        let relid = oid(row.get(0)?)?;
        names.relations.insert(relid, name(&row, 1)?);
        if let Ok(attribute) = i16::try_from(row.get::<i32>(3)?) {
            names.columns.insert((relid, attribute), row.get(4)?);
        }
    }
    let oids = texts(wanted.operators.iter().copied());
    for row in session.query(EQUALITIES, &[oids.as_slice().into()]).await? {
        names.equalities.insert(oid(row.get(0)?)?);
    }
    Ok(names)
}
