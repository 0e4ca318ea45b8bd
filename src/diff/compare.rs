use std::collections::BTreeSet;

use serde::Serialize;

use crate::schema::facts::{Fact, FactId, Kind, State, Value};

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is in the second state alone.
    Added,
    /// It is in both, and not the same.
    Changed,
    /// It is in the first state alone.
    Removed,
}

/// One thing that is known of a fact, and differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// In the first state; none where it is as it is by default.
    pub from: Option<Value>,
    /// In the second state.
    pub to: Option<Value>,
}

/// A fact that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What became of it.
    pub change: ChangeKind,
    /// Its kind.
    pub kind: Kind,
    /// The fact.
    pub fact: FactId,
    /// The object that it belongs to at last; itself for an object.
    pub object: FactId,
    /// What differs, where it was changed.
    pub attributes: Vec<Attribute>,
}

/// In which facts two states differ, in order. Of what is added or removed as a whole, its parts are
/// there too.
#[must_use]
pub fn compare(from: &State, to: &State) -> Vec<Change> {
    let ids: BTreeSet<&FactId> = from.facts().keys().chain(to.facts().keys()).collect();
    ids.into_iter()
        .filter_map(|id| match (from.get(id), to.get(id)) {
            (None, Some(fact)) => Some(change(ChangeKind::Added, to, fact, Vec::new())),
            (Some(fact), None) => Some(change(ChangeKind::Removed, from, fact, Vec::new())),
            (Some(old), Some(new)) if old.payload != new.payload => {
                Some(change(ChangeKind::Changed, to, new, attributes(old, new)))
            }
            _ => None,
        })
        .collect()
}

fn change(change: ChangeKind, state: &State, fact: &Fact, attributes: Vec<Attribute>) -> Change {
    Change {
        change,
        kind: fact.id.kind,
        fact: fact.id.clone(),
        object: super::create::object_of(state, fact).clone(),
        attributes,
    }
}

fn attributes(old: &Fact, new: &Fact) -> Vec<Attribute> {
    let names: BTreeSet<&String> = old.payload.keys().chain(new.payload.keys()).collect();
    let attribute = |name: &String| {
        let (from, to) = (old.payload.get(name), new.payload.get(name));
        (from != to).then(|| Attribute {
            name: name.clone(),
            from: from.cloned(),
            to: to.cloned(),
        })
    };
    names.into_iter().filter_map(attribute).collect()
}

/// What holds an expression: PostgreSQL may write it otherwise once it has read what it wrote.
const EXPRESSIONS: [&str; 7] = [
    "definition",
    "expression",
    "generated",
    "using",
    "check",
    "where",
    "default",
];

/// Whether facts differ in nothing but expressions, which may be the same once PostgreSQL has read
/// what it wrote.
#[must_use]
pub fn expressions_differ(changes: &[Change]) -> bool {
    changes.iter().any(only_expressions)
}

fn only_expressions(change: &Change) -> bool {
    change.change == ChangeKind::Changed
        && change
            .attributes
            .iter()
            .all(|one| EXPRESSIONS.contains(&one.name.as_str()))
}

/// Leaves out the changes of expressions that are none: `from` and `to` are the two states as they
/// were read again after each was made from its own text.
pub fn settle(changes: &mut Vec<Change>, from: &State, to: &State) {
    changes.retain(|change| {
        !only_expressions(change)
            || match (from.get(&change.fact), to.get(&change.fact)) {
                (Some(old), Some(new)) => old.payload != new.payload,
                _ => true,
            }
    });
}

/// The second state, but for what differs in text alone: there it is as the first one.
#[must_use]
pub fn reconcile(from: &State, to: &State, changes: &[Change]) -> State {
    let real: BTreeSet<&FactId> = changes.iter().map(|change| &change.fact).collect();
    let mut reconciled = to.clone();
    for (id, new) in to.facts() {
        if let Some(old) = from.get(id).filter(|old| old.payload != new.payload)
            && !real.contains(id)
        {
            let mut fact = new.clone();
            fact.payload = old.payload.clone();
            reconciled.insert(fact);
        }
    }
    reconciled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(expression: &str, extra: bool) -> State {
        let mut state = State::empty(150_000, "me");
        let table = FactId::new(Kind::Table, ["public", "t"]);
        let mut fact = Fact::new(
            FactId::new(Kind::Constraint, ["public", "t", "c"]),
            Some(table.clone()),
        );
        fact.payload
            .insert("definition".into(), Value::Text(expression.into()));
        state.insert(Fact::new(table.clone(), None));
        state.insert(fact);
        if extra {
            state.insert(Fact::new(
                FactId::about(Kind::Comment, &table, None),
                Some(table),
            ));
        }
        state
    }

    #[test]
    fn differences() {
        let (a, b) = (state("x", false), state("y", true));
        assert_eq!(compare(&a, &a), []);
        let changes = compare(&a, &b);
        let shown: Vec<String> = changes
            .iter()
            .map(|one| format!("{:?} {} of {}", one.change, one.fact, one.object))
            .collect();
        assert_eq!(
            shown,
            [
                "Changed constraint public.t.c of table public.t",
                "Added comment table public.t of table public.t",
            ]
        );
        assert_eq!(changes[0].attributes[0].from, Some(Value::Text("x".into())));
        let back = compare(&b, &a);
        assert_eq!(back[1].change, ChangeKind::Removed);
    }

    #[test]
    fn expressions_that_are_the_same_once_read_again() {
        let (a, b) = (state("x", false), state("y", true));
        let mut changes = compare(&a, &b);
        assert!(expressions_differ(&changes));
        settle(&mut changes, &state("z", false), &state("w", true));
        assert_eq!(changes.len(), 2);
        settle(&mut changes, &state("z", false), &state("z", true));
        assert_eq!(changes.len(), 1);
    }
}
