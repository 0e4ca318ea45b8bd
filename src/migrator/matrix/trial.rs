//! Trying, within a savepoint.

use serde_json::json;

use super::answer;
use super::error::MatrixError;
use super::fixtures::Fixtures;
use crate::catalog;
use crate::db::{DbError, Session};
use crate::migrator::error::Error;
use crate::rls::matrix::{Matrix, pinned};
use crate::rls::{Actor, Actors, Audit, Scope};
use crate::schema::{Relation, Schema};
use crate::sql::QualifiedName;

/// More rows than this in one table are too many to be tried one by one.
pub const MOST_ROWS: usize = 5_000;

const TRY: &str = include_str!("try.sql");

/// How a savepoint of ours begins: with the settings under which everything of ours runs, whatever
/// the transaction has set. A migrating role that policies bind gets an error for a row that is kept
/// from it, instead of fewer rows.
const BEGIN: &str = "savepoint grace_migrate_matrix; \
     set local search_path = ''; set local row_security = off";

const UNDO: &str = "rollback to savepoint grace_migrate_matrix; \
     release savepoint grace_migrate_matrix";

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// Who tries, and whose the rows are.
    pub actors: &'a Actors,
    /// The schemas and roles of the API.
    pub scope: &'a Scope,
    /// The tables; an empty list is every table of the schemas but our own.
    pub tables: &'a [QualifiedName],
    /// The version table, which is not the project's.
    pub version_table: &'a QualifiedName,
    /// What makes the rows that are to be reached, beside those that are there.
    pub fixtures: Option<&'a Fixtures>,
    /// Which commands.
    pub commands: Commands,
}

/// Which commands are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commands {
    /// SELECT, INSERT, UPDATE, DELETE and the right to TRUNCATE.
    All,
    /// SELECT and the right to TRUNCATE: also in a transaction that only reads, of a database whose
    /// tables may have any number of rows.
    Reading,
}

/// What a trial found.
#[derive(Debug, Clone, Default)]
pub struct Tried {
    /// Who reaches which rows.
    pub matrix: Matrix,
    /// The schemas that were asked for and are not there.
    pub missing_schemas: Vec<String>,
}

impl Trial<'_> {
    /// Tries it on a session that is in a transaction. Whatever comes of it, the transaction is
    /// afterwards what it was before: rows, role and settings are put back. What is left is what no
    /// rollback takes back, the values that sequences gave.
    ///
    /// # Errors
    /// [`MatrixError::FixturesFailed`], [`MatrixError::UnknownTable`], [`MatrixError::ActorNotTaken`],
    /// [`MatrixError::BoundByPolicies`], [`MatrixError::TooManyRows`] and the server's.
    pub async fn run(&self, session: &Session) -> Result<Tried, Error> {
        session.batch(BEGIN).await?;
        let tried = self.within(session).await;
        let undone = session.batch(UNDO).await;
        // Where the link is lost, that is the reason of both.
        let tried = tried?;
        undone?;
        Ok(tried)
    }

    async fn within(&self, session: &Session) -> Result<Tried, Error> {
        if let Some(fixtures) = self.fixtures {
            fixtures.run(session, self.scope).await?;
        }
        let schema = catalog::read_within(session, &self.scope.schemas).await?;
        let tables = self.chosen(&schema)?;
        let absent = |actor: &&Actor| !schema.roles.contains_key(&actor.role);
        if let Some(actor) = self.actors.actors.iter().find(absent) {
            return Err(MatrixError::ActorNotTaken {
                actor: actor.name.clone(),
                role: actor.role.clone(),
                sqlstate: "22023".to_owned(),
                message: format!("role \"{}\" does not exist", actor.role),
            }
            .into());
        }
        let asked = self.question(&tables).to_string();
        session
            .query(
                "select pg_catalog.set_config('grace_migrate.matrix', $1, true) is null",
                &[asked.as_str().into()],
            )
            .await?;
        let answers = session
            .answers(&format!(
                "set local search_path = pg_catalog, pg_temp; {TRY}; \
                 select pg_catalog.current_setting('grace_migrate.matrix')"
            ))
            .await?;
        let text = answers.last().and_then(|answer| answer.value(0));
        let mut tables_tried = answer::read(
            text.unwrap_or_default(),
            self.actors,
            &tables,
            self.commands,
        )?;
        for table in &tables {
            if let Some(tried) = tables_tried.get_mut(&table.name) {
                tried.pinned = pinned(table, &self.scope.api_roles);
            }
        }
        let is_there = |name: &String| schema.namespaces.iter().any(|one| one.name == *name);
        let missing = self.scope.schemas.iter().filter(|name| !is_there(name));
        Ok(Tried {
            matrix: Matrix {
                tables: tables_tried,
            },
            missing_schemas: missing.cloned().collect(),
        })
    }

    /// The tables that are tried, by name.
    fn chosen<'s>(&'s self, schema: &'s Schema) -> Result<Vec<&'s Relation>, Error> {
        let audit = Audit {
            schema,
            scope: self.scope,
        };
        let all: Vec<&'s Relation> = audit
            .tables()
            .filter(|table| table.name != *self.version_table)
            .collect();
        let names: Vec<String> = all.iter().map(|table| table.name.to_string()).collect();
        let known = |name: &QualifiedName| all.iter().any(|table| table.name == *name);
        let unknown = self.tables.iter().find(|name| !known(name));
        if let Some(name) = unknown {
            return Err(MatrixError::UnknownTable {
                table: name.to_string(),
                known: names,
            }
            .into());
        }
        Ok(all
            .into_iter()
            .filter(|table| self.tables.is_empty() || self.tables.contains(&table.name))
            .collect())
    }

    /// What the statement is asked, as it reads it.
    fn question(&self, tables: &[&Relation]) -> serde_json::Value {
        let actors: Vec<_> = self
            .actors
            .actors
            .iter()
            .map(|actor| {
                json!({
                    "role": actor.role,
                    "sub": actor.sub(),
                    "settings": actor.settings(&self.scope.schemas),
                })
            })
            .collect();
        let tables: Vec<_> = tables
            .iter()
            .map(|table| {
                json!({
                    "table": table.name.to_string(),
                    "name": crate::sql::quote_ident(&table.name.name),
                    "owner": self.actors.owners.get(&table.name),
                })
            })
            .collect();
        json!({
            "writes": self.commands == Commands::All,
            "most": MOST_ROWS,
            "actors": actors,
            "tables": tables,
        })
    }
}

/// An answer of ours that is not as it should be.
pub(super) fn misread(reason: &(impl ToString + ?Sized)) -> Error {
    Error::Db(DbError::Protocol {
        during: "trying the access matrix",
        reason: reason.to_string(),
    })
}
