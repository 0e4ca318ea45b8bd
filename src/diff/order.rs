//! The order in which facts are made.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use crate::schema::facts::{Fact, FactId, Kind, State};

/// Facts that depend on each other in a circle. PostgreSQL has no such state: a rule of ours is
/// wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} facts depend on each other", facts.len())]
pub struct Cycle {
    /// They, and what waits for them.
    pub facts: Vec<FactId>,
}

/// What is made in one statement: the first is the fact that it is named after.
#[derive(Debug)]
pub(super) struct Step<'s> {
    pub(super) id: &'s FactId,
    /// What is made with it.
    pub(super) with: Vec<&'s Fact>,
}

/// All facts of a state in an order in which they can be made. What can be made together is made
/// together, except where that would be a circle.
pub(super) fn order(state: &State) -> Result<Vec<Step<'_>>, Cycle> {
    let mut apart = BTreeSet::new();
    loop {
        let stuck = match attempt(state, &apart) {
            Ok(steps) => return Ok(steps),
            Err(stuck) => stuck,
        };
        let before = apart.len();
        for fact in state.facts().values() {
            let whole = whole(state, &fact.id, &apart);
            if whole != &fact.id && stuck.contains(whole) && may_be_apart(fact) {
                apart.insert(fact.id.clone());
            }
        }
        if apart.len() == before {
            return Err(Cycle {
                facts: stuck.into_iter().collect(),
            });
        }
    }
}

fn attempt<'s>(
    state: &'s State,
    apart: &BTreeSet<FactId>,
) -> Result<Vec<Step<'s>>, BTreeSet<FactId>> {
    let facts: Vec<&Fact> = state.facts().values().collect();
    let places: HashMap<&FactId, usize> = facts
        .iter()
        .enumerate()
        .map(|(at, fact)| (&fact.id, at))
        .collect();
    let parents: Vec<Option<usize>> = facts
        .iter()
        .map(|fact| places.get(fact.parent.as_ref()?).copied())
        .collect();
    let with: Vec<Option<usize>> = facts
        .iter()
        .zip(&parents)
        .map(|(fact, parent)| parent.filter(|_| is_with_parent(state, fact, apart)))
        .collect();
    let whole = |mut at: usize| {
        while let Some(parent) = with[at] {
            at = parent;
        }
        at
    };
    let mut members: Vec<Vec<&Fact>> = vec![Vec::new(); facts.len()];
    // What waits, and for what.
    let mut waits: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut wait = |from: usize, on: usize| {
        let (from, on) = (whole(from), whole(on));
        if from != on {
            waits.insert((from, on));
        }
    };
    let mut wait_for = |from: &FactId, on: &FactId| {
        if let (Some(from), Some(on)) = (places.get(from), places.get(on)) {
            wait(*from, *on);
        }
    };
    for (from, on) in state.edges() {
        wait_for(from, on);
    }
    for (from, on) in behind_partitions(state) {
        wait_for(from, on);
    }
    for fact in state
        .of_kind(Kind::Index)
        .chain(state.of_kind(Kind::Constraint))
    {
        // A partition brings its indexes along, or they would be made twice.
        if let Some((schema, table)) = fact.id.relation() {
            wait_for(&FactId::new(Kind::Partition, [schema, table]), &fact.id);
        }
    }
    for (at, parent) in parents.iter().enumerate() {
        let whole = whole(at);
        if whole != at {
            members[whole].push(facts[at]);
        }
        if let Some(parent) = parent {
            wait(at, *parent);
        }
    }
    let mut left = vec![0_usize; facts.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); facts.len()];
    for (from, on) in waits {
        left[from] += 1;
        waiting[on].push(from);
    }
    // By place is by id.
    let wholes = || (0..facts.len()).filter(|at| with[*at].is_none());
    let mut heap: BinaryHeap<Reverse<usize>> =
        wholes().filter(|at| left[*at] == 0).map(Reverse).collect();
    let mut is_done = vec![false; facts.len()];
    let mut steps = Vec::new();
    while let Some(Reverse(at)) = heap.pop() {
        is_done[at] = true;
        steps.push(Step {
            id: &facts[at].id,
            with: std::mem::take(&mut members[at]),
        });
        for &next in &waiting[at] {
            left[next] -= 1;
            if left[next] == 0 {
                heap.push(Reverse(next));
            }
        }
    }
    let stuck: BTreeSet<FactId> = wholes()
        .filter(|at| !is_done[*at])
        .map(|at| facts[at].id.clone())
        .collect();
    if stuck.is_empty() {
        Ok(steps)
    } else {
        Err(stuck)
    }
}

