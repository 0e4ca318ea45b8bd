use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use crate::rls::matrix::{ActorAccess, Cell, Difference, Failure, Matrix, TableMatrix};
use crate::schema::Privilege;
use crate::sql::QualifiedName;

/// `rls matrix`: who reaches which rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsMatrix {
    /// Which database.
    pub destination: DestinationView,
    /// The schemas that were looked at.
    pub schemas: Vec<String>,
    /// Those of them that are not there.
    pub missing_schemas: Vec<String>,
    /// What made the rows; `null` where only those were tried that were there.
    #[serde(serialize_with = "paths::maybe")]
    pub fixtures: Option<PathBuf>,
    /// Only SELECT was tried.
    pub read_only: bool,
    /// Who tried.
    pub actors: Vec<MatrixActor>,
    /// What came of it, by table.
    pub tables: Vec<MatrixTable>,
    /// The kept matrix that it was compared with; `null` where it was not.
    #[serde(serialize_with = "paths::maybe")]
    pub expected: Option<PathBuf>,
    /// Where it is not as that matrix says; `null` where it was not compared.
    pub differences: Option<Vec<Difference>>,
    /// The file that it was written to.
    #[serde(serialize_with = "paths::maybe")]
    pub written: Option<PathBuf>,
}

/// An actor, as the actors' file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixActor {
    /// Its name.
    pub name: String,
    /// The role that its requests run as.
    pub role: String,
    /// Who it claims to be.
    pub sub: Option<String>,
}

/// A table, and what each actor reached of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixTable {
    /// Its schema and name.
    pub table: QualifiedName,
    /// How many rows there were to reach.
    pub rows: usize,
    /// What each actor reached, a word for each command that was tried.
    pub actors: Vec<MatrixRow>,
    /// The statements that decide it: row-level security, grants of the API's roles, policies.
    pub pinned: Vec<String>,
    /// Errors that kept an actor from reaching any row.
    pub failures: Vec<Failure>,
}

/// What an actor reached of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixRow {
    /// The actor.
    pub actor: String,
    /// What came of each command.
    pub commands: BTreeMap<Privilege, Cell>,
}

impl RlsMatrix {
    /// What was found, as a matrix again.
    #[must_use]
    pub fn matrix(&self) -> Matrix {
        let tables = self.tables.iter();
        Matrix {
            tables: tables
                .map(|one| (one.table.clone(), one.matrix()))
                .collect(),
        }
    }

    /// Whether it was compared and is not what is kept.
    #[must_use]
    pub fn differs(&self) -> bool {
        let differences = self.differences.as_ref();
        differences.is_some_and(|differences| !differences.is_empty())
    }
}

impl MatrixTable {
    fn matrix(&self) -> TableMatrix {
        TableMatrix {
            rows: Some(self.rows),
            actors: self
                .actors
                .iter()
                .map(|row| ActorAccess {
                    actor: row.actor.clone(),
                    cells: row.commands.clone(),
                })
                .collect(),
            pinned: self.pinned.clone(),
            failures: self.failures.clone(),
        }
    }
}

impl From<Matrix> for Vec<MatrixTable> {
    fn from(matrix: Matrix) -> Self {
        let tables = matrix.tables.into_iter();
        tables
            .map(|(table, found)| MatrixTable {
                table,
                rows: found.rows.unwrap_or_default(),
                actors: found
                    .actors
                    .into_iter()
                    .map(|one| MatrixRow {
                        actor: one.actor,
                        commands: one.cells,
                    })
                    .collect(),
                pinned: found.pinned,
                failures: found.failures,
            })
            .collect()
    }
}
