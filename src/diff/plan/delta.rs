//! Which facts go, which come, and which are changed where they are.

use std::collections::{BTreeMap, BTreeSet};

use super::name::Taken;
use super::partition::{index_of_whole, links, own_index};
use crate::diff::alter::{self, Rule};
use crate::diff::emit::qualified;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// What becomes of the facts of a state, so that it is another one.
pub(super) struct Delta<'s> {
    pub(super) from: &'s State,
    pub(super) to: &'s State,
    /// Facts of the first state that are taken away.
    pub(super) gone: BTreeSet<FactId>,
    /// Facts of the second state that are made.
    pub(super) made: BTreeSet<FactId>,
    /// Facts of both that are changed in place, and how.
    pub(super) altered: BTreeMap<FactId, Vec<String>>,
    /// Types that are made anew while columns keep values of them: the old one gets another name
    /// until they have the new one.
    pub(super) aside: BTreeSet<FactId>,
    /// Columns that get the new type of one that was put aside.
    pub(super) retyped: BTreeSet<FactId>,
    /// Constraints that a table keeps when it is a partition no more, and is to lose.
    pub(super) kept: BTreeMap<FactId, Vec<FactId>>,
    /// Checks that a table is to have before it becomes a partition, by what makes it one.
    pub(super) lent: BTreeMap<FactId, Vec<Fact>>,
    /// Sequences of columns that go on where another one of the column stands.
    pub(super) goes_on: BTreeMap<FactId, FactId>,
    /// The names that are in use.
    pub(super) taken: Taken,
    children: [BTreeMap<FactId, Vec<FactId>>; 2],
    dependants: [BTreeMap<&'s FactId, Vec<&'s FactId>>; 2],
    rules: BTreeMap<FactId, Rule>,
}

const FROM: usize = 0;
const TO: usize = 1;

impl<'s> Delta<'s> {
    pub(super) fn of(from: &'s State, to: &'s State) -> Self {
        let mut delta = Self {
            from,
            to,
            gone: BTreeSet::new(),
            made: BTreeSet::new(),
            altered: BTreeMap::new(),
            aside: BTreeSet::new(),
            retyped: BTreeSet::new(),
            kept: BTreeMap::new(),
            lent: BTreeMap::new(),
            goes_on: BTreeMap::new(),
            taken: Taken::of([from, to]),
            children: [children(from), children(to)],
            dependants: [dependants(from), dependants(to)],
            rules: BTreeMap::new(),
        };
        delta.settle();
        delta
    }

    fn settle(&mut self) {
        let (from, to) = (self.from, self.to);
        for (id, new) in to.facts() {
            match from.get(id) {
                None => {}
                Some(old) if old.payload != new.payload => {
                    let rule = alter::rule(from, to, old, new);
                    self.rules.insert(id.clone(), rule);
                }
                Some(_) => {}
            }
        }
        for id in from.facts().keys().filter(|id| !to.has(id)) {
            self.remove(id);
        }
        for id in to.facts().keys().filter(|id| !from.has(id)) {
            self.make(id);
        }
        self.replace_contained_domains();
        self.settle_order_of_parents();
        let rules = self.rules.clone();
        for (id, rule) in &rules {
            if matches!(rule, Rule::Replace) {
                self.replace(id);
            }
        }
        for (id, rule) in rules {
            match rule {
                _ if self.gone.contains(&id) => {}
                Rule::Replace => {}
                Rule::InPlace(sql) => {
                    self.altered.insert(id, sql);
                }
                Rule::Retype(sql) => {
                    if self.is_partition_key(&id) {
                        self.remove_table(&id);
                        continue;
                    }
                    self.clear_column(&id);
                    self.altered.insert(id, sql);
                }
            }
        }
        self.keep_column_grants();
        self.keep_not_null();
        self.retyped.retain(|id| !self.gone.contains(id));
        self.altered.retain(|id, _| !self.gone.contains(id));
        self.keep_trigger_copies();
        self.settle_partitions();
        self.goes_on = super::sequence::successors(self);
    }

