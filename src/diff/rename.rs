//! What keeps its content and gets another name: told by people, never guessed.

use std::fmt;

use super::emit::qualified;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::{quote_ident, quote_literal};

/// An object, a column or a label of an enum that has another name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// What it was.
    pub old: FactId,
    /// The label that it was, of an enum.
    pub label: Option<String>,
    /// Its new name; the schema and the relation stay.
    pub new: String,
}

/// Why a rename is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRename {
    /// It is not `kind:schema.name=new`.
    Form,
    /// What has this kind cannot be renamed.
    Kind,
    /// There is nothing of the old name.
    Missing,
    /// The new name is taken.
    Taken,
    /// The comment stands on no line of its own above what has the new name.
    NotAbove,
    /// Comments give names in a circle: what has them all looks the same before and after.
    Circle,
}

impl fmt::Display for BadRename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "it is not `kind:schema.name=new`",
            Self::Kind => "nothing of this kind is renamed",
            Self::Missing => "there is nothing of the old name",
            Self::Taken => "the new name is taken",
            Self::Circle => "names go in a circle, and nothing tells whether that was done",
            Self::NotAbove => "it stands on no line of its own above what has the new name",
        })
    }
}

/// The kinds that can be renamed, with their words as people type them.
const KINDS: [(&str, Kind, usize); 12] = [
    ("schema", Kind::Schema, 1),
    ("table", Kind::Table, 2),
    ("view", Kind::View, 2),
    ("materialized-view", Kind::MaterializedView, 2),
    ("sequence", Kind::Sequence, 2),
    ("type", Kind::Composite, 2),
    ("enum", Kind::Enum, 2),
    ("domain", Kind::Domain, 2),
    ("column", Kind::Column, 3),
    ("constraint", Kind::Constraint, 3),
    ("index", Kind::Index, 3),
    ("value", Kind::Enum, 3),
];

impl Rename {
    /// Reads `column:public.notes.body=text`; without a schema it is in `public`. Of an index, the
    /// table is named, too. `value:public.mood.sad=unhappy` is a label of an enum.
    ///
    /// # Errors
    /// [`BadRename::Form`] and [`BadRename::Kind`].
    pub fn parse(text: &str) -> Result<Self, BadRename> {
        let (word, rest) = text.split_once(':').ok_or(BadRename::Form)?;
        let (old, new) = rest.rsplit_once('=').ok_or(BadRename::Form)?;
        let path = names(old).ok_or(BadRename::Form)?;
        let new = match &names(new).ok_or(BadRename::Form)?[..] {
            [one] => one.clone(),
            _ => return Err(BadRename::Form),
        };
        Self::of(word, path, new)
    }

    /// The rename of what a kind's word and names say.
    ///
    /// # Errors
    /// [`BadRename::Form`] and [`BadRename::Kind`].
    pub fn of(word: &str, mut path: Vec<String>, new: String) -> Result<Self, BadRename> {
        let known = KINDS.iter().find(|(known, ..)| *known == word);
        let (_, kind, length) = known.ok_or(BadRename::Kind)?;
        if path.len() + 1 == *length && *kind != Kind::Schema {
            path.insert(0, "public".to_owned());
        }
        if path.len() != *length || new.is_empty() {
            return Err(BadRename::Form);
        }
        let label = if word == "value" { path.pop() } else { None };
        Ok(Self {
            old: FactId::new(*kind, path),
            label,
            new,
        })
    }

    /// The statement that does it, where the state has what is renamed. A key's and a foreign key's
    /// name is one of constraints.
    ///
    /// # Errors
    /// [`BadRename::Missing`] and [`BadRename::Taken`].
    pub fn sql(&self, state: &State) -> Result<String, BadRename> {
        let fact = self.fact(state).ok_or(BadRename::Missing)?;
        if !self.has_old(state) {
            return Err(BadRename::Missing);
        }
        if self.has_new(state) {
            return Err(BadRename::Taken);
        }
        Ok(self.statement(&fact.id, &self.new))
    }

