//! A random schema as SQL.

use std::fmt::Write as _;

use super::model::{Column, Enum, Function, Model, Numbering, Type, View};

const LABELS: [&str; 5] = ["calm", "sad", "two words", "it''s", "ünï"];
const ROLES: [&str; 3] = ["gm_reader", "gm_writer", "public"];

impl Enum {
    fn labels(&self) -> Vec<&'static str> {
        let chosen = LABELS.iter().zip(&self.labels);
        let mut labels: Vec<&str> = chosen.filter(|(_, is)| **is).map(|(one, _)| *one).collect();
        if labels.is_empty() {
            labels.push(LABELS[0]);
        }
        if self.reversed {
            labels.reverse();
        }
        labels
    }
}

impl Model {
    /// The statements that make it in an empty database.
    pub(crate) fn sql(&self) -> String {
        let mut out = String::new();
        self.types(&mut out);
        self.functions(&mut out);
        self.tables(&mut out);
        self.keys(&mut out);
        self.views(&mut out);
        self.behaviour(&mut out);
        self.rights(&mut out);
        out
    }

    fn types(&self, out: &mut String) {
        for (number, one) in &self.enums {
            let labels = one.labels().join("', '");
            writeln!(out, "create type m{number} as enum ('{labels}');").unwrap();
        }
        for (number, one) in &self.domains {
            let (base, default, check) = if one.is_text {
                ("text", "'x'", "length(value)")
            } else {
                ("integer", "7", "value")
            };
            write!(out, "create domain d{number} as {base}").unwrap();
            if one.default {
                write!(out, " default {default}").unwrap();
            }
            if let Some(least) = one.check {
                write!(out, " constraint least check ({check} >= {least})").unwrap();
            }
            out.push_str(";\n");
        }
    }

    fn functions(&self, out: &mut String) {
        out.push_str(
            "create function touch() returns trigger language plpgsql as $$begin return new; end$$;\n",
        );
        for (number, one) in &self.functions {
            let names = ["a integer", "b integer default 2"];
            let count = usize::from(one.arguments);
            let arguments = names[..count].join(", ");
            let sum = ["", " + a", " + a + b"][count];
            let body = format!("{}{sum}", one.body);
            let (language, body) = if one.plpgsql {
                ("plpgsql", format!("begin return {body}; end"))
            } else {
                ("sql", format!("select {body}"))
            };
            let volatile = if one.immutable {
                " immutable"
            } else {
                " stable"
            };
            let definer = if one.definer { " security definer" } else { "" };
            writeln!(
                out,
                "create function f{number}({arguments}) returns integer language {language}{volatile}{definer} as $${body}$$;"
            )
            .unwrap();
            if one.closed {
                writeln!(out, "revoke execute on function f{number} from public;").unwrap();
            }
        }
    }

    /// A call of a function, if it is there.
    fn call(&self, number: u8, immutable: bool) -> Option<String> {
        let is_fit = |one: &&Function| one.immutable || !immutable;
        let one = self.functions.get(&number).filter(is_fit)?;
        let arguments = if one.arguments == 0 { "" } else { "1" };
        Some(format!("f{number}({arguments})"))
    }

    fn type_of(&self, column: &Column) -> String {
        match column.data_type {
            Type::Integer => "integer".to_owned(),
            Type::Text => "text".to_owned(),
            Type::Varchar(n) => format!("varchar({})", n * 10),
            Type::Numeric(n) => format!("numeric(10,{n})"),
            Type::Boolean => "boolean".to_owned(),
            Type::Time => "timestamptz".to_owned(),
            Type::Json => "jsonb".to_owned(),
            Type::Integers => "integer[]".to_owned(),
            Type::Enum(n) if self.enums.contains_key(&n) => format!("m{n}"),
            Type::Enums(n) if self.enums.contains_key(&n) => format!("m{n}[]"),
            Type::Domain(n) if self.domains.contains_key(&n) => format!("d{n}"),
            Type::Enum(_) | Type::Enums(_) | Type::Domain(_) => "text".to_owned(),
        }
    }

