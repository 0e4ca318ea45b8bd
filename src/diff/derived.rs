//! Names that PostgreSQL made of the name of a table or a column, and that go with it.

use super::rename::Rename;
use crate::schema::facts::{Fact, FactId, Kind, State};

/// What has its name of something that was renamed, and another one in the second state, as it would
/// have it of the new name: keys, checks, foreign keys, indexes and the sequences of columns. `state` is
/// what there is once `done` is; where a sequence keeps its name, its place would be lost.
#[must_use]
pub fn derived(state: &State, to: &State, done: &[Rename]) -> Vec<Rename> {
    let mut tables: Vec<Renamed> = Vec::new();
    for rename in done {
        match rename.old.kind {
            Kind::Table => tables.push(Renamed {
                schema: rename
                    .to_schema
                    .clone()
                    .unwrap_or_else(|| rename.old.part(0).to_owned()),
                old: rename.old.last().to_owned(),
                new: rename.new.clone(),
                columns: Vec::new(),
            }),
            Kind::Column => {
                let (schema, table) = (rename.old.part(0), rename.old.part(1));
                let mut known = tables.iter().position(|one| one.is(schema, table));
                if known.is_none() {
                    tables.push(Renamed {
                        schema: schema.to_owned(),
                        old: table.to_owned(),
                        new: table.to_owned(),
                        columns: Vec::new(),
                    });
                    known = Some(tables.len() - 1);
                }
                let columns = known.and_then(|at| tables.get_mut(at));
                if let Some(table) = columns {
                    let pair = (rename.old.last().to_owned(), rename.new.clone());
                    table.columns.push(pair);
                }
            }
            _ => {}
        }
    }
    add_parts(state, &mut tables);
    let found = tables.iter().flat_map(|table| table.derived(state, to));
    found.collect()
}

/// A column that is renamed is so in the partitions of its table and in its children, too.
fn add_parts(state: &State, tables: &mut Vec<Renamed>) {
    let mut left: Vec<(_, Vec<_>)> = tables
        .iter()
        .filter(|table| !table.columns.is_empty())
        .map(|table| {
            let path = [table.schema.clone(), table.new.clone()];
            (path, table.columns.clone())
        })
        .collect();
    while let Some((whole, columns)) = left.pop() {
        for [schema, name] in parts(state, &whole) {
            let known = tables.iter().position(|one| one.is(&schema, &name));
            let at = known.unwrap_or_else(|| {
                tables.push(Renamed {
                    schema: schema.clone(),
                    old: name.clone(),
                    new: name.clone(),
                    columns: Vec::new(),
                });
                tables.len() - 1
            });
            let Some(part) = tables.get_mut(at) else {
                continue;
            };
            let new: Vec<_> = columns
                .iter()
                .filter(|one| !part.columns.contains(one))
                .cloned()
                .collect();
            part.columns.extend(new.iter().cloned());
            if !new.is_empty() {
                left.push(([schema, name], new));
            }
        }
    }
}

/// The partitions and the children of a table.
fn parts(state: &State, whole: &[String; 2]) -> Vec<[String; 2]> {
    let partitions = state.of_kind(Kind::Partition).filter(|one| {
        let text = |key| one.text(key).unwrap_or_default();
        text("of_schema") == whole[0] && text("of_table") == whole[1]
    });
    let children = state
        .of_kind(Kind::Inheritance)
        .filter(|one| one.id.path()[2..] == whole[..]);
    partitions
        .chain(children)
        .map(|one| [one.id.part(0), one.id.part(1)].map(str::to_owned))
        .collect()
}

/// A table that was renamed, or whose columns were.
struct Renamed {
    schema: String,
    old: String,
    new: String,
    columns: Vec<(String, String)>,
}

impl Renamed {
    fn is(&self, schema: &str, name: &str) -> bool {
        self.schema == schema && self.new == name
    }

    fn derived(&self, state: &State, to: &State) -> Vec<Rename> {
        let kinds = [
            Kind::Constraint,
            Kind::ForeignKey,
            Kind::Index,
            Kind::Sequence,
        ];
        let facts = kinds.iter().flat_map(|kind| state.of_kind(*kind));
        let ours = facts.filter(|fact| self.owns(state, fact) && !to.has(&fact.id));
        let renames = ours.filter_map(|fact| {
            let mut names = self.names(fact.id.last()).into_iter();
            let new = names.find(|name| {
                let id = with_name(&fact.id, name);
                to.has(&id) && !state.has(&id)
            })?;
            Some(Rename {
                // A foreign key is renamed as every constraint is.
                old: match fact.id.kind {
                    Kind::ForeignKey => FactId::new(Kind::Constraint, fact.id.path().to_vec()),
                    _ => fact.id.clone(),
                },
                label: None,
                new,
                to_schema: None,
            })
        });
        renames.collect()
    }