/// The fact that this one is made with.
fn whole<'s>(state: &'s State, id: &'s FactId, apart: &BTreeSet<FactId>) -> &'s FactId {
    let Some(fact) = state.get(id) else {
        return id;
    };
    match &fact.parent {
        Some(parent) if is_with_parent(state, fact, apart) => whole(state, parent, apart),
        _ => id,
    }
}

fn is_with_parent(state: &State, fact: &Fact, apart: &BTreeSet<FactId>) -> bool {
    is_made_with_parent(state, fact) && !apart.contains(&fact.id)
}

/// Whether a fact can be made in its parent's statement.
pub(super) fn is_made_with_parent(state: &State, fact: &Fact) -> bool {
    match fact.id.kind {
        Kind::Column | Kind::Attribute | Kind::Sequence => true,
        Kind::DomainConstraint => !is_not_valid(fact),
        Kind::Constraint => {
            !is_not_valid(fact)
                && !is_check_of_partitioned(state, fact)
                && !is_another_again(state, fact)
        }
        Kind::Inheritance => true,
        Kind::Default => is_plain_column(state, fact),
        _ => false,
    }
}

/// Of these, the parent's statement can be without them.
pub(super) fn may_be_apart(fact: &Fact) -> bool {
    matches!(
        fact.id.kind,
        Kind::Default | Kind::Constraint | Kind::DomainConstraint
    )
}

/// What a partitioned table has after its partitions are attached: a check, which they get from it,
/// and an index that a partition has no part of, which it would be given one for.
fn behind_partitions(state: &State) -> Vec<(&FactId, &FactId)> {
    let mut parts: BTreeMap<(&str, &str), Vec<&FactId>> = BTreeMap::new();
    for partition in state.of_kind(Kind::Partition) {
        let mut above = Some(partition);
        while let Some(fact) = above {
            let name = |key| fact.text(key).unwrap_or_default();
            let whole = (name("of_schema"), name("of_table"));
            parts.entry(whole).or_default().push(&partition.id);
            above = state.get(&FactId::new(Kind::Partition, [whole.0, whole.1]));
        }
    }
    if parts.is_empty() {
        return Vec::new();
    }
    let attached: BTreeSet<(&str, &str, &str, &str)> = state
        .of_kind(Kind::IndexAttachment)
        .map(|fact| {
            let name = |key| fact.text(key).unwrap_or_default();
            let (schema, index) = (name("of_schema"), name("of_index"));
            (schema, index, fact.id.part(0), fact.id.part(1))
        })
        .collect();
    let mut pairs = Vec::new();
    for kind in [Kind::Constraint, Kind::Index] {
        for fact in state.of_kind(kind) {
            let id = &fact.id;
            let parts = id.relation().and_then(|whole| parts.get(&whole));
            for &part in parts.into_iter().flatten() {
                let is_direct = state.get(part).is_some_and(|partition| {
                    id.relation() == partition.text("of_schema").zip(partition.text("of_table"))
                });
                let waits = match kind {
                    Kind::Index => {
                        let place = (id.part(0), id.last(), part.part(0), part.part(1));
                        is_direct && !attached.contains(&place)
                    }
                    _ => fact.text("type") == Some("check"),
                };
                if waits {
                    pairs.push((id, part));
                }
            }
        }
    }
    pairs
}

fn is_check_of_partitioned(state: &State, fact: &Fact) -> bool {
    let table = fact.parent.as_ref().and_then(|id| state.get(id));
    fact.text("type") == Some("check")
        && table.is_some_and(|table| table.text("partition_by").is_some())
}