    fn default(&self, column: &Column, number: u8) -> String {
        match column.data_type {
            Type::Integer => self
                .call(number, false)
                .unwrap_or_else(|| number.to_string()),
            Type::Numeric(_) => format!("{number}.5"),
            Type::Boolean => number.is_multiple_of(2).to_string(),
            Type::Time => "now()".to_owned(),
            Type::Json => format!("'{{\"a\": {number}}}'"),
            Type::Integers => format!("'{{{number}}}'"),
            Type::Enum(n) => self
                .enums
                .get(&n)
                .map_or_else(|| "'x'".to_owned(), |one| format!("'{}'", one.labels()[0])),
            Type::Enums(n) if self.enums.contains_key(&n) => "'{}'".to_owned(),
            Type::Domain(n) if self.domains.contains_key(&n) => format!("'{}'", 10 + number),
            Type::Text | Type::Varchar(_) | Type::Enums(_) | Type::Domain(_) => {
                format!("'it''s {number}'")
            }
        }
    }

    fn is_integer(&self, table: u8, column: u8) -> bool {
        let column = self.columns.get(&(table, column));
        column.is_some_and(|one| matches!(one.data_type, Type::Integer))
    }

    /// A column of this table; its `id` where it has no such column.
    fn column(&self, table: u8, column: u8) -> String {
        if self.columns.contains_key(&(table, column)) {
            format!("c{column}")
        } else {
            "id".to_owned()
        }
    }

    fn tables(&self, out: &mut String) {
        for (&number, table) in &self.tables {
            let id = match table.numbering {
                Numbering::None => "bigint",
                Numbering::Serial => "bigserial",
                Numbering::Always => "bigint generated always as identity",
                Numbering::ByDefault => "bigint generated by default as identity",
            };
            write!(out, "create table t{number} (id {id} primary key").unwrap();
            for (&(_, column), one) in self.columns.range((number, 0)..=(number, u8::MAX)) {
                write!(out, ", c{column} {}", self.type_of(one)).unwrap();
                match (one.generated, one.default) {
                    (Some(more), _) if matches!(one.data_type, Type::Integer) => {
                        write!(out, " generated always as (id::integer + {more}) stored").unwrap();
                    }
                    (_, Some(value)) => {
                        write!(out, " default {}", self.default(one, value)).unwrap();
                    }
                    _ => {}
                }
                if one.not_null {
                    out.push_str(" not null");
                }
            }
            out.push_str(");\n");
            if let Some(words) = table.comment {
                writeln!(out, "comment on table t{number} is 'it''s {words}';").unwrap();
            }
            for (&(_, column), _) in self
                .columns
                .range((number, 0)..=(number, u8::MAX))
                .filter(|(_, one)| one.comment)
            {
                writeln!(out, "comment on column t{number}.c{column} is 'c{column}';").unwrap();
            }
        }
    }

    fn keys(&self, out: &mut String) {
        for (number, one) in &self.references {
            let (from, to) = (one.from, one.to);
            if !self.tables.contains_key(&from) || !self.tables.contains_key(&to) {
                continue;
            }
            let not_null = if one.not_null { " not null" } else { "" };
            let action = match one.on_delete {
                0 => " on delete cascade",
                1 if !one.not_null => " on delete set null",
                2 => " on delete restrict",
                _ => "",
            };
            let deferrable = if one.deferrable { " deferrable" } else { "" };
            writeln!(
                out,
                "alter table t{from} add r{number} bigint{not_null} references t{to}{action}{deferrable};"
            )
            .unwrap();
        }
        for (number, one) in &self.constraints {
            let (table, column) = (one.table, one.column);
            if !self.tables.contains_key(&table) {
                continue;
            }
            let name = self.column(table, column);
            let rule = match one.check {
                Some(least) if self.is_integer(table, column) => {
                    let least = self.call(least, false).unwrap_or_else(|| least.to_string());
                    format!("check ({name} >= {least})")
                }
                Some(_) => format!("check ({name} is not null)"),
                None if name == "id" => "unique (id)".to_owned(),
                None => format!("unique (id, {name})"),
            };
            writeln!(out, "alter table t{table} add constraint k{number} {rule};").unwrap();
        }
        for (number, one) in &self.indexes {
            let (table, column) = (one.table, one.column);
            if !self.tables.contains_key(&table) {
                continue;
            }
            let name = self.column(table, column);
            let call = one.function.filter(|_| self.is_integer(table, column));
            let call = call.and_then(|function| self.call(function, true));
            let key = call.map_or(name.clone(), |call| format!("({name} + {call})"));
            let order = if one.descending { " desc" } else { "" };
            let rows = one
                .partial
                .map_or(String::new(), |n| format!(" where id > {n}"));
            writeln!(
                out,
                "create index i{number} on t{table} ({key}{order}){rows};"
            )
            .unwrap();
        }
    }

