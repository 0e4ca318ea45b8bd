//! Rights as access lists hold them, and who can reach a relation all the same.

use std::collections::BTreeMap;

use serde::Serialize;

use super::read::{oid, texts};
use super::relations::name;
use crate::db::{DbError, Row, Session};
use crate::schema::{AclItem, RelationKind};
use crate::sql::QualifiedName;

/// A relation, as far as its rights are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its number in the catalog: another table of the same name has another.
    pub oid: u32,
    /// Its schema and name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: RelationKind,
    /// Who owns it.
    pub owner: String,
    /// Whoever asks has the owner's rights.
    pub owned: bool,
    /// Policies are asked.
    pub row_security: bool,
}

/// Somebody who can reach a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Who; `public` for everybody.
    pub role: String,
    /// What.
    pub relation: QualifiedName,
    /// To do what, in lower case.
    pub privileges: Vec<String>,
    /// Why, where it is not by a right that can be revoked: `superuser`, `owner`, or the
    /// predefined role whose rights they have.
    pub beyond: Option<String>,
}

/// What shows a relation's rows to somebody who has no right to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shown {
    /// The relation.
    pub relation: QualifiedName,
    /// `view`, `materialized view`, `table` (one that it is a part of) or `function`.
    pub kind: String,
    /// What shows it, as SQL names it.
    pub by: String,
    /// To whom.
    pub roles: Vec<String>,
    /// The catalog says that it reads the relation; of a function's text it is only known that the
    /// name stands in it.
    pub certain: bool,
}

const HOLDERS: &str = "
    select c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text,
           pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE'), c.relrowsecurity
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'";

/// Everything that these relations are made of: their partitions and the tables that inherit.
const PARTS: &str = "
       and c.oid in (
        with recursive parts (oid) as (
            select unnest($1::text[]::oid[])
            union
            select i.inhrelid from pg_inherits i join parts on parts.oid = i.inhparent)
        select oid from parts)
     order by 2, 3";

const ITEMS: &str = "
    select c.oid::int8, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           pg_get_userbyid(x.grantor)::text, lower(x.privilege_type), x.is_grantable, null::text
      from pg_class c, aclexplode(c.relacl) x
     where c.oid = any ($1::text[]::oid[])
    union all
    select a.attrelid::int8, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           pg_get_userbyid(x.grantor)::text, lower(x.privilege_type), x.is_grantable,
           a.attname::text
      from pg_attribute a, aclexplode(a.attacl) x
     where a.attrelid = any ($1::text[]::oid[]) and a.attnum > 0 and not a.attisdropped";

const REACH: &str = "
    select who.role, n.nspname::text, c.relname::text,
           array_agg(lower(p.privilege) order by p.at),
           case when r.rolsuper then 'superuser'
                when r.oid is not null and pg_has_role(r.oid, c.relowner, 'USAGE') then 'owner'
                else (select g.rolname::text from pg_roles g
                       where g.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain')
                         and r.oid is not null and pg_has_role(r.oid, g.oid, 'USAGE')
                       order by 1 limit 1)
           end
      from unnest($2::text[]) who (role)
      left join pg_roles r on r.rolname = who.role
     cross join pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     cross join (values (1, 'SELECT'), (2, 'INSERT'), (3, 'UPDATE'), (4, 'DELETE'),
                        (5, 'TRUNCATE'), (6, 'REFERENCES'), (7, 'TRIGGER')) p (at, privilege)
     where c.oid = any ($1::text[]::oid[])
       and (has_table_privilege(who.role, c.oid, p.privilege)
            or p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
               and has_any_column_privilege(who.role, c.oid, p.privilege))
     group by who.role, n.nspname, c.relname, r.oid, r.rolsuper, c.relowner
     order by 2, 3, 1";

