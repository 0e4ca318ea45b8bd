//! What the tables of a database take.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{DbError, Session};
use crate::schema::facts::{FactId, Kind, Scope};

/// What the tables of a database take.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// By the catalog's number.
    pub(super) tables: BTreeMap<i64, Table>,
    pub(super) types: BTreeMap<i64, Type>,
}

/// A table that is no partition: those get their rows through it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) id: FactId,
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<ForeignKey>,
    /// The partitions that hold rows.
    pub(super) leaves: Vec<Leaf>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) of: i64,
    /// The type, with what is said of it: `character varying(20)`.
    pub(super) declared: String,
    pub(super) not_null: bool,
    /// What it is when nothing is said.
    pub(super) default: Option<String>,
    /// The server gives it: an identity or generated.
    pub(super) is_given: bool,
    /// It is part of a primary key or a unique constraint.
    pub(super) is_key: bool,
    /// The checks that name it.
    pub(super) checks: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct ForeignKey {
    pub(super) columns: Vec<String>,
    pub(super) table: i64,
    /// Schema and name.
    pub(super) named: [String; 2],
    pub(super) referenced: Vec<String>,
}

/// A partition without partitions of its own, and what it and those above it hold.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) id: FactId,
    /// The columns of each key, empty where it is an expression, and the bounds.
    pub(super) bounds: Vec<(Vec<String>, String)>,
}

#[derive(Debug, Clone)]
pub(super) struct Type {
    /// Its name within PostgreSQL's own schema; empty for others.
    pub(super) builtin: String,
    /// As SQL writes it.
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) category: String,
    /// Of a domain.
    pub(super) checks: Vec<String>,
}

/// How a type is made of others.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Base,
    Array(i64),
    /// The type, and with what is said of it.
    Domain(i64, String),
    Enum(Vec<String>),
    Range(i64),
    Multirange,
    Composite(Vec<(i64, String)>),
}

impl Samples {
    /// How many tables there are that rows can be put into.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.tables.len()
    }
}

/// Tables in a schema of the user's, that came with no extension.
pub(super) const OURS: &str = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend m where m.classid = 'pg_class'::regclass
                       and m.objid = c.oid and m.deptype = 'e')";

/// Reads what the tables take that a scope holds. Types are written as the session names them.
///
/// # Errors
/// The server's.
pub async fn read(session: &Session, scope: &Scope) -> Result<Samples, DbError> {
    let mut samples = Samples {
        tables: tables(session, scope).await?,
        types: types(session).await?,
    };
    constraints(session, &mut samples.tables).await?;
    partitions(session, &mut samples.tables).await?;
    Ok(samples)
}

async fn tables(session: &Session, scope: &Scope) -> Result<BTreeMap<i64, Table>, DbError> {
    let sql = format!(
        "select c.oid::int8, n.nspname::text, c.relname::text, a.attname::text, a.atttypid::int8,
                format_type(a.atttypid, a.atttypmod), a.attnotnull,
                a.attidentity <> '' or a.attgenerated <> '', pg_get_expr(d.adbin, d.adrelid)
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_attribute a
             on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where c.relkind in ('r', 'p') and c.relpersistence <> 't' and not c.relispartition
            and {OURS}
          order by c.oid, a.attnum"
    );
    let mut tables = BTreeMap::new();
    for row in session.query(&sql, &[]).await? {
        let oid: i64 = row.get(0)?;
        let names: [String; 2] = [row.get(1)?, row.get(2)?];
        let id = FactId::new(Kind::Table, names);
        if !scope.holds(&id) {
            continue;
        }
        let table = tables.entry(oid).or_insert_with(|| Table {
            id,
            columns: Vec::new(),
            keys: Vec::new(),
            leaves: Vec::new(),
        });
        let Some(name) = row.get(3)? else {
            continue;
        };
        table.columns.push(Column {
            name,
            of: row.get(4)?,
            declared: row.get(5)?,
            not_null: row.get(6)?,
            is_given: row.get(7)?,
            default: row.get(8)?,
            is_key: false,
            checks: Vec::new(),
        });
    }
    Ok(tables)
}

