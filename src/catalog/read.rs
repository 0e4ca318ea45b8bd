use super::{policies, relations, surroundings};
use crate::db::{DbError, Session};
use crate::schema::Schema;

/// Reads these schemas of a database, with the roles, and what their policies and views stand on.
/// A schema that is not there is left out.
///
/// # Errors
/// The server's.
pub async fn read(session: &Session, schemas: &[String]) -> Result<Schema, DbError> {
    session
        .batch("begin isolation level repeatable read, read only; set local search_path = ''")
        .await?;
    let read = read_within(session, schemas).await;
    let ended = session.batch("rollback").await;
    let schema = read?;
    ended?;
    Ok(schema)
}

/// The same within a transaction that is open already, whose `search_path` is empty.
///
/// # Errors
/// The server's.
pub async fn read_within(session: &Session, schemas: &[String]) -> Result<Schema, DbError> {
    let mut found = relations::read(session, schemas).await?;
    let called = policies::read(session, &mut found).await?;
    Ok(Schema {
        roles: surroundings::roles(session).await?,
        namespaces: surroundings::namespaces(session, schemas).await?,
        functions: surroundings::functions(session, schemas, &called).await?,
        extensions: surroundings::extensions(session).await?,
        relations: found
            .into_values()
            .map(|relation| (relation.name.clone(), relation))
            .collect(),
    })
}

/// Numbers as a parameter that the statement casts: `$1::pg_catalog.text[]::pg_catalog.oid[]`.
pub(super) fn texts(oids: impl IntoIterator<Item = u32>) -> Vec<String> {
    oids.into_iter().map(|oid| oid.to_string()).collect()
}

/// An `oid` that was selected as `int8`.
pub(super) fn oid(number: i64) -> Result<u32, DbError> {
    u32::try_from(number).map_err(|_| DbError::Protocol {
        during: "reading the catalog",
        reason: format!("{number} is no oid"),
    })
}
