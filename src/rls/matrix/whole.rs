use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Cell;
use crate::schema::Privilege;
use crate::sql::QualifiedName;

/// Who reaches which rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// The tables, by name.
    pub tables: BTreeMap<QualifiedName, TableMatrix>,
}

/// Who reaches which rows of one table, and what decides it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableMatrix {
    /// How many rows there were to reach; `None` where that was only kept in a file.
    pub rows: Option<usize>,
    /// What each actor reached, in the order of the actors.
    pub actors: Vec<ActorAccess>,
    /// What decides it, as statements: row-level security, the grants of the API's roles and the
    /// policies. See [`super::pinned()`].
    pub pinned: Vec<String>,
    /// The errors that kept an actor from reaching any row.
    pub failures: Vec<Failure>,
}

/// What one actor reached of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorAccess {
    /// The actor.
    pub actor: String,
    /// What came of each command that was tried, in the order of [`Privilege::REACH`].
    pub cells: BTreeMap<Privilege, Cell>,
}

/// An error that is neither a refusal nor a constraint's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The actor.
    pub actor: String,
    /// The command.
    pub command: Privilege,
    /// The SQLSTATE.
    pub sqlstate: String,
    /// The server's words.
    pub message: String,
}

impl TableMatrix {
    /// What an actor reached.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&ActorAccess> {
        self.actors.iter().find(|one| one.actor == name)
    }
}

impl Matrix {
    /// The actors of its tables.
    #[must_use]
    pub fn actors(&self) -> BTreeSet<&str> {
        let tables = self.tables.values();
        tables
            .flat_map(|table| table.actors.iter().map(|one| one.actor.as_str()))
            .collect()
    }

    /// The part of it about these tables and actors; an empty list is all of them.
    #[must_use]
    pub fn only(mut self, tables: &[QualifiedName], actors: &[String]) -> Self {
        if !tables.is_empty() {
            self.tables.retain(|name, _| tables.contains(name));
        }
        if !actors.is_empty() {
            for table in self.tables.values_mut() {
                table.actors.retain(|one| actors.contains(&one.actor));
            }
        }
        self
    }
}
