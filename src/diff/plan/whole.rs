//! What goes, comes or changes in one statement.

use std::collections::BTreeSet;

use super::delta::Delta;
use super::node::Node;
use super::partition::{index_of_whole, links, own_index, trigger_of_whole};
use crate::diff::alter;
use crate::diff::order::is_made_with_parent;
use crate::schema::facts::{Fact, FactId, Kind, State};

/// Facts that get statements of their own, so that no circle is left.
#[derive(Debug, Default)]
pub(super) struct Apart {
    pub(super) drops: BTreeSet<FactId>,
    pub(super) creates: BTreeSet<FactId>,
}

impl Delta<'_> {
    /// The node in which a fact goes away.
    pub(super) fn drop_node(&self, id: &FactId, apart: &Apart) -> Node {
        let Some(fact) = self.from.get(id) else {
            return Node::Drop(id.clone());
        };
        if apart.drops.contains(id) {
            return Node::Drop(id.clone());
        }
        match self.goes_with(fact).filter(|other| other != id) {
            Some(other) => self.drop_node(&other, apart),
            None => Node::Drop(id.clone()),
        }
    }

    /// The fact that takes this one along when it goes.
    fn goes_with(&self, fact: &Fact) -> Option<FactId> {
        let (id, from) = (&fact.id, self.from);
        let is_gone = |id: &FactId| self.gone.contains(id);
        let parent = fact.parent.as_ref().filter(|parent| is_gone(parent));
        // A server stays as long as somebody is mapped to it.
        if let Some(parent) = parent.filter(|_| id.kind != Kind::UserMapping) {
            return Some(parent.clone());
        }
        if let Some(attribute) = self.typed_attribute(from, fact).filter(is_gone) {
            return Some(attribute);
        }
        match id.kind {
            // It goes with the column that it belongs to.
            Kind::Sequence => owner_column(from, id).filter(is_gone),
            Kind::Column if fact.hint_flag("inherited") => {
                let is_linked = |parent: &FactId| !links(id, parent).iter().any(is_gone);
                alter::parents(from, fact).find(|parent| is_gone(parent) && is_linked(parent))
            }
            Kind::IndexAttachment => {
                let partition = FactId::new(Kind::Partition, [id.part(0), id.part(1)]);
                if is_gone(&partition) {
                    return Some(partition);
                }
                let whole = index_of_whole(fact).into_iter().find(is_gone);
                let own = || own_index(id).into_iter().find(is_gone);
                whole.or_else(own)
            }
            Kind::PartitionTrigger => {
                let partition = FactId::new(Kind::Partition, [id.part(0), id.part(1)]);
                is_gone(&partition)
                    .then_some(partition)
                    .or_else(|| Some(trigger_of_whole(fact)).filter(is_gone))
            }
            Kind::Index | Kind::Constraint => {
                let path = id.path().iter().cloned();
                let attachment = from.get(&FactId::new(Kind::IndexAttachment, path))?;
                let partition = FactId::new(Kind::Partition, [id.part(0), id.part(1)]);
                if is_gone(&partition) {
                    return None;
                }
                index_of_whole(attachment).into_iter().find(is_gone)
            }
            _ => None,
        }
    }

    /// The node in which a fact comes to be.
    pub(super) fn create_node(&self, id: &FactId, apart: &Apart) -> Node {
        let Some(fact) = self.to.get(id) else {
            return Node::Create(id.clone());
        };
        if apart.creates.contains(id) {
            return Node::Create(id.clone());
        }
        match self.comes_with(fact) {
            Some(other) if self.made.contains(&other) => self.create_node(&other, apart),
            Some(other) => Node::Alter(other),
            None => Node::Create(id.clone()),
        }
    }

    /// The fact with which this one comes.
    fn comes_with(&self, fact: &Fact) -> Option<FactId> {
        let attribute = self.typed_attribute(self.to, fact);
        if let Some(attribute) = attribute.filter(|one| self.made.contains(one)) {
            return Some(attribute);
        }
        let parent = fact.parent.as_ref();
        if let Some(parent) = parent
            && is_made_with_parent(self.to, fact)
        {
            if self.made.contains(parent) {
                return Some(parent.clone());
            }
            let is_view = matches!(parent.kind, Kind::View | Kind::MaterializedView);
            if is_view && self.altered.contains_key(parent) {
                return Some(parent.clone());
            }
        }
        // A parent's new column has its default in the children's, too.
        if fact.id.kind == Kind::Default
            && let Some(column) = parent.and_then(|id| self.to.get(id))
            && self.made.contains(&column.id)
            && !self.from.has(&column.id)
        {
            return self.comes_with_parents(column).find_map(|above| {
                let default = FactId::new(Kind::Default, above.path().iter().cloned());
                let same = self.to.get(&default)?.payload == fact.payload;
                (same && self.made.contains(&default)).then_some(default)
            });
        }
        if fact.id.kind == Kind::Column && fact.hint_flag("inherited") {
            return self.comes_with_parents(fact).next();
        }
        None
    }

    /// The parents' columns with which a new one comes.
    fn comes_with_parents(&self, column: &Fact) -> impl Iterator<Item = FactId> {
        let is_inherited = column.id.kind == Kind::Column && column.hint_flag("inherited");
        let parents = alter::parents(self.to, column).filter(move |above| {
            is_inherited && self.made.contains(above) && self.is_child_already(&column.id, above)
        });
        parents.collect::<Vec<_>>().into_iter()
    }

    /// The attribute that a column of a typed table is, where the table is in both states.
    pub(super) fn typed_attribute(&self, state: &State, fact: &Fact) -> Option<FactId> {
        let table = fact.parent.as_ref().filter(|id| id.kind == Kind::Table)?;
        if fact.id.kind != Kind::Column || self.gone.contains(table) || self.made.contains(table) {
            return None;
        }
        let of_type = state.get(table)?.text("of_type")?;
        let mut composites = state.needs(table).filter(|id| id.kind == Kind::Composite);
        let composite = composites.find(|id| id.name() == of_type)?;
        let path = [composite.part(0), composite.part(1), fact.id.last()];
        Some(FactId::new(Kind::Attribute, path))
    }

    /// Whether the table of one column has its columns of the table of the other before anything is
    /// changed.
    fn is_child_already(&self, column: &FactId, parent: &FactId) -> bool {
        links(column, parent)
            .iter()
            .any(|id| self.from.has(id) && self.to.has(id) && !self.made.contains(id))
    }
}

/// The column that a sequence belongs to.
fn owner_column(state: &State, sequence: &FactId) -> Option<FactId> {
    let owner = FactId::new(Kind::SequenceOwner, sequence.path().iter().cloned());
    let owner = state.get(&owner)?;
    let text = |key| owner.text(key).unwrap_or_default();
    Some(FactId::new(
        Kind::Column,
        [text("schema"), text("table"), text("column")],
    ))
}
