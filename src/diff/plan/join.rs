//! Several changes of one table in one statement: it is read once, or written anew once.

use super::migrate::Action;
use super::segment::PlannedStatement;
use crate::schema::facts::Kind;

/// Statements that PostgreSQL does in one go over a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Retype,
    NotNull,
    AddColumn,
    AddCheck,
    Validate,
}

/// Joins neighbours that change the same table in the same manner, where none waits for another one and
/// none deletes data.
pub(super) fn joined(
    actions: &[Action],
    statements: Vec<PlannedStatement>,
) -> Vec<PlannedStatement> {
    let mut made: Vec<PlannedStatement> = Vec::with_capacity(statements.len());
    // The actions in the last statement, and its sort.
    let mut last: (Vec<usize>, Option<Sort>) = (Vec::new(), None);
    for statement in statements {
        let sort = sort(actions, &statement);
        let action = actions.get(statement.action);
        let waits = action.is_some_and(|action| last.0.iter().any(|at| action.after.contains(at)));
        match made.last_mut() {
            Some(before)
                if sort.is_some()
                    && sort == last.1
                    && before.object == statement.object
                    && !waits =>
            {
                let head = head(&statement);
                if last.0.len() == 1 {
                    let first = before.sql.strip_prefix(&head).unwrap_or(&before.sql);
                    before.sql = format!("{}\n    {first}", head.trim_end());
                }
                let what = statement.sql.strip_prefix(&head).unwrap_or(&statement.sql);
                before.sql.push_str(&format!(",\n    {what}"));
                before.hazards.extend(statement.hazards);
                last.0.push(statement.action);
            }
            _ => {
                last = (vec![statement.action], sort);
                made.push(statement);
            }
        }
    }
    made
}

/// The beginning of a statement that changes a table.
fn head(statement: &PlannedStatement) -> String {
    format!("ALTER TABLE {} ", statement.object.name())
}

fn sort(actions: &[Action], statement: &PlannedStatement) -> Option<Sort> {
    let deletes = actions
        .get(statement.action)
        .is_some_and(Action::deletes_data);
    if statement.object.kind != Kind::Table || deletes {
        return None;
    }
    let what = statement.sql.strip_prefix(&head(statement))?;
    if what.starts_with("ALTER COLUMN ") && what.contains(" SET DATA TYPE ") {
        Some(Sort::Retype)
    } else if what.starts_with("ALTER COLUMN ") && what.ends_with(" SET NOT NULL") {
        Some(Sort::NotNull)
    } else if what.starts_with("ADD COLUMN ") && !what.contains(" GENERATED ALWAYS AS (") {
        Some(Sort::AddColumn)
    } else if what.starts_with("ADD CONSTRAINT ") && what.contains(" CHECK (") {
        Some(Sort::AddCheck)
    } else if what.starts_with("VALIDATE CONSTRAINT ") {
        Some(Sort::Validate)
    } else {
        None
    }
}
