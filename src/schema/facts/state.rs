use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Fact, FactId, Kind, Scope, Value};
use crate::checksum::Fingerprint;

/// An object of a kind that is not modelled: it is there, and no fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unmodelled {
    /// What it is, as people say it: `conversion`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// All facts of a database, and what depends on what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The version of the server that it was read from, as one number: 150004 is 15.4.
    pub server_version_num: i32,
    /// The role at home in it: what this one owns has no fact of an owner.
    pub home: String,
    /// The role that read it.
    pub reader: String,
    facts: BTreeMap<FactId, Fact>,
    /// What depends, and on what.
    edges: BTreeSet<(FactId, FactId)>,
    /// What is there and is no fact.
    pub unmodelled: Vec<Unmodelled>,
    /// What is there and is no fact because the role that read may not see all of it.
    pub unseen: BTreeSet<FactId>,
}

impl State {
    /// A state without a fact.
    #[must_use]
    pub fn new(server_version_num: i32, home: &str) -> Self {
        Self {
            server_version_num,
            home: home.to_owned(),
            reader: home.to_owned(),
            ..Self::default()
        }
    }

    /// What every new database of this server version has.
    #[must_use]
    pub fn empty(server_version_num: i32, home: &str) -> Self {
        let mut state = Self::new(server_version_num, home);
        let public = FactId::new(Kind::Schema, ["public"]);
        state.insert(Fact::new(public.clone(), None));
        let id = FactId::about(Kind::Grant, &public, Some("public"));
        let mut grant = Fact::new(id, Some(public));
        let rights: &[&str] = if server_version_num >= 150_000 {
            &["USAGE"]
        } else {
            &["CREATE", "USAGE"]
        };
        let rights = rights.iter().map(|&right| right.to_owned()).collect();
        grant
            .payload
            .insert("privileges".to_owned(), Value::List(rights));
        state.insert(grant);
        state
    }

    /// Adds a fact, in place of one with the same id.
    pub fn insert(&mut self, fact: Fact) {
        self.facts.insert(fact.id.clone(), fact);
    }

    /// Makes a fact that is there a part of another one.
    pub fn adopt(&mut self, id: &FactId, parent: FactId) {
        if let Some(fact) = self.facts.get_mut(id) {
            fact.parent = Some(parent);
        }
    }

    /// Adds that one fact depends on another. An edge to itself, or to and from its own parent, is
    /// none: that is known without it.
    pub fn connect(&mut self, dependant: FactId, on: FactId) {
        if dependant != on {
            self.edges.insert((dependant, on));
        }
    }

    /// The facts by id.
    #[must_use]
    pub fn facts(&self) -> &BTreeMap<FactId, Fact> {
        &self.facts
    }

    /// The fact of this id.
    #[must_use]
    pub fn get(&self, id: &FactId) -> Option<&Fact> {
        self.facts.get(id)
    }

    /// Whether there is a fact of this id.
    #[must_use]
    pub fn has(&self, id: &FactId) -> bool {
        self.facts.contains_key(id)
    }

