use serde::{Serialize, Serializer};

use super::Audit;
use crate::diagnostic::Severity;
use crate::schema::{Function, Index, Policy, Relation};
use crate::sql::{QualifiedName, quote_ident};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Somebody sees or does what is not theirs, or the other way round.
    Security,
    /// It is right, and slow.
    Performance,
}

/// One rule of the audit.
#[derive(Debug)]
pub struct Rule {
    /// Its name, stable across releases; splinter's where that has the rule.
    pub code: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it is about.
    pub category: Category,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// Why that is bad.
    pub reason: &'static str,
    /// SQL that makes it fire.
    pub example: &'static str,
    pub(super) check: fn(Audit<'_>) -> Vec<Finding>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A table, view or foreign table.
    Relation(QualifiedName),
    /// A policy of a table.
    Policy {
        /// The table.
        table: QualifiedName,
        /// The policy.
        name: String,
    },
    /// A function, with its arguments: `public.f(integer)`.
    Function {
        /// Its schema and name.
        name: QualifiedName,
        /// With its arguments.
        signature: String,
    },
    /// An index.
    Index(QualifiedName),
    /// A role.
    Role(String),
    /// An extension.
    Extension(String),
}

impl Object {
    /// A relation.
    pub(super) fn relation(relation: &Relation) -> Self {
        Self::Relation(relation.name.clone())
    }

    /// A policy of a table.
    pub(super) fn policy(table: &Relation, policy: &Policy) -> Self {
        Self::Policy {
            table: table.name.clone(),
            name: policy.name.clone(),
        }
    }

    /// A function.
    pub(super) fn function(function: &Function) -> Self {
        Self::Function {
            name: function.name.clone(),
            signature: function.signature.clone(),
        }
    }

    /// An index of a table.
    pub(super) fn index(table: &Relation, index: &Index) -> Self {
        Self::Index(QualifiedName::new(&table.name.schema, &index.name))
    }
}

/// As SQL names it: `public.notes`, `own on public.notes`.
impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Relation(name) | Self::Index(name) => f.pad(&name.to_string()),
            Self::Policy { table, name } => f.pad(&format!("{} on {table}", quote_ident(name))),
            Self::Function { signature, .. } => f.pad(signature),
            Self::Role(name) | Self::Extension(name) => f.pad(&quote_ident(name)),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub object: Object,
    /// One line, lower case, without a full stop.
    pub message: String,
    /// SQL that mends it, where one way is as good as certain.
    pub fix: Option<String>,
}

impl Finding {
    /// A finding without a fix.
    pub(super) fn new(object: Object, message: impl Into<String>) -> Self {
        Self {
            object,
            message: message.into(),
            fix: None,
        }
    }

    /// The same with what mends it.
    #[must_use]
    pub(super) fn fix(mut self, sql: impl Into<String>) -> Self {
        self.fix = Some(sql.into());
        self
    }
}
