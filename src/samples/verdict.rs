//! What it means that a statement of a plan fails once there are rows.

use super::insert::Sparse;
use crate::db::SqlState;
use crate::diff::{Action, ActionKind, HazardKind, PlannedStatement};
use crate::schema::facts::{FactId, Kind};

/// What it means that a statement fails once there are rows, which did not fail without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was told that rows may be against it.
    Foreseen,
    /// What the user wrote does not take these rows: an expression, a routine, a limit.
    Users,
    /// The plan is wrong, or what it tells of itself.
    Wrong,
}

/// Whether a table gets a row with next to nothing in it: not where it is told that rows may be against
/// what is done, as such a row would be.
#[must_use]
pub fn sparse<'a>(table: &FactId, actions: impl IntoIterator<Item = &'a Action>) -> Sparse {
    let hazards = actions.into_iter().flat_map(|action| &action.hazards);
    let mut told = hazards.filter(|one| one.hazard == HazardKind::MayFail);
    let is_told = told.any(|one| match one.fact.relation() {
        Some((schema, name)) => table.path() == [schema, name],
        // A type may be that of any column.
        None => one.fact.kind != Kind::Table || one.fact == *table,
    });
    if is_told {
        Sparse::Refused
    } else {
        Sparse::Wanted
    }
}

/// Judges the failure of a statement; none for a rename or a setting. `actions` are those of the plan.
#[must_use]
pub fn judge(statement: Option<&PlannedStatement>, actions: &[Action], state: SqlState) -> Verdict {
    let action = statement.and_then(|one| actions.get(one.action));
    let of_action = action.into_iter().flat_map(|action| &action.hazards);
    let of_statement = statement.into_iter().flat_map(|one| &one.hazards);
    let mut hazards = of_action.chain(of_statement);
    let may_fail = hazards.any(|one| one.hazard == HazardKind::MayFail);
    let does = |kind| action.is_some_and(|action| action.action == kind);
    match state.class() {
        "22" | "23" if may_fail => Verdict::Foreseen,
        // An index, a generated column, a materialized view compute it of the rows.
        "22" if does(ActionKind::Create) => Verdict::Users,
        // Raised by a routine; too much for this server; stopped by a timeout or a signal.
        "P0" | "53" | "54" | "57" | "58" => Verdict::Users,
        _ => Verdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{self, Emission};
    use crate::schema::facts::{Fact, State, Value};

    /// A column gets another type, and becomes NOT NULL or not.
    fn retyped(to: &str) -> Vec<Action> {
        let state = |text: &str| {
            let mut state = State::empty(150_000, "me");
            let schema = FactId::new(Kind::Schema, ["public"]);
            let table = FactId::new(Kind::Table, ["public", "t"]);
            let column = FactId::new(Kind::Column, ["public", "t", "a"]);
            state.insert(Fact::new(table.clone(), Some(schema)));
            let mut fact = Fact::new(column, Some(table));
            let text = Value::Text(text.to_owned());
            fact.payload.insert("type".to_owned(), text);
            state.insert(fact);
            state
        };
        diff::migrate(&state("character varying(5)"), &state(to)).unwrap()
    }

    #[test]
    fn whose_mistake_it_is() {
        let longer = SqlState::from_code("22001");
        let taken = SqlState::from_code("23505");
        let raised = SqlState::from_code("P0001");
        let pending = SqlState::from_code("55006");
        let judged = |actions: &[Action], state| {
            let segments = diff::segments(actions, Emission::Online);
            judge(segments[0].statements.first(), actions, state)
        };
        let wider = retyped("character varying(9)");
        assert_eq!(judged(&wider, longer), Verdict::Wrong);
        assert_eq!(judged(&wider, raised), Verdict::Users);
        assert_eq!(judged(&wider, pending), Verdict::Wrong);
        let narrower = retyped("character varying(3)");
        assert_eq!(judged(&narrower, longer), Verdict::Foreseen);
        assert_eq!(judged(&narrower, taken), Verdict::Foreseen);
        assert_eq!(judged(&narrower, pending), Verdict::Wrong);
        assert_eq!(judge(None, &narrower, taken), Verdict::Wrong);
        let table = |name| FactId::new(Kind::Table, ["public", name]);
        assert_eq!(sparse(&table("t"), &wider), Sparse::Wanted);
        assert_eq!(sparse(&table("t"), &narrower), Sparse::Refused);
        assert_eq!(sparse(&table("s"), &narrower), Sparse::Wanted);
    }
}