    /// What a view has beside its `id`, and what it is of.
    fn source(&self, number: u8, one: &View) -> (String, String) {
        if one.of_view && one.of < number && self.views.contains_key(&one.of) {
            ("1 as c".to_owned(), format!(" from v{}", one.of))
        } else if self.tables.contains_key(&one.of) {
            let column = self.column(one.of, one.column);
            (format!("{column} as c"), format!(" from t{}", one.of))
        } else {
            (
                "2 as c".to_owned(),
                " from (values (1)) as x (id)".to_owned(),
            )
        }
    }

    fn views(&self, out: &mut String) {
        for (&number, one) in &self.views {
            let (column, from) = self.source(number, one);
            let kind = if one.materialized {
                "materialized view"
            } else {
                "view"
            };
            let with = if one.invoker && !one.materialized {
                " with (security_invoker = true)"
            } else {
                ""
            };
            let rows = one
                .above
                .map_or(String::new(), |n| format!(" where id > {n}"));
            writeln!(
                out,
                "create {kind} v{number}{with} as select id, {column}{from}{rows};"
            )
            .unwrap();
            if one.materialized {
                writeln!(out, "create index vi{number} on v{number} (id);").unwrap();
            } else {
                writeln!(out, "comment on view v{number} is 'of {}';", one.of).unwrap();
            }
        }
    }

    fn behaviour(&self, out: &mut String) {
        for (number, one) in &self.triggers {
            let table = one.table;
            if !self.tables.contains_key(&table) {
                continue;
            }
            let events = ["insert", "update", "delete"].into_iter().enumerate();
            let events: Vec<&str> = events
                .filter(|(bit, _)| one.events & (1 << bit) != 0)
                .map(|(_, event)| event)
                .collect();
            let time = if one.after { "after" } else { "before" };
            let when = if one.when && one.events == 1 {
                " when (new.id > 0)"
            } else {
                ""
            };
            writeln!(
                out,
                "create trigger x{number} {time} {} on t{table} for each row{when} execute function touch();",
                events.join(" or ")
            )
            .unwrap();
            if one.disabled {
                writeln!(out, "alter table t{table} disable trigger x{number};").unwrap();
            }
        }
        for (number, table) in &self.tables {
            for word in ["enable", "force"].iter().take(usize::from(table.security)) {
                writeln!(out, "alter table t{number} {word} row level security;").unwrap();
            }
        }
        for (number, one) in &self.policies {
            let table = one.table;
            if !self.tables.contains_key(&table) {
                continue;
            }
            let command = ["all", "select", "insert", "update", "delete"][usize::from(one.command)];
            let role = ROLES[usize::from(one.role)];
            let test = if let Some(call) = self.call(one.function, false) {
                format!("id > {call}")
            } else if self.tables.contains_key(&one.other) {
                let other = one.other;
                format!("exists (select from t{other} as o where o.id = t{table}.id)")
            } else {
                format!("id in ({}, 9)", one.number)
            };
            let rule = if command == "insert" {
                "with check"
            } else {
                "using"
            };
            writeln!(
                out,
                "create policy p{number} on t{table} for {command} to {role} {rule} ({test});"
            )
            .unwrap();
        }
    }

    fn rights(&self, out: &mut String) {
        for one in self.grants.values() {
            let (letter, is_there) = if one.on_view {
                ("v", self.views.contains_key(&one.on))
            } else {
                ("t", self.tables.contains_key(&one.on))
            };
            if !is_there {
                continue;
            }
            let rights = ["", "select", "update", "select, insert"][usize::from(one.rights)];
            let rights: Vec<String> = rights
                .split(", ")
                .map(|right| format!("{right}{}", if one.column { " (id)" } else { "" }))
                .collect();
            let role = ROLES[usize::from(one.role)];
            // PUBLIC may hand nothing on.
            let option = if one.option && role != "public" {
                " with grant option"
            } else {
                ""
            };
            writeln!(
                out,
                "grant {} on {letter}{} to {role}{option};",
                rights.join(", "),
                one.on
            )
            .unwrap();
        }
    }
}
