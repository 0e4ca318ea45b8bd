use super::found::Found;
use super::version::Version;
use super::{edges, operators, others, relations, rights, routines, types, unmodelled};
use crate::db::{DbError, Session};
use crate::schema::facts::{Scope, State};

/// How many queries a state is read with, whatever is in it.
pub const QUERIES: usize = 19;

/// Reads what a scope holds of the session's database.
///
/// # Errors
/// The server's.
pub async fn read_state(session: &Session, scope: &Scope) -> Result<State, DbError> {
    session
        .batch("begin isolation level repeatable read, read only; set local search_path = ''")
        .await?;
    let read = read_state_within(session, scope).await;
    let ended = session.batch("rollback").await;
    let state = read?;
    ended?;
    Ok(state)
}

/// The same within a transaction that is open already, whose `search_path` is empty.
///
/// # Errors
/// The server's.
pub async fn read_state_within(session: &Session, scope: &Scope) -> Result<State, DbError> {
    let version = Version(session.server_version_num());
    let home: String = session
        .query_one("select current_user::text", &[])
        .await?
        .get(0)?;
    let mut found = Found::new(version.0, &home);
    for sql in [
        others::surroundings(),
        others::languages(version),
        others::publications(version),
        types::types(),
        routines::routines(),
        operators::operators(),
        relations::relations(),
        relations::columns(),
        relations::constraints(),
        relations::indexes(),
        relations::sequences(),
        relations::behaviour(),
        relations::event_triggers(),
    ] {
        for row in session.query(&sql, &[]).await? {
            found.take(&row)?;
        }
    }
    found.settle_parents();
    rights::read(session, &mut found).await?;
    rights::read_comments(session, &mut found).await?;
    edges::read(session, &mut found).await?;
    let mut state = found.state;
    unmodelled::read(session, &mut state).await?;
    state.retain(scope);
    Ok(state)
}
