//! What was read, by the catalog's numbers, until it is a state.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::db::{DbError, Row};
use crate::schema::facts::{Fact, FactId, Kind, Payload, State, Value};

/// Where the catalog has something: class, number and, for a column, its number.
pub(super) type Place = (i64, i64, i32);

/// That an object is in a schema of the user's, `n`, and came with no extension.
pub(super) fn is_ours(class: &str, oid: &str) -> String {
    format!(
        "n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and {}",
        not_member(class, oid)
    )
}

/// That an object came with no extension.
pub(super) fn not_member(class: &str, oid: &str) -> String {
    format!(
        "not exists (select from pg_depend m where m.classid = '{class}'::regclass
                        and m.objid = {oid} and m.deptype = 'e')"
    )
}

/// The facts so far, and where the catalog has them.
pub(super) struct Found {
    pub(super) state: State,
    places: HashMap<Place, FactId>,
}

impl Found {
    pub(super) fn new(server_version_num: i32, home: &str) -> Self {
        Self {
            state: State::new(server_version_num, home),
            places: HashMap::new(),
        }
    }

    /// The role at home.
    pub(super) fn home(&self) -> &str {
        &self.state.home
    }

    /// What is exactly there.
    pub(super) fn exactly(&self, place: Place) -> Option<&FactId> {
        self.places.get(&place)
    }

    /// Adds facts that have no place of their own.
    pub(super) fn extend(&mut self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            self.state.insert(fact);
        }
    }

    /// Takes rows of the common shape.
    pub(super) fn take_all(&mut self, rows: &[Row]) -> Result<(), DbError> {
        rows.iter().try_for_each(|row| self.take(row))
    }

    /// Takes one row of the common shape.
    fn take(&mut self, row: &Row) -> Result<(), DbError> {
        let place: Place = (row.get(0)?, row.get(1)?, row.get(2)?);
        let word: &str = row.get(3)?;
        let Some(kind) = Kind::parse(word) else {
            return Err(unexpected(format!("{word} is no kind of fact")));
        };
        let path: Vec<String> = row.get(4)?;
        let id = FactId::new(kind, path);
        let mut fact = Fact::new(id.clone(), None);
        fact.payload = payload(row.get(5)?)?;
        fact.hints = payload(row.get(6)?)?;
        // A conflict of two facts would be one that is lost.
        if self.state.has(&id) {
            return Err(unexpected(format!("{id} is there twice")));
        }
        self.state.insert(fact);
        let owner: Option<&str> = row.get(7)?;
        if let Some(owner) = owner.filter(|owner| *owner != self.home()) {
            let mut fact = Fact::new(FactId::about(Kind::Owner, &id, None), Some(id.clone()));
            let role = Value::Text(owner.to_owned());
            fact.payload.insert("role".to_owned(), role);
            self.state.insert(fact);
        }
        if place.1 != 0 {
            self.places.insert(place, id);
        }
        Ok(())
    }

    /// Gives every fact the one that it is a part of.
    pub(super) fn settle_parents(&mut self) {
        let parents: Vec<(FactId, FactId)> = self
            .state
            .facts()
            .values()
            .filter(|fact| fact.parent.is_none())
            .filter_map(|fact| Some((fact.id.clone(), parent(&self.state, fact)?)))
            .collect();
        for (id, parent) in parents {
            self.state.adopt(&id, parent);
        }
    }
}

/// What a fact is a part of, by its names.
fn parent(state: &State, fact: &Fact) -> Option<FactId> {
    let id = &fact.id;
    let path = id.path();
    match id.kind {
        Kind::Default => Some(FactId::new(Kind::Column, path.iter().cloned())),
        Kind::Attribute => Some(FactId::new(Kind::Composite, path[..2].iter().cloned())),
        Kind::DomainConstraint => Some(FactId::new(Kind::Domain, path[..2].iter().cloned())),
        Kind::SequenceOwner => Some(FactId::new(Kind::Sequence, path.iter().cloned())),
        Kind::Sequence => match fact.list("identity_of") {
            [] => None,
            column => Some(FactId::new(Kind::Column, column.iter().cloned())),
        },
        Kind::UserMapping => Some(FactId::new(Kind::ForeignServer, [id.part(0)])),
        Kind::PublicationTable | Kind::PublicationSchema => {
            Some(FactId::new(Kind::Publication, [id.part(0)]))
        }
        _ => {
            let (schema, name) = id.relation()?;
            state.relation(schema, name)
        }
    }
}

fn unexpected(reason: String) -> DbError {
    DbError::Protocol {
        during: "reading the catalog",
        reason,
    }
}

fn payload(json: Option<&str>) -> Result<Payload, DbError> {
    let Some(json) = json.filter(|json| *json != "{}") else {
        return Ok(Payload::new());
    };
    let given: BTreeMap<String, Given> =
        serde_json::from_str(json).map_err(|error| unexpected(error.to_string()))?;
    let given = given.into_iter();
    Ok(given
        .filter_map(|(name, Given(value))| Some((name, value?)))
        .collect())
}

/// A value of the catalog; none for nothing, for what is not so, and for an empty list.
struct Given(Option<Value>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, a truth, or a list")
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Given, E> {
        Ok(Given(flag.then_some(Value::Flag(true))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Given, E> {
        Ok(Given(Some(Value::Number(number))))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Given, E> {
        let number = i64::try_from(number).map_err(E::custom)?;
        self.visit_i64(number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given(Some(Value::Text(text.to_owned()))))
    }

    fn visit_string<E>(self, text: String) -> Result<Given, E> {
        Ok(Given(Some(Value::Text(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<serde_json::Value>()? {
            list.push(match item {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            });
        }
        Ok(Given((!list.is_empty()).then_some(Value::List(list))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_by_default_is_not_there() {
        let json =
            r#"{"a": null, "b": false, "c": true, "d": 1, "e": "x", "f": [], "g": ["x", 1]}"#;
        let payload = payload(Some(json)).unwrap();
        assert_eq!(
            payload.into_iter().collect::<Vec<_>>(),
            [
                ("c".to_owned(), Value::Flag(true)),
                ("d".to_owned(), Value::Number(1)),
                ("e".to_owned(), Value::Text("x".to_owned())),
                ("g".to_owned(), Value::List(vec!["x".into(), "1".into()])),
            ]
        );
    }
}