/// Views that read with the rights of their owner, functions that run with them, and tables that
/// these relations are parts of.
const SHOWN: &str = "
    with recursive direct (reader, relation) as (
        select r.ev_class, d.refobjid
          from pg_rewrite r
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
         where d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    ), reads (reader, relation) as (
        select reader, relation from direct where relation = any ($1::text[]::oid[])
        union
        select direct.reader, reads.relation
          from reads join direct on direct.relation = reads.reader
    ), parents (parent, relation) as (
        select inhparent, inhrelid from pg_inherits where inhrelid = any ($1::text[]::oid[])
        union
        select i.inhparent, parents.relation
          from parents join pg_inherits i on i.inhrelid = parents.parent
    ), shows (relation, kind, by, certain, roles) as (
        select reads.relation, case c.relkind when 'm' then 'materialized view' else 'view' end,
               format('%I.%I', n.nspname, c.relname), true,
               array(select role from unnest($2::text[]) w (role)
                      where has_schema_privilege(role, n.oid, 'USAGE')
                        and (has_table_privilege(role, c.oid, 'SELECT')
                             or has_any_column_privilege(role, c.oid, 'SELECT'))
                      order by 1)
          from reads
          join pg_class c on c.oid = reads.reader
          join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'm' or c.relkind = 'v' and not coalesce(
                (select o.option_value::bool from pg_options_to_table(c.reloptions) o
                  where o.option_name = 'security_invoker'), false)
        union all
        select parents.relation, 'table', format('%I.%I', n.nspname, c.relname), true,
               array(select role from unnest($2::text[]) w (role)
                      where has_schema_privilege(role, n.oid, 'USAGE')
                        and (has_table_privilege(role, c.oid, 'SELECT')
                             or has_any_column_privilege(role, c.oid, 'SELECT'))
                      order by 1)
          from parents
          join pg_class c on c.oid = parents.parent
          join pg_namespace n on n.oid = c.relnamespace
        union all
        select t.oid, 'function',
               format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
               depends.certain,
               array(select role from unnest($2::text[]) w (role)
                      where has_schema_privilege(role, n.oid, 'USAGE')
                        and has_function_privilege(role, p.oid, 'EXECUTE')
                      order by 1)
          from pg_proc p
          join pg_namespace n on n.oid = p.pronamespace
         cross join pg_class t
         cross join lateral (
                select exists (select from pg_depend d
                                where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                                  and d.refclassid = 'pg_class'::regclass
                                  and (d.refobjid = t.oid
                                       or d.refobjid in (select reader from reads
                                                          where reads.relation = t.oid)))
                ) depends (certain)
         where p.prosecdef and t.oid = any ($1::text[]::oid[])
           and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
           and (depends.certain
                or strpos(
                    ' ' || regexp_replace(lower(p.prosrc), '[^[:alnum:]_$]+', ' ', 'g') || ' ',
                    ' ' || regexp_replace(lower(t.relname), '[^[:alnum:]_$]+', ' ', 'g') || ' ') > 0)
    )
    select n.nspname::text, c.relname::text, shows.kind, shows.by, shows.certain, shows.roles
      from shows
      join pg_class c on c.oid = shows.relation
      join pg_namespace n on n.oid = c.relnamespace
     where shows.roles <> '{}'
       and not exists (select from unnest($1::text[]::oid[]) closed (oid)
                        where shows.by = (select format('%I.%I', cn.nspname, cc.relname)
                                            from pg_class cc
                                            join pg_namespace cn on cn.oid = cc.relnamespace
                                           where cc.oid = closed.oid))
     order by 1, 2, 3, 4";

/// Every relation of these schemas, by name.
///
/// # Errors
/// The server's.
pub async fn holders(session: &Session, schemas: &[String]) -> Result<Vec<Holder>, DbError> {
    let sql = format!("{HOLDERS} and n.nspname = any ($1) order by 2, 3");
    rows(&session.query(&sql, &[schemas.into()]).await?)
}

/// These relations and everything that they are made of, by name.
///
/// # Errors
/// The server's.
pub async fn with_parts(session: &Session, oids: &[u32]) -> Result<Vec<Holder>, DbError> {
    let oids = texts(oids.iter().copied());
    let sql = format!("{HOLDERS}{PARTS}");
    rows(&session.query(&sql, &[oids.as_slice().into()]).await?)
}

fn rows(rows: &[Row]) -> Result<Vec<Holder>, DbError> {
    rows.iter()
        .map(|row| {
            Ok(Holder {
                oid: oid(row.get(0)?)?,
                name: name(row, 1)?,
                kind: match row.get::<&str>(3)? {
                    "p" => RelationKind::PartitionedTable,
                    "v" => RelationKind::View,
                    "m" => RelationKind::MaterializedView,
                    "f" => RelationKind::ForeignTable,
                    _ => RelationKind::Table,
                },
                owner: row.get(4)?,
                owned: row.get(5)?,
                row_security: row.get(6)?,
            })
        })
        .collect()
}

/// Every right to these relations that somebody gave, sorted.
///
/// # Errors
/// The server's.
pub async fn access_lists(
    session: &Session,
    relations: &[Holder],
) -> Result<Vec<AclItem>, DbError> {
    let names: BTreeMap<u32, &QualifiedName> =
        relations.iter().map(|one| (one.oid, &one.name)).collect();
    let oids = texts(names.keys().copied());
    let mut items = Vec::new();
    for row in session.query(ITEMS, &[oids.as_slice().into()]).await? {
        let Some(relation) = names.get(&oid(row.get(0)?)?) else {
            continue;
        };
        let everybody: bool = row.get(1)?;
        let role: Option<String> = row.get(2)?;
        items.push(AclItem {
            relation: (*relation).clone(),
            grantee: role.filter(|_| !everybody).into(),
            grantor: row.get(3)?,
            privilege: row.get(4)?,
            grantable: row.get(5)?,
            column: row.get(6)?,
        });
    }
    items.sort();
    Ok(items)
}

/// Which of these roles, which must be there (or be `public`), can still reach the relations.
///
/// # Errors
/// The server's.
pub async fn reach(
    session: &Session,
    relations: &[Holder],
    roles: &[String],
) -> Result<Vec<Reach>, DbError> {
    let oids = texts(relations.iter().map(|one| one.oid));
    let rows = session
        .query(REACH, &[oids.as_slice().into(), roles.into()])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Reach {
                role: row.get(0)?,
                relation: name(row, 1)?,
                privileges: row.get(3)?,
                beyond: row.get(4)?,
            })
        })
        .collect()
}

/// What shows rows of the relations to these roles all the same, sorted.
///
/// # Errors
/// The server's.
pub async fn shown(
    session: &Session,
    relations: &[Holder],
    roles: &[String],
) -> Result<Vec<Shown>, DbError> {
    let oids = texts(relations.iter().map(|one| one.oid));
    let rows = session
        .query(SHOWN, &[oids.as_slice().into(), roles.into()])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Shown {
                relation: name(row, 0)?,
                kind: row.get(2)?,
                by: row.get(3)?,
                certain: row.get(4)?,
                roles: row.get(5)?,
            })
        })
        .collect()
}
