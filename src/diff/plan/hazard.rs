//! What a step may do to rows, to people who wait, and to who may see what.

use std::fmt;

use serde::{Serialize, Serializer};

use super::attach::default_partition;
use super::delta::Delta;
use super::node::Node;
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
    /// Rows that are there may be against it: the step fails then, and is rolled back.
    MayFail,
    /// Somebody may do more than before.
    LoosensAccess,
}

impl HazardKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [
        Self::DeletesData,
        Self::RewritesTable,
        Self::BlocksTable,
        Self::MayFail,
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
        Kind::Extension => true,
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
    let restricts = id.kind == Kind::Policy && fact.flag("restrictive")
        || id.kind == Kind::RowSecurity
        || id.kind == Kind::OwnerRights;
    let stays = fact
        .parent
        .as_ref()
        .is_some_and(|parent| !delta.gone.contains(parent));
    if restricts && stays && !delta.made.contains(id) {
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

fn is_used(delta: &Delta, id: &FactId) -> bool {
    let mut dependants = delta.dependants_of(id).into_iter();
    dependants.any(|dependant| dependant.kind == Kind::Column)
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
            let is_written = fact.text("generated").is_some() && !fact.flag("virtual")
                || fact.text("identity").is_some()
                || default.is_some_and(|default| is_volatile(delta.to, default));
            if is_written {
                add(HazardKind::RewritesTable);
            } else if fact.flag("not_null") && default.is_none() {
                add(HazardKind::MayFail);
            }
        }
        Kind::Index if has_rows => {
            add(HazardKind::BlocksTable);
            let is_unique = fact
                .text("definition")
                .is_some_and(|text| text.starts_with("CREATE UNIQUE"));
            if is_unique {
                add(HazardKind::MayFail);
            }
        }
        Kind::Constraint | Kind::ForeignKey if has_rows || is_for_parts => {
            let is_valid = !is_not_valid(fact);
            if is_valid {
                add(HazardKind::BlocksTable);
                add(HazardKind::MayFail);
            }
        }
        Kind::DomainConstraint => {
            let domain = FactId::new(Kind::Domain, [id.part(0), id.part(1)]);
            if delta.from.has(&domain) && is_used(delta, &domain) {
                add(HazardKind::MayFail);
            }
        }
        Kind::Partition if filled.is_some() || default_partition(delta.from, fact).is_some() => {
            add(HazardKind::BlocksTable);
            add(HazardKind::MayFail);
        }
        Kind::Policy if filled.is_some() && !fact.flag("restrictive") && !delta.from.has(id) => {
            add(HazardKind::LoosensAccess);
        }
        Kind::Grant => {
            let subject = id.subject();
            let is_new = subject.is_some_and(|subject| delta.made.contains(&subject));
            if !is_new && !delta.from.has(id) && !fact.list("privileges").is_empty() {
                add(HazardKind::LoosensAccess);
            }
        }
        _ => {}
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

/// Whether a default may be another value for every row.
pub(super) fn is_volatile(state: &State, default: &Fact) -> bool {
    let expression = default.text("expression").unwrap_or_default();
    VOLATILE.iter().any(|name| expression.contains(name))
        || state.needs(&default.id).any(|id| {
            let definition = state.get(id).and_then(|fact| fact.text("definition"));
            id.kind == Kind::Function
                && definition.is_none_or(|text| {
                    let head = text.split("AS $").next().unwrap_or(text);
                    !head.contains(" IMMUTABLE") && !head.contains(" STABLE")
                })
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
        Kind::Domain if differs("not_null") && new.flag("not_null") && is_used(delta, id) => {
            add(HazardKind::MayFail);
        }
        Kind::Policy => add(HazardKind::LoosensAccess),
        Kind::RowSecurity => {
            let is_lost = |key| old.flag(key) && !new.flag(key);
            if is_lost("enabled") || is_lost("forced") {
                add(HazardKind::LoosensAccess);
            }
        }
        Kind::View => {
            let invoker = |fact: &Fact| {
                let mut options = fact.list("options").iter();
                options.any(|one| one.starts_with("security_invoker=") && !one.ends_with("=false"))
            };
            if invoker(old) && !invoker(new) {
                add(HazardKind::LoosensAccess);
            }
        }
        Kind::Function | Kind::Procedure => {
            let definer = |fact: &Fact| {
                let text = fact.text("definition").unwrap_or_default();
                text.split("AS $")
                    .next()
                    .unwrap_or(text)
                    .contains("SECURITY DEFINER")
            };
            if definer(new) && !definer(old) {
                add(HazardKind::LoosensAccess);
            }
        }
        Kind::Grant => {
            let held = old.list("privileges");
            if new.list("privileges").iter().any(|one| !held.contains(one)) {
                add(HazardKind::LoosensAccess);
            }
        }
        _ => {}
    }
}
