use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use super::destination::DestinationView;
use crate::rls::explain::{Answer, Attempted, Binding, Cost, Gate, NeededRight};
use crate::schema::{Privilege, RowSecurity};
use crate::sql::QualifiedName;

/// `rls explain`: why an actor reaches rows, or does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RlsExplain {
    /// Which database.
    pub destination: DestinationView,
    /// It is marked as one that people rely on.
    pub production: bool,
    /// The role that asks for the actor.
    pub migrating_role: String,
    /// Who.
    pub actor: ExplainedActor,
    /// What they want to do.
    pub sql_command: Privilege,
    /// The command returns what it wrote or deleted.
    pub returning: bool,
    /// With which table.
    pub table: QualifiedName,
    /// The table that it is a partition of, whose policies are not asked here.
    pub partition_of: Option<QualifiedName>,
    /// Who owns it.
    pub owner: String,
    /// Whether policies are asked, and the owner too.
    pub row_security: RowSecurity,
    /// Which row; empty where all are meant.
    pub row: Vec<ColumnValue>,
    /// What an UPDATE sets, or the row of an INSERT.
    pub set: Vec<ColumnValue>,
    /// The file of the rows that were made before.
    pub fixtures: Option<PathBuf>,
    /// The rights that the command needs, in the order in which they are looked at.
    pub rights: Vec<NeededRight>,
    /// Whether policies are asked about the role.
    pub binding: Binding,
    /// What the policies said, one gate after the other, up to the one at which the chain ends.
    pub gates: Vec<Gate>,
    /// What became of the command itself, which was taken back.
    pub attempted: Attempted,
    /// The answer.
    pub answer: Answer,
    /// What the policies cost; `null` where none is asked, for an INSERT, and where the actor cannot
    /// plan the command.
    pub cost: Option<Cost>,
}

/// The actor that is explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedActor {
    /// What the actor is called; the role, for one that is in no file.
    pub name: String,
    /// The role that their requests run as.
    pub role: String,
    /// The claims of their token.
    pub claims: Option<Map<String, Value>>,
}

/// A column and a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnValue {
    /// The column.
    pub column: String,
    /// The value as text; `null` is null.
    pub value: Option<String>,
}

impl From<(String, Option<String>)> for ColumnValue {
    fn from((column, value): (String, Option<String>)) -> Self {
        Self { column, value }
    }
}