/// Whether another key of the table says the same: in one statement PostgreSQL would make one of them.
fn is_another_again(state: &State, fact: &Fact) -> bool {
    fn key(fact: &Fact) -> &str {
        let definition = fact.text("definition").unwrap_or_default();
        let unique = definition.strip_prefix("UNIQUE ");
        let key = unique.or_else(|| definition.strip_prefix("PRIMARY KEY "));
        key.unwrap_or(definition)
    }
    if !matches!(fact.text("type"), Some("unique" | "exclude")) {
        return false;
    }
    let first = FactId::new(Kind::Constraint, fact.id.path()[..2].to_vec());
    let mut others = state
        .facts()
        .range(first..)
        .map(|(_, other)| other)
        .take_while(|other| {
            other.id.kind == Kind::Constraint && other.id.relation() == fact.id.relation()
        });
    others.any(|other| {
        let is_first = other.text("type") == Some("primary key") || other.id < fact.id;
        is_first && other.id != fact.id && key(other) == key(fact)
    })
}

/// In a new table's statement NOT VALID would be passed over.
pub(super) fn is_not_valid(fact: &Fact) -> bool {
    fact.text("definition")
        .is_some_and(|text| text.ends_with(" NOT VALID"))
}

/// A default in a table's own statement: not a view's, and not that of a column which comes from a
/// parent.
fn is_plain_column(state: &State, fact: &Fact) -> bool {
    let path = fact.id.path();
    let table = matches!(
        state.relation(&path[0], &path[1]).map(|id| id.kind),
        Some(Kind::Table | Kind::ForeignTable)
    );
    let column = fact.parent.as_ref().and_then(|id| state.get(id));
    table && column.is_some_and(|column| !comes_from_parent(state, column))
}

/// Whether a column comes with INHERITS.
pub(super) fn comes_from_parent(state: &State, column: &Fact) -> bool {
    let path = column.id.path();
    column.hint_flag("inherited")
        && !state.has(&FactId::new(Kind::Partition, [&*path[0], &*path[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> FactId {
        FactId::new(Kind::Table, ["a", name])
    }

    fn state(edges: &[(&str, &str)]) -> State {
        let mut state = State::new(150_000, "me");
        for (from, to) in edges {
            for name in [from, to] {
                state.insert(Fact::new(table(name), None));
            }
            state.connect(table(from), table(to));
        }
        state
    }

    fn names(state: &State) -> Vec<&str> {
        let steps = order(state).unwrap();
        steps.iter().map(|step| step.id.last()).collect()
    }

    #[test]
    fn what_is_needed_comes_first() {
        assert_eq!(
            names(&state(&[("a", "z"), ("b", "a"), ("z", "y")])),
            ["y", "z", "a", "b"]
        );
        let circle = state(&[("a", "b"), ("b", "a"), ("c", "a"), ("x", "y")]);
        let Cycle { facts } = order(&circle).unwrap_err();
        assert_eq!(facts, [table("a"), table("b"), table("c")]);
    }

    #[test]
    fn a_circle_is_broken_by_what_can_be_apart() {
        let mut state = state(&[]);
        let function = FactId::new(Kind::Function, ["a", "f", "a.t"]);
        let column = FactId::new(Kind::Column, ["a", "t", "c"]);
        let default = FactId::new(Kind::Default, ["a", "t", "c"]);
        state.insert(Fact::new(table("t"), None));
        state.insert(Fact::new(function.clone(), None));
        state.insert(Fact::new(column.clone(), Some(table("t"))));
        state.insert(Fact::new(default.clone(), Some(column)));
        state.connect(function.clone(), table("t"));
        let steps = order(&state).unwrap();
        assert_eq!(steps[0].with.len(), 2);
        state.connect(default.clone(), function.clone());
        let steps = order(&state).unwrap();
        let ids: Vec<&FactId> = steps.iter().map(|step| step.id).collect();
        assert_eq!(ids, [&table("t"), &function, &default]);
    }
}