    /// The statement that undoes it.
    #[must_use]
    pub fn inverse(&self, state: &State) -> Option<String> {
        let kind = self
            .fact(state)
            .map(|fact| fact.id.kind)
            .unwrap_or(self.old.kind);
        let id = FactId::new(kind, self.old.path().iter().cloned());
        let was = self.label.clone().unwrap_or_else(|| id.last().to_owned());
        let back = Self {
            label: self.label.as_ref().map(|_| self.new.clone()),
            old: if self.label.is_some() {
                id.clone()
            } else {
                self.renamed(&id)
            },
            new: was.clone(),
        };
        Some(back.statement(&back.old, &was))
    }

    /// Whether the other one has the name to give away that this one takes.
    #[must_use]
    pub fn is_behind(&self, other: &Self) -> bool {
        match &self.label {
            Some(_) => other.old == self.old && other.label.as_ref() == Some(&self.new),
            None => other.label.is_none() && other.old == self.renamed(&self.old),
        }
    }

    /// Whether a state has what is renamed, under its old name.
    #[must_use]
    pub fn has_old(&self, state: &State) -> bool {
        self.fact(state).is_some_and(|fact| match &self.label {
            Some(label) => fact.list("labels").contains(label),
            None => true,
        })
    }

    /// Whether a state has it under its new name.
    #[must_use]
    pub fn has_new(&self, state: &State) -> bool {
        let then = match &self.label {
            Some(_) => Self {
                label: Some(self.new.clone()),
                ..self.clone()
            },
            None => Self {
                old: self.renamed(&self.old),
                ..self.clone()
            },
        };
        then.has_old(state)
    }

    fn fact<'s>(&self, state: &'s State) -> Option<&'s Fact> {
        let kinds: &[Kind] = match self.old.kind {
            Kind::Constraint => &[Kind::Constraint, Kind::ForeignKey],
            Kind::Composite => &[Kind::Composite, Kind::Enum, Kind::Range],
            Kind::Table => &[Kind::Table, Kind::ForeignTable],
            ref kind => std::slice::from_ref(kind),
        };
        let mut found = kinds
            .iter()
            .filter_map(|kind| state.get(&FactId::new(*kind, self.old.path().iter().cloned())));
        found.next()
    }

    /// What it is then.
    fn renamed(&self, id: &FactId) -> FactId {
        let mut path = id.path().to_vec();
        if let Some(last) = path.last_mut() {
            last.clone_from(&self.new);
        }
        FactId::new(id.kind, path)
    }

    fn statement(&self, id: &FactId, new: &str) -> String {
        let last = quote_ident(id.last());
        let table = || qualified(id.part(0), id.part(1));
        if let Some(label) = &self.label {
            return format!(
                "ALTER TYPE {} RENAME VALUE {} TO {}",
                id.name(),
                quote_literal(label),
                quote_literal(new)
            );
        }
        let new = quote_ident(new);
        match id.kind {
            Kind::Column => format!("ALTER TABLE {} RENAME COLUMN {last} TO {new}", table()),
            Kind::Constraint | Kind::ForeignKey => {
                format!("ALTER TABLE {} RENAME CONSTRAINT {last} TO {new}", table())
            }
            kind => format!("ALTER {} {} RENAME TO {new}", kind.sql(), id.name()),
        }
    }
}

/// As it is typed: `column:public.notes.body=text`.
impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match &self.label {
            Some(_) => "value",
            None => KINDS
                .iter()
                .find(|(_, kind, _)| *kind == self.old.kind)
                .map_or("", |(word, ..)| *word),
        };
        let path = self.old.path().iter().chain(&self.label);
        let path: Vec<String> = path.map(|name| quote_ident(name)).collect();
        write!(f, "{word}:{}={}", path.join("."), quote_ident(&self.new))
    }
}

