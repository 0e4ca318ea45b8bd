//! The command itself, tried as the actor and taken back.

use super::ground::{in_savepoint, is_refusal, number};
use super::new_rows::{assignments, insert};
use super::question::Question;
use super::subject::{condition, primary_key};
use crate::db::DbError;
use crate::rls::Access;
use crate::rls::explain::{Attempted, NotAttempted};
use crate::schema::{Grantee, Privilege};
use crate::sql::quote_ident;

/// Tries the command. Where people rely on the database, only a SELECT is tried.
pub(super) async fn attempt(question: &Question<'_>) -> Result<Attempted, DbError> {
    let table = &question.table.name;
    let statement = if question.command == Privilege::Select {
        let rows = condition(question.row);
        format!("select pg_catalog.count(*) from {table} t{rows}")
    } else if question.production {
        return Ok(Attempted::Not {
            why: NotAttempted::Production,
        });
    } else {
        let Some(statement) = statement(question) else {
            return Ok(Attempted::Not {
                why: NotAttempted::NothingToSet,
            });
        };
        // Constraints that wait for the end of the transaction would never be asked.
        format!(
            "{statement}{}; set constraints all immediate",
            returning(question)
        )
    };
    let sql = format!("{} {statement}", question.becoming);
    match in_savepoint(question.session, &sql).await? {
        Ok(answers) if question.command == Privilege::Select => Ok(Attempted::Rows {
            rows: number(&answers)?,
        }),
        // Behind it: the constraints, and twice the savepoint.
        Ok(answers) => Ok(Attempted::Rows {
            rows: answers.iter().rev().nth(3).map_or(0, |answer| answer.count),
        }),
        Err(error) if is_refusal(&error) => Ok(Attempted::Refused {
            message: error.message,
        }),
        Err(error) => Ok(Attempted::Failed {
            sqlstate: error.sqlstate.to_string(),
            message: error.message,
        }),
    }
}

/// The command on the rows of the question. An UPDATE without new values writes a column back as it
/// is; `None` where the actor may set none.
pub(super) fn statement(question: &Question<'_>) -> Option<String> {
    let table = &question.table.name;
    let rows = condition(question.row);
    Some(match question.command {
        Privilege::Insert => insert(question, &table.to_string()),
        Privilege::Delete => format!("delete from {table} t{rows}"),
        Privilege::Update if question.set.is_empty() => {
            let column = quote_ident(settable(question)?);
            format!("update {table} t set {column} = t.{column}{rows}")
        }
        Privilege::Update => format!("update {table} t set {}{rows}", assignments(question)),
        _ => format!("select {} from {table} t{rows}", readable(question)),
    })
}

/// What is returned of what was written.
fn returning(question: &Question<'_>) -> String {
    if question.returning {
        format!(" returning {}", readable(question))
    } else {
        String::new()
    }
}

/// A column that the actor may set and read; one of the primary key only where there is no other.
fn settable<'q>(question: &'q Question<'_>) -> Option<&'q str> {
    let who = Grantee::role(&question.actor.role);
    let may =
        |name: &String, privilege| match question.audit.access(&who, question.table, privilege) {
            Access::No => false,
            Access::Whole => true,
            Access::Columns(columns) => columns.contains(name),
        };
    let key = primary_key(question.columns);
    let columns = || {
        let columns = question
            .columns
            .iter()
            .filter(|one| !one.computed && !one.identity);
        columns.filter(|one| may(&one.name, Privilege::Update) && may(&one.name, Privilege::Select))
    };
    let other = columns().find(|one| !key.contains(&one.name));
    other
        .or_else(|| columns().next())
        .map(|one| one.name.as_str())
}

/// The columns that the actor may read.
fn readable(question: &Question<'_>) -> String {
    let who = Grantee::role(&question.actor.role);
    match question
        .audit
        .access(&who, question.table, Privilege::Select)
    {
        Access::Columns(columns) => {
            let each: Vec<String> = columns.iter().map(|one| quote_ident(one)).collect();
            each.join(", ")
        }
        Access::No | Access::Whole => "*".to_owned(),
    }
}
