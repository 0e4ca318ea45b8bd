//! A database as an entity-relationship diagram: tables, their columns, and who refers to whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::definition::{Key, Reference};
use super::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// The tables of a state and the foreign keys between them.
///
/// Views have no keys and are left out, and so are partitions: they are parts of their table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diagram {
    /// The tables, by schema and name.
    pub entities: Vec<Entity>,
    /// The foreign keys between them, by referring table and name.
    pub relations: Vec<Relation>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Its columns, in their order.
    pub attributes: Vec<Attribute>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL writes it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is one of the primary key.
    pub primary_key: bool,
    /// Whether it is unique by itself, without being the primary key.
    pub unique: bool,
    /// Whether it is one of a foreign key.
    pub foreign_key: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// A foreign key: each row of one table refers to at most one of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// The constraint's name.
    pub name: String,
    /// The place of the referring table in [`Diagram::entities`].
    pub from: usize,
    /// Its columns.
    pub columns: Vec<String>,
    /// The place of the table that is referred to.
    pub to: usize,
    /// The columns that are referred to.
    pub referenced: Vec<String>,
    /// How many rows refer to one.
    pub referring: Many,
    /// To how many a row refers.
    pub referred: One,
    /// Whether the columns are a part of the referring table's primary key.
    pub identifying: bool,
}

/// How many rows refer to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Many {
    /// At most one: the columns are unique.
    ZeroOrOne,
    /// Any number.
    ZeroOrMore,
}

/// To how many a row refers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum One {
    /// To none or one: a column may be null.
    ZeroOrOne,
    /// To one.
    ExactlyOne,
}

/// What is known of a table before it is drawn.
#[derive(Default)]
struct Keys {
    primary: BTreeSet<String>,
    unique: Vec<BTreeSet<String>>,
    foreign: BTreeSet<String>,
}

impl Diagram {
    /// The diagram of a state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let mut keys: BTreeMap<(&str, &str), Keys> = BTreeMap::new();
        for fact in state.facts().values() {
            let Some((table, definition)) = fact.id.relation().zip(fact.text("definition")) else {
                continue;
            };
            let keys = keys.entry(table).or_default();
            match fact.id.kind {
                Kind::Constraint | Kind::Index => match Key::parse(definition) {
                    Some(Key::Primary(columns)) => keys.primary.extend(columns),
                    Some(Key::Unique(columns)) => keys.unique.push(columns.into_iter().collect()),
                    None => {}
                },
                Kind::ForeignKey => {
                    let reference = Reference::parse(definition);
                    let columns = reference.into_iter().flat_map(|one| one.columns);
                    keys.foreign.extend(columns);
                }
                _ => {}
            }
        }
        let mut columns: BTreeMap<(&str, &str), Vec<&Fact>> = BTreeMap::new();
        for column in state.of_kind(Kind::Column) {
            let table = (column.id.part(0), column.id.part(1));
            columns.entry(table).or_default().push(column);
        }
        let mut places = BTreeMap::new();
        let mut entities = Vec::new();
        let mut tables: Vec<&Fact> = [Kind::Table, Kind::ForeignTable]
            .into_iter()
            .flat_map(|kind| state.of_kind(kind))
            .filter(|table| !state.has(&FactId::new(Kind::Partition, table.id.path().to_vec())))
            .collect();
        tables.sort_by(|a, b| a.id.path().cmp(b.id.path()));
        for table in tables {
            let place = (table.id.part(0), table.id.part(1));
            places.insert(place, entities.len());
            let mut columns = columns.remove(&place).unwrap_or_default();
            columns.sort_by_key(|column| column.hint_number("position"));
            entities.push(entity(state, table, &columns, keys.get(&place)));
        }
        let relations = state
            .of_kind(Kind::ForeignKey)
            .filter_map(|fact| relation(fact, &places, &keys, &entities))
            .collect();
        Self {
            entities,
            relations,
        }
    }
}

impl Entity {
    /// Its name as SQL writes it, with its schema where that is not `public`.
    #[must_use]
    pub fn title(&self) -> String {
        let name = quote_ident(&self.name);
        if self.schema == "public" {
            name
        } else {
            format!("{}.{name}", quote_ident(&self.schema))
        }
    }
}

fn comment(state: &State, id: &FactId) -> Option<String> {
    let fact = state.get(&FactId::about(Kind::Comment, id, None))?;
    fact.text("text").map(str::to_owned)
}

fn entity(state: &State, table: &Fact, columns: &[&Fact], keys: Option<&Keys>) -> Entity {
    let attributes = columns.iter().map(|column| {
        let name = column.id.last();
        let has = |test: &dyn Fn(&Keys) -> bool| keys.is_some_and(test);
        let primary_key = has(&|keys| keys.primary.contains(name));
        let alone = |key: &BTreeSet<String>| key.len() == 1 && key.contains(name);
        Attribute {
            name: name.to_owned(),
            data_type: column.text("type").unwrap_or_default().to_owned(),
            nullable: !column.flag("not_null"),
            primary_key,
            unique: !primary_key && has(&|keys| keys.unique.iter().any(alone)),
            foreign_key: has(&|keys| keys.foreign.contains(name)),
            comment: comment(state, &column.id),
        }
    });
    Entity {
        schema: table.id.part(0).to_owned(),
        name: table.id.part(1).to_owned(),
        comment: comment(state, &table.id),
        attributes: attributes.collect(),
    }
}

fn relation(
    fact: &Fact,
    places: &BTreeMap<(&str, &str), usize>,
    keys: &BTreeMap<(&str, &str), Keys>,
    entities: &[Entity],
) -> Option<Relation> {
    let table = fact.id.relation()?;
    let reference = Reference::parse(fact.text("definition")?)?;
    let from = *places.get(&table)?;
    let to = *places.get(&(reference.schema.as_str(), reference.table.as_str()))?;
    let columns: BTreeSet<String> = reference.columns.iter().cloned().collect();
    let keys = keys.get(&table);
    let is_unique = keys.is_some_and(|keys| {
        let primary = Some(&keys.primary).filter(|key| !key.is_empty());
        let mut all = keys.unique.iter().chain(primary);
        all.any(|key| key.is_subset(&columns))
    });
    let attributes = &entities[from].attributes;
    let nullable = attributes
        .iter()
        .any(|one| one.nullable && columns.contains(&one.name));
    Some(Relation {
        name: fact.id.last().to_owned(),
        from,
        identifying: keys.is_some_and(|keys| columns.is_subset(&keys.primary)),
        columns: reference.columns,
        to,
        referenced: reference.referenced,
        referring: if is_unique {
            Many::ZeroOrOne
        } else {
            Many::ZeroOrMore
        },
        referred: if nullable {
            One::ZeroOrOne
        } else {
            One::ExactlyOne
        },
    })
}
