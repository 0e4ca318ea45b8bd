//! What is asked about: the table, its columns, certain rows, new values.

use super::error::{ExplainError, RowDefect};
use super::ground::in_savepoint;
use crate::db::{DbError, Session};
use crate::migrator::error::Error;
use crate::revision::nearest_names;
use crate::rls::explain::{TypedValue, parse_values};
use crate::schema::{Relation, Schema};
use crate::sql::{QualifiedName, quote_ident, quote_literal};

const COLUMNS: &str = "
    select a.attname::text, a.attgenerated <> '', a.attidentity = 'a', a.attnotnull,
           coalesce(pg_get_expr(d.adbin, d.adrelid) ~ 'nextval[(]', false),
           array_position(i.indkey::int2[], a.attnum)
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum";

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    /// It is computed from the others.
    pub(super) computed: bool,
    /// It takes numbers of its own alone.
    pub(super) identity: bool,
    pub(super) not_null: bool,
    /// Its default takes the next number of a sequence, which no rollback gives back.
    pub(super) numbered: bool,
    /// Where it stands in the primary key.
    key: Option<i32>,
}

/// A column and a value as text; `None` is null.
pub(super) type Given = (String, Option<String>);

/// The name of a table as it was typed, with each schema that it may be in.
pub(super) fn names(text: &str, schemas: &[String]) -> Vec<QualifiedName> {
    if let Ok(name) = QualifiedName::parse(text) {
        return vec![name];
    }
    let within = |schema: &String| QualifiedName::parse(&format!("{}.{text}", quote_ident(schema)));
    schemas
        .iter()
        .filter_map(|schema| within(schema).ok())
        .collect()
}

/// The table of a name.
pub(super) fn table<'s>(
    schema: &'s Schema,
    text: &str,
    names: &[QualifiedName],
    schemas: &[String],
) -> Result<&'s Relation, ExplainError> {
    let found = names.iter().find_map(|name| schema.relations.get(name));
    let Some(relation) = found else {
        let of_schemas = schema
            .relations
            .values()
            .filter(|one| one.kind.has_policies() && schemas.contains(&one.name.schema));
        let known: Vec<&QualifiedName> = of_schemas.map(|one| &one.name).collect();
        let bare = names.first().map_or(text, |name| name.name.as_str());
        let near = nearest_names(bare, known.iter().map(|one| one.name.as_str()));
        let told = |name: &String| {
            let of_name = known.iter().filter(|one| one.name == *name);
            of_name.map(ToString::to_string).collect::<Vec<_>>()
        };
        return Err(ExplainError::UnknownTable {
            table: text.to_owned(),
            schemas: schemas.to_vec(),
            nearest: near.iter().flat_map(told).collect(),
        });
    };
    if relation.kind.has_policies() {
        Ok(relation)
    } else {
        Err(ExplainError::NotATable {
            name: relation.name.clone(),
            kind: relation.kind,
        })
    }
}

/// The columns of a table.
pub(super) async fn columns(session: &Session, table: &Relation) -> Result<Vec<Column>, DbError> {
    let name = table.name.to_string();
    let rows = session.query(COLUMNS, &[name.as_str().into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Column {
                name: row.get(0)?,
                computed: row.get(1)?,
                identity: row.get(2)?,
                not_null: row.get(3)?,
                numbered: row.get(4)?,
                key: row.get(5)?,
            })
        })
        .collect()
}

/// The columns of the primary key, in its order.
pub(super) fn primary_key(columns: &[Column]) -> Vec<String> {
    let mut key: Vec<&Column> = columns.iter().filter(|one| one.key.is_some()).collect();
    key.sort_by_key(|one| one.key);
    key.into_iter().map(|one| one.name.clone()).collect()
}

/// The columns and values of `--row`.
pub(super) fn row(text: &str, columns: &[Column]) -> Result<Vec<Given>, ExplainError> {
    let wrong = |defect| ExplainError::Values {
        option: "--row",
        text: text.to_owned(),
        defect,
    };
    let values = parse_values(text).map_err(|defect| wrong(RowDefect::Syntax(defect)))?;
    if values.iter().all(|one| one.column.is_some()) {
        return named(values, columns).map_err(wrong);
    }
    let key = primary_key(columns);
    if key.len() != values.len() {
        return Err(wrong(RowDefect::NotTheKey { key }));
    }
    let values = values.into_iter().map(|one| one.value);
    Ok(key.into_iter().zip(values).collect())
}

/// The columns and values of `--set`.
pub(super) fn set(texts: &[String], columns: &[Column]) -> Result<Vec<Given>, ExplainError> {
    let mut all = Vec::new();
    for text in texts {
        let wrong = |defect| ExplainError::Values {
            option: "--set",
            text: text.clone(),
            defect,
        };
        let values = parse_values(text).map_err(|defect| wrong(RowDefect::Syntax(defect)))?;
        all.extend(named(values, columns).map_err(wrong)?);
    }
    Ok(all)
}

fn named(values: Vec<TypedValue>, columns: &[Column]) -> Result<Vec<Given>, RowDefect> {
    values
        .into_iter()
        .map(|TypedValue { column, value }| {
            let column = column.ok_or(RowDefect::NoColumn)?;
            if columns.iter().any(|one| one.name == column) {
                return Ok((column, value));
            }
            Err(RowDefect::UnknownColumn {
                column,
                known: columns.iter().map(|one| one.name.clone()).collect(),
            })
        })
        .collect()
}

/// ` where t.id = '7'`, or nothing.
pub(super) fn condition(row: &[Given]) -> String {
    let each: Vec<String> = row
        .iter()
        .map(|(column, value)| match value {
            Some(value) => format!("t.{} = {}", quote_ident(column), quote_literal(value)),
            None => format!("t.{} is null", quote_ident(column)),
        })
        .collect();
    if each.is_empty() {
        String::new()
    } else {
        format!(" where {}", each.join(" and "))
    }
}

/// A value in SQL.
pub(super) fn literal(value: Option<&String>) -> String {
    value.map_or("null".to_owned(), |value| quote_literal(value))
}

/// Refuses values that the columns' types cannot read: the server is asked without a row being
/// touched.
pub(super) async fn insist_readable(
    session: &Session,
    table: &Relation,
    option: &'static str,
    given: &[Given],
) -> Result<(), Error> {
    for (column, value) in given {
        let Some(value) = value else { continue };
        let of_type = table.columns.iter().find(|one| one.name == *column);
        let Some(of_type) = of_type else { continue };
        let sql = format!("select {}::{}", quote_literal(value), of_type.type_name);
        if let Err(error) = in_savepoint(session, &sql).await? {
            return Err(ExplainError::Values {
                option,
                text: format!("{column}={value}"),
                defect: RowDefect::Value(error.message),
            }
            .into());
        }
    }
    Ok(())
}
