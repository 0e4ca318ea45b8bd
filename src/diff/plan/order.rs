//! In which order it is done.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::delta::Delta;
use super::node::{Node, names};
use super::sequence::old_column;
use super::whole::Apart;
use crate::diff::alter;
use crate::diff::order::{Cycle, may_be_apart};
use crate::schema::facts::{Fact, FactId, Kind, State};

/// A node, the facts that go or come in it besides its own, and the steps that it waits for.
pub(super) struct Step {
    pub(super) node: Node,
    pub(super) with: Vec<FactId>,
    pub(super) after: BTreeSet<usize>,
}

/// All nodes in an order in which they can be done. What can be done together is done together, except
/// where that would be a circle.
pub(super) fn order(delta: &Delta) -> Result<Vec<Step>, Cycle> {
    let mut apart = Apart::default();
    loop {
        let graph = Graph::of(delta, &apart);
        let stuck = match graph.sort(delta) {
            Ok(steps) => return Ok(steps),
            Err(stuck) => stuck,
        };
        let before = apart.drops.len() + apart.creates.len();
        for id in &delta.made {
            let node = delta.create_node(id, &apart);
            let fact = delta.to.get(id);
            if node.id() != id && stuck.contains(&node) && fact.is_some_and(may_be_apart) {
                apart.creates.insert(id.clone());
            }
        }
        for id in &delta.gone {
            let node = delta.drop_node(id, &apart);
            let fact = delta.from.get(id);
            if node.id() != id && stuck.contains(&node) && fact.is_some_and(may_go_apart) {
                apart.drops.insert(id.clone());
            }
        }
        if apart.drops.len() + apart.creates.len() == before {
            return Err(Cycle {
                facts: stuck.iter().map(|node| node.id().clone()).collect(),
            });
        }
    }
}

/// What can be taken away before its parent is.
fn may_go_apart(fact: &Fact) -> bool {
    matches!(
        fact.id.kind,
        Kind::Default
            | Kind::ForeignKey
            | Kind::Constraint
            | Kind::DomainConstraint
            | Kind::Policy
            | Kind::Rule
            | Kind::Trigger
            | Kind::Partition
            | Kind::Inheritance
            | Kind::SequenceOwner
    )
}

pub(super) struct Graph<'d, 's> {
    pub(super) delta: &'d Delta<'s>,
    apart: &'d Apart,
    nodes: BTreeMap<Node, Vec<FactId>>,
    /// What waits, and for what.
    waits: BTreeMap<Node, BTreeSet<Node>>,
}

impl<'d, 's> Graph<'d, 's> {
    fn of(delta: &'d Delta<'s>, apart: &'d Apart) -> Self {
        let mut graph = Self {
            delta,
            apart,
            nodes: BTreeMap::new(),
            waits: BTreeMap::new(),
        };
        graph.add_nodes();
        graph.add_dependencies();
        graph.add_parents();
        graph.add_names();
        graph.add_namesakes();
        graph.add_columns();
        graph.add_partitions();
        graph.add_rights();
        graph.add_inheritance();
        graph.add_persistence();
        graph.add_row_types();
        graph
    }

    fn add_nodes(&mut self) {
        let delta = self.delta;
        for id in &delta.gone {
            let node = delta.drop_node(id, self.apart);
            let is_own = node.id() == id;
            let with = self.nodes.entry(node).or_default();
            if !is_own {
                with.push(id.clone());
            }
        }
        for id in &delta.aside {
            self.nodes.entry(Node::Aside(id.clone())).or_default();
        }
        for id in delta.altered.keys().chain(&delta.retyped) {
            self.nodes.entry(Node::Alter(id.clone())).or_default();
        }
        for id in &delta.made {
            let node = delta.create_node(id, self.apart);
            let is_own = node.id() == id;
            let with = self.nodes.entry(node).or_default();
            if !is_own {
                with.push(id.clone());
            }
        }
    }

    fn wait(&mut self, node: Node, on: Node) {
        if node != on && self.nodes.contains_key(&node) && self.nodes.contains_key(&on) {
            self.waits.entry(node).or_default().insert(on);
        }
    }

    /// One node waits for the other, where there are both.
    pub(super) fn wait_for(&mut self, node: Option<Node>, on: Option<Node>) {
        if let (Some(node), Some(on)) = (node, on) {
            self.wait(node, on);
        }
    }

    /// What has to be done before the name of a fact is free: of what is put aside, and its parts, that.
    fn end_node(&self, id: &FactId) -> Option<Node> {
        let gone = self.gone(id)?;
        let is_aside = self.delta.aside.contains(gone.id());
        Some(if is_aside {
            Node::Aside(gone.id().clone())
        } else {
            gone
        })
    }

    pub(super) fn gone(&self, id: &FactId) -> Option<Node> {
        let is_gone = self.delta.gone.contains(id);
        is_gone.then(|| self.delta.drop_node(id, self.apart))
    }

