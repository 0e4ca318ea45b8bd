//! What is left out of both states, and differs in them all the same: a step that needs it fails,
//! through no mistake of the plan.

use std::collections::BTreeSet;

use super::error::AutogenerateError;
use crate::diff::{self, Change};
use crate::graph::Target;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::states::Scratch;
use crate::schema::facts::{FactId, Scope, State};
use crate::source::SqlText;

/// What was to be done, and between what.
pub(super) struct Needed<'n> {
    /// In what the states differ within the scope.
    pub(super) changes: &'n [Change],
    /// What leads to the one state.
    pub(super) targets: &'n [Target],
    /// What makes the other one.
    pub(super) texts: &'n [SqlText],
    pub(super) scope: &'n Scope,
}

impl Migrator {
    /// The same error, unless a plan that is not proved needs what is out of the scope and not the
    /// same on both sides.
    pub(super) async fn blame(
        &self,
        error: Error,
        needed: &Needed<'_>,
        scratch: &mut Scratch<'_>,
    ) -> Error {
        let Error::Autogenerate(AutogenerateError::Unproved(unproved)) = error else {
            return error;
        };
        match self.excluded(needed, scratch).await {
            Ok(objects) if !objects.is_empty() => {
                AutogenerateError::Excluded { objects, unproved }.into()
            }
            // What cannot be looked at is no excuse.
            Ok(_) | Err(_) => AutogenerateError::Unproved(unproved).into(),
        }
    }

    async fn excluded(
        &self,
        needed: &Needed<'_>,
        scratch: &mut Scratch<'_>,
    ) -> Result<BTreeSet<FactId>, Error> {
        let all = Scope::default();
        let from = self.built(needed.targets, &all, scratch).await?;
        let texts = needed.texts.to_vec();
        let to = self.built_declared(texts, &all, scratch).await?;
        let changed = needed.changes.iter().map(|change| &change.fact);
        Ok(beneath(changed, [&from, &to], needed.scope))
    }
}

/// The objects out of the scope in which two states differ and on which these facts depend, be it by
/// way of others.
fn beneath<'f>(
    facts: impl Iterator<Item = &'f FactId>,
    states: [&'f State; 2],
    scope: &Scope,
) -> BTreeSet<FactId> {
    let mut reached: BTreeSet<&FactId> = facts.collect();
    let mut left: Vec<&FactId> = reached.iter().copied().collect();
    while let Some(id) = left.pop() {
        for state in states {
            for on in state.needs(id) {
                if reached.insert(on) {
                    left.push(on);
                }
            }
        }
    }
    let [from, to] = states;
    let differs = diff::compare(from, to).into_iter();
    differs
        .filter(|change| !scope.holds(&change.fact))
        .filter(|change| reached.contains(&change.fact) || reached.contains(&change.object))
        .map(|change| change.object)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts::{Fact, Kind, Pattern, Value};

    fn state(labels: &str) -> State {
        let mut state = State::empty(150_000, "me");
        for name in ["mood", "other"] {
            let mut one = Fact::new(FactId::new(Kind::Enum, ["kept", name]), None);
            let labels = Value::List(vec![labels.to_owned()]);
            one.payload.insert("labels".to_owned(), labels);
            state.insert(one);
        }
        let domain = FactId::new(Kind::Domain, ["public", "d"]);
        let column = FactId::new(Kind::Column, ["public", "t", "a"]);
        for id in [&domain, &column] {
            state.insert(Fact::new(id.clone(), None));
        }
        state.connect(domain.clone(), FactId::new(Kind::Enum, ["kept", "mood"]));
        state.connect(column, domain);
        state
    }

    #[test]
    fn only_what_is_needed_is_named() {
        let column = FactId::new(Kind::Column, ["public", "t", "a"]);
        let scope = Scope {
            include: Vec::new(),
            exclude: vec![Pattern::schema("kept")],
        };
        let (old, new) = (state("a"), state("b"));
        let named = |facts: &[FactId], scope: &Scope, old: &State| {
            let found = beneath(facts.iter(), [old, &new], scope);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let facts = [column];
        assert_eq!(named(&facts, &scope, &old), ["enum kept.mood"]);
        // Nothing of it changes, it is the same, or it is looked at.
        assert!(named(&[], &scope, &old).is_empty());
        assert!(named(&facts, &scope, &new).is_empty());
        assert!(named(&facts, &Scope::default(), &old).is_empty());
    }
}