/// Names between dots; what is in double quotes is as it is, all else in lower case.
fn names(text: &str) -> Option<Vec<String>> {
    let (mut names, mut rest) = (Vec::new(), text);
    loop {
        let (name, left) = if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut left = quoted;
            loop {
                let end = left.find('"')?;
                name.push_str(&left[..end]);
                left = &left[end + 1..];
                match left.strip_prefix('"') {
                    Some(more) => {
                        name.push('"');
                        left = more;
                    }
                    None => break,
                }
            }
            (name, left)
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            (rest[..end].to_lowercase(), &rest[end..])
        };
        if name.is_empty() {
            return None;
        }
        names.push(name);
        match left.strip_prefix('.') {
            Some(more) => rest = more,
            None if left.is_empty() => return Some(names),
            None => return None,
        }
    }
}

/// What may be renames: under one parent something goes and something comes, alike but for the name.
/// They are asked for, and not taken for such.
#[must_use]
pub fn candidates(from: &State, to: &State) -> Vec<Rename> {
    let mut found = Vec::new();
    for kind in [Kind::Table, Kind::Column] {
        let gone = from.of_kind(kind).filter(|one| !to.has(&one.id));
        let gone: Vec<&Fact> = gone.filter(|one| stands(to, one)).collect();
        let come = to.of_kind(kind).filter(|one| !from.has(&one.id));
        let come: Vec<&Fact> = come.filter(|one| stands(from, one)).collect();
        for old in &gone {
            let mut alike = come.iter().filter(|new| are_alike(from, to, old, new));
            if let (Some(new), None) = (alike.next(), alike.next()) {
                found.push(Rename {
                    old: old.id.clone(),
                    label: None,
                    new: new.id.last().to_owned(),
                });
            }
        }
    }
    found
}

/// Whether what a fact is a part of is in a state.
fn stands(state: &State, fact: &Fact) -> bool {
    fact.parent
        .as_ref()
        .is_none_or(|parent| state.has(parent) && parent.kind == Kind::Table)
}

fn are_alike(from: &State, to: &State, old: &Fact, new: &Fact) -> bool {
    let place = |fact: &Fact| fact.id.path()[..fact.id.path().len() - 1].to_vec();
    if place(old) != place(new) || old.payload != new.payload {
        return false;
    }
    old.id.kind != Kind::Table || columns(from, old) == columns(to, new)
}

/// The columns of a table, by name.
fn columns(state: &State, table: &Fact) -> Vec<(String, crate::schema::facts::Payload)> {
    state
        .of_kind(Kind::Column)
        .filter(|column| column.parent.as_ref() == Some(&table.id))
        .map(|column| (column.id.last().to_owned(), column.payload.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_as_they_are_typed() {
        for (text, shown) in [
            ("table:notes=memos", Ok("table:public.notes=memos")),
            ("column:a.\"My.T\".b=c", Ok("column:a.\"My.T\".b=c")),
            (
                "value:mood.sad=\"Very sad\"",
                Ok("value:public.mood.sad=\"Very sad\""),
            ),
            ("schema:a=b", Ok("schema:a=b")),
            ("index:t.i=j", Ok("index:public.t.i=j")),
            ("table:notes", Err(BadRename::Form)),
            ("notes=memos", Err(BadRename::Form)),
            ("table:a.b.c=d", Err(BadRename::Form)),
            ("table:a.=d", Err(BadRename::Form)),
            ("table:a=b.c", Err(BadRename::Form)),
            ("policy:a.b=d", Err(BadRename::Kind)),
        ] {
            let read = Rename::parse(text).map(|rename| rename.to_string());
            assert_eq!(read.as_deref(), shown.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn what_is_renamed_has_to_be_there() {
        let mut state = State::empty(150_000, "me");
        for name in ["a", "b"] {
            state.insert(Fact::new(FactId::new(Kind::Table, ["public", name]), None));
        }
        let sql = |text: &str| Rename::parse(text).unwrap().sql(&state);
        assert_eq!(
            sql("table:a=c").as_deref(),
            Ok("ALTER TABLE public.a RENAME TO c")
        );
        assert_eq!(sql("table:a=b"), Err(BadRename::Taken));
        assert_eq!(sql("table:x=y"), Err(BadRename::Missing));
        let rename = Rename::parse("table:a=c").unwrap();
        let back = rename.inverse(&state).unwrap();
        assert_eq!(back, "ALTER TABLE public.c RENAME TO a");
    }
}