    /// A fact that is changed by being made anew.
    fn replace(&mut self, id: &FactId) {
        if is_kind_of_values(id.kind) && self.has_values(id) {
            self.put_aside(id);
        } else if id.kind == Kind::Attribute {
            // Columns are of the whole type.
            let whole = FactId::new(Kind::Composite, [id.part(0), id.part(1)]);
            self.replace(&whole);
        } else {
            self.remove(id);
        }
    }

    /// Whether columns are of a type.
    fn has_values(&self, id: &FactId) -> bool {
        let dependants = self.dependants_of(id);
        dependants.into_iter().any(|dependant| {
            let stays = self.to.has(dependant) && !self.gone.contains(dependant);
            if stays {
                return self.holds_values(dependant);
            }
            // Columns of a row or a domain of it get another type.
            let whole = match dependant.kind {
                Kind::Attribute => Kind::Composite,
                Kind::Domain => Kind::Domain,
                _ => return false,
            };
            let whole = FactId::new(whole, [dependant.part(0), dependant.part(1)]);
            self.has_values(&whole)
        })
    }

    /// Whether a fact cannot be made anew without a loss.
    fn holds_values(&self, id: &FactId) -> bool {
        match id.kind {
            Kind::Attribute | Kind::Domain => true,
            Kind::Column => {
                let is_generated = |state: &State| {
                    state
                        .get(id)
                        .is_some_and(|column| column.text("generated").is_some())
                };
                let relation = self.from.relation(id.part(0), id.part(1));
                relation.is_some_and(|table| table.kind == Kind::Table)
                    && !(is_generated(self.from) && is_generated(self.to))
            }
            _ => false,
        }
    }

