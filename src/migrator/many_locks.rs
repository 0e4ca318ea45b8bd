//! Whether a run that is one transaction may need more locks than the server has.

use super::prepare::ReadyScript;
use super::report::LockEstimate;
use crate::db::{DbError, Session};
use crate::sql::{self, Statement};

/// What the server sets aside: for this many locks there is room in any case, and often for some
/// more. All sessions share it.
const CAPACITY: &str = "select (pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8 \
     * (pg_catalog.current_setting('max_connections')::pg_catalog.int8 \
        + pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8))::pg_catalog.text";

/// About how many locks a transaction with all these scripts takes.
pub(super) fn of_ready<'a>(scripts: impl IntoIterator<Item = &'a ReadyScript>) -> usize {
    let scripts = scripts.into_iter();
    scripts
        .map(|script| of_statements(&script.text, &script.statements))
        .sum()
}

/// The same for one script that nobody has read yet. What cannot be read takes none.
pub(super) fn of_text(text: &str) -> usize {
    let text = sql::executable(text);
    sql::split(&text).map_or(0, |statements| of_statements(&text, &statements))
}

fn of_statements(text: &str, statements: &[Statement]) -> usize {
    statements.iter().map(|one| one.locks(text)).sum()
}

/// What is `needed`, and what the server has, where that may be too little.
pub(super) async fn too_many(
    session: &Session,
    needed: usize,
) -> Result<Option<LockEstimate>, DbError> {
    if needed == 0 {
        return Ok(None);
    }
    let answers = session.answers(CAPACITY).await?;
    let capacity = answers.last().and_then(|answer| answer.value(0));
    Ok(capacity
        .and_then(|text| text.parse().ok())
        .filter(|&capacity| needed > capacity)
        .map(|capacity| LockEstimate { needed, capacity }))
}
