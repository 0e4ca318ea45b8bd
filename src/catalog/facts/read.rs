use super::found::Found;
use super::version::Version;
use super::{edges, operators, others, relations, rights, routines, types, unmodelled};
use crate::db::{DbError, Param, Row, Session};
use crate::schema::facts::{Scope, State};
use crate::sql::QualifiedName;

/// How many queries a state is read with, whatever is in it.
pub const QUERIES: usize = 19;

/// The reader, and the role at home: the reader, or, where none of the database's own relations is the
/// reader's, the owner of a table.
const ROLES: &str = "
select current_user::text, (case when exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relowner = (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user)
       and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and not exists (select from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                          and d.objid = c.oid and d.deptype = 'e'))
    then null else (
    select pg_catalog.pg_get_userbyid(c.relowner)
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2) end)::text";

/// Reads what a scope holds of the session's database. What belongs to the role that reads says
/// nothing of its owner.
///
/// # Errors
/// The server's.
pub async fn read_state(session: &Session, scope: &Scope) -> Result<State, DbError> {
    read_state_of(session, scope, None).await
}

/// The same of a database that somebody else may have made: where none of its relations is the
/// reader's, what says nothing is what belongs to the owner of the version table, who migrates it.
///
/// # Errors
/// The server's.
pub async fn read_state_at_home(
    session: &Session,
    scope: &Scope,
    version_table: &QualifiedName,
) -> Result<State, DbError> {
    read_state_of(session, scope, Some(version_table)).await
}

async fn read_state_of(
    session: &Session,
    scope: &Scope,
    version_table: Option<&QualifiedName>,
) -> Result<State, DbError> {
    session
        .batch("begin isolation level repeatable read, read only; set local search_path = ''")
        .await?;
    let read = read_within(session, scope, version_table).await;
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
    read_within(session, scope, None).await
}

async fn read_within(
    session: &Session,
    scope: &Scope,
    version_table: Option<&QualifiedName>,
) -> Result<State, DbError> {
    let version = Version(session.server_version_num());
    let schema = version_table.map(|table| table.schema.as_str());
    let name = version_table.map(|table| table.name.as_str());
    let table = [Param::Text(schema), Param::Text(name)];
    let roles = session.query_one(ROLES, &table).await?;
    let reader: String = roles.get(0)?;
    let home: Option<String> = roles.get(1)?;
    let mut reading = Reading {
        session,
        found: Found::new(version.0, home.as_deref().unwrap_or(&reader)),
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
    state.reader = reader;
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