    /// Whether a key, an index or a sequence is of this table.
    fn owns(&self, state: &State, fact: &Fact) -> bool {
        if fact.id.kind != Kind::Sequence {
            return self.is(fact.id.part(0), fact.id.part(1));
        }
        if let [schema, table, _] = fact.list("identity_of") {
            return self.is(schema, table);
        }
        let owner = FactId::new(Kind::SequenceOwner, fact.id.path().to_vec());
        let owner = state.get(&owner);
        let part = |key| owner.and_then(|owner| owner.text(key)).unwrap_or_default();
        self.is(part("schema"), part("table"))
    }

    /// What a name would be of the new names: of the table alone, and of its columns too.
    fn names(&self, name: &str) -> Vec<String> {
        let Some(rest) = name.strip_prefix(&format!("{}_", self.old)) else {
            return Vec::new();
        };
        let mut columns = format!("_{rest}_");
        for (old, new) in &self.columns {
            columns = columns.replacen(&format!("_{old}_"), &format!("_{new}_"), 1);
        }
        let columns = columns.trim_matches('_');
        let names = [columns, rest].map(|rest| format!("{}_{rest}", self.new));
        names.into_iter().filter(|one| one != name).collect()
    }
}

fn with_name(id: &FactId, name: &str) -> FactId {
    let mut path = id.path().to_vec();
    if let Some(last) = path.last_mut() {
        name.clone_into(last);
    }
    FactId::new(id.kind, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts::Value;

    /// A table, under the name that it has, with what was named after it under the names that it had.
    fn state(table: &str, [old, column]: [&str; 2]) -> State {
        let mut state = State::empty(150_000, "me");
        let mut put = |kind, path: &[&str]| {
            let id = FactId::new(kind, path.iter().map(|&part| part.to_owned()));
            let mut fact = Fact::new(id, None);
            if kind == Kind::SequenceOwner {
                for (key, value) in [("schema", "a"), ("table", table), ("column", column)] {
                    let value = Value::Text(value.to_owned());
                    fact.payload.insert(key.to_owned(), value);
                }
            }
            state.insert(fact);
        };
        put(Kind::Table, &["a", table]);
        put(Kind::Constraint, &["a", table, &format!("{old}_pkey")]);
        let foreign = format!("{old}_{column}_other_fkey");
        put(Kind::ForeignKey, &["a", table, &foreign]);
        put(Kind::Index, &["a", table, "mine"]);
        let sequence = format!("{old}_{column}_seq");
        put(Kind::Sequence, &["a", &sequence]);
        put(Kind::SequenceOwner, &["a", &sequence]);
        state
    }

    #[test]
    fn names_go_with_tables_and_columns() {
        let parse = |text| Rename::parse(text).unwrap();
        let done = [parse("table:a.notes=memos"), parse("column:a.memos.n=id")];
        let there = state("memos", ["notes", "n"]);
        let to = state("memos", ["memos", "id"]);
        let found = derived(&there, &to, &done);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "constraint:a.memos.notes_pkey=memos_pkey",
                "constraint:a.memos.notes_n_other_fkey=memos_id_other_fkey",
                "sequence:a.notes_n_seq=memos_id_seq",
            ]
        );
        // What keeps its name keeps it, and without a rename nothing has another one.
        assert_eq!(derived(&there, &there, &done), []);
        assert_eq!(derived(&there, &to, &[]), []);
    }

    #[test]
    fn names_in_partitions_go_with_columns_of_the_whole() {
        let state = |column: &str| {
            let mut state = State::empty(150_000, "me");
            for (part, whole) in [("one", "all"), ("deep", "one")] {
                let index = format!("{part}_{column}_idx");
                for path in [vec!["a", part], vec!["a", part, &index]] {
                    let is_index = path.len() > 2;
                    let kind = if is_index {
                        Kind::Index
                    } else {
                        Kind::Partition
                    };
                    let mut fact = Fact::new(FactId::new(kind, path), None);
                    for (key, value) in [("of_schema", "a"), ("of_table", whole)] {
                        let value = Value::Text(value.to_owned());
                        fact.payload.insert(key.to_owned(), value);
                    }
                    state.insert(fact);
                }
            }
            state
        };
        let done = [Rename::parse("column:a.all.n=id").unwrap()];
        let found: Vec<String> = derived(&state("n"), &state("id"), &done)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "index:a.one.one_n_idx=one_id_idx",
                "index:a.deep.deep_n_idx=deep_id_idx",
            ]
        );
    }
}
