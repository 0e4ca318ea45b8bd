//! What a step may do to rows, to people who wait, and to who may see what.

use std::fmt;

use serde::{Serialize, Serializer};

use super::access;
use super::attach::default_partition;
use super::delta::Delta;
use super::node::Node;
use super::{row_type, stale, unique};
use crate::diff::alter;
use crate::diff::order::is_not_valid;
use crate::schema::facts::{Fact, FactId, Kind, State};

/// What is to be known before a step is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HazardKind {
    /// Rows, or values of rows, go and do not come back by the way down; or values are rounded.
    DeletesData,
    /// Every row of a table is written again, and nobody can use the table meanwhile.
    RewritesTable,
    /// A table is read whole, or an index built, while nobody can write, or nobody can use it.
    BlocksTable,
    /// Rows that are there, or where a sequence stands, may be against it: the step fails then, and is
    /// rolled back.
    MayFail,
    /// What a function computed before stays as it was: values, entries of an index, what a check let by.
    StaleValues,
    /// Somebody may do more than before.
    LoosensAccess,
}

impl HazardKind {
    /// Every kind, in order.
    pub const ALL: [Self; 6] = [
        Self::DeletesData,
        Self::RewritesTable,
        Self::BlocksTable,
        Self::MayFail,
        Self::StaleValues,
        Self::LoosensAccess,
    ];

    /// Its kebab-case name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DeletesData => "deletes-data",
            Self::RewritesTable => "rewrites-table",
            Self::BlocksTable => "blocks-table",
            Self::MayFail => "may-fail",
            Self::StaleValues => "stale-values",
            Self::LoosensAccess => "loosens-access",
        }
    }
}

impl fmt::Display for HazardKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for HazardKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A hazard, and the fact that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hazard {
    /// What may happen.
    pub hazard: HazardKind,
    /// To what, or because of what.
    pub fact: FactId,
}

/// The hazards of a node, where it is done in the plain way.
pub(super) fn hazards(delta: &Delta, node: &Node, with: &[FactId]) -> Vec<Hazard> {
    let mut found = Vec::new();
    let ids = || std::iter::once(node.id()).chain(with);
    match node {
        Node::Drop(_) => {
            for id in ids() {
                dropped(delta, id, &mut found);
            }
        }
        Node::Aside(_) => {}
        Node::Alter(id) => altered(delta, id, &mut found),
        Node::Create(_) => {
            for id in ids() {
                created(delta, id, &mut found);
            }
        }
    }
    let mut found: Vec<Hazard> = found
        .into_iter()
        .map(|(hazard, fact)| Hazard { hazard, fact })
        .collect();
    found.sort();
    found.dedup();
    found
}

type Found = Vec<(HazardKind, FactId)>;

fn dropped(delta: &Delta, id: &FactId, found: &mut Found) {
    let from = delta.from;
    let Some(fact) = from.get(id) else { return };
    let loses = match id.kind {
        // What is partitioned has no rows of its own.
        Kind::Table => fact.text("partition_by").is_none(),
        // Tables of its own; what columns of its types lose is told of these.
        Kind::Extension => fact.hint_flag("tables"),
        // What is secret in it is not read: nothing brings it back.
        Kind::UserMapping => delta.to.has(id) || fact.hint_flag("secret"),
        // Where it stood. One that belongs to a column goes with that, or gives way to another.
        Kind::Sequence => {
            let owner = FactId::new(Kind::SequenceOwner, id.path().to_vec());
            fact.list("identity_of").is_empty() && !from.has(&owner)
        }
        Kind::Column => {
            let is_of_table = from
                .relation(id.part(0), id.part(1))
                .is_some_and(|table| table.kind == Kind::Table);
            let is_told_already = fact
                .parent
                .as_ref()
                .is_some_and(|table| delta.gone.contains(table) && is_table(table));
            is_of_table && fact.text("generated").is_none() && !is_told_already
        }
        Kind::Attribute => {
            let whole = FactId::new(Kind::Composite, [id.part(0), id.part(1)]);
            let is_changed = delta.to.has(id);
            !is_changed && delta.to.has(&whole) && is_used(delta, &whole)
        }
        _ => false,
    };
    if loses {
        found.push((HazardKind::DeletesData, id.clone()));
    }
    if id.kind == Kind::Partition && is_referred(from, fact) {
        found.push((HazardKind::MayFail, id.clone()));
    }
    if access::loosens_by_drop(delta, id) {
        found.push((HazardKind::LoosensAccess, id.clone()));
    }
}

