//! Relations with their columns, rights, indexes and foreign keys.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{oid, texts};
use crate::db::{DbError, Row, Session};
use crate::schema::{
    Column, ForeignKey, Grant, Index, Privilege, Relation, RelationKind, RowSecurity,
};
use crate::sql::QualifiedName;

/// Relations by their oid.
pub(super) type Relations = BTreeMap<u32, Relation>;

/// The relations of these schemas, and elsewhere the tables with policies and the views, which
/// policies may come by.
const RELATIONS: &str = "
    select c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text,
           pg_get_userbyid(c.relowner)::text, c.relrowsecurity, c.relforcerowsecurity,
           pn.nspname::text, pc.relname::text,
           coalesce((select o.option_value::bool from pg_options_to_table(c.reloptions) o
                      where o.option_name = 'security_invoker'), false),
           (select e.extname::text from pg_depend d join pg_extension e on e.oid = d.refobjid
             where d.classid = 'pg_class'::regclass and d.objid = c.oid
               and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_inherits i on i.inhrelid = c.oid and c.relispartition
      left join pg_class pc on pc.oid = i.inhparent
      left join pg_namespace pn on pn.oid = pc.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'
       and (n.nspname = any ($1)
            or n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
               and (c.relrowsecurity or c.relkind = 'v'))";

const COLUMNS: &str = "
    select a.attrelid::int8, a.attname::text, format_type(a.atttypid, a.atttypmod)
      from pg_attribute a
     where a.attrelid = any ($1::text[]::oid[]) and a.attnum > 0 and not a.attisdropped
     order by a.attrelid, a.attnum";

const GRANTS: &str = "
    select c.oid::int8, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, null::text
      from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
     where c.oid = any ($1::text[]::oid[])
    union all
    select a.attrelid::int8, x.grantee = 0,
           case when x.grantee <> 0 then pg_get_userbyid(x.grantee)::text end,
           x.privilege_type, a.attname::text
      from pg_attribute a, aclexplode(a.attacl) x
     where a.attrelid = any ($1::text[]::oid[]) and a.attnum > 0 and not a.attisdropped";

const INDEXES: &str = "
    select i.indrelid::int8, c.relname::text,
           array(select a.attname::text
                   from unnest(i.indkey) with ordinality k (attnum, at)
                   left join pg_attribute a
                     on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum <> 0
                  where k.at <= i.indnkeyatts
                  order by k.at),
           i.indpred is not null, i.indisvalid,
           (select o.conname::text from pg_constraint o
             where o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x') limit 1),
           i.indisunique::text || ' ' || substr(d.def, position(' USING ' in d.def))
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
     cross join lateral pg_get_indexdef(i.indexrelid) d (def)
     where i.indrelid = any ($1::text[]::oid[])
     order by i.indrelid, c.relname";

const FOREIGN_KEYS: &str = "
    select o.conrelid::int8, o.conname::text,
           array(select a.attname::text
                   from unnest(o.conkey) with ordinality k (attnum, at)
                   join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum
                  order by k.at),
           n.nspname::text, c.relname::text,
           array(select a.attname::text
                   from unnest(o.confkey) with ordinality k (attnum, at)
                   join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum
                  order by k.at)
      from pg_constraint o
      join pg_class c on c.oid = o.confrelid
      join pg_namespace n on n.oid = c.relnamespace
     where o.conrelid = any ($1::text[]::oid[]) and o.contype = 'f' and o.conparentid = 0
     order by o.conrelid, o.conname";

/// What views read, through other views too.
const READS: &str = "
    with recursive direct (reader, relation) as (
        select r.ev_class, d.refobjid
          from pg_rewrite r
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
         where d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    ), reads (reader, relation) as (
        select reader, relation from direct where reader = any ($1::text[]::oid[])
        union
        select reads.reader, direct.relation
          from reads join direct on direct.reader = reads.relation
    )
    select reads.reader::int8, n.nspname::text, c.relname::text
      from reads
      join pg_class c on c.oid = reads.relation
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f')";

/// Reads everything of relations but their policies.
pub(super) async fn read(session: &Session, schemas: &[String]) -> Result<Relations, DbError> {
    let mut found = Relations::new();
    for row in session.query(RELATIONS, &[schemas.into()]).await? {
        if let Some(relation) = relation(&row)? {
            found.insert(oid(row.get(0)?)?, relation);
        }
    }
    let oids = texts(found.keys().copied());
    let oids = oids.as_slice();
    for row in session.query(COLUMNS, &[oids.into()]).await? {
        if let Some(relation) = found.get_mut(&oid(row.get(0)?)?) {
            relation.columns.push(Column {
                name: row.get(1)?,
                type_name: row.get(2)?,
            });
        }
    }
    for row in session.query(GRANTS, &[oids.into()]).await? {
        if let (Some(relation), Some(grant)) = (found.get_mut(&oid(row.get(0)?)?), grant(&row)?) {
            relation.grants.push(grant);
        }
    }
    for row in session.query(INDEXES, &[oids.into()]).await? {
        if let Some(relation) = found.get_mut(&oid(row.get(0)?)?) {
            relation.indexes.push(Index {
                name: row.get(1)?,
                keys: row.get(2)?,
                partial: row.get(3)?,
                valid: row.get(4)?,
                constraint: row.get(5)?,
                shape: row.get(6)?,
            });
        }
    }
    for row in session.query(FOREIGN_KEYS, &[oids.into()]).await? {
        if let Some(relation) = found.get_mut(&oid(row.get(0)?)?) {
            relation.foreign_keys.push(ForeignKey {
                name: row.get(1)?,
                columns: row.get(2)?,
                target: name(&row, 3)?,
                target_columns: row.get(5)?,
            });
        }
    }
    for row in session.query(READS, &[oids.into()]).await? {
        if let Some(relation) = found.get_mut(&oid(row.get(0)?)?) {
            relation.reads.insert(name(&row, 1)?);
        }
    }
    for relation in found.values_mut() {
        relation.grants.sort();
    }
    Ok(found)
}

fn relation(row: &Row) -> Result<Option<Relation>, DbError> {
    let kind = match row.get::<&str>(3)? {
        "r" => RelationKind::Table,
        "p" => RelationKind::PartitionedTable,
        "v" => RelationKind::View,
        "m" => RelationKind::MaterializedView,
        "f" => RelationKind::ForeignTable,
        _ => return Ok(None),
    };
    let parent: (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(Some(Relation {
        name: name(row, 1)?,
        kind,
        owner: row.get(4)?,
        row_security: RowSecurity::of(row.get(5)?, row.get(6)?),
        partition_of: parent
            .0
            .zip(parent.1)
            .map(|(schema, name)| QualifiedName { schema, name }),
        security_invoker: row.get(9)?,
        extension: row.get(10)?,
        columns: Vec::new(),
        grants: Vec::new(),
        policies: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        reads: BTreeSet::new(),
    }))
}

/// The grant in the columns 1 to 4: whether it is for everybody, whose, what, on which column.
/// A privilege that this program does not know is passed over.
pub(super) fn grant(row: &Row) -> Result<Option<Grant>, DbError> {
    let Some(privilege) = Privilege::parse(row.get(3)?) else {
        return Ok(None);
    };
    let everybody: bool = row.get(1)?;
    let role: Option<String> = row.get(2)?;
    Ok(Some(Grant {
        grantee: role.filter(|_| !everybody).into(),
        privilege,
        column: row.get(4)?,
    }))
}

/// The name whose schema is in this column, and itself in the next.
pub(super) fn name(row: &Row, at: usize) -> Result<QualifiedName, DbError> {
    Ok(QualifiedName {
        schema: row.get(at)?,
        name: row.get(at + 1)?,
    })
}
