use std::collections::BTreeSet;

use super::{column, others, relation, routine};
use crate::diff::emit;
use crate::schema::facts::{Fact, Kind, State};

/// How a fact becomes what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diff) enum Rule {
    /// By these statements; what depends on it stays.
    InPlace(Vec<String>),
    /// By these statements, for which what reads the column has to be out of the way.
    Retype(Vec<String>),
    /// It is taken away and made again, with all that depends on it.
    Replace,
}

/// What both sides say of a fact.
pub(super) struct Pair<'s> {
    pub(super) old: &'s Fact,
    pub(super) new: &'s Fact,
    /// What differs.
    pub(super) names: BTreeSet<&'s str>,
}

impl<'s> Pair<'s> {
    fn of(old: &'s Fact, new: &'s Fact) -> Self {
        let names = old.payload.keys().chain(new.payload.keys());
        let names = names
            .filter(|name| old.payload.get(*name) != new.payload.get(*name))
            .map(String::as_str)
            .collect();
        Self { old, new, names }
    }

    /// Whether something of this name differs.
    pub(super) fn differs(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether nothing differs but what is named.
    pub(super) fn only(&self, names: &[&str]) -> bool {
        self.names.iter().all(|name| names.contains(name))
    }
}

/// The rule for two facts of one id whose payloads differ.
pub(in crate::diff) fn rule(from: &State, to: &State, old: &Fact, new: &Fact) -> Rule {
    let pair = Pair::of(old, new);
    match new.id.kind {
        Kind::Column => column::column(from, to, &pair),
        Kind::Table | Kind::ForeignTable => relation::table(&pair),
        Kind::View => relation::view(from, to, &pair),
        Kind::MaterializedView => relation::materialized_view(&pair),
        Kind::Index => relation::index(&pair),
        Kind::Constraint | Kind::ForeignKey => relation::constraint(&pair),
        Kind::Rule | Kind::Trigger | Kind::EventTrigger => relation::behaviour(&pair),
        Kind::PartitionTrigger => relation::behaviour(&pair),
        Kind::Partition => relation::partition(&pair),
        // Its place among the parents: who has to be made anew for it is settled child by child.
        Kind::Inheritance => Rule::InPlace(Vec::new()),
        Kind::RowSecurity => Rule::InPlace(relation::row_security(&pair)),
        Kind::Policy => relation::policy(&pair),
        Kind::Statistics => relation::statistics(&pair),
        Kind::Function | Kind::Procedure => routine::routine(&pair),
        Kind::Enum => others::labels(&pair),
        Kind::Domain => others::domain(&pair),
        Kind::DomainConstraint => others::domain_constraint(&pair),
        Kind::Sequence => others::sequence(&pair),
        Kind::Extension => others::extension(&pair),
        Kind::ForeignDataWrapper | Kind::ForeignServer | Kind::UserMapping => {
            others::foreign(&pair)
        }
        Kind::TextSearchConfiguration => others::text_search_configuration(&pair),
        Kind::Publication => others::publication(&pair),
        Kind::Grant | Kind::DefaultPrivileges => Rule::InPlace(emit::alter_rights(to, old, new)),
        Kind::Default
        | Kind::SequenceOwner
        | Kind::Cluster
        | Kind::ReplicaIdentity
        | Kind::Owner
        | Kind::OwnerRights
        | Kind::Comment => Rule::InPlace(emit::create(to, new, &[], None)),
        Kind::Attribute => others::attribute(from, &pair),
        _ => Rule::Replace,
    }
}
