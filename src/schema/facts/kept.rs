//! A state as text that is kept and read back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fact, FactId, Kind, Payload, State, Unmodelled};

/// The form of the text. Another number is another form.
const FORM: u32 = 1;

/// A state as it is written.
#[derive(Serialize, Deserialize)]
struct Kept {
    form: u32,
    server_version_num: i32,
    home: String,
    facts: Vec<KeptFact>,
    /// What depends, and on what, each by its place among the facts.
    edges: Vec<(usize, usize)>,
    unmodelled: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct KeptFact {
    kind: String,
    path: Vec<String>,
    /// Its place among the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    payload: Payload,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    hints: Payload,
}

impl State {
    /// The state as text, which [`State::from_kept`] reads: one line of JSON. Nothing is lost of a
    /// state in which every parent and both ends of every edge are there, as in one that was read.
    #[must_use]
    pub fn to_kept(&self) -> String {
        let places: BTreeMap<&FactId, usize> = self.facts().keys().zip(0..).collect();
        let fact = |fact: &Fact| KeptFact {
            kind: fact.id.kind.word().to_owned(),
            path: fact.id.path().to_vec(),
            parent: fact
                .parent
                .as_ref()
                .and_then(|parent| places.get(parent))
                .copied(),
            payload: fact.payload.clone(),
            hints: fact.hints.clone(),
        };
        let kept = Kept {
            form: FORM,
            server_version_num: self.server_version_num,
            home: self.home.clone(),
            facts: self.facts().values().map(fact).collect(),
            edges: self
                .edges()
                .iter()
                .filter_map(|(dependant, on)| Some((*places.get(dependant)?, *places.get(on)?)))
                .collect(),
            unmodelled: self
                .unmodelled
                .iter()
                .map(|one| (one.kind.clone(), one.name.clone()))
                .collect(),
        };
        serde_json::to_string(&kept).expect("texts, numbers and lists of them are JSON")
    }

    /// The state that a text tells; none where the text is another's, or broken.
    #[must_use]
    pub fn from_kept(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        if kept.form != FORM {
            return None;
        }
        let id = |fact: &KeptFact| {
            let path = fact.path.iter().cloned();
            Some(FactId::new(Kind::parse(&fact.kind)?, path))
        };
        let ids: Vec<FactId> = kept.facts.iter().map(id).collect::<Option<_>>()?;
        let mut state = Self::new(kept.server_version_num, &kept.home);
        for (fact, id) in kept.facts.into_iter().zip(&ids) {
            let parent = match fact.parent {
                Some(place) => Some(ids.get(place)?.clone()),
                None => None,
            };
            state.insert(Fact {
                payload: fact.payload,
                hints: fact.hints,
                ..Fact::new(id.clone(), parent)
            });
        }
        for (dependant, on) in kept.edges {
            state.connect(ids.get(dependant)?.clone(), ids.get(on)?.clone());
        }
        let unmodelled = kept.unmodelled.into_iter();
        state.unmodelled = unmodelled
            .map(|(kind, name)| Unmodelled { kind, name })
            .collect();
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts::Value;

    #[test]
    fn nothing_is_lost() {
        let mut state = State::empty(150_004, "me");
        let table = FactId::new(Kind::Table, ["public", "a \"b\"\n"]);
        let column = FactId::new(Kind::Column, ["public", "a \"b\"\n", "é"]);
        let mut fact = Fact::new(column.clone(), Some(table.clone()));
        for (name, value) in [
            ("flag", Value::Flag(true)),
            ("number", Value::Number(i64::MIN)),
            ("text", Value::Text("true".to_owned())),
            ("digits", Value::Text("12".to_owned())),
            ("list", Value::List(vec!["x".to_owned(), String::new()])),
        ] {
            fact.payload.insert(name.to_owned(), value);
        }
        fact.hints.insert("place".to_owned(), Value::Number(3));
        state.insert(Fact::new(table.clone(), None));
        state.insert(fact);
        state.connect(column, FactId::new(Kind::Schema, ["public"]));
        state.unmodelled.push(Unmodelled {
            kind: "conversion".to_owned(),
            name: "public.c".to_owned(),
        });
        let kept = state.to_kept();
        assert_eq!(State::from_kept(&kept), Some(state.clone()));
        for broken in [
            "",
            "{}",
            &kept[..kept.len() / 2],
            &kept.replace("\"form\":1", "\"form\":2"),
            &kept.replace("\"kind\":\"table\"", "\"kind\":\"chair\""),
            &kept.replace("\"edges\":[[", "\"edges\":[[99,0],["),
        ] {
            assert_ne!(broken, kept);
            assert_eq!(State::from_kept(broken), None, "{broken}");
        }
    }
}
