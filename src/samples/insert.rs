//! INSERTs, those of a table behind those of the tables that it names.

use std::collections::{BTreeMap, BTreeSet};

use super::bound;
use super::read::{Column, ForeignKey, Samples, Table};
use super::value::{At, Choice};
use crate::schema::facts::FactId;
use crate::sql::{quote_ident, quote_literal};

/// Whether a table also gets a row in which everything is left out that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sparse {
    /// It does.
    Wanted,
    /// It does not: what comes may be against it.
    Refused,
}

/// How much of a row is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    All,
    /// What has to be.
    Least,
}

/// How many rows a table gets with all that it has, and a partition of it.
const ROWS: usize = 2;

/// How many partitions of one table get rows.
const PARTITIONS: usize = 8;

/// How many tables are filled in one transaction: each holds its locks until then.
const TOGETHER: usize = 50;

/// How many columns are looked at each by itself, where there are checks.
const APART: usize = 3;

/// One way in which a row is tried.
#[derive(Debug, Clone, Copy)]
struct Way {
    said: Said,
    /// How the values of columns with checks are chosen, in turn; those of others like the first.
    choices: [Choice; APART],
}

impl Samples {
    /// Scripts that put rows in, each a transaction of its own. A row that the server does not take
    /// is left out, and none of them fails for it.
    #[must_use]
    pub fn scripts(&self, sparse: impl Fn(&FactId) -> Sparse) -> Vec<String> {
        let order = self.order();
        let scripts = order.chunks(TOGETHER).map(|tables| {
            let rows = tables.iter().flat_map(|oid| match self.tables.get(oid) {
                Some(table) => self.rows(*oid, table, sparse(&table.id)),
                None => Vec::new(),
            });
            let body: String = rows.collect();
            format!(
                "do {};",
                quote_literal(&format!("declare made bigint;\nbegin\n{body}end"))
            )
        });
        scripts.collect()
    }

    /// The tables without a row, of those that could have one; `has_rows` is asked of tables and
    /// partitions.
    #[must_use]
    pub fn empty(&self, has_rows: impl Fn(&FactId) -> bool) -> Vec<FactId> {
        let is_empty = |table: &&Table| {
            !has_rows(&table.id) && !table.leaves.iter().any(|leaf| has_rows(&leaf.id))
        };
        let empty = self.tables.values().filter(is_empty);
        let mut empty: Vec<FactId> = empty.map(|table| table.id.clone()).collect();
        empty.sort();
        empty
    }

    /// The tables, each behind those that it names, as far as they do not name each other.
    fn order(&self) -> Vec<i64> {
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        for &start in self.tables.keys() {
            // What is named is pushed above what names it.
            let mut stack = vec![(start, false)];
            while let Some((oid, is_left)) = stack.pop() {
                if is_left {
                    order.push(oid);
                    continue;
                }
                let Some(table) = self.tables.get(&oid).filter(|_| seen.insert(oid)) else {
                    continue;
                };
                stack.push((oid, true));
                stack.extend(table.keys.iter().map(|key| (key.table, false)));
            }
        }
        order
    }

    /// The rows of a table, as statements of PL/pgSQL.
    fn rows(&self, oid: i64, table: &Table, sparse: Sparse) -> Vec<String> {
        let mut rows = Vec::new();
        let mut number = 0;
        let whole = [Placed::new()];
        let leaves: Vec<[Placed; ROWS]> = table
            .leaves
            .iter()
            .take(PARTITIONS)
            .map(|leaf| [0, 1].map(|row| placed(&leaf.bounds, row)))
            .collect();
        let places: Vec<&Placed> = if leaves.is_empty() {
            whole.iter().cycle().take(ROWS).collect()
        } else {
            leaves.iter().flatten().collect()
        };
        for place in &places {
            number += 1;
            rows.push(self.row(oid, table, place, number, Said::All));
        }
        if sparse == Sparse::Wanted
            && let Some(place) = places.first()
        {
            rows.push(self.row(oid, table, place, number + 1, Said::Least));
        }
        rows
    }

    /// One row: the first of the ways that the server takes; then, where no foreign key is skipped by
    /// it, without triggers.
    fn row(&self, oid: i64, table: &Table, placed: &Placed, number: usize, said: Said) -> String {
        let mut tries: Vec<String> = Vec::new();
        for way in self.ways(table, said) {
            let insert = self.insert(oid, table, placed, number, way);
            if !tries.contains(&insert) {
                tries.push(insert);
            }
        }
        let mut out = "made := 0;\n".to_owned();
        let surroundings: &[&str] = match table.keys.is_empty() {
            true => &["", "set local session_replication_role = replica; "],
            false => &[""],
        };
        for before in surroundings {
            for insert in &tries {
                let insert = quote_literal(insert);
                out.push_str(&format!(
                    "if made = 0 then begin {before}execute {insert}; \
                     get diagnostics made = row_count; \
                     exception when others then made := 0; end; end if;\n"
                ));
            }
        }
        if surroundings.len() > 1 {
            out.push_str(
                "begin set local session_replication_role = origin; \
                 exception when others then null; end;\n",
            );
        }
        out
    }