/// Whether foreign keys name the table that this is a partition of: rows that they name do not leave it.
fn is_referred(state: &State, partition: &Fact) -> bool {
    let text = |key| partition.text(key).unwrap_or_default();
    let Some(whole) = state.relation(text("of_schema"), text("of_table")) else {
        return false;
    };
    let refers = format!(" REFERENCES {}(", whole.name());
    let mut keys = state.of_kind(Kind::ForeignKey);
    keys.any(|key| {
        key.text("definition")
            .is_some_and(|text| text.contains(&refers))
    })
}

fn is_table(id: &FactId) -> bool {
    id.kind == Kind::Table
}

/// Whether columns are of a type, or of a domain over it.
fn is_used(delta: &Delta, id: &FactId) -> bool {
    let mut dependants = delta.dependants_of(id).into_iter();
    dependants.any(|dependant| match dependant.kind {
        Kind::Column => true,
        Kind::Domain => is_used(delta, dependant),
        _ => false,
    })
}

/// Whether the server looks at the rows of a domain's columns, where the domain changes: not where it is
/// made anew for them.
fn is_looked_at(delta: &Delta, domain: &FactId) -> bool {
    delta.from.has(domain) && !delta.made.contains(domain) && is_used(delta, domain)
}

fn domain_of(constraint: &FactId) -> FactId {
    FactId::new(Kind::Domain, [constraint.part(0), constraint.part(1)])
}

/// The table that a fact is a part of, where it has rows already.
fn filled_table<'d>(delta: &'d Delta, fact: &Fact) -> Option<&'d FactId> {
    let (schema, name) = fact.id.relation()?;
    let id = delta.from.relation(schema, name)?;
    let (id, _) = delta.from.facts().get_key_value(&id)?;
    let holds = matches!(id.kind, Kind::Table | Kind::MaterializedView);
    (holds && !delta.made.contains(id)).then_some(id)
}

/// Whether a constraint of a partitioned table is one of its partitions, too; of keys, they have their
/// own.
fn is_for_parts(constraint: &Fact) -> bool {
    constraint.id.kind == Kind::ForeignKey || constraint.text("type") == Some("check")
}

fn created(delta: &Delta, id: &FactId, found: &mut Found) {
    let Some(fact) = delta.to.get(id) else { return };
    // What is partitioned has none of its own.
    let filled = filled_table(delta, fact).and_then(|id| delta.from.get(id));
    let has_rows = filled.is_some_and(|table| table.text("partition_by").is_none());
    let is_for_parts = filled.is_some() && is_for_parts(fact);
    let mut add = |hazard| found.push((hazard, id.clone()));
    match id.kind {
        Kind::Column if filled.is_some() => {
            let default = FactId::new(Kind::Default, id.path().iter().cloned());
            let default = delta.to.get(&default);
            let is_stored = fact.text("generated").is_some() && !fact.flag("virtual");
            let domain = alter::bounds(delta.to, fact);
            let is_written = is_stored
                || fact.text("identity").is_some()
                || domain.is_checked
                || domain.default.is_some_and(names_volatile)
                || default.is_some_and(|one| {
                    row_type::is_written(delta, fact, std::slice::from_ref(&one.id))
                })
                || default.is_some_and(|default| is_volatile(delta.to, default));
            if is_written {
                add(HazardKind::RewritesTable);
            }
            let may_be_null = is_stored
                || match default {
                    Some(default) => is_made_by_users(delta.to, default),
                    None => fact.text("identity").is_none() && domain.default.is_none(),
                };
            if may_be_null && (fact.flag("not_null") || domain.refuses_null) {
                add(HazardKind::MayFail);
            }
        }
        Kind::Index if has_rows => {
            add(HazardKind::BlocksTable);
            let is_unique = fact
                .text("definition")
                .is_some_and(|text| text.starts_with("CREATE UNIQUE"));
            if is_unique && !unique::is_kept(delta, fact) {
                add(HazardKind::MayFail);
            }
        }
        Kind::Constraint | Kind::ForeignKey if has_rows || is_for_parts => {
            let is_valid = !is_not_valid(fact);
            if is_valid {
                add(HazardKind::BlocksTable);
            }
            if is_valid && !unique::is_kept(delta, fact) {
                add(HazardKind::MayFail);
            }
        }
        Kind::DomainConstraint if !is_not_valid(fact) && is_looked_at(delta, &domain_of(id)) => {
            add(HazardKind::BlocksTable);
            add(HazardKind::MayFail);
        }
        Kind::Partition if filled.is_some() || default_partition(delta.from, fact).is_some() => {
            add(HazardKind::BlocksTable);
            add(HazardKind::MayFail);
        }
        _ => {}
    }
    if access::loosens_by_create(delta, id) {
        add(HazardKind::LoosensAccess);
    }
}

/// Functions of PostgreSQL's own whose answer is another one for every row.
const VOLATILE: [&str; 7] = [
    "nextval(",
    "random(",
    "gen_random_uuid(",
    "clock_timestamp(",
    "timeofday(",
    "uuidv7(",
    "uuidv4(",
];

