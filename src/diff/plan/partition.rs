//! Tables that become partitions or children of others, or are so no more: what they have of those, and
//! in which order all of that changes.

use std::collections::{BTreeMap, BTreeSet};

use super::delta::Delta;
use super::node::Node;
use super::order::Graph;
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind, State};

/// The facts of which one says that a column's table has its columns of the table of the other.
pub(super) fn links(column: &FactId, parent: &FactId) -> [FactId; 2] {
    let child = [column.part(0), column.part(1)];
    let both = [child[0], child[1], parent.part(0), parent.part(1)];
    [
        FactId::new(Kind::Partition, child),
        FactId::new(Kind::Inheritance, both),
    ]
}

/// The index of the whole that a partition's is a part of; a constraint's it may be.
pub(super) fn index_of_whole(attachment: &Fact) -> [FactId; 2] {
    let text = |key| attachment.text(key).unwrap_or_default();
    let path = [text("of_schema"), text("of_table"), text("of_index")];
    [
        FactId::new(Kind::Index, path),
        FactId::new(Kind::Constraint, path),
    ]
}

/// The trigger that a partition's is a copy of.
pub(super) fn trigger_of_whole(copy: &Fact) -> FactId {
    let text = |key| copy.text(key).unwrap_or_default();
    let path = [text("of_schema"), text("of_table"), text("of_trigger")];
    FactId::new(Kind::Trigger, path)
}

/// The index that an attachment is of, alike.
pub(super) fn own_index(attachment: &FactId) -> [FactId; 2] {
    let path = || attachment.path().iter().cloned();
    [
        FactId::new(Kind::Index, path()),
        FactId::new(Kind::Constraint, path()),
    ]
}

/// The schemas and names of the tables that a table is a part of, from the nearest up; those that are no
/// parts of others by a link which `stays` are the last.
fn wholes(state: &State, link: &Fact, stays: impl Fn(&FactId) -> bool) -> Vec<[String; 2]> {
    let mut found = Vec::new();
    let mut link = Some(link);
    while let Some(fact) = link {
        let text = |key| fact.text(key).unwrap_or_default().to_owned();
        let whole = [text("of_schema"), text("of_table")];
        let id = FactId::new(Kind::Partition, whole.clone());
        link = state.get(&id).filter(|one| stays(&one.id));
        found.push(whole);
    }
    found
}

/// What partitions have of a partitioned table: checks, and foreign keys.
fn shared<'s>(state: &'s State, table: &'s [String]) -> impl Iterator<Item = &'s Fact> + 's {
    let keys = state.under(Kind::ForeignKey, table);
    let constraints = state.under(Kind::Constraint, table);
    constraints.filter(|one| is_check(one)).chain(keys)
}

/// The checks that the children of a table have of it, and of its own parents.
fn handed_down(state: &State, table: [String; 2]) -> Vec<&Fact> {
    let (mut found, mut seen, mut left) = (Vec::new(), BTreeSet::new(), vec![table]);
    while let Some(table) = left.pop() {
        if !seen.insert(table.clone()) {
            continue;
        }
        let checks = state.of_kind(Kind::Constraint).filter(|one| {
            let is_of_table = one.id.path().starts_with(&table);
            let text = one.text("definition").unwrap_or_default();
            is_of_table && is_check(one) && !text.contains(" NO INHERIT")
        });
        found.extend(checks);
        let above = state.of_kind(Kind::Inheritance);
        left.extend(
            above
                .map(ends)
                .filter(|(child, _)| *child == table)
                .map(|(_, parent)| parent),
        );
    }
    found
}

fn is_check(fact: &Fact) -> bool {
    fact.text("type") == Some("check")
}

impl<'s> Delta<'s> {
    /// A parent that comes is the last one: those that are to be behind it leave, and come again.
    pub(super) fn settle_order_of_parents(&mut self) {
        let mut parents: BTreeMap<[String; 2], Vec<&Fact>> = BTreeMap::new();
        for link in self.to.of_kind(Kind::Inheritance) {
            parents.entry(ends(link).0).or_default().push(link);
        }
        for links in parents.values_mut() {
            links.sort_by_key(|link| link.number("place"));
            let mut last = None;
            let mut links = links.iter().skip_while(|link| {
                let place = self.from.get(&link.id).and_then(|old| old.number("place"));
                let stays = place.is_some() && place > last && !self.gone.contains(&link.id);
                last = place;
                stays
            });
            let again: Vec<FactId> = links.by_ref().map(|link| link.id.clone()).collect();
            for id in again {
                self.remove(&id);
            }
        }
    }

