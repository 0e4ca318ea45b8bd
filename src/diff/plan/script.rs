use super::migrate::Action;
use super::segment::{PlannedStatement, Segment, Transaction};
use crate::schema::facts::Kind;

/// Whether what deletes data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destructive {
    /// As everything else.
    Written,
    /// As a comment.
    Commented,
}

/// A segment as a script, the hazards above what they come from. `destructive` is asked of actions
/// that delete data.
#[must_use]
pub fn script(
    actions: &[Action],
    segment: &Segment,
    destructive: &dyn Fn(&Action) -> Destructive,
) -> String {
    let mut out = String::new();
    let makes_routines = segment.statements.iter().any(|one| {
        actions.get(one.action).is_some_and(|action| {
            let ids = std::iter::once(&action.fact).chain(&action.with);
            ids.into_iter()
                .any(|id| matches!(id.kind, Kind::Function | Kind::Procedure))
        })
    });
    if makes_routines {
        let local = match segment.transaction {
            Transaction::One => "LOCAL ",
            Transaction::Off => "",
        };
        // What a body names may come behind it.
        out.push_str(&format!("SET {local}check_function_bodies = off;\n"));
    }
    let mut last: Option<&PlannedStatement> = None;
    for statement in &segment.statements {
        if last.is_none_or(|last| last.object != statement.object) && !out.is_empty() {
            out.push('\n');
        }
        last = Some(statement);
        let action = actions.get(statement.action);
        for hazard in &statement.hazards {
            out.push_str(&format!(
                "-- {}: {}\n",
                hazard.hazard,
                one_line(&hazard.fact.to_string())
            ));
        }
        let is_out = action
            .is_some_and(|one| one.deletes_data() && destructive(one) == Destructive::Commented);
        if is_out {
            for line in format!("{};", statement.sql).lines() {
                out.push_str(&format!("-- {line}\n"));
            }
        } else {
            out.push_str(&format!("{};\n", statement.sql));
        }
    }
    out
}

/// A name within a comment: no line end gets out of it.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
