//! What is asked, all names found.

use super::error::ExplainError;
use super::ground::{in_savepoint, number};
use super::subject::{Column, Given, condition};
use crate::db::{DbError, Session};
use crate::migrator::error::Error;
use crate::rls::explain::{NeededRight, schema_right, table_right};
use crate::rls::{Actor, Audit};
use crate::schema::{Privilege, Relation, RowSecurity};

/// What is asked, all names found.
pub(super) struct Question<'a> {
    pub(super) session: &'a Session,
    pub(super) audit: Audit<'a>,
    pub(super) actor: &'a Actor,
    /// What makes the session the actor.
    pub(super) becoming: String,
    pub(super) table: &'a Relation,
    pub(super) columns: &'a [Column],
    /// Which rows; all where there is none.
    pub(super) row: &'a [Given],
    pub(super) set: &'a [Given],
    pub(super) command: Privilege,
    /// The command returns what it wrote.
    pub(super) returning: bool,
    /// People rely on the database: the table is not locked, and nothing is written.
    pub(super) production: bool,
    /// The migrating role may change the table's policies.
    pub(super) owns: bool,
}

impl Question<'_> {
    /// Refuses an actor that the session may not become.
    pub(super) async fn insist_becoming(&self) -> Result<(), Error> {
        let Err(error) = in_savepoint(self.session, &self.becoming).await? else {
            return Ok(());
        };
        Err(ExplainError::ActorNotTaken {
            actor: self.actor.name.clone(),
            role: self.actor.role.clone(),
            exists: self.audit.role(&self.actor.role).is_some(),
            message: error.message,
        }
        .into())
    }

    /// The rights that the command needs, in the order in which they are looked at.
    pub(super) fn rights(&self) -> Vec<NeededRight> {
        let role = &self.actor.role;
        let needed = |given: &[Given]| -> Vec<String> {
            given.iter().map(|(column, _)| column.clone()).collect()
        };
        let right =
            |privilege, given| table_right(self.audit, role, self.table, privilege, &needed(given));
        let own = match self.command {
            // The columns that it may read are those that are shown.
            Privilege::Select => right(Privilege::Select, self.row),
            command => right(command, self.set),
        };
        let mut rights = vec![schema_right(self.audit, role, &self.table.name.schema), own];
        if self.command != Privilege::Select && self.reads() {
            rights.push(right(Privilege::Select, self.row));
        }
        rights
    }

    /// Whether the command reads rows: to find the one that is meant, to write them back, or to return
    /// them.
    pub(super) fn reads(&self) -> bool {
        let finds = match self.command {
            Privilege::Select => true,
            Privilege::Insert => false,
            Privilege::Update => !self.row.is_empty() || self.set.is_empty(),
            _ => !self.row.is_empty(),
        };
        finds || self.returning
    }

    /// Statements that let the owner see the rows where policies bind the owner too, and those that
    /// take it back.
    pub(super) fn unforced(&self) -> (String, String) {
        if !self.owns || self.production || self.table.row_security != RowSecurity::Forced {
            return (String::new(), String::new());
        }
        let alter = format!("alter table {}", self.table.name);
        (
            format!("{alter} no force row level security;"),
            format!("{alter} force row level security;"),
        )
    }

    /// How many of the rows there are, as the migrating role sees them; `None` where policies bind
    /// it.
    pub(super) async fn there(&self) -> Result<Option<u64>, DbError> {
        let rows = condition(self.row);
        let (before, _) = self.unforced();
        let table = &self.table.name;
        let sql = format!("{before} select pg_catalog.count(*) from {table} t{rows}");
        match in_savepoint(self.session, &sql).await? {
            Ok(answers) => Ok(Some(number(&answers)?)),
            Err(_) => Ok(None),
        }
    }
}