    /// What tables keep of those that they were partitions of, and what they are to have of those that
    /// they become partitions of.
    pub(super) fn settle_partitions(&mut self) {
        let (from, to) = (self.from, self.to);
        for link in from.of_kind(Kind::Partition) {
            if self.is_detached(link) {
                self.settle_detached(link);
            }
        }
        for link in from.of_kind(Kind::Inheritance) {
            if self.is_detached(link) {
                self.settle_left(link);
            }
        }
        for link in to.of_kind(Kind::Inheritance) {
            self.settle_given(link);
        }
        for link in to.of_kind(Kind::Partition) {
            if self.made.contains(&link.id) {
                self.settle_attached(link);
            }
        }
    }

    /// What changes a trigger changes its copies: those that are to be otherwise are told again.
    pub(super) fn keep_trigger_copies(&mut self) {
        for copy in self.to.of_kind(Kind::PartitionTrigger) {
            let is_there = self.from.has(&copy.id) && !self.gone.contains(&copy.id);
            let is_changed = self
                .to
                .needs(&copy.id)
                .filter(|on| matches!(on.kind, Kind::Partition | Kind::Trigger))
                .any(|on| self.altered.contains_key(on));
            if is_there && is_changed {
                let sql = vec![emit::set_enabled(copy)];
                self.altered.insert(copy.id.clone(), sql);
            }
        }
    }

    /// What makes a partition's copy of a trigger like that of the whole again.
    pub(super) fn as_the_whole(&self, copy: &Fact) -> Vec<String> {
        let Some(whole) = self.to.get(&trigger_of_whole(copy)) else {
            return Vec::new();
        };
        let mut like = copy.clone();
        like.payload = whole.payload.clone();
        vec![emit::set_enabled(&like)]
    }

