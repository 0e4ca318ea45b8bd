//! What keeps rights from being taken, given back or scaffolded.

use crate::bookkeeping::Blocker;
use crate::schema::RelationKind;
use crate::sql::QualifiedName;

/// Why a command about who may reach a table could not do it. Nothing is changed in any case,
/// except where the outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// There is no such table.
    #[error("no table {text}")]
    UnknownTable {
        /// What was asked for.
        text: String,
        /// What was probably meant.
        nearest: Option<QualifiedName>,
        /// Where it was looked for.
        schemas: Vec<String>,
    },
    /// Several schemas have a table of this name.
    #[error("several tables {text}")]
    AmbiguousTable {
        /// What was asked for.
        text: String,
        /// What it names.
        found: Vec<QualifiedName>,
    },
    /// What has no rows of its own cannot have policies.
    #[error("{name} is a {kind}")]
    NotATable {
        /// Its name.
        name: QualifiedName,
        /// What it is.
        kind: RelationKind,
    },
    /// Only the owner takes and gives rights.
    #[error("the tables are another's")]
    NotOwner {
        /// The user of the session.
        user: String,
        /// The tables, each with its owner.
        tables: Vec<(QualifiedName, String)>,
    },
    /// After everything was revoked somebody still has a right.
    #[error("somebody still has a right")]
    StillOpen {
        /// Who, to what, and why.
        ways: Vec<StillOpen>,
    },
    /// None of the tables was closed, or all were opened since.
    #[error("nothing is closed")]
    NotClosed {
        /// The tables.
        tables: Vec<QualifiedName>,
    },
    /// Another session changes a table's definition, and did not come to its end in time.
    #[error("another session is in the way: {message}")]
    InTheWay {
        /// The server's words.
        message: String,
        /// The sessions, as far as they were seen.
        blocked_by: Vec<Blocker>,
    },
    /// The link was lost at the COMMIT, which was not done, as the server told on another link.
    #[error("the link was lost at COMMIT, which was not done")]
    NotCommitted {
        /// Why there was no answer.
        reason: String,
    },
    /// The link was lost at the COMMIT, and the server could not be asked.
    #[error("the outcome of a COMMIT is unknown")]
    OutcomeUnknown {
        /// The transaction, as `pg_current_xact_id()` gave it.
        transaction: String,
        /// Why there is no answer.
        reason: String,
    },
    /// Only the template `rls` is made from tables.
    #[error("--table is for the template rls")]
    TableNeedsRls {
        /// The template that was asked for.
        template: String,
    },
    /// None of the API's roles that policies bind is on the server.
    #[error("the server has none of the API's roles")]
    NoApiRole {
        /// The roles.
        roles: Vec<String>,
    },
}

/// A right that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillOpen {
    /// Who has it; `public` for everybody.
    pub role: String,
    /// To what.
    pub relation: QualifiedName,
    /// To do what.
    pub privileges: Vec<String>,
    /// Why.
    pub why: WhyOpen,
}

/// Why a right could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyOpen {
    /// No right binds a superuser.
    Superuser,
    /// The role owns the table, or has the rights of whoever does.
    Owner,
    /// It has the rights of this role, which the server itself brought.
    Predefined(String),
    /// It has the rights of this role, which is trusted.
    Trusted(String),
    /// This role gave it, and alone can take it back.
    GivenBy(String),
    /// Nothing that is known of tells.
    Unknown,
}

impl AccessError {
    /// The error's kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTable { .. } => "unknown-table",
            Self::AmbiguousTable { .. } => "ambiguous-table",
            Self::NotATable { .. } => "not-a-table",
            Self::NotOwner { .. } => "not-the-owner",
            Self::StillOpen { .. } => "still-open",
            Self::NotClosed { .. } => "not-closed",
            Self::InTheWay { .. } => "table-locked",
            Self::NotCommitted { .. } => "connection-lost",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::TableNeedsRls { .. } => "table-needs-rls",
            Self::NoApiRole { .. } => "no-api-role",
        }
    }
}
