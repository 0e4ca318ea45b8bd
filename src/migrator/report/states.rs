use serde::Serialize;

use super::disagreement::Verification;
use super::revision::RevisionView;
use crate::checksum::Fingerprint;
use crate::diff::{Change, ChangeKind, Hazard, Object, Statement};
use crate::schema::diagram::Diagram;
use crate::schema::facts::{FactId, Kind, Unmodelled};

/// A state that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateView {
    /// As it was asked for, without secrets.
    pub state: String,
    /// The version of the server, as one number: 150004 is 15.4.
    pub server_version_num: i32,
    /// One value for all that counts: equal for equal states.
    pub fingerprint: Fingerprint,
    /// How many facts it has.
    pub facts: usize,
    /// Objects of kinds that are not modelled.
    pub unmodelled: Vec<Unmodelled>,
}

/// `schema dump`: a state as SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaDump {
    /// The state.
    pub state: StateView,
    /// The statements that make it, in order.
    pub statements: Vec<Statement>,
    /// The same for each object, by kind and name.
    pub objects: Vec<Object>,
}

/// `schema erd`: the tables of a state and the foreign keys between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaErd {
    /// The state.
    pub state: StateView,
    /// What is drawn.
    #[serde(flatten)]
    pub diagram: Diagram,
}

/// `diff`: in what two states differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaDiff {
    /// The first state.
    pub from: StateView,
    /// The second one.
    pub to: StateView,
    /// The objects that differ, by kind and name.
    pub objects: Vec<ObjectDiff>,
    /// The facts that differ.
    pub changes: Vec<Change>,
}

/// An object that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectDiff {
    /// What became of it.
    pub change: ChangeKind,
    /// Its kind.
    pub kind: Kind,
    /// The object.
    pub object: FactId,
    /// In how many facts.
    pub facts: usize,
    /// Its SQL in the first state; `null` where it has none.
    pub from: Option<String>,
    /// Its SQL in the second state.
    pub to: Option<String>,
}

impl SchemaDiff {
    /// Whether there is a difference.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.changes.is_empty()
    }
}

/// `diff --format sql`: what makes the second state of the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaSql {
    /// The first state.
    pub from: StateView,
    /// The second one.
    pub to: StateView,
    /// What gets another name, as it is typed behind `--rename`.
    pub renames: Vec<String>,
    /// What may be a rename and was not told to be one.
    pub rename_candidates: Vec<String>,
    /// What is to be known before the SQL is run.
    pub hazards: Vec<Hazard>,
    /// What deletes data and is in the SQL as a comment.
    pub withheld: Vec<FactId>,
    /// The statements; empty where there is nothing to do.
    pub sql: String,
}

/// `diff` without states: the files against the version table, and the database against what its
/// applied revisions build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Files, version table and history held against each other.
    pub history: Verification,
    /// The revisions that are not applied, in the order in which they would run.
    pub pending: Vec<RevisionView>,
    /// The database against what its applied revisions build; `null` where the version table holds
    /// what no file knows, so that nothing can be built.
    pub drift: Option<SchemaDiff>,
}

impl Differences {
    /// Whether anything differs.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.history.agrees
            || !self.pending.is_empty()
            || self.drift.as_ref().is_none_or(SchemaDiff::differs)
    }
}