    /// The partitions that are taken off and put back by other bounds with this one, which is the first of
    /// them; none with another one.
    pub(super) fn rebound_with(&self, link: &Fact) -> Vec<&'s Fact> {
        let (_, whole) = ends(link);
        let all = self.to.of_kind(Kind::Partition);
        let all = all.filter(|one| self.altered.contains_key(&one.id) && ends(one).1 == whole);
        let all: Vec<&Fact> = all.collect();
        match all.first() {
            Some(first) if first.id == link.id => all,
            _ => Vec::new(),
        }
    }

    /// Takes partitions off, and puts them back by their new bounds.
    pub(super) fn rebind(&self, link: &Fact) -> Vec<String> {
        let all = self.rebound_with(link);
        let old = all.iter().filter_map(|link| self.from.get(&link.id));
        let detached = old.flat_map(|link| emit::drop(self.from, link));
        let attached = all
            .iter()
            .flat_map(|link| emit::create(self.to, link, &[], None));
        detached.chain(attached).collect()
    }

    /// Whether a table stays, and is no partition any more, or is so of another one or by another bound.
    fn is_detached(&self, link: &Fact) -> bool {
        let table = link.parent.as_ref();
        self.gone.contains(&link.id) && table.is_some_and(|table| !self.gone.contains(table))
    }

    /// It keeps the checks and foreign keys that it had of the whole: they are its own then, and are to
    /// be what the second state says.
    fn settle_detached(&mut self, link: &Fact) {
        for whole in wholes(self.from, link, |_| true) {
            for fact in shared(self.from, &whole) {
                self.keep(link, fact);
            }
        }
    }

    /// A table that leaves another one by a link has a constraint of that for its own from then on.
    fn keep(&mut self, link: &Fact, constraint: &Fact) {
        let path = [link.id.part(0), link.id.part(1), constraint.id.last()];
        let own = FactId::new(constraint.id.kind, path);
        if self.from.has(&own) {
            return;
        }
        match self.to.get(&own) {
            Some(new) if new.payload == constraint.payload => {
                self.made.remove(&own);
            }
            _ => self.kept.entry(link.id.clone()).or_default().push(own),
        }
    }

    /// A child of no parent any more keeps its checks, unless it has them of another one, or loses them with
    /// one that it leaves after this one.
    fn settle_left(&mut self, link: &Fact) {
        let (child, parent) = ends(link);
        let others = self.from.under(Kind::Inheritance, &child);
        let others = others.filter(|one| {
            let stays = !self.gone.contains(&one.id);
            stays || one.id > link.id
        });
        let elsewhere: BTreeSet<&str> = others
            .flat_map(|one| handed_down(self.from, ends(one).1))
            .map(|check| check.id.last())
            .collect();
        for check in handed_down(self.from, parent) {
            if !elsewhere.contains(check.id.last()) {
                self.keep(link, check);
            }
        }
    }

    /// A table that becomes a child of another one is to have the checks of that, and not for itself: those
    /// that are there are made anew.
    fn settle_given(&mut self, link: &Fact) {
        let (child, parent) = ends(link);
        let table = link.parent.as_ref();
        let is_there = table.is_some_and(|table| !self.made.contains(table));
        if !is_there || !self.made.contains(&link.id) {
            return;
        }
        for check in handed_down(self.to, parent) {
            let own = FactId::new(Kind::Constraint, [&*child[0], &*child[1], check.id.last()]);
            let has_it = self.from.has(&own) && self.to.has(&own) && !self.made.contains(&own);
            if !has_it {
                self.remove(&check.id);
                self.altered.remove(&check.id);
            }
        }
    }

    /// It is to have the checks of the whole, and those of its own become that. Foreign keys it is
    /// given, where it has none.
    fn settle_attached(&mut self, link: &Fact) {
        let wholes = wholes(self.to, link, |link| !self.made.contains(link));
        for fact in wholes.iter().flat_map(|whole| shared(self.to, whole)) {
            let is_there = self.from.has(&fact.id)
                && !self.made.contains(&fact.id)
                && !self.altered.contains_key(&fact.id);
            if !is_there {
                continue;
            }
            let path = [link.id.part(0), link.id.part(1), fact.id.last()];
            let own = FactId::new(fact.id.kind, path);
            let held = self.from.get(&own).filter(|_| !self.made.contains(&own));
            if held.is_some_and(|held| held.payload == fact.payload) && !self.to.has(&own) {
                self.gone.remove(&own);
            } else if is_check(fact) {
                let mut check = Fact::new(own, None);
                check.payload = fact.payload.clone();
                self.lent.entry(link.id.clone()).or_default().push(check);
            }
        }
    }
}

impl Graph<'_, '_> {
    pub(super) fn add_partitions(&mut self) {
        let (from, to) = (self.delta.from, self.delta.to);
        for kind in [Kind::Partition, Kind::Inheritance] {
            for link in from.of_kind(kind) {
                if self.delta.is_detached(link) {
                    self.leave(link);
                }
            }
            for link in to.of_kind(kind) {
                if self.delta.made.contains(&link.id) {
                    self.join(link);
                }
                if self.delta.altered.contains_key(&link.id) {
                    self.rebind(link);
                }
            }
        }
    }

    /// A table is taken from another one before either changes.
    fn leave(&mut self, link: &Fact) {
        let leaves = self.gone(&link.id);
        let (child, parent) = ends(link);
        for id in self
            .columns(&child)
            .into_iter()
            .chain(self.columns(&parent))
        {
            self.change_after(&id, &leaves);
        }
        for id in self.own(&child) {
            self.wait_for(self.made(&id), leaves.clone());
        }
        // What several parents have for it is changed in none of them by itself.
        for id in self.columns_beside(self.delta.from, link) {
            self.change_after(&id, &leaves);
        }
        if link.id.kind != Kind::Partition {
            for check in handed_down(self.delta.from, parent) {
                self.change_after(&check.id, &leaves);
            }
            return;
        }
        let states = [self.delta.from, self.delta.to];
        for whole in wholes(states[0], link, |_| true) {
            for fact in states.into_iter().flat_map(|state| shared(state, &whole)) {
                self.change_after(&fact.id, &leaves);
            }
        }
        let above = FactId::new(Kind::Partition, parent);
        self.wait_for(self.gone(&above), leaves);
    }