async fn types(session: &Session) -> Result<BTreeMap<i64, Type>, DbError> {
    let sql =
        "select t.oid::int8, case when n.nspname = 'pg_catalog' then t.typname::text else '' end,
                format_type(t.oid, null), t.typtype::text, t.typcategory::text,
                t.typbasetype::int8, format_type(nullif(t.typbasetype, 0), t.typtypmod),
                t.typelem::int8, coalesce(r.rngsubtype::int8, 0),
                case when t.typtype = 'e' then
                  array(select e.enumlabel::text from pg_enum e
                         where e.enumtypid = t.oid order by e.enumsortorder) end,
                case when t.typtype = 'd' then
                  array(select pg_get_constraintdef(k.oid) from pg_constraint k
                         where k.contypid = t.oid order by k.conname) end,
                case when t.typtype = 'c' then
                  array(select a.atttypid::int8 from pg_attribute a
                         where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                         order by a.attnum) end,
                case when t.typtype = 'c' then
                  array(select format_type(a.atttypid, a.atttypmod) from pg_attribute a
                         where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                         order by a.attnum) end
           from pg_type t
           join pg_namespace n on n.oid = t.typnamespace
           left join pg_range r on r.rngtypid = t.oid
          where t.typtype in ('b', 'd', 'e', 'r', 'm')
             or t.typtype = 'c' and exists (select from pg_class c
                  where c.oid = t.typrelid and c.relkind = 'c' and n.nspname !~ '^pg_')";
    let mut types = BTreeMap::new();
    for row in session.query(sql, &[]).await? {
        let (kind, category): (String, String) = (row.get(3)?, row.get(4)?);
        let element: i64 = row.get(7)?;
        let form = match kind.as_str() {
            "d" => Form::Domain(row.get(5)?, row.get(6)?),
            "e" => Form::Enum(row.get(9)?),
            "r" => Form::Range(row.get(8)?),
            "m" => Form::Multirange,
            "c" => {
                let (types, names): (Vec<i64>, Vec<String>) = (row.get(11)?, row.get(12)?);
                Form::Composite(types.into_iter().zip(names).collect())
            }
            _ if category == "A" && element != 0 => Form::Array(element),
            _ => Form::Base,
        };
        let made = Type {
            builtin: row.get(1)?,
            name: row.get(2)?,
            form,
            category,
            checks: row.get::<Option<Vec<String>>>(10)?.unwrap_or_default(),
        };
        types.insert(row.get(0)?, made);
    }
    Ok(types)
}

/// Checks, keys and foreign keys.
async fn constraints(session: &Session, tables: &mut BTreeMap<i64, Table>) -> Result<(), DbError> {
    let sql = "select k.conrelid::int8, k.contype::text,
                array(select a.attname::text from unnest(k.conkey) with ordinality u(number, place)
                        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number
                       order by u.place),
                k.confrelid::int8, n.nspname::text, f.relname::text,
                array(select a.attname::text from unnest(k.confkey) with ordinality u(number, place)
                        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number
                       order by u.place),
                case when k.contype = 'c' then pg_get_constraintdef(k.oid) end
           from pg_constraint k
           left join pg_class f on f.oid = k.confrelid
           left join pg_namespace n on n.oid = f.relnamespace
          where k.conrelid <> 0 and k.conparentid = 0 and k.contype in ('c', 'p', 'u', 'f')
          order by cardinality(k.conkey) desc, k.oid";
    for row in session.query(sql, &[]).await? {
        let Some(table) = tables.get_mut(&row.get(0)?) else {
            continue;
        };
        let (kind, columns): (String, Vec<String>) = (row.get(1)?, row.get(2)?);
        match kind.as_str() {
            "f" => table.keys.push(ForeignKey {
                columns,
                table: row.get(3)?,
                named: [row.get(4)?, row.get(5)?],
                referenced: row.get(6)?,
            }),
            kind => {
                let check: Option<String> = row.get(7)?;
                let of = table.columns.iter_mut();
                for column in of.filter(|column| columns.contains(&column.name)) {
                    column.is_key |= kind != "c";
                    column.checks.extend(check.clone());
                }
            }
        }
    }
    Ok(())
}

/// What a partition is a part of.
struct Part {
    id: FactId,
    parent: i64,
    columns: Vec<String>,
    bound: String,
    is_leaf: bool,
}

async fn partitions(session: &Session, tables: &mut BTreeMap<i64, Table>) -> Result<(), DbError> {
    let sql = "select c.oid::int8, n.nspname::text, c.relname::text, c.relkind = 'r',
                i.inhparent::int8, pg_get_expr(c.relpartbound, c.oid),
                array(select coalesce(a.attname::text, '')
                        from unnest(p.partattrs::int2[]) with ordinality u(number, place)
                        left join pg_attribute a
                          on a.attrelid = i.inhparent and a.attnum = u.number and u.number <> 0
                       order by u.place)
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_inherits i on i.inhrelid = c.oid
           join pg_partitioned_table p on p.partrelid = i.inhparent
          where c.relispartition and c.relkind in ('r', 'p')";
    let mut parts: BTreeMap<i64, Part> = BTreeMap::new();
    for row in session.query(sql, &[]).await? {
        let names: [String; 2] = [row.get(1)?, row.get(2)?];
        let part = Part {
            id: FactId::new(Kind::Table, names),
            is_leaf: row.get(3)?,
            parent: row.get(4)?,
            bound: row.get(5)?,
            columns: row.get(6)?,
        };
        parts.insert(row.get(0)?, part);
    }
    for part in parts.values().filter(|part| part.is_leaf) {
        let (mut bounds, mut at, mut seen) = (Vec::new(), Some(part), BTreeSet::new());
        let mut root = part.parent;
        while let Some(one) = at {
            bounds.push((one.columns.clone(), one.bound.clone()));
            root = one.parent;
            at = parts.get(&root).filter(|_| seen.insert(root));
        }
        if let Some(table) = tables.get_mut(&root) {
            table.leaves.push(Leaf {
                id: part.id.clone(),
                bounds,
            });
        }
    }
    Ok(())
}
