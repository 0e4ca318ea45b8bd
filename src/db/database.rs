//! Making sure that a database exists.

use std::time::Duration;

use super::{ConnectSpec, DbError, Session, SessionOptions, SqlState};
use crate::sql::quote_ident;

/// Databases that every server has; one of them is connected to for creating another.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// How often, and after which waits, a creation is tried while the template is in use.
const WAITS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// What [`ensure_database`] found or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ensured {
    /// The database was there.
    Existed,
    /// The database was created, just now.
    Created,
}

/// Creates the database of `spec` where it is missing; several may do so at once.
///
/// # Errors
/// What keeps it from being looked at, and [`DbError::NotCreated`] where the server refuses to
/// create it.
pub async fn ensure_database(
    spec: &ConnectSpec,
    options: &SessionOptions,
) -> Result<Ensured, DbError> {
    match Session::connect(spec, options).await {
        Ok(session) => {
            session.close().await;
            return Ok(Ensured::Existed);
        }
        Err(DbError::NoSuchDatabase { .. }) => {}
        Err(error) => return Err(error),
    }
    let session = connect_maintenance(spec, options).await?;
    let ensured = create(&session, spec).await;
    session.close().await;
    ensured
}

async fn connect_maintenance(
    spec: &ConnectSpec,
    options: &SessionOptions,
) -> Result<Session, DbError> {
    let [first, second] = MAINTENANCE;
    match Session::connect(&spec.with_database(first), options).await {
        Ok(session) => Ok(session),
        // No such database, or no right to connect to it: the other may do.
        Err(error @ (DbError::NoSuchDatabase { .. } | DbError::Server(_))) => {
            let second = Session::connect(&spec.with_database(second), options).await;
            second.map_err(|_| error)
        }
        Err(error) => Err(error),
    }
}

async fn create(session: &Session, spec: &ConnectSpec) -> Result<Ensured, DbError> {
    let statement = format!("CREATE DATABASE {}", quote_ident(spec.database()));
    let mut waits = WAITS.iter();
    loop {
        let error = match session.batch(&statement).await {
            Ok(()) => return Ok(Ensured::Created),
            Err(DbError::Server(error)) => error,
            Err(error) => return Err(error),
        };
        match (error.sqlstate, waits.next()) {
            // Another one was faster, by a little (a unique key) or by more.
            (SqlState::DUPLICATE_DATABASE | SqlState::UNIQUE_VIOLATION, _) => {
                return Ok(Ensured::Existed);
            }
            (SqlState::OBJECT_IN_USE, Some(wait)) => tokio::time::sleep(*wait).await,
            _ => {
                return Err(DbError::NotCreated {
                    database: spec.database().to_owned(),
                    user: spec.user().to_owned(),
                    error,
                });
            }
        }
    }
}
