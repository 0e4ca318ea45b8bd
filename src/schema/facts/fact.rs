use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::FactId;

/// What is known of a fact, by name. What is as it is by default is not there.
pub type Payload = BTreeMap<String, Value>;

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Whether it is so.
    Flag(bool),
    /// How much.
    Number(i64),
    /// What it says; expressions and whole definitions as PostgreSQL writes them.
    Text(String),
    /// Several, whose order counts.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// One fact of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub id: FactId,
    /// The fact that it is a part of, and goes with: a column's table, a comment's object.
    pub parent: Option<FactId>,
    /// What counts when two states are compared.
    pub payload: Payload,
    /// What is known and does not count: a column's place.
    pub hints: Payload,
}

impl Fact {
    /// A fact with nothing known of it.
    #[must_use]
    pub fn new(id: FactId, parent: Option<FactId>) -> Self {
        Self {
            id,
            parent,
            payload: Payload::new(),
            hints: Payload::new(),
        }
    }

    /// The text of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        text(&self.payload, name)
    }

    /// Whether this is so.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.payload.get(name), Some(Value::Flag(true)))
    }

    /// The number of this name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        number(&self.payload, name)
    }

    /// The list of this name; empty where there is none.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        list(&self.payload, name)
    }

    /// The text of this name among the hints.
    #[must_use]
    pub fn hint(&self, name: &str) -> Option<&str> {
        text(&self.hints, name)
    }

    /// The list of this name among the hints.
    #[must_use]
    pub fn hint_list(&self, name: &str) -> &[String] {
        list(&self.hints, name)
    }

    /// The number of this name among the hints.
    #[must_use]
    pub fn hint_number(&self, name: &str) -> Option<i64> {
        number(&self.hints, name)
    }

    /// Whether this is so, among the hints.
    #[must_use]
    pub fn hint_flag(&self, name: &str) -> bool {
        matches!(self.hints.get(name), Some(Value::Flag(true)))
    }
}

fn text<'a>(payload: &'a Payload, name: &str) -> Option<&'a str> {
    match payload.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(payload: &Payload, name: &str) -> Option<i64> {
    match payload.get(name) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

fn list<'a>(payload: &'a Payload, name: &str) -> &'a [String] {
    match payload.get(name) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}
