//! Scripts of rows, run.

use crate::db::{DbError, Session};

/// How long one of the scripts may take: triggers may do anything.
const PATIENCE: &str = "20s";

/// Runs the scripts. One that fails as a whole puts nothing in.
///
/// # Errors
/// A session that is lost.
pub async fn fill(session: &Session, scripts: &[String]) -> Result<(), DbError> {
    for script in scripts {
        let all = format!(
            "begin; set local statement_timeout = '{PATIENCE}'; set constraints all immediate; \
             {script} commit"
        );
        match session.batch(&all).await {
            Ok(()) => {}
            Err(DbError::Server(_)) => session.batch("rollback").await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
