//! What keeps rows right, or people out: it is not to be away between two transactions.

use super::delta::Delta;
use super::migrate::{Action, ActionKind};
use super::node::Node;
use crate::schema::facts::{Fact, Kind};

/// What a fact guards against; one can stand in for another one of its table that is of the same sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Two rows of one key, and rows that a subscriber cannot tell.
    Key,
    /// Rows that are not as they should be.
    Check,
    /// Rows that refer to none.
    Reference,
    /// Whatever a trigger or a rule is there for.
    Behaviour,
    /// People who may not see a row, or write it.
    Policy,
    /// Changes that a subscriber does not hear of.
    Publication,
}

/// What a node takes away or puts there that guards a table.
pub(super) fn guard(delta: &Delta, node: &Node) -> Option<Guard> {
    let id = node.id();
    let (old, new) = (delta.from.get(id), delta.to.get(id));
    let fact = match node {
        Node::Drop(_) => old?,
        Node::Create(_) | Node::Alter(_) => new?,
        Node::Aside(_) => return None,
    };
    let is_null = |fact: Option<&Fact>| fact.is_some_and(|fact| !fact.flag("not_null"));
    match id.kind {
        Kind::Constraint if fact.text("type") == Some("check") => Some(Guard::Check),
        Kind::Constraint | Kind::ReplicaIdentity => Some(Guard::Key),
        Kind::Index => {
            let definition = fact.text("definition").unwrap_or_default();
            let is_unique = definition.starts_with("CREATE UNIQUE ");
            is_unique.then_some(Guard::Key)
        }
        Kind::Column if is_null(old) && fact.flag("not_null") => Some(Guard::Check),
        Kind::ForeignKey => Some(Guard::Reference),
        Kind::Trigger | Kind::Rule => Some(Guard::Behaviour),
        Kind::Policy | Kind::RowSecurity => Some(Guard::Policy),
        Kind::PublicationTable | Kind::PublicationSchema => Some(Guard::Publication),
        _ => None,
    }
}

impl Action {
    /// Whether it puts back what another one takes away, or something else that does for it.
    pub(super) fn stands_in_for(&self, gone: &Self) -> bool {
        if self.fact == gone.fact {
            return self.action == ActionKind::Create;
        }
        let is_there = matches!(self.action, ActionKind::Create | ActionKind::Alter);
        let is_of_table = || {
            let table = self.fact.relation();
            table.is_some() && table == gone.fact.relation()
        };
        is_there && self.guard.is_some() && self.guard == gone.guard && is_of_table()
    }

    /// Whether another action has to be done before the last part of this one, and not before the first:
    /// the index of a key is built while there is another key, of another name.
    pub(super) fn waits_at_last(&self, before: &Self) -> bool {
        let is_built_first = self.online.as_ref().is_some_and(|way| way.parts.len() > 1);
        self.guard == Some(Guard::Key)
            && self.action == ActionKind::Create
            && is_built_first
            && before.guard == Some(Guard::Key)
            && before.action == ActionKind::Drop
            && before.fact.last() != self.fact.last()
    }
}
