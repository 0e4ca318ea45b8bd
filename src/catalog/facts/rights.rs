//! Grants, default privileges and comments.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::db::{DbError, Row};
use crate::schema::facts::{Fact, FactId, Kind, Value};

/// Rights to whatever has an access list of its own, beside those that are there by default: the
/// class, number and column; whose it is; whether by default; who, what, and whether it may be
/// handed on.
pub(super) const RIGHTS: &str = "
    with held (class, oid, sub, owner, acl, usual) as (
        select 'pg_namespace'::regclass, oid, 0, nspowner, nspacl, acldefault('n', nspowner)
          from pg_namespace where nspacl is not null
        union all
        select 'pg_class'::regclass, oid, 0, relowner, relacl,
               acldefault(case when relkind = 'S' then 's' else 'r' end::\"char\", relowner)
          from pg_class where relacl is not null
        union all
        select 'pg_class'::regclass, attrelid, attnum, c.relowner, attacl, null
          from pg_attribute a join pg_class c on c.oid = a.attrelid
         where attacl is not null and not attisdropped and attnum > 0
        union all
        select 'pg_proc'::regclass, oid, 0, proowner, proacl, acldefault('f', proowner)
          from pg_proc where proacl is not null
        union all
        select 'pg_type'::regclass, oid, 0, typowner, typacl, acldefault('T', typowner)
          from pg_type where typacl is not null
        union all
        select 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwowner, fdwacl,
               acldefault('F', fdwowner)
          from pg_foreign_data_wrapper where fdwacl is not null
        union all
        select 'pg_foreign_server'::regclass, oid, 0, srvowner, srvacl, acldefault('S', srvowner)
          from pg_foreign_server where srvacl is not null
    )
    select class::oid::int8, oid::int8, sub::int4, x.usual, x.grantee = h.owner,
           case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, x.is_grantable
      from held h
     cross join lateral (
           select false, a.* from aclexplode(h.acl) a
           union all
           select true, a.* from aclexplode(h.usual) a
     ) x (usual, grantor, grantee, privilege_type, is_grantable)";

/// Default privileges, in the same way.
pub(super) const DEFAULTS: &str = "
    select pg_get_userbyid(d.defaclrole)::text, coalesce(n.nspname::text, ''),
           case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas'
                else 'large objects' end,
           x.usual,
           case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, x.is_grantable
      from pg_default_acl d
      left join pg_namespace n on n.oid = d.defaclnamespace
     cross join lateral (
           select false, a.* from aclexplode(d.defaclacl) a
           union all
           select true, a.*
             from aclexplode(acldefault(
                      case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end::\"char\",
                      d.defaclrole)) a
            where d.defaclnamespace = 0
     ) x (usual, grantor, grantee, privilege_type, is_grantable)";

/// Comments, with the constraint that an index belongs to.
pub(super) const COMMENTS: &str = "
    select classoid::int8, objoid::int8, objsubid::int4, description,
           'pg_constraint'::regclass::oid::int8, o.oid::int8
      from pg_description
      left join pg_constraint o
        on classoid = 'pg_class'::regclass and o.conindid = objoid and o.contype in ('p', 'u', 'x')
     where objoid >= 16384
           and not (classoid = 'pg_namespace'::regclass and description = 'standard public schema')
        or classoid = 'pg_namespace'::regclass and objoid in (
               select oid from pg_namespace where nspname = 'public')
           and description <> 'standard public schema'";

/// What somebody has, and what he would have by default.
#[derive(Default)]
struct Rights {
    held: BTreeSet<String>,
    usual: BTreeSet<String>,
}

impl Rights {
    fn add(&mut self, usual: bool, privilege: String, grantable: bool) {
        let right = if grantable {
            format!("{privilege} WITH GRANT OPTION")
        } else {
            privilege
        };
        if usual {
            self.usual.insert(right);
        } else {
            self.held.insert(right);
        }
    }

    /// The rights as a fact tells them, where they are not those that are there by default.
    fn into_fact(self, id: FactId, parent: Option<FactId>) -> Option<Fact> {
        // With the grant option is without it too.
        let plain = |rights: BTreeSet<String>| -> Vec<String> {
            let stronger = |right: &String| rights.contains(&format!("{right} WITH GRANT OPTION"));
            rights
                .iter()
                .filter(|right| !stronger(right))
                .cloned()
                .collect()
        };
        let (held, usual) = (plain(self.held), plain(self.usual));
        if held == usual {
            return None;
        }
        let mut fact = Fact::new(id, parent);
        let name = "privileges".to_owned();
        fact.payload.insert(name, Value::List(held));
        Some(fact)
    }
}

/// Takes the rows of [`RIGHTS`].
pub(super) fn take(found: &mut Found, rows: &[Row]) -> Result<(), DbError> {
    let mut rights: BTreeMap<(FactId, Option<String>), Rights> = BTreeMap::new();
    for row in rows {
        let at = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(object) = found.exactly(at) else {
            continue;
        };
        let is_owner: bool = row.get(4)?;
        let grantee: String = row.get(5)?;
        let who = (!is_owner).then_some(grantee);
        let rights = rights.entry((object.clone(), who)).or_default();
        rights.add(row.get(3)?, row.get(6)?, row.get(7)?);
    }
    for ((object, grantee), rights) in rights {
        let id = match &grantee {
            Some(grantee) => FactId::about(Kind::Grant, &object, Some(grantee)),
            None => FactId::about(Kind::OwnerRights, &object, None),
        };
        found.extend(rights.into_fact(id, Some(object)));
    }
    Ok(())
}

/// Takes the rows of [`DEFAULTS`].
pub(super) fn take_defaults(found: &mut Found, rows: &[Row]) -> Result<(), DbError> {
    let mut rights: BTreeMap<FactId, Rights> = BTreeMap::new();
    for row in rows {
        let role: String = row.get(0)?;
        let role = if role == found.home() {
            String::new()
        } else {
            role
        };
        let path = [role, row.get(1)?, row.get(2)?, row.get(4)?];
        let id = FactId::new(Kind::DefaultPrivileges, path);
        let rights = rights.entry(id).or_default();
        rights.add(row.get(3)?, row.get(5)?, row.get(6)?);
    }
    for (id, rights) in rights {
        found.extend(rights.into_fact(id, None));
    }
    Ok(())
}

/// Takes the rows of [`COMMENTS`].
pub(super) fn take_comments(found: &mut Found, rows: &[Row]) -> Result<(), DbError> {
    for row in rows {
        let at = (row.get(0)?, row.get(1)?, row.get(2)?);
        let constraint: Option<i64> = row.get(5)?;
        let at = match constraint {
            Some(constraint) => (row.get(4)?, constraint, 0),
            None => at,
        };
        let Some(object) = found.exactly(at).cloned() else {
            continue;
        };
        let id = match constraint {
            // A key's index is no fact: its comment is told by its name.
            Some(_) => {
                let index = FactId::new(Kind::Index, object.path().to_vec());
                FactId::about(Kind::Comment, &index, None)
            }
            None => FactId::about(Kind::Comment, &object, None),
        };
        let mut fact = Fact::new(id, Some(object));
        let text: String = row.get(3)?;
        fact.payload.insert("text".to_owned(), Value::Text(text));
        found.extend(Some(fact));
    }
    Ok(())
}
