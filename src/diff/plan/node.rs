use crate::schema::facts::{FactId, Kind};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// Take a fact away, and what goes with it.
    Drop(FactId),
    /// Give a type another name, until nothing is of it any more.
    Aside(FactId),
    /// Change a fact where it is.
    Alter(FactId),
    /// Make a fact, and what comes with it.
    Create(FactId),
}

impl Node {
    pub(super) fn id(&self) -> &FactId {
        match self {
            Self::Drop(id) | Self::Aside(id) | Self::Alter(id) | Self::Create(id) => id,
        }
    }
}

/// The names that a fact takes, of which there is one each: a table and a view of one name are not
/// at the same time.
pub(super) fn names(id: &FactId, is_index: bool) -> Vec<(&'static str, Vec<String>)> {
    let pair = |space, last: usize| (space, vec![id.part(0).to_owned(), id.part(last).to_owned()]);
    let whole = |space| (space, id.path().to_vec());
    match id.kind {
        Kind::Table
        | Kind::ForeignTable
        | Kind::View
        | Kind::MaterializedView
        | Kind::Composite => vec![pair("relation", 1), pair("type", 1)],
        Kind::Sequence => vec![pair("relation", 1)],
        Kind::Index => vec![pair("relation", 2)],
        Kind::Constraint if is_index => vec![pair("relation", 2), whole("constraint")],
        Kind::Constraint | Kind::ForeignKey => vec![whole("constraint")],
        Kind::Enum | Kind::Domain | Kind::Range => vec![pair("type", 1)],
        Kind::Function | Kind::Procedure | Kind::Aggregate => vec![whole("routine")],
        _ => Vec::new(),
    }
}
