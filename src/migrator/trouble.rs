//! What keeps a step from its end, and where.

use super::control::Signal;
use super::error::StepCause;
use super::prepare::ReadyScript;
use crate::bookkeeping::BookkeepingError;
use crate::db::{DbError, ScriptFailure, ServerError};
use crate::diagnostic::Place;
use crate::sql::{self, Span};

/// Why a step did not come to its end.
pub(super) enum Trouble {
    Cause(StepCause, Option<Place>),
    Signal(Signal),
    /// The server did not answer a COMMIT.
    CommitLost(LostAnswer),
}

/// A COMMIT that was not answered.
pub(super) struct LostAnswer {
    /// The transaction, as `pg_current_xact_id()` gave it.
    pub(super) transaction: String,
    /// Why there is no answer.
    pub(super) reason: String,
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Server(error) => Self::Cause(StepCause::Bookkeeping(error), None),
            other => Self::Cause(StepCause::Link(other.to_string()), None),
        }
    }
}

impl From<BookkeepingError> for Trouble {
    fn from(error: BookkeepingError) -> Self {
        let cause = match error {
            BookkeepingError::TransactionEnded => StepCause::TransactionEnded,
            BookkeepingError::LockLost => StepCause::LockLost,
            BookkeepingError::RowsMoved { .. } => StepCause::RowsMoved,
            BookkeepingError::Db(error) => return error.into(),
            other => StepCause::Link(other.to_string()),
        };
        Self::Cause(cause, None)
    }
}

/// The trouble that a COMMIT of this transaction without success is.
pub(super) fn commit_trouble(error: DbError, transaction: &str) -> Trouble {
    match why_lost(error) {
        Err(error) => Trouble::Cause(StepCause::Commit(error), None),
        Ok(reason) => Trouble::CommitLost(LostAnswer {
            transaction: transaction.to_owned(),
            reason,
        }),
    }
}

/// Why a COMMIT has no answer; where it has one, the server's error.
pub(super) fn why_lost(error: DbError) -> Result<String, Box<ServerError>> {
    match error {
        DbError::Server(error) => Err(error),
        DbError::LinkLost {
            error: Some(error), ..
        } => Ok(error.message),
        DbError::LinkLost { reason, .. } => Ok(reason),
        other => Ok(other.to_string()),
    }
}

/// The trouble that a failed script is, with its place. `first` is the statement that was the
/// first of what ran.
pub(super) fn script_trouble(
    failure: &ScriptFailure,
    script: &ReadyScript,
    first: usize,
    cause: fn(Box<ServerError>) -> StepCause,
) -> Trouble {
    let statement = script.statements.get(first + failure.statement);
    let place = statement.map(|statement| {
        let span = match failure.offset {
            Some(offset) => word_at(&script.text, offset),
            None => statement.span,
        };
        Place::in_text(&script.path, &script.text, span)
    });
    match &failure.error {
        DbError::Server(error) => Trouble::Cause(cause(error.clone()), place),
        // Which statement of a message did it, nobody tells.
        DbError::TransactionEnded => Trouble::Cause(StepCause::TransactionEnded, None),
        other => Trouble::Cause(StepCause::Link(other.to_string()), place),
    }
}

/// The token at a byte of the text: what the server points at.
fn word_at(text: &str, offset: usize) -> Span {
    let end = sql::tokenize(&text[offset..])
        .next()
        .map_or(offset, |token| offset + token.span.end);
    Span::new(offset, end)
}