    /// The facts of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Fact> {
        let start = FactId::new(kind, std::iter::empty::<String>());
        self.facts
            .range(start..)
            .map(|(_, fact)| fact)
            .take_while(move |fact| fact.id.kind == kind)
    }

    /// The facts of a kind whose names begin with these.
    pub fn under<'s>(&'s self, kind: Kind, path: &'s [String]) -> impl Iterator<Item = &'s Fact> {
        let start = FactId::new(kind, path.iter().cloned());
        self.facts
            .range(start..)
            .map(|(_, fact)| fact)
            .take_while(move |fact| fact.id.kind == kind && fact.id.path().starts_with(path))
    }

    /// What depends, and on what. Both are facts of this state.
    #[must_use]
    pub fn edges(&self) -> &BTreeSet<(FactId, FactId)> {
        &self.edges
    }

    /// What a fact depends on.
    pub fn needs(&self, id: &FactId) -> impl Iterator<Item = &FactId> {
        let first = FactId::new(Kind::Schema, std::iter::empty::<String>());
        let owner = id.clone();
        self.edges
            .range((id.clone(), first)..)
            .take_while(move |(dependant, _)| *dependant == owner)
            .map(|(_, on)| on)
    }

    /// The relation of this schema and name.
    #[must_use]
    pub fn relation(&self, schema: &str, name: &str) -> Option<FactId> {
        [
            Kind::Table,
            Kind::View,
            Kind::MaterializedView,
            Kind::ForeignTable,
        ]
        .into_iter()
        .map(|kind| FactId::new(kind, [schema, name]))
        .find(|id| self.has(id))
    }

    /// Leaves out what a scope does not hold, and the edges of it.
    pub fn retain(&mut self, scope: &Scope) {
        self.facts.retain(|id, _| scope.holds(id));
        self.unseen.retain(|id| scope.holds(id));
        self.prune();
    }

    /// Leaves out facts, and the edges of them.
    pub fn leave_out(&mut self, ids: &BTreeSet<FactId>) {
        self.facts.retain(|id, _| !ids.contains(id));
        self.prune();
    }

    /// Leaves out what is part of something that is not there, and edges that lead nowhere.
    pub fn prune(&mut self) {
        loop {
            let orphans: Vec<FactId> = self
                .facts
                .values()
                .filter(|fact| fact.parent.as_ref().is_some_and(|one| !self.has(one)))
                .map(|fact| fact.id.clone())
                .collect();
            if orphans.is_empty() {
                break;
            }
            for id in &orphans {
                self.facts.remove(id);
            }
        }
        let facts = &self.facts;
        self.edges
            .retain(|(dependant, on)| facts.contains_key(dependant) && facts.contains_key(on));
    }

    /// The roles that the facts name, in order; they belong to the cluster and are no facts.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<String> {
        let mut roles = BTreeSet::new();
        for fact in self.facts.values() {
            let id = &fact.id;
            match id.kind {
                Kind::Owner => roles.extend(fact.text("role").map(str::to_owned)),
                Kind::Grant => {
                    roles.insert(id.last().to_owned());
                }
                Kind::UserMapping => {
                    roles.insert(id.part(1).to_owned());
                }
                Kind::DefaultPrivileges => {
                    roles.extend([id.part(0).to_owned(), id.part(3).to_owned()]);
                }
                Kind::Policy => roles.extend(fact.list("roles").iter().cloned()),
                _ => {}
            }
        }
        let unseen = self.unseen.iter();
        let mapped = unseen.filter(|id| id.kind == Kind::UserMapping);
        roles.extend(mapped.map(|id| id.part(1).to_owned()));
        // PUBLIC is no role, and no role has its name.
        roles.retain(|role| !role.is_empty() && role != "public");
        roles
    }

    /// One value for all that counts: two states with the same one are equal.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut values = Vec::new();
        for fact in self.facts.values() {
            values.push(fact.id.kind.word().to_owned());
            values.push(fact.id.path().len().to_string());
            values.extend(fact.id.path().iter().cloned());
            values.push(fact.payload.len().to_string());
            for (name, value) in &fact.payload {
                values.push(name.clone());
                if let Value::List(list) = value {
                    values.push(format!("list {}", list.len()));
                    values.extend(list.iter().cloned());
                } else {
                    values.push(value.to_string());
                }
            }
        }
        Fingerprint::of(&values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_what_counts() {
        let empty = State::empty(150_000, "a");
        let mut other = State::empty(150_000, "b");
        assert_eq!(empty.fingerprint(), other.fingerprint());
        let id = FactId::new(Kind::Table, ["public", "t"]);
        let mut table = Fact::new(id.clone(), None);
        table.hints.insert("oid".into(), Value::Number(1));
        other.insert(table.clone());
        let before = other.fingerprint();
        assert_ne!(empty.fingerprint(), before);
        table.hints.clear();
        other.insert(table.clone());
        assert_eq!(other.fingerprint(), before);
        table.payload.insert("unlogged".into(), Value::Flag(true));
        other.insert(table);
        assert_ne!(other.fingerprint(), before);
        assert_ne!(
            empty.fingerprint(),
            State::empty(140_000, "a").fingerprint()
        );
    }

    #[test]
    fn what_is_left_out_takes_its_parts_along() {
        let mut state = State::empty(150_000, "a");
        let table = FactId::new(Kind::Table, ["tmp", "t"]);
        let column = FactId::new(Kind::Column, ["tmp", "t", "a"]);
        let view = FactId::new(Kind::View, ["public", "v"]);
        state.insert(Fact::new(table.clone(), None));
        state.insert(Fact::new(column.clone(), Some(table)));
        state.insert(Fact::new(view.clone(), None));
        state.connect(view.clone(), column);
        let scope = Scope {
            exclude: vec![crate::schema::facts::Pattern::schema("tmp")],
            ..Scope::default()
        };
        state.retain(&scope);
        assert_eq!(state.facts().len(), 3);
        assert!(state.has(&view));
        assert!(state.edges().is_empty());
    }
}