    pub(super) fn made(&self, id: &FactId) -> Option<Node> {
        let is_made = self.delta.made.contains(id);
        is_made.then(|| self.delta.create_node(id, self.apart))
    }

    pub(super) fn altered(&self, id: &FactId) -> Option<Node> {
        let is_altered = self.delta.altered.contains_key(id) || self.delta.retyped.contains(id);
        is_altered.then(|| Node::Alter(id.clone()))
    }

    /// What changes a fact: its own node, and those of the columns and the attribute that take a column
    /// along.
    fn altered_with(&self, id: &FactId) -> Vec<Node> {
        let delta = self.delta;
        let (mut found, mut left) = (Vec::new(), vec![id.clone()]);
        while let Some(id) = left.pop() {
            let Some(node) = self.altered(&id).filter(|node| !found.contains(node)) else {
                continue;
            };
            found.push(node);
            if let Some(column) = delta.to.get(&id).filter(|one| one.id.kind == Kind::Column) {
                left.extend(alter::parents(delta.to, column));
                left.extend(delta.typed_attribute(delta.to, column));
            }
        }
        found
    }

    fn add_dependencies(&mut self) {
        let delta = self.delta;
        for (dependant, on) in delta.from.edges() {
            self.tear(dependant, on);
        }
        for (dependant, on) in delta.to.edges() {
            self.build(dependant, on);
        }
    }

    /// In the first state, one fact depends on the other.
    fn tear(&mut self, dependant: &FactId, on: &FactId) {
        if let Some(first) = self.gone(dependant) {
            // What is of a type that is put aside is of that by its new name.
            let is_aside = self.delta.aside.contains(first.id());
            let is_type = matches!(first.id().kind, Kind::Composite | Kind::Domain);
            let end = if is_aside || is_type {
                self.gone(on)
            } else {
                self.end_node(on)
            };
            let altered = match self.is_in_the_way(dependant, on) {
                true => self.altered_with(on),
                false => Vec::new(),
            };
            for then in end.into_iter().chain(altered) {
                self.wait(then, first.clone());
            }
        } else {
            self.wait_for(self.gone(on), self.altered(dependant));
        }
    }

    /// Whether what depends on a fact has to be gone before that is changed in place.
    fn is_in_the_way(&self, dependant: &FactId, on: &FactId) -> bool {
        let delta = self.delta;
        let (old, new) = (delta.from.get(on), delta.to.get(on));
        let same = |key: &str| {
            old.and_then(|fact| fact.payload.get(key)) == new.and_then(|fact| fact.payload.get(key))
        };
        match on.kind {
            // A type gets labels whatever is of it.
            Kind::Enum => false,
            // A table is of a type when its columns are.
            Kind::Table => dependant.kind != Kind::Column || !same("of_type"),
            // Nothing is against there being no nulls.
            Kind::Column => {
                let becomes = new.is_some_and(|column| column.flag("not_null"));
                let others = ["type", "collation", "generated", "virtual", "identity"];
                let is_filled = !same("not_null") && becomes && others.into_iter().all(same);
                !is_filled || delta.retyped.contains(on)
            }
            _ => true,
        }
    }

    /// In the second state, one fact depends on the other.
    fn build(&mut self, dependant: &FactId, on: &FactId) {
        let firsts = [self.made(on), self.altered(on)];
        let then = self.made(dependant).or_else(|| self.altered(dependant));
        for first in firsts.into_iter().flatten() {
            if let Some(then) = then.clone() {
                self.wait(then, first);
            }
        }
    }

    fn add_parents(&mut self) {
        let (from, to) = (self.delta.from, self.delta.to);
        for fact in from.facts().values() {
            if let Some(parent) = &fact.parent {
                self.tear(&fact.id, parent);
            }
        }
        for fact in to.facts().values() {
            if let Some(parent) = &fact.parent
                && self.delta.made.contains(&fact.id)
            {
                self.build(&fact.id, parent);
            }
        }
        let both: Vec<FactId> = self
            .delta
            .gone
            .intersection(&self.delta.made)
            .cloned()
            .collect();
        for id in both {
            self.wait_for(self.made(&id), self.end_node(&id));
        }
    }

    fn add_names(&mut self) {
        let names = |state: &State, id: &FactId| {
            let text = state.get(id).and_then(|fact| fact.text("type"));
            let mut names = names(id, text != Some("check"));
            // Of a table, there is one.
            if text == Some("primary key") {
                names.push(("primary key", id.path()[..2].to_vec()));
            }
            names
        };
        let mut taken: BTreeMap<_, Vec<Node>> = BTreeMap::new();
        for id in &self.delta.gone {
            for name in names(self.delta.from, id) {
                taken.entry(name).or_default().extend(self.end_node(id));
            }
        }
        for id in &self.delta.made {
            for name in names(self.delta.to, id) {
                for first in taken.get(&name).cloned().unwrap_or_default() {
                    if let Some(then) = self.made(id) {
                        self.wait(then, first);
                    }
                }
            }
        }
    }