    /// A partition that is taken off and put back would be given the indexes that come.
    fn rebind(&mut self, link: &Fact) {
        let (_, parent) = ends(link);
        for other in self.delta.rebound_with(link).iter().skip(1) {
            self.wait_for(self.altered(&other.id), self.altered(&link.id));
        }
        for kind in [Kind::Index, Kind::Constraint] {
            for fact in self.delta.to.under(kind, &parent) {
                if !is_check(fact) {
                    self.wait_for(self.made(&fact.id), self.altered(&link.id));
                }
            }
        }
    }

    fn change_after(&mut self, id: &FactId, first: &Option<Node>) {
        for then in [self.gone(id), self.altered(id), self.made(id)] {
            self.wait_for(then, first.clone());
        }
    }

    /// A table is given to another one when both are as they will be, but for the checks that it is to
    /// have of that.
    fn join(&mut self, link: &Fact) {
        let joins = self.made(&link.id);
        let (child, parent) = ends(link);
        let is_new = link
            .parent
            .as_ref()
            .is_some_and(|id| self.delta.made.contains(id));
        if link.id.kind == Kind::Inheritance && is_new {
            // It is made as a child.
            return;
        }
        for id in self
            .columns(&child)
            .into_iter()
            .chain(self.columns(&parent))
        {
            for first in [self.gone(&id), self.altered(&id), self.made(&id)] {
                self.wait_for(joins.clone(), first);
            }
        }
        for id in self.columns_beside(self.delta.to, link) {
            self.wait_for(joins.clone(), self.altered(&id));
        }
        for id in self.own(&child) {
            self.wait_for(joins.clone(), self.gone(&id));
        }
        // It brings its indexes along, or they would be made twice. It is to get none of those that go:
        // its own may be taken for one.
        for kind in [Kind::Index, Kind::Constraint] {
            for fact in self.delta.from.under(kind, &parent) {
                if !is_check(fact) {
                    self.wait_for(joins.clone(), self.gone(&fact.id));
                }
            }
            for fact in self.delta.to.under(kind, &child) {
                self.wait_for(joins.clone(), self.made(&fact.id));
            }
        }
        let states = [self.delta.from, self.delta.to];
        for state in states {
            let checks: Vec<&Fact> = match link.id.kind {
                Kind::Inheritance => handed_down(state, parent.clone()),
                _ => shared(state, &parent).filter(|one| is_check(one)).collect(),
            };
            for check in checks {
                self.wait_for(joins.clone(), self.gone(&check.id));
                self.wait_for(self.made(&check.id), joins.clone());
            }
        }
        let above = FactId::new(Kind::Partition, parent);
        self.wait_for(joins.clone(), self.gone(&above));
        self.wait_for(self.made(&above), joins);
    }

    /// The columns of the parents that a child has besides this one, and keeps.
    fn columns_beside(&self, state: &State, link: &Fact) -> Vec<FactId> {
        let (child, _) = ends(link);
        let others = state.under(Kind::Inheritance, &child);
        let others = others.filter(|one| {
            let id = &one.id;
            !self.delta.gone.contains(id) && !self.delta.made.contains(id)
        });
        others.flat_map(|one| self.columns(&ends(one).1)).collect()
    }

    fn columns(&self, table: &[String]) -> BTreeSet<FactId> {
        self.under(&[Kind::Column], table)
    }

    /// What a table has for itself, and may get from another one under the same name.
    fn own(&self, table: &[String]) -> BTreeSet<FactId> {
        let kinds = [Kind::Constraint, Kind::ForeignKey, Kind::Trigger];
        self.under(&kinds, table)
    }

    /// The facts of these kinds that a table has in either state.
    fn under(&self, kinds: &[Kind], table: &[String]) -> BTreeSet<FactId> {
        let states = [self.delta.from, self.delta.to].into_iter();
        let facts =
            states.flat_map(|state| kinds.iter().flat_map(|kind| state.under(*kind, table)));
        facts.map(|fact| fact.id.clone()).collect()
    }
}

/// The table that is a part, and the one that it is a part of.
fn ends(link: &Fact) -> ([String; 2], [String; 2]) {
    let id = &link.id;
    let child = [id.part(0), id.part(1)].map(str::to_owned);
    let parent = match id.kind {
        Kind::Partition => ["of_schema", "of_table"].map(|key| link.text(key).unwrap_or_default()),
        _ => [id.part(2), id.part(3)],
    };
    (child, parent.map(str::to_owned))
}
