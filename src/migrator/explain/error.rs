use crate::rls::explain::ValuesDefect;
use crate::schema::RelationKind;
use crate::sql::QualifiedName;

/// Why nothing can be explained. Nothing was changed in any case.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no actor of this name.
    #[error("no actor {actor}")]
    UnknownActor {
        /// The name.
        actor: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is no table of this name.
    #[error("no table {table}")]
    UnknownTable {
        /// The name.
        table: String,
        /// The schemas that were looked into.
        schemas: Vec<String>,
        /// Those that it may mean.
        nearest: Vec<String>,
    },
    /// It is no table.
    #[error("{name} is a {kind}")]
    NotATable {
        /// Its name.
        name: QualifiedName,
        /// What it is.
        kind: RelationKind,
    },
    /// The session could not become the actor.
    #[error("the session cannot become {role}")]
    ActorNotTaken {
        /// The actor.
        actor: String,
        /// The actor's role.
        role: String,
        /// The role is there.
        exists: bool,
        /// The server's words.
        message: String,
    },
    /// A row or a new value is not what the table has.
    #[error("{option} {text}: {defect}")]
    Values {
        /// The option that it was given with.
        option: &'static str,
        /// As it was given.
        text: String,
        /// What is wrong.
        defect: RowDefect,
    },
    /// An option has no meaning for the command.
    #[error("{option} is not for {command}")]
    NotForCommand {
        /// The option.
        option: &'static str,
        /// The command.
        command: &'static str,
    },
    /// The fixtures would be made in a database that is marked as one that people rely on.
    #[error("the database is marked as production")]
    Production,
}

/// What is wrong with values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowDefect {
    /// They cannot be read.
    #[error("{0}")]
    Syntax(ValuesDefect),
    /// The table has no such column.
    #[error("there is no column {column}")]
    UnknownColumn {
        /// The column.
        column: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Without columns there are as many values as the primary key has columns.
    #[error("the primary key has {} columns", key.len())]
    NotTheKey {
        /// The columns of the primary key; none where there is none.
        key: Vec<String>,
    },
    /// A new value has no column.
    #[error("the column is missing")]
    NoColumn,
    /// The server cannot read a value.
    #[error("{0}")]
    Value(String),
}

impl ExplainError {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownActor { .. } => "unknown-actor",
            Self::UnknownTable { .. } => "unknown-table",
            Self::NotATable { .. } => "not-a-table",
            Self::ActorNotTaken { .. } => "actor-not-taken",
            Self::Values { .. } => "bad-values",
            Self::NotForCommand { .. } => "not-for-command",
            Self::Production => "production",
        }
    }
}
