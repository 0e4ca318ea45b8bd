//! Rows that are made for the occasion, from the file of the settings.

use super::error::ExplainError;
use crate::config::Settings;
use crate::db::{DbError, Session};
use crate::migrator::error::Error;
use crate::migrator::matrix::{Fixtures, MatrixError};
use crate::rls::Scope;

/// With constraints that wait, the table could not be altered.
const NOW: &str = "set constraints all immediate";

/// Loads the fixtures of the settings.
///
/// # Errors
/// [`ExplainError::Production`], and those of [`Fixtures::load`].
pub(super) fn load(settings: &Settings) -> Result<Fixtures, Error> {
    if settings.production.value {
        return Err(ExplainError::Production.into());
    }
    let file = &settings.audit.fixtures.value;
    Ok(Fixtures::load(file, settings.shown(file))?)
}

/// Makes the rows, as the role that migrates.
///
/// # Errors
/// Those of [`Fixtures::run`], also where a constraint that waits does not hold.
pub(super) async fn make(
    fixtures: &Fixtures,
    session: &Session,
    scope: &Scope,
) -> Result<(), Error> {
    fixtures.run(session, scope).await?;
    match session.batch(NOW).await {
        Err(DbError::Server(error)) => {
            Err(MatrixError::FixturesFailed { place: None, error }.into())
        }
        ended => Ok(ended?),
    }
}
