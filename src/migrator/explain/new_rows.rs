//! The rows that an INSERT or an UPDATE would write, made on a copy.

use super::ground::Ground;
use super::question::Question;
use super::subject::literal;
use crate::db::DbError;
use crate::rls::explain::WhyCopy;
use crate::schema::Privilege;
use crate::sql::quote_ident;

/// Back to the role that migrates.
const BACK: &str = "set local role to default; set local search_path = '';";

/// The new rows, as far as triggers let them be: those that `reached` lets be changed with what is
/// set, or the one that is inserted. An error is the server's words.
pub(super) async fn new_rows(
    question: &Question<'_>,
    reached: &str,
) -> Result<Result<Ground, String>, DbError> {
    let name = quote_ident(&question.table.name.name);
    let copy = format!("pg_temp.{name}");
    let role = quote_ident(&question.actor.role);
    let becoming = &question.becoming;
    if question.command == Privilege::Insert {
        let mut sql = empty_copy(question, "including defaults");
        for column in question.columns.iter().filter(|one| one.numbered) {
            let column = quote_ident(&column.name);
            sql.push_str(&format!(
                "alter table {copy} alter column {column} drop default;"
            ));
        }
        let insert = insert(question, &copy);
        // Defaults are the actor's: who the user is, say.
        sql.push_str(&format!(
            "grant insert on table {copy} to {role}; {becoming} {insert}; {BACK}"
        ));
        return Ground::made(question, WhyCopy::NewRows, &sql).await;
    }
    // What is not reached is not written.
    let mut then = format!(
        "alter table {copy} enable row level security, force row level security; \
         grant select, delete on table {copy} to {role}; \
         create policy explain_rest on {copy} to {role} \
         using (not coalesce(({reached}), false)); {becoming} delete from {copy}; {BACK} \
         drop policy explain_rest on {copy}; \
         alter table {copy} disable row level security, no force row level security;"
    );
    if !question.set.is_empty() {
        then.push_str(&format!("update {copy} set {};", assignments(question)));
    }
    Ground::copy(question, WhyCopy::NewRows, &then).await
}

/// A temporary table under the name of the table, that computes what the table computes, and takes
/// nulls: what constraints say is another matter.
pub(super) fn empty_copy(question: &Question<'_>, including: &str) -> String {
    let name = quote_ident(&question.table.name.name);
    let mut sql = format!(
        "create temporary table {name} (like {} {including} including generated);",
        question.table.name
    );
    for column in question.columns.iter().filter(|one| one.not_null) {
        let column = quote_ident(&column.name);
        let drop = format!("alter table pg_temp.{name} alter column {column} drop not null;");
        sql.push_str(&drop);
    }
    sql
}

/// The INSERT of the question's values into a table.
pub(super) fn insert(question: &Question<'_>, table: &str) -> String {
    if question.set.is_empty() {
        return format!("insert into {table} default values");
    }
    let columns: Vec<String> = question
        .set
        .iter()
        .map(|(name, _)| quote_ident(name))
        .collect();
    let values: Vec<String> = question
        .set
        .iter()
        .map(|(_, value)| literal(value.as_ref()))
        .collect();
    format!(
        "insert into {table} ({}) values ({})",
        columns.join(", "),
        values.join(", ")
    )
}

/// `body = 'new', at = null`
pub(super) fn assignments(question: &Question<'_>) -> String {
    let each: Vec<String> = question
        .set
        .iter()
        .map(|(name, value)| format!("{} = {}", quote_ident(name), literal(value.as_ref())))
        .collect();
    each.join(", ")
}
