//! What tables have of each other, in which order it goes and comes.

use std::collections::{BTreeMap, BTreeSet};

use super::order::Graph;
use crate::diff::alter;
use crate::diff::order::comes_from_parent;
use crate::schema::facts::{Fact, FactId, Kind, State};

impl Graph<'_, '_> {
    /// Bounds of partitions are free before others take them; parents go before others come, and come
    /// in their order.
    pub(super) fn add_inheritance(&mut self) {
        for kind in [Kind::Partition, Kind::Inheritance] {
            self.add_links(kind);
        }
        self.add_parent_columns();
        self.add_new_heirs();
        self.add_children_of_several();
        self.add_referred_keys();
        self.add_inherited_checks();
    }

    fn add_links(&mut self, kind: Kind) {
        let delta = self.delta;
        let key = |fact: &Fact| {
            let text = |key| fact.text(key).unwrap_or_default().to_owned();
            if kind == Kind::Partition {
                (text("of_schema"), text("of_table"))
            } else {
                (fact.id.part(0).to_owned(), fact.id.part(1).to_owned())
            }
        };
        let gone = delta
            .from
            .of_kind(kind)
            .filter(|one| delta.gone.contains(&one.id));
        let mut rivals: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
        for old in gone {
            rivals.entry(key(old)).or_default().push(old);
        }
        // What several parents have is lost with the last one.
        for left in rivals.values().filter(|_| kind == Kind::Inheritance) {
            for pair in left.windows(2) {
                self.wait_for(self.gone(&pair[1].id), self.gone(&pair[0].id));
            }
        }
        let made = delta
            .to
            .of_kind(kind)
            .filter(|one| delta.made.contains(&one.id));
        let mut made: Vec<&Fact> = made.collect();
        made.sort_by_key(|one| (key(one), one.number("place")));
        for new in &made {
            for old in rivals.get(&key(new)).into_iter().flatten() {
                self.wait_for(self.made(&new.id), self.gone(&old.id));
            }
        }
        for link in delta.to.of_kind(kind) {
            let rebound = self.altered(&link.id);
            for old in rivals.get(&key(link)).into_iter().flatten() {
                self.wait_for(rebound.clone(), self.gone(&old.id));
            }
            for new in made.iter().filter(|new| key(new) == key(link)) {
                self.wait_for(self.made(&new.id), rebound.clone());
            }
        }
        for pair in made.windows(2).filter(|_| kind == Kind::Inheritance) {
            if key(pair[0]) == key(pair[1]) {
                self.wait_for(self.made(&pair[1].id), self.made(&pair[0].id));
            }
        }
    }

    /// A column's parent is changed first.
    fn add_parent_columns(&mut self) {
        let delta = self.delta;
        for id in delta.altered.keys().filter(|id| id.kind == Kind::Column) {
            let Some(column) = delta.to.get(id) else {
                continue;
            };
            for parent in alter::parents(delta.to, column) {
                self.wait_for(self.altered(id), self.altered(&parent));
            }
        }
    }

    /// A table that is made of another one has the columns that this gets.
    fn add_new_heirs(&mut self) {
        let delta = self.delta;
        let columns = delta.to.of_kind(Kind::Column);
        for column in columns.filter(|one| one.hint_flag("inherited")) {
            let is_new = column
                .parent
                .as_ref()
                .is_some_and(|table| table.kind == Kind::Table && delta.made.contains(table));
            if is_new && comes_from_parent(delta.to, column) {
                for parent in alter::parents(delta.to, column) {
                    self.wait_for(self.made(&column.id), self.made(&parent));
                }
            }
        }
    }

    /// What several tables have for a child is changed in none of them by itself: such a child is gone by
    /// then, or is not there yet.
    fn add_children_of_several(&mut self) {
        let delta = self.delta;
        for (state, set) in [(delta.from, &delta.gone), (delta.to, &delta.made)] {
            let mut parents: BTreeMap<FactId, Vec<[String; 2]>> = BTreeMap::new();
            for link in state.of_kind(Kind::Inheritance) {
                let child = link.parent.clone().filter(|child| set.contains(child));
                if let Some(child) = child {
                    let parent = [link.id.part(2), link.id.part(3)].map(str::to_owned);
                    parents.entry(child).or_default().push(parent);
                }
            }
            for (child, parents) in parents.iter().filter(|(_, all)| all.len() > 1) {
                let columns = parents
                    .iter()
                    .flat_map(|parent| state.under(Kind::Column, parent));
                for column in columns {
                    self.wait_for(self.altered(&column.id), self.gone(child));
                    self.wait_for(self.made(child), self.altered(&column.id));
                }
            }
        }
    }

    /// A foreign key takes the key that it finds: those that are to go are gone by then.
    fn add_referred_keys(&mut self) {
        let delta = self.delta;
        let made = delta.to.of_kind(Kind::ForeignKey);
        for key in made.filter(|key| delta.made.contains(&key.id)) {
            let referred = delta.to.needs(&key.id).filter_map(FactId::relation);
            let referred: BTreeSet<(&str, &str)> = referred.collect();
            for (schema, table) in referred {
                let path = [schema, table].map(str::to_owned);
                for kind in [Kind::Constraint, Kind::Index] {
                    for one in delta.from.under(kind, &path) {
                        self.wait_for(self.made(&key.id), self.gone(&one.id));
                    }
                }
            }
        }
    }

    fn add_inherited_checks(&mut self) {
        let delta = self.delta;
        for id in delta.gone.iter().filter(|id| id.kind == Kind::Constraint) {
            for parent in delta.inherited_checks(id) {
                self.wait_for(self.gone(id), self.gone(&parent));
                self.wait_for(self.made(&parent), self.gone(id));
            }
        }
    }

    /// A table that survives a crash refers to none that does not.
    pub(super) fn add_persistence(&mut self) {
        let delta = self.delta;
        let changes = |id: &FactId| {
            let flag = |state: &State| state.get(id).map(|one| one.flag("unlogged"));
            delta.altered.contains_key(id) && flag(delta.from) != flag(delta.to)
        };
        for key in delta.from.of_kind(Kind::ForeignKey) {
            let referred = delta.from.needs(&key.id).filter_map(FactId::relation);
            let tables = referred.filter_map(|(schema, name)| delta.from.relation(schema, name));
            for table in tables.chain(key.parent.clone()).filter(|id| changes(id)) {
                self.wait_for(self.altered(&table), self.gone(&key.id));
            }
        }
        let mut pairs = Vec::new();
        for key in delta.to.of_kind(Kind::ForeignKey) {
            let Some(table) = key.parent.clone().filter(|id| changes(id)) else {
                continue;
            };
            for (schema, name) in delta.to.needs(&key.id).filter_map(FactId::relation) {
                let other = delta.to.relation(schema, name);
                if let Some(other) = other.filter(|other| *other != table && changes(other)) {
                    pairs.push((table.clone(), other));
                }
            }
        }
        for (referring, referred) in pairs {
            let becomes_unlogged = delta
                .to
                .get(&referred)
                .is_some_and(|one| one.flag("unlogged"));
            let (first, then) = if becomes_unlogged {
                (referring, referred)
            } else {
                (referred, referring)
            };
            self.wait_for(self.altered(&then), self.altered(&first));
        }
    }
}
