//! What stands around relations: roles, schemas, functions, extensions.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{oid, texts};
use super::relations::{grant, name};
use crate::db::{DbError, Session};
use crate::schema::{Extension, Function, Namespace, Role};
use crate::sql::QualifiedName;

const ROLES: &str = "
    select r.rolname::text, r.rolsuper, r.rolbypassrls, r.rolcanlogin,
           case when r.rolsuper or not (
                     exists (select from pg_auth_members m where m.member = r.oid)
                     or exists (select from pg_database d
                                 where d.datname = current_database() and d.datdba = r.oid))
                then '{}'
                else array(select o.rolname::text from pg_roles o
                            where o.oid <> r.oid and pg_has_role(r.oid, o.oid, 'USAGE'))
           end
      from pg_roles r";

const NAMESPACES: &str = "
    select n.nspname::text, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, null::text
      from pg_namespace n
      left join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x on true
     where n.nspname = any ($1)
     order by 1";

const FUNCTIONS: &str = "
    select p.oid::int8, n.nspname::text, p.proname::text,
           format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
           pg_get_userbyid(p.proowner)::text, p.prosecdef,
           exists (select from unnest(p.proconfig) c (setting) where c.setting ~ '^search_path='),
           p.prorettype in ('trigger'::regtype, 'event_trigger'::regtype),
           (select e.extname::text from pg_depend d join pg_extension e on e.oid = d.refobjid
             where d.classid = 'pg_proc'::regclass and d.objid = p.oid
               and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')
      from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
     where n.nspname <> 'pg_catalog' and p.prokind <> 'a'
       and (n.nspname = any ($1) or p.oid = any ($2::text[]::oid[]))
     order by 4";

const FUNCTION_GRANTS: &str = "
    select p.oid::int8, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, null::text
      from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
     where p.oid = any ($1::text[]::oid[])";

const EXTENSIONS: &str = "
    select e.extname::text, n.nspname::text, e.extrelocatable
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     order by 1";

/// The sequences that defaults of columns of these schemas' tables take their numbers from, each behind
/// its table: whoever adds a row needs a right to them, which those of identity columns do not want.
const SERIALS: &str = "
    select tn.nspname::text, t.relname::text, sn.nspname::text, s.relname::text
      from pg_depend d
      join pg_class s on s.oid = d.objid and s.relkind = 'S'
      join pg_namespace sn on sn.oid = s.relnamespace
      join pg_class t on t.oid = d.refobjid
      join pg_namespace tn on tn.oid = t.relnamespace
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
       and d.deptype = 'a' and d.refobjsubid > 0 and tn.nspname = any ($1)
     order by 1, 2, 3, 4";

/// The tables of these schemas with the sequences of their serial columns, by name.
///
/// # Errors
/// The server's.
pub async fn serials(
    session: &Session,
    schemas: &[String],
) -> Result<Vec<(QualifiedName, QualifiedName)>, DbError> {
    let rows = session.query(SERIALS, &[schemas.into()]).await?;
    let pair = |row| Ok((name(row, 0)?, name(row, 2)?));
    rows.iter().map(pair).collect()
}

/// Every role of the cluster.
///
/// # Errors
/// The server's.
pub async fn roles(session: &Session) -> Result<BTreeMap<String, Role>, DbError> {
    let mut roles = BTreeMap::new();
    for row in session.query(ROLES, &[]).await? {
        let rights: Vec<String> = row.get(4)?;
        let role = Role {
            name: row.get(0)?,
            superuser: row.get(1)?,
            bypasses_rls: row.get(2)?,
            can_login: row.get(3)?,
            has_rights_of: rights.into_iter().collect(),
        };
        roles.insert(role.name.clone(), role);
    }
    Ok(roles)
}

/// Those of these schemas that are there.
pub(super) async fn namespaces(
    session: &Session,
    schemas: &[String],
) -> Result<Vec<Namespace>, DbError> {
    let mut found: Vec<Namespace> = Vec::new();
    for row in session.query(NAMESPACES, &[schemas.into()]).await? {
        let name: String = row.get(0)?;
        if found.last().is_none_or(|last| last.name != name) {
            found.push(Namespace {
                name,
                grants: Vec::new(),
            });
        }
        if row.get::<Option<&str>>(3)?.is_none() {
            continue;
        }
        if let (Some(last), Some(grant)) = (found.last_mut(), grant(&row)?) {
            last.grants.push(grant);
        }
    }
    for namespace in &mut found {
        namespace.grants.sort();
    }
    Ok(found)
}

/// The functions of these schemas, and these.
pub(super) async fn functions(
    session: &Session,
    schemas: &[String],
    called: &BTreeSet<u32>,
) -> Result<Vec<Function>, DbError> {
    let called = texts(called.iter().copied());
    let parameters = [schemas.into(), called.as_slice().into()];
    let mut found = Vec::new();
    let mut places = BTreeMap::new();
    for row in session.query(FUNCTIONS, &parameters).await? {
        places.insert(oid(row.get(0)?)?, found.len());
        found.push(Function {
            name: name(&row, 1)?,
            signature: row.get(3)?,
            owner: row.get(4)?,
            security_definer: row.get(5)?,
            sets_search_path: row.get(6)?,
            is_trigger: row.get(7)?,
            extension: row.get(8)?,
            grants: Vec::new(),
        });
    }
    let oids = texts(places.keys().copied());
    for row in session
        .query(FUNCTION_GRANTS, &[oids.as_slice().into()])
        .await?
    {
        if let (Some(place), Some(grant)) = (places.get(&oid(row.get(0)?)?), grant(&row)?) {
            let function: &mut Function = &mut found[*place];
            function.grants.push(grant);
        }
    }
    for function in &mut found {
        function.grants.sort();
    }
    Ok(found)
}

/// The extensions.
pub(super) async fn extensions(session: &Session) -> Result<Vec<Extension>, DbError> {
    let rows = session.query(EXTENSIONS, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Extension {
                name: row.get(0)?,
                schema: row.get(1)?,
                relocatable: row.get(2)?,
            })
        })
        .collect()
}