fn names_volatile(expression: &str) -> bool {
    VOLATILE.iter().any(|name| expression.contains(name))
}

/// Whether a default may be another value for every row.
pub(super) fn is_volatile(state: &State, default: &Fact) -> bool {
    names_volatile(default.text("expression").unwrap_or_default())
        || calls(state, default, |head| {
            !head.contains(" IMMUTABLE") && !head.contains(" STABLE")
        })
}

/// Whether a function of the user's makes a default, of which nobody knows whether it is null.
fn is_made_by_users(state: &State, default: &Fact) -> bool {
    let expression = default.text("expression").unwrap_or_default();
    expression.contains("current_setting(")
        || calls(state, default, |head| !head.contains(" IMMUTABLE"))
}

/// Whether a default calls a function of the user's whose definition's head is like that.
fn calls(state: &State, default: &Fact, is_so: impl Fn(&str) -> bool) -> bool {
    state.needs(&default.id).any(|id| {
        let definition = state.get(id).and_then(|fact| fact.text("definition"));
        id.kind == Kind::Function
            && definition.is_none_or(|text| is_so(text.split("AS $").next().unwrap_or(text)))
    })
}

/// Whether another type of a column has the server read the table: checks are made sure of, and what is
/// sorted by another collation is sorted anew.
fn is_read_again(delta: &Delta, column: &FactId, is_sorted_anew: bool) -> bool {
    delta.dependants_of(column).into_iter().any(|id| {
        let fact = delta.from.get(id).filter(|_| !delta.gone.contains(id));
        fact.is_some_and(|fact| match fact.text("type") {
            Some("check") => !is_not_valid(fact),
            Some("unique" | "primary key" | "exclude") => is_sorted_anew,
            _ => is_sorted_anew && id.kind == Kind::Index,
        })
    })
}

fn altered(delta: &Delta, id: &FactId, found: &mut Found) {
    let (Some(old), Some(new)) = (delta.from.get(id), delta.to.get(id)) else {
        return;
    };
    let differs = |key: &str| old.payload.get(key) != new.payload.get(key);
    let mut add = |hazard| found.push((hazard, id.clone()));
    match id.kind {
        Kind::Column => {
            let is_table = new.parent.as_ref().is_some_and(is_table);
            if is_table && (differs("type") || delta.retyped.contains(id)) {
                let cost = alter::retyping([delta.from, delta.to], old, new);
                if cost.rounds {
                    add(HazardKind::DeletesData);
                }
                if cost.rewrites || delta.retyped.contains(id) {
                    add(HazardKind::RewritesTable);
                }
                if cost.may_fail || delta.retyped.contains(id) {
                    add(HazardKind::MayFail);
                }
            }
            let is_retyped = differs("type") || differs("collation");
            if is_table && is_retyped && is_read_again(delta, id, differs("collation")) {
                add(HazardKind::BlocksTable);
            }
            if is_table && differs("not_null") && new.flag("not_null") {
                add(HazardKind::BlocksTable);
                add(HazardKind::MayFail);
            }
        }
        // Its rows are read, and those of the default one.
        Kind::Partition => {
            for link in delta.rebound_with(new) {
                found.push((HazardKind::BlocksTable, link.id.clone()));
                found.push((HazardKind::MayFail, link.id.clone()));
            }
        }
        Kind::Table
            if ["unlogged", "access_method", "tablespace"]
                .into_iter()
                .any(differs) =>
        {
            add(HazardKind::RewritesTable);
        }
        Kind::Constraint | Kind::ForeignKey if is_not_valid(old) && !is_not_valid(new) => {
            add(HazardKind::MayFail);
        }
        Kind::Domain if differs("not_null") && new.flag("not_null") && is_looked_at(delta, id) => {
            add(HazardKind::BlocksTable);
            add(HazardKind::MayFail);
        }
        // It is validated.
        Kind::DomainConstraint if is_looked_at(delta, &domain_of(id)) => {
            add(HazardKind::BlocksTable);
            add(HazardKind::MayFail);
        }
        Kind::Sequence => {
            let is_narrower =
                old.number("min") < new.number("min") || old.number("max") > new.number("max");
            let sql = delta.altered.get(id).into_iter().flatten();
            let restarts = sql.clone().any(|sql| sql.contains(" RESTART WITH "));
            if is_narrower && !restarts {
                add(HazardKind::MayFail);
            }
        }
        Kind::Function => {
            for kept in stale::kept(delta, old, new) {
                found.push((HazardKind::StaleValues, kept.clone()));
            }
        }
        _ => {}
    }
    if access::loosens_by_change(delta, old, new) {
        found.push((HazardKind::LoosensAccess, id.clone()));
    }
}