    /// A routine takes calls of fewer arguments when its namesake that took them is gone.
    fn add_namesakes(&mut self) {
        let delta = self.delta;
        for id in &delta.gone {
            for rival in delta.rivals(id) {
                self.wait_for(self.altered(rival), self.gone(id));
            }
        }
    }

    /// A column has a default or an identity.
    fn add_columns(&mut self) {
        let identity = |state: &'s State, gone: bool| -> Vec<(FactId, FactId)> {
            let set = if gone {
                &self.delta.gone
            } else {
                &self.delta.made
            };
            let sequences = state
                .of_kind(Kind::Sequence)
                .filter(|one| set.contains(&one.id));
            sequences
                .filter_map(|one| {
                    let path = one.list("identity_of");
                    let default = FactId::new(Kind::Default, path.iter().cloned());
                    (!path.is_empty()).then(|| (one.id.clone(), default))
                })
                .collect()
        };
        let (gone, made) = (
            identity(self.delta.from, true),
            identity(self.delta.to, false),
        );
        for (sequence, default) in &made {
            self.wait_for(self.made(sequence), self.gone(default));
        }
        let of_column: BTreeMap<&FactId, &FactId> =
            made.iter().map(|(new, column)| (column, new)).collect();
        for (old, column) in &gone {
            if let Some(new) = of_column.get(column) {
                self.wait_for(self.made(new), self.gone(old));
            }
        }
        for (sequence, default) in gone {
            self.wait_for(self.made(&default), self.gone(&sequence));
        }
        // The old one makes room, and the new one goes on where that stands.
        for (new, old) in &self.delta.goes_on {
            self.wait_for(self.made(new), self.gone(old));
            let column = FactId::new(Kind::Default, old_column(self.delta, old));
            self.wait_for(self.made(&column), self.made(new));
        }
    }

    /// What is taken for a whole table is taken before its columns' rights are given.
    fn add_rights(&mut self) {
        let delta = self.delta;
        let columns: Vec<(FactId, FactId)> = delta
            .made
            .iter()
            .filter(|id| id.kind == Kind::Grant)
            .filter_map(|id| {
                let column = id.subject().filter(|id| id.kind == Kind::Column)?;
                let table = delta.to.get(&column)?.parent.clone()?;
                let whole = FactId::about(Kind::Grant, &table, Some(id.last()));
                Some((id.clone(), whole))
            })
            .collect();
        for (column, table) in columns {
            let firsts = [self.gone(&table), self.altered(&table), self.made(&table)];
            for first in firsts.into_iter().flatten() {
                if let Some(then) = self.made(&column) {
                    self.wait(then, first);
                }
            }
        }
    }

    fn sort(mut self, delta: &Delta) -> Result<Vec<Step>, BTreeSet<Node>> {
        let mut left: BTreeMap<Node, usize> =
            self.nodes.keys().map(|node| (node.clone(), 0)).collect();
        let mut waiting: BTreeMap<&Node, Vec<&Node>> = BTreeMap::new();
        for (node, on) in &self.waits {
            left.insert(node.clone(), on.len());
            for on in on {
                waiting.entry(on).or_default().push(node);
            }
        }
        let ready = |node: &Node| Reverse((rank(delta, node), node.clone()));
        let mut heap: BinaryHeap<_> = left
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(node, _)| ready(node))
            .collect();
        let mut steps = Vec::with_capacity(self.nodes.len());
        let mut done: BTreeMap<Node, usize> = BTreeMap::new();
        while let Some(Reverse((_, node))) = heap.pop() {
            left.remove(&node);
            for next in waiting.get(&node).into_iter().flatten() {
                if let Some(count) = left.get_mut(*next) {
                    *count -= 1;
                    if *count == 0 {
                        heap.push(ready(next));
                    }
                }
            }
            let with = self.nodes.remove(&node).unwrap_or_default();
            let on = self.waits.get(&node).into_iter().flatten();
            let after = on.filter_map(|one| done.get(one).copied()).collect();
            done.insert(node.clone(), steps.len());
            steps.push(Step { node, with, after });
        }
        if left.is_empty() {
            Ok(steps)
        } else {
            Err(left.into_keys().collect())
        }
    }
}

/// What is done first where nothing else decides: what has to be out of the way, from the outside in;
/// then what is new or changed; at last what goes for good, and what will be so for new objects.
fn rank(delta: &Delta, node: &Node) -> (u8, Reverse<Option<Kind>>) {
    let kind = node.id().kind;
    if kind == Kind::DefaultPrivileges {
        return (4, Reverse(None));
    }
    match node {
        Node::Drop(id) if delta.made.contains(id) && !delta.aside.contains(id) => {
            (0, Reverse(Some(kind)))
        }
        Node::Aside(_) => (1, Reverse(None)),
        Node::Alter(_) | Node::Create(_) => (2, Reverse(None)),
        Node::Drop(_) => (3, Reverse(Some(kind))),
    }
}
