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
    /// Its new name; the relation stays.
    pub new: String,
    /// The schema that it moves to; none where it stays.
    pub to_schema: Option<String>,
}

/// Why a rename is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRename {
    /// It is not `kind:schema.name=new`.
    Form,
    /// What has this kind stays in its schema, or goes with its table.
    Stays,
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
            Self::Stays => "nothing of this kind moves to another schema by itself",
            Self::Kind => "nothing of this kind is renamed",
            Self::Missing => "there is nothing of the old name",
            Self::Taken => "the new name is taken",
            Self::Circle => "names go in a circle, and nothing tells whether that was done",
            Self::NotAbove => "it stands on no line of its own above what has the new name",
        })
    }
}

/// The kinds that can be moved to another schema.
const MOVED: [Kind; 7] = [
    Kind::Table,
    Kind::View,
    Kind::MaterializedView,
    Kind::Sequence,
    Kind::Composite,
    Kind::Enum,
    Kind::Domain,
];

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
    /// table is named, too. `value:public.mood.sad=unhappy` is a label of an enum, and
    /// `table:public.notes=app.notes` moves one to another schema.
    ///
    /// # Errors
    /// [`BadRename::Form`], [`BadRename::Kind`] and [`BadRename::Stays`].
    pub fn parse(text: &str) -> Result<Self, BadRename> {
        let (word, rest) = text.split_once(':').ok_or(BadRename::Form)?;
        let (old, new) = rest.rsplit_once('=').ok_or(BadRename::Form)?;
        let path = names(old).ok_or(BadRename::Form)?;
        match &names(new).ok_or(BadRename::Form)?[..] {
            [one] => Self::of(word, path, one.clone()),
            [schema, one] => Self::of(word, path, one.clone())?.moved(schema.clone()),
            _ => Err(BadRename::Form),
        }
    }

    /// The same to another schema, or within the one in which it is.
    ///
    /// # Errors
    /// [`BadRename::Stays`].
    pub fn moved(mut self, schema: String) -> Result<Self, BadRename> {
        if self.label.is_some() || !MOVED.contains(&self.old.kind) {
            return Err(BadRename::Stays);
        }
        self.to_schema = Some(schema).filter(|schema| schema != self.old.part(0));
        Ok(self)
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
            to_schema: None,
        })
    }

    /// The same of what is in another schema now, to the one in which it is told to be.
    ///
    /// # Errors
    /// [`BadRename::Stays`].
    pub fn coming_from(mut self, schema: String) -> Result<Self, BadRename> {
        if schema == self.old.part(0) && self.old.path().len() > 1 {
            return Ok(self);
        }
        let mut path = self.old.path().to_vec();
        let there = match path.first_mut() {
            Some(first) => std::mem::replace(first, schema),
            None => return Err(BadRename::Stays),
        };
        self.old = FactId::new(self.old.kind, path);
        self.moved(there)
    }

    /// The statements that do it, where the state has what is renamed. A key's and a foreign key's
    /// name is one of constraints. A schema that it moves to is made where it is not there.
    ///
    /// # Errors
    /// [`BadRename::Missing`] and [`BadRename::Taken`].
    pub fn sql(&self, state: &State) -> Result<Vec<String>, BadRename> {
        let fact = self.fact(state).ok_or(BadRename::Missing)?;
        if !self.has_old(state) {
            return Err(BadRename::Missing);
        }
        if self.has_new(state) {
            return Err(BadRename::Taken);
        }
        let mut out = Vec::new();
        if let Some(schema) = self.new_schema(state) {
            out.push(format!("CREATE SCHEMA {}", quote_ident(schema)));
        }
        out.extend(self.statements(&fact.id));
        Ok(out)
    }

    /// The schema that it moves to, where the state has none of its name.
    fn new_schema(&self, state: &State) -> Option<&str> {
        let schema = self.to_schema.as_deref()?;
        let id = FactId::new(Kind::Schema, [schema.to_owned()]);
        (!state.has(&id)).then_some(schema)
    }

    /// The statements that undo it; `state` is the one before it.
    #[must_use]
    pub fn inverse(&self, state: &State) -> Vec<String> {
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
            new: was,
            to_schema: self.to_schema.as_ref().map(|_| id.part(0).to_owned()),
        };
        let mut out = back.statements(&back.old);
        if let Some(schema) = self.new_schema(state) {
            out.push(format!("DROP SCHEMA {}", quote_ident(schema)));
        }
        out
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
        if let (Some(schema), Some(first)) = (&self.to_schema, path.first_mut()) {
            first.clone_from(schema);
        }
        FactId::new(id.kind, path)
    }

    /// First to the other schema, and then to the other name.
    fn statements(&self, id: &FactId) -> Vec<String> {
        let Some(schema) = &self.to_schema else {
            return vec![self.statement(id, &self.new)];
        };
        let kind = id.kind.sql();
        let to = quote_ident(schema);
        let mut out = vec![format!("ALTER {kind} {} SET SCHEMA {to}", id.name())];
        if id.last() != self.new {
            let there = FactId::new(id.kind, [schema.clone(), id.last().to_owned()]);
            out.push(self.statement(&there, &self.new));
        }
        out
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
        let schema = self.to_schema.as_ref();
        let schema = schema.map_or_else(String::new, |schema| format!("{}.", quote_ident(schema)));
        write!(
            f,
            "{word}:{}={schema}{}",
            path.join("."),
            quote_ident(&self.new)
        )
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

/// How many others may be the new name of one thing, where it is asked which.
const MOST_ALIKE: usize = 3;

/// What may be renames: under one parent something goes and something comes, alike but for the name;
/// or a table goes from one schema and comes in another. They are asked for, and not taken for such; of
/// what is like more than a few others, nobody would want to be asked.
#[must_use]
pub fn candidates(from: &State, to: &State) -> Vec<Rename> {
    let mut found = Vec::new();
    for kind in [Kind::Table, Kind::Column] {
        let gone = from.of_kind(kind).filter(|one| !to.has(&one.id));
        let gone: Vec<&Fact> = gone.filter(|one| stands(to, one)).collect();
        let come = to.of_kind(kind).filter(|one| !from.has(&one.id));
        let come: Vec<&Fact> = come.filter(|one| stands(from, one)).collect();
        for old in &gone {
            let alike = come.iter().filter(|new| are_alike(from, to, old, new));
            let alike: Vec<_> = alike.take(MOST_ALIKE + 1).collect();
            for new in alike.iter().filter(|_| alike.len() <= MOST_ALIKE) {
                let schema = Some(new.id.part(0)).filter(|schema| *schema != old.id.part(0));
                found.push(Rename {
                    old: old.id.clone(),
                    label: None,
                    new: new.id.last().to_owned(),
                    to_schema: schema.map(str::to_owned),
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
    let is_moved = old.id.kind == Kind::Table && old.id.last() == new.id.last();
    if place(old) != place(new) && !is_moved || old.payload != new.payload {
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
            ("table:a=b.c", Ok("table:public.a=b.c")),
            ("table:a.b=\"My.App\".b", Ok("table:a.b=\"My.App\".b")),
            ("table:a.b=a.c", Ok("table:a.b=c")),
            ("table:a=b.c.d", Err(BadRename::Form)),
            ("schema:a=b.c", Err(BadRename::Stays)),
            ("index:t.i=a.j", Err(BadRename::Stays)),
            ("column:t.a=t.b", Err(BadRename::Stays)),
            ("value:mood.sad=a.b", Err(BadRename::Stays)),
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
        state.insert(Fact::new(FactId::new(Kind::Schema, ["app"]), None));
        let sql = |text: &str| Rename::parse(text).unwrap().sql(&state);
        let back = |text: &str| Rename::parse(text).unwrap().inverse(&state);
        let done = |sql: Result<Vec<String>, _>| sql.unwrap().join("; ");
        assert_eq!(done(sql("table:a=c")), "ALTER TABLE public.a RENAME TO c");
        assert_eq!(back("table:a=c"), ["ALTER TABLE public.c RENAME TO a"]);
        assert_eq!(sql("table:a=b"), Err(BadRename::Taken));
        assert_eq!(sql("table:x=y"), Err(BadRename::Missing));
        assert_eq!(
            done(sql("table:a=app.b")),
            "ALTER TABLE public.a SET SCHEMA app; ALTER TABLE app.a RENAME TO b"
        );
        assert_eq!(
            back("table:a=app.b"),
            [
                "ALTER TABLE app.b SET SCHEMA public",
                "ALTER TABLE public.b RENAME TO a"
            ]
        );
        assert_eq!(
            done(sql("table:a=hr.a")),
            "CREATE SCHEMA hr; ALTER TABLE public.a SET SCHEMA hr"
        );
        assert_eq!(
            back("table:a=hr.a"),
            ["ALTER TABLE hr.a SET SCHEMA public", "DROP SCHEMA hr"]
        );
    }
}
