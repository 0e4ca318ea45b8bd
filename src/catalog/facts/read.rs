use super::found::Found;
use super::version::Version;
use super::{edges, operators, others, relations, rights, routines, types, unmodelled};
use crate::db::{DbError, Row, Session};
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
    let mut reading = Reading {
        session,
        found: Found::new(version.0, &home),
        rows: Vec::new(),
        take: Found::take_all,
    };
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
        reading = reading.next(&sql, Found::take_all).await?;
    }
    let rights = |found: &mut Found, rows: &[Row]| {
        found.settle_parents();
        rights::take(found, rows)
    };
    let mut state = reading
        .next(rights::RIGHTS, rights)
        .await?
        .next(rights::DEFAULTS, rights::take_defaults)
        .await?
        .next(rights::COMMENTS, rights::take_comments)
        .await?
        .next(edges::DEPENDENCIES, edges::take)
        .await?
        .next(&unmodelled::unmodelled(), unmodelled::take)
        .await?
        .end()
        .await?;
    state.retain(scope);
    Ok(state)
}

/// What is done with the rows of a query.
type Take = fn(&mut Found, &[Row]) -> Result<(), DbError>;

/// A state that is being read. While the server answers one query, what it answered to the one before
/// is taken in, by another thread.
struct Reading<'s> {
    session: &'s Session,
    found: Found,
    /// What was answered last.
    rows: Vec<Row>,
    take: Take,
}

impl Reading<'_> {
    /// Asks the next query, whose rows are to be taken so.
    async fn next(self, sql: &str, take: Take) -> Result<Self, DbError> {
        let Self {
            session,
            mut found,
            rows: last,
            take: take_last,
        } = self;
        let taken = in_the_meantime(move || {
            take_last(&mut found, &last)?;
            Ok(found)
        });
        let (rows, found) = tokio::join!(session.query(sql, &[]), taken);
        Ok(Self {
            session,
            found: found?,
            rows: rows?,
            take,
        })
    }

    async fn end(self) -> Result<State, DbError> {
        let Self {
            mut found,
            rows,
            take,
            ..
        } = self;
        in_the_meantime(move || {
            take(&mut found, &rows)?;
            Ok(found.state)
        })
        .await
    }
}

async fn in_the_meantime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(DbError::Protocol {
            during: "reading the catalog",
            reason: error.to_string(),
        }),
    }
}
