use std::collections::BTreeMap;

use super::{Extension, Function, Grant, Relation, Role};
use crate::sql::QualifiedName;

/// A database, as far as it was read. Everything is sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// Every role of the cluster.
    pub roles: BTreeMap<String, Role>,
    /// The schemas that were asked for and are there.
    pub namespaces: Vec<Namespace>,
    /// Their relations, and those that their policies read.
    pub relations: BTreeMap<QualifiedName, Relation>,
    /// Their functions, and those that their policies call.
    pub functions: Vec<Function>,
    /// The extensions of the database.
    pub extensions: Vec<Extension>,
}

/// A schema of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Who may look into it.
    pub grants: Vec<Grant>,
}
