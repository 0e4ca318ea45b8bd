use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::Kind;
use crate::sql::quote_ident;

/// What a fact is about: its kind, and the names that lead to it, as the catalog spells them. What
/// they are is said at each [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId {
    /// The kind.
    pub kind: Kind,
    path: Arc<[String]>,
}

impl FactId {
    /// The fact of this kind and with these names.
    pub fn new<S: Into<String>>(kind: Kind, path: impl IntoIterator<Item = S>) -> Self {
        Self {
            kind,
            path: path.into_iter().map(Into::into).collect(),
        }
    }

    /// A fact about another one.
    #[must_use]
    pub fn about(kind: Kind, other: &Self, last: Option<&str>) -> Self {
        let path = std::iter::once(other.kind.word())
            .chain(other.path.iter().map(String::as_str))
            .chain(last);
        Self::new(kind, path)
    }

    /// The names.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The name at this place, counted from 0; empty where there is none.
    #[must_use]
    pub fn part(&self, at: usize) -> &str {
        self.path.get(at).map_or("", String::as_str)
    }

    /// The last name.
    #[must_use]
    pub fn last(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// What a fact about another one is about.
    #[must_use]
    pub fn subject(&self) -> Option<Self> {
        if !self.kind.is_about_another() {
            return None;
        }
        let kind = Kind::parse(self.part(0))?;
        let end = self.path.len() - usize::from(self.kind == Kind::Grant);
        Some(Self {
            kind,
            path: self.path.get(1..end)?.into(),
        })
    }

    /// The schema that it is in, itself for a schema; none for what is in no schema.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        match self.kind {
            Kind::Owner | Kind::OwnerRights | Kind::Grant | Kind::Comment => {
                let kind = Kind::parse(self.part(0))?;
                in_schema(kind).then(|| self.part(1))
            }
            Kind::PublicationTable | Kind::PublicationSchema => Some(self.part(1)),
            Kind::DefaultPrivileges => Some(self.part(1)).filter(|schema| !schema.is_empty()),
            kind => in_schema(kind).then(|| self.part(0)),
        }
    }

    /// The relation of this schema and name that it is a part of: a column's table, say.
    #[must_use]
    pub fn relation(&self) -> Option<(&str, &str)> {
        match self.kind {
            Kind::Column
            | Kind::Default
            | Kind::Inheritance
            | Kind::Constraint
            | Kind::Index
            | Kind::Partition
            | Kind::IndexAttachment
            | Kind::Cluster
            | Kind::ReplicaIdentity
            | Kind::Rule
            | Kind::ForeignKey
            | Kind::Trigger
            | Kind::PartitionTrigger
            | Kind::RowSecurity
            | Kind::Policy => Some((self.part(0), self.part(1))),
            _ => None,
        }
    }

    /// Its names as SQL writes them: `public.notes`, `public.f(integer, text)`.
    #[must_use]
    pub fn name(&self) -> String {
        let ident = |at: usize| quote_ident(self.part(at));
        let pair = |at: usize| format!("{}.{}", ident(at), ident(at + 1));
        match self.kind {
            Kind::Schema
            | Kind::Extension
            | Kind::ForeignDataWrapper
            | Kind::ForeignServer
            | Kind::Publication
            | Kind::EventTrigger => ident(0),
            Kind::UserMapping => format!("{} on {}", ident(1), ident(0)),
            Kind::Function | Kind::Procedure | Kind::Aggregate => {
                format!("{}({})", pair(0), self.part(2))
            }
            Kind::Operator => {
                let side = |at| match self.part(at) {
                    "" => "NONE",
                    name => name,
                };
                format!("{}.{}({}, {})", ident(0), self.part(1), side(2), side(3))
            }
            Kind::OperatorClass | Kind::OperatorFamily => {
                format!("{} using {}", pair(0), ident(2))
            }
            Kind::Cast => format!("({} AS {})", self.part(0), self.part(1)),
            Kind::Column
            | Kind::Attribute
            | Kind::Default
            | Kind::Constraint
            | Kind::ForeignKey
            | Kind::Trigger
            | Kind::PartitionTrigger
            | Kind::Rule
            | Kind::Policy
            | Kind::DomainConstraint => format!("{}.{}", pair(0), ident(2)),
            Kind::Index | Kind::IndexAttachment => format!("{}.{}", ident(0), ident(2)),
            Kind::Inheritance => format!("{} from {}", pair(0), pair(2)),
            Kind::PublicationTable => format!("{} in {}", pair(1), ident(0)),
            Kind::PublicationSchema => format!("{} in {}", ident(1), ident(0)),
            Kind::Owner | Kind::OwnerRights | Kind::Comment => self.subject_name(),
            Kind::Grant => format!("{} to {}", self.subject_name(), quote_ident(self.last())),
            Kind::DefaultPrivileges => {
                let mut text = self.part(2).to_owned();
                if !self.part(1).is_empty() {
                    text.push_str(&format!(" in {}", ident(1)));
                }
                if !self.part(0).is_empty() {
                    text.push_str(&format!(" of {}", ident(0)));
                }
                format!("{text} to {}", ident(3))
            }
            _ => pair(0),
        }
    }

    fn subject_name(&self) -> String {
        match self.subject() {
            Some(subject) => format!("{} {}", subject.kind, subject.name()),
            None => String::new(),
        }
    }
}

fn in_schema(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Extension
            | Kind::ForeignDataWrapper
            | Kind::ForeignServer
            | Kind::UserMapping
            | Kind::Cast
            | Kind::Publication
            | Kind::EventTrigger
    )
}

/// `table public.notes`
impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.kind, self.name()))
    }
}

impl Serialize for FactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let table = FactId::new(Kind::Table, ["public", "Notes"]);
        let column = FactId::new(Kind::Column, ["public", "Notes", "user"]);
        for (id, shown) in [
            (table.clone(), "table public.\"Notes\""),
            (column.clone(), "column public.\"Notes\".\"user\""),
            (
                FactId::about(Kind::Grant, &column, Some("anon")),
                "grant column public.\"Notes\".\"user\" to anon",
            ),
            (
                FactId::about(Kind::Comment, &table, None),
                "comment table public.\"Notes\"",
            ),
            (
                FactId::new(Kind::Function, ["a", "f", "integer, text"]),
                "function a.f(integer, text)",
            ),
            (
                FactId::new(Kind::Operator, ["a", "!", "", "integer"]),
                "operator a.!(NONE, integer)",
            ),
            (
                FactId::new(Kind::Cast, ["integer", "a.b"]),
                "cast (integer AS a.b)",
            ),
            (
                FactId::new(Kind::DefaultPrivileges, ["", "a", "tables", "anon"]),
                "default privileges tables in a to anon",
            ),
        ] {
            assert_eq!(id.to_string(), shown);
        }
    }

    #[test]
    fn what_a_fact_is_about() {
        let table = FactId::new(Kind::Table, ["public", "notes"]);
        for kind in [Kind::Owner, Kind::OwnerRights, Kind::Comment] {
            let about = FactId::about(kind, &table, None);
            assert_eq!(about.subject(), Some(table.clone()));
            assert_eq!(about.schema(), Some("public"));
        }
        let grant = FactId::about(Kind::Grant, &table, Some("anon"));
        assert_eq!(grant.subject(), Some(table.clone()));
        assert_eq!(table.subject(), None);
    }
}
