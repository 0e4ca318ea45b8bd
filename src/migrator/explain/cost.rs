//! The plan of the command as the actor, and without policies.

use super::attempt::statement;
use super::ground::in_savepoint;
use super::question::Question;
use crate::db::DbError;
use crate::rls::explain::{Cost, Plan, compare};
use crate::schema::Privilege;

/// What the policies cost; `None` for an INSERT, which finds no row, and where the actor cannot even
/// plan the command.
pub(super) async fn cost(question: &Question<'_>) -> Result<Option<Cost>, DbError> {
    if question.command == Privilege::Insert {
        return Ok(None);
    }
    let Some(statement) = statement(question) else {
        return Ok(None);
    };
    let explain = format!("explain (verbose, format json) {statement}");
    let with = plan(question, &format!("{} {explain}", question.becoming)).await?;
    let without = plan(question, &explain).await?;
    Ok(with.map(|with| compare(with, without.as_ref())))
}

async fn plan(question: &Question<'_>, sql: &str) -> Result<Option<Plan>, DbError> {
    let answers = in_savepoint(question.session, sql).await?.ok();
    let text = answers
        .iter()
        .flatten()
        .rev()
        .find_map(|answer| answer.value(0));
    Ok(text.and_then(Plan::parse))
}