    /// What depends on a fact of the first state.
    pub(super) fn dependants_of(&self, id: &FactId) -> Vec<&'s FactId> {
        self.dependants[FROM].get(id).cloned().unwrap_or_default()
    }

    /// What depends on a fact of the second state.
    pub(super) fn dependants_after(&self, id: &FactId) -> Vec<&'s FactId> {
        self.dependants[TO].get(id).cloned().unwrap_or_default()
    }

    /// Whether something depends on a fact, in either state.
    pub(super) fn has_dependants(&self, id: &FactId) -> bool {
        self.dependants.iter().any(|side| side.contains_key(id))
    }

    fn children_of(&self, side: usize, id: &FactId) -> Vec<FactId> {
        self.children[side].get(id).cloned().unwrap_or_default()
    }

    /// Takes a fact of the first state away, and what cannot be without it. What of that is in the
    /// second state is made again.
    pub(super) fn remove(&mut self, id: &FactId) {
        if !self.from.has(id) || !self.gone.insert(id.clone()) {
            return;
        }
        for child in self.children_of(FROM, id) {
            self.remove(&child);
        }
        for dependant in self.dependants_of(id) {
            self.lose(dependant, id);
        }
        match id.kind {
            Kind::IndexAttachment => self.remove_attached(id),
            Kind::Constraint => self.remove_inherited(id),
            Kind::Column if self.is_partition_key(id) => self.remove_table(id),
            _ => {}
        }
        if self.to.has(id) {
            self.make(id);
        }
    }

    fn make(&mut self, id: &FactId) {
        if !self.to.has(id) || !self.made.insert(id.clone()) {
            return;
        }
        self.remove(id);
        for child in self.children_of(TO, id) {
            self.make(&child);
        }
    }

    /// An index of a partition is taken from that of the whole by making both anew, unless the partition
    /// is.
    fn remove_attached(&mut self, id: &FactId) {
        let partition = FactId::new(Kind::Partition, [id.part(0), id.part(1)]);
        if self.gone.contains(&partition) || !self.to.has(&partition) {
            return;
        }
        let Some(attachment) = self.from.get(id) else {
            return;
        };
        for index in index_of_whole(attachment).into_iter().chain(own_index(id)) {
            self.remove(&index);
        }
    }

    /// A check that a table has for itself and of a parent too cannot be taken from it, as long as the
    /// parent has it.
    fn remove_inherited(&mut self, id: &FactId) {
        if self.to.has(id) {
            return;
        }
        for parent in self.inherited_checks(id) {
            self.remove(&parent);
        }
    }

    /// The checks of the same name of the tables that a check's table inherits from.
    pub(super) fn inherited_checks(&self, id: &FactId) -> Vec<FactId> {
        let is_check = |id: &FactId| {
            self.from
                .get(id)
                .is_some_and(|fact| fact.text("type") == Some("check"))
        };
        let parents = self
            .from
            .under(Kind::Inheritance, &id.path()[..2])
            .map(|one| {
                FactId::new(
                    Kind::Constraint,
                    [one.id.part(2), one.id.part(3), id.last()],
                )
            });
        parents.filter(is_check).collect()
    }

    /// Whether rows are distributed by a column: it can be neither retyped nor dropped.
    fn is_partition_key(&self, id: &FactId) -> bool {
        let table = FactId::new(Kind::Table, [id.part(0), id.part(1)]);
        let Some(key) = self
            .from
            .get(&table)
            .and_then(|table| table.text("partition_by"))
        else {
            return false;
        };
        let name = quote_ident(id.last());
        let (_, columns) = key.split_once('(').unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"');
        columns.split(|c| !is_name(c)).any(|word| word == name)
    }

    fn remove_table(&mut self, column: &FactId) {
        let table = FactId::new(Kind::Table, [column.part(0), column.part(1)]);
        self.remove(&table);
    }

    /// A domain that arrays or rows hold cannot get another check: it is made anew.
    fn replace_contained_domains(&mut self) {
        let changed = self.to.facts().values().filter(|fact| match fact.id.kind {
            Kind::DomainConstraint => self
                .from
                .get(&fact.id)
                .is_none_or(|old| old.payload != fact.payload),
            Kind::Domain => {
                let old = self.from.get(&fact.id);
                old.is_some_and(|old| fact.flag("not_null") && !old.flag("not_null"))
            }
            _ => false,
        });
        let domains: BTreeSet<FactId> = changed
            .map(|fact| FactId::new(Kind::Domain, [fact.id.part(0), fact.id.part(1)]))
            .filter(|domain| self.is_contained(domain))
            .collect();
        for domain in domains {
            self.put_aside(&domain);
        }
    }

    /// Whether columns have arrays or rows of a domain, or of one over it.
    fn is_contained(&self, domain: &FactId) -> bool {
        let name = domain.name();
        self.dependants_of(domain).iter().any(|dependant| {
            let kind = self.from.get(dependant).and_then(|fact| fact.text("type"));
            let is_within = kind.is_some_and(|kind| kind != name);
            match dependant.kind {
                Kind::Column => is_within,
                Kind::Domain if is_within => self.has_values(dependant),
                Kind::Domain => self.is_contained(dependant),
                Kind::Attribute => {
                    let path = [dependant.part(0), dependant.part(1)];
                    self.has_values(&FactId::new(Kind::Composite, path))
                }
                _ => false,
            }
        })
    }

    /// A parent's column that may be null takes its children's along: those that are not to be null
    /// are told again.
    fn keep_not_null(&mut self) {
        let dropped: BTreeSet<&FactId> = self
            .altered
            .keys()
            .filter(|id| id.kind == Kind::Column)
            .filter(|id| {
                let flag = |state: &State| state.get(id).is_some_and(|one| one.flag("not_null"));
                flag(self.from) && !flag(self.to)
            })
            .collect();
        if dropped.is_empty() {
            return;
        }
        let kept: Vec<FactId> = self
            .to
            .of_kind(Kind::Column)
            .filter(|column| column.flag("not_null") && !self.gone.contains(&column.id))
            .filter(|column| self.from.has(&column.id))
            .filter(|column| alter::parents(self.to, column).any(|one| dropped.contains(&one)))
            .map(|column| column.id.clone())
            .collect();
        for id in kept {
            let table = qualified(id.part(0), id.part(1));
            let column = quote_ident(id.last());
            let sql = format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL");
            self.altered.entry(id).or_default().push(sql);
        }
    }

    /// Whether a column is changed by what changes its parent's.
    pub(super) fn goes_along(&self, column: &Fact) -> bool {
        let is_linked = |parent: &FactId| {
            links(&column.id, parent)
                .iter()
                .any(|link| self.from.has(link) && self.to.has(link) && !self.gone.contains(link))
        };
        let changes = |parent: &FactId| {
            let (old, new) = (self.from.get(parent), self.to.get(parent));
            let (Some(old), Some(new)) = (old, new) else {
                return false;
            };
            let same = |key: &str| new.payload.get(key) == column.payload.get(key);
            let is_changed = self.altered.contains_key(parent) && old.payload != new.payload;
            (is_changed || self.retyped.contains(parent)) && same("type") && same("not_null")
        };
        alter::parents(self.to, column).any(|parent| is_linked(&parent) && changes(&parent))
    }

    /// Whether another routine of the name of this one is to come, or to take other calls than before: as
    /// long as both are there, a call may mean either.
    fn is_replaced_by_namesake(&self, id: &FactId) -> bool {
        !self.rivals(id).is_empty()
    }

    /// The routines of the name of this one that are to come, or to take other calls than before.
    pub(super) fn rivals<'a>(&'a self, id: &'a FactId) -> Vec<&'a FactId> {
        let kinds = [Kind::Function, Kind::Procedure, Kind::Aggregate];
        let kinds = kinds.into_iter().filter(|_| id.kind.is_routine());
        let all = kinds.flat_map(|kind| self.to.under(kind, &id.path()[..2]));
        let rivals = all.filter(|one| {
            let before = self.from.get(&one.id);
            before.is_none_or(|before| before.hint("arguments") != one.hint("arguments"))
        });
        rivals.map(|one| &one.id).collect()
    }

    /// What a fact stands on goes.
    fn lose(&mut self, id: &FactId, on: &FactId) {
        if self.gone.contains(id) {
            return;
        }
        let needs_it =
            self.to.edges().contains(&(id.clone(), on.clone())) || self.needs_another_part(id, on);
        let is_released = matches!(self.rules.get(id), Some(Rule::InPlace(_) | Rule::Retype(_)))
            && !needs_it
            // What of a table is one: the next may not be there before the last has gone. And a foreign
            // key stays with the key that it found.
            && !matches!(id.kind, Kind::ReplicaIdentity | Kind::Cluster | Kind::ForeignKey)
            && !self.is_replaced_by_namesake(on);
        if is_released {
            return;
        }
        if self.to.has(id) && self.holds_values(id) && is_kind_of_values(on.kind) && needs_it {
            // It has values of a type that is made anew.
            self.put_aside(on);
            return;
        }
        self.remove(id);
    }

    /// Whether a fact needs, in the second state, anything of the relation that another one is, or is a part
    /// of, while that is made anew.
    fn needs_another_part(&self, id: &FactId, on: &FactId) -> bool {
        let (schema, name) = match on.relation() {
            Some(relation) => relation,
            None if on.kind.is_relation() => (on.part(0), on.part(1)),
            None => return false,
        };
        let relation = self.from.relation(schema, name);
        relation.is_some_and(|relation| {
            let mut needs = self.to.needs(id);
            self.gone.contains(&relation)
                && needs.any(|one| *one == relation || one.relation() == Some((schema, name)))
        })
    }

    /// A type is made anew beside the old one, and what holds values of it goes over.
    fn put_aside(&mut self, id: &FactId) {
        if !self.aside.insert(id.clone()) {
            return;
        }
        self.gone.insert(id.clone());
        self.made.insert(id.clone());
        for child in self.children_of(FROM, id) {
            self.gone.insert(child);
        }
        for child in self.children_of(TO, id) {
            self.make(&child);
        }
        for dependant in self.dependants_of(id) {
            if self.gone.contains(dependant) || !self.to.has(dependant) {
                continue;
            }
            if self.holds_values(dependant) {
                if dependant.kind == Kind::Column && self.is_partition_key(dependant) {
                    self.remove_table(dependant);
                } else if dependant.kind == Kind::Column {
                    self.retyped.insert(dependant.clone());
                    self.clear_column(dependant);
                } else {
                    // An attribute or a domain over it: its own columns go over, too.
                    let whole = match dependant.kind {
                        Kind::Attribute => {
                            FactId::new(Kind::Composite, [dependant.part(0), dependant.part(1)])
                        }
                        _ => dependant.clone(),
                    };
                    if self.has_values(&whole) {
                        self.put_aside(&whole);
                    } else {
                        self.remove(&whole);
                    }
                }
            } else {
                self.remove(dependant);
            }
        }
    }

    /// Takes what reads a column out of the way of its getting another type.
    fn clear_column(&mut self, id: &FactId) {
        let kind = |state: &State| {
            let column = state.get(id)?;
            column.text("type").map(str::to_owned)
        };
        let are_akin = match (kind(self.from), kind(self.to)) {
            (Some(old), Some(new)) => alter::are_akin(&old, &new) && !self.retyped.contains(id),
            _ => false,
        };
        let defaults = self.children_of(FROM, id);
        let dependants = self.dependants_of(id).into_iter().cloned();
        for dependant in dependants.chain(defaults) {
            if alter::blocks_retyping(&dependant, are_akin) {
                self.remove(&dependant);
            }
        }
    }

    /// A right that is taken from somebody for a whole table is taken from him for its columns, too:
    /// what he keeps of those is given again.
    fn keep_column_grants(&mut self) {
        let reduced: BTreeSet<(FactId, String)> = self
            .gone
            .iter()
            .chain(self.altered.keys())
            .filter(|id| id.kind == Kind::Grant)
            .filter_map(|id| Some((id.subject()?, id.last().to_owned())))
            .filter(|(object, _)| object.kind.is_relation())
            .collect();
        let columns: Vec<FactId> = self
            .from
            .of_kind(Kind::Grant)
            .filter(|grant| {
                let Some(column) = grant.id.subject().filter(|id| id.kind == Kind::Column) else {
                    return false;
                };
                let table = self
                    .from
                    .get(&column)
                    .and_then(|column| column.parent.clone());
                table.is_some_and(|table| reduced.contains(&(table, grant.id.last().to_owned())))
            })
            .map(|grant| grant.id.clone())
            .collect();
        for id in columns {
            self.remove(&id);
        }
    }
}

/// A kind whose values are in columns.
fn is_kind_of_values(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Enum | Kind::Composite | Kind::Range | Kind::Domain | Kind::Collation
    )
}

fn dependants(state: &State) -> BTreeMap<&FactId, Vec<&FactId>> {
    let mut dependants: BTreeMap<&FactId, Vec<&FactId>> = BTreeMap::new();
    for (dependant, on) in state.edges() {
        dependants.entry(on).or_default().push(dependant);
    }
    dependants
}

fn children(state: &State) -> BTreeMap<FactId, Vec<FactId>> {
    let mut children: BTreeMap<FactId, Vec<FactId>> = BTreeMap::new();
    let parent = |fact: &Fact| fact.parent.clone();
    for fact in state.facts().values() {
        if let Some(parent) = parent(fact) {
            children.entry(parent).or_default().push(fact.id.clone());
        }
    }
    children
}