    /// The ways in which a row of a table is tried.
    fn ways(&self, table: &Table, said: Said) -> Vec<Way> {
        let all = [Choice::Plain, Choice::Named, Choice::Other];
        let way = |said| move |choices| Way { said, choices };
        let alike = all.map(|choice| [choice; APART]);
        let mut ways = Vec::new();
        if said == Said::All {
            ways.extend(alike.map(way(said)));
            let checked = table.columns.iter().filter(|one| self.is_checked(one));
            if checked.count() > 1 {
                for (first, second) in all.into_iter().flat_map(|one| all.map(|two| (one, two))) {
                    ways.extend(all.map(|third| way(said)([first, second, third])));
                }
            }
        }
        ways.extend(alike.map(way(Said::Least)));
        ways
    }

    /// Whether not every value of its type will do, as far as is known.
    fn is_checked(&self, column: &Column) -> bool {
        let of = self.types.get(&column.of);
        !column.checks.is_empty() || of.is_some_and(|of| !of.checks.is_empty())
    }

    fn insert(
        &self,
        oid: i64,
        table: &Table,
        placed: &Placed,
        number: usize,
        Way { said, choices }: Way,
    ) -> String {
        let mut checked = 0;
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        let keys = table.keys.iter().flat_map(|key| &key.columns);
        let in_keys: BTreeSet<&str> = keys.map(String::as_str).collect();
        for (at, column) in table.columns.iter().enumerate() {
            let choice = match self.is_checked(column) {
                true => {
                    checked += 1;
                    choices[(checked - 1) % APART]
                }
                false => choices[0],
            };
            if let Some(value) = placed.get(&column.name) {
                values.insert(&column.name, format!("({value})::{}", column.declared));
            } else if !in_keys.contains(column.name.as_str()) && is_said(column, said) {
                let at = At {
                    number,
                    place: at + 1,
                    choice,
                };
                let of = (column.of, column.declared.as_str());
                if let Some(value) = self.value(of, &column.checks, at) {
                    values.insert(&column.name, value);
                }
            }
        }
        for column in &table.columns {
            let name = column.name.as_str();
            if values.contains_key(name) || said == Said::Least && !column.not_null {
                continue;
            }
            let of_key = |key: &ForeignKey| key.columns.contains(&column.name);
            let mut keys = table.keys.iter().enumerate();
            let Some((at_key, key)) = keys.find(|(_, key)| of_key(key)) else {
                continue;
            };
            let place = key.columns.iter().position(|one| one == name);
            let Some(referenced) = place.and_then(|at| key.referenced.get(at)) else {
                continue;
            };
            let own = Some(referenced).filter(|_| key.table == oid && column.not_null);
            let value = match own {
                // A row may name itself.
                Some(own) => values.get(own.as_str()).cloned(),
                // Two keys of one table name different rows of it.
                None => Some(existing(key, referenced, number + at_key)),
            };
            values.extend(value.map(|value| (name, value)));
        }
        let into = format!(
            "insert into {}.{}",
            quote_ident(table.id.part(0)),
            quote_ident(table.id.part(1))
        );
        if values.is_empty() {
            return format!("{into} default values");
        }
        let names: Vec<String> = values.keys().map(|name| quote_ident(name)).collect();
        let values: Vec<String> = values.into_values().collect();
        format!(
            "{into} ({}) values ({})",
            names.join(", "),
            values.join(", ")
        )
    }
}

/// What columns have to be in a partition, as SQL.
type Placed = BTreeMap<String, String>;

fn placed(bounds: &[(Vec<String>, String)], row: usize) -> Placed {
    let mut placed = Placed::new();
    for (columns, text) in bounds {
        for (column, value) in columns.iter().zip(bound::values(text, row)) {
            if let Some(value) = value.filter(|_| !column.is_empty()) {
                placed.entry(column.clone()).or_insert(value);
            }
        }
    }
    placed
}

/// Whether an INSERT names a column that is in no foreign key.
fn is_said(column: &Column, said: Said) -> bool {
    if column.is_given {
        return false;
    }
    match (&column.default, said) {
        // Who asks, which is nobody here; not a sequence.
        (Some(default), _) if column.is_key => !default.contains("nextval("),
        // A sequence, the time, a random value.
        (Some(default), _) if default.contains('(') => false,
        (_, Said::All) => true,
        (Some(_), Said::Least) => false,
        (None, Said::Least) => column.not_null,
    }
}

/// A value that is there in another table: another one in every row, as far as there are so many.
fn existing(key: &ForeignKey, column: &str, number: usize) -> String {
    let [schema, name] = &key.named;
    let table = format!("{}.{}", quote_ident(schema), quote_ident(name));
    let column = quote_ident(column);
    let before = number - 1;
    format!(
        "(select {column} from {table} order by tableoid, ctid limit 1 \
         offset (select {before} % greatest(count(*), 1) from {table}))"
    )
}
