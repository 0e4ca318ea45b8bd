//! Tables, views, and what is in them.

use super::statement::{as_written, relation, server_options, settings};
use super::types::{identity_type, sequence_options};
use crate::diff::order::comes_from_parent;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

pub(super) fn create(state: &State, fact: &Fact, with: &[&Fact]) -> Vec<String> {
    let text = |key: &str| fact.text(key).unwrap_or_default();
    let last = quote_ident(fact.id.last());
    match fact.id.kind {
        Kind::View => vec![view(fact)],
        Kind::MaterializedView => {
            let mut made = vec![materialized_view(fact)];
            made.extend(column_settings(fact, with));
            made
        }
        Kind::Default => {
            let (table, expression) = (relation(fact), text("expression"));
            vec![format!(
                "ALTER TABLE ONLY {table} ALTER COLUMN {last} SET DEFAULT {expression}"
            )]
        }
        Kind::Constraint | Kind::ForeignKey => {
            let is_foreign = fact.id.kind == Kind::ForeignKey || text("type") == "check";
            // A key of a partitioned table is not made for its partitions: they have theirs.
            let only = if is_foreign { "" } else { "ONLY " };
            vec![format!(
                "ALTER TABLE {only}{} ADD {}",
                relation(fact),
                constraint(fact)
            )]
        }
        Kind::Index => index(fact),
        Kind::Column => add_column(state, fact, with),
        Kind::Inheritance => vec![format!(
            "ALTER TABLE {} INHERIT {}",
            relation(fact),
            qualified(fact.id.part(2), fact.id.part(3))
        )],
        Kind::IndexAttachment => {
            let own = quote_ident(fact.id.part(0));
            let parent = qualified(text("of_schema"), text("of_index"));
            vec![format!(
                "ALTER INDEX {parent} ATTACH PARTITION {own}.{last}"
            )]
        }
        Kind::Partition => vec![format!(
            "ALTER TABLE ONLY {} ATTACH PARTITION {} {}",
            qualified(text("of_schema"), text("of_table")),
            relation(fact),
            text("bound")
        )],
        _ => {
            let mut made = vec![table(state, fact, with)];
            made.extend(own_ways(state, fact, with));
            made.extend(column_settings(fact, with));
            made.extend(identity_types(state, with));
            made
        }
    }
}

pub(in crate::diff) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_ident(schema), quote_ident(name))
}

/// A new column of a table that is there already. A view's comes with its query.
fn add_column(state: &State, fact: &Fact, with: &[&Fact]) -> Vec<String> {
    let Some(table) = fact.parent.as_ref().and_then(|id| state.get(id)) else {
        return Vec::new();
    };
    if matches!(table.id.kind, Kind::View | Kind::MaterializedView) {
        return Vec::new();
    }
    let mut all = with.to_vec();
    all.push(fact);
    let mut made = Vec::new();
    if let Some(column) = column(state, fact, &all, false) {
        made.push(format!(
            "ALTER {} {} ADD COLUMN {column}",
            table.id.kind.sql(),
            table.id.name()
        ));
    }
    made.extend(column_settings(table, &all));
    made.extend(identity_types(state, with));
    made
}

fn identity_types(state: &State, with: &[&Fact]) -> Vec<String> {
    let sequences = with.iter().filter(|one| one.id.kind == Kind::Sequence);
    sequences
        .filter_map(|one| identity_type(state, one))
        .collect()
}

fn with_settings(fact: &Fact) -> String {
    // Their order does not count, and is kept.
    let mut all = settings(fact.hint_list("options"), "");
    all.extend(settings(fact.list("toast_options"), "toast."));
    if all.is_empty() {
        String::new()
    } else {
        format!(" WITH ({})", all.join(", "))
    }
}

fn view(fact: &Fact) -> String {
    let definition = fact.text("definition").unwrap_or_default();
    format!(
        "CREATE VIEW {}{} AS\n{}",
        fact.id.name(),
        with_settings(fact),
        definition.trim_end_matches(';')
    )
}

fn materialized_view(fact: &Fact) -> String {
    let definition = fact.text("definition").unwrap_or_default();
    let mut sql = format!("CREATE MATERIALIZED VIEW {}", fact.id.name());
    sql.push_str(&method(fact));
    sql.push_str(&with_settings(fact));
    sql.push_str(&tablespace(fact));
    sql.push_str(&format!(" AS\n{}", definition.trim_end_matches(';')));
    if fact.flag("unpopulated") {
        sql.push_str("\n  WITH NO DATA");
    }
    sql
}

fn method(fact: &Fact) -> String {
    let method = fact.text("access_method").map(quote_ident);
    method.map_or_else(String::new, |method| format!(" USING {method}"))
}

fn tablespace(fact: &Fact) -> String {
    let name = fact.text("tablespace").map(quote_ident);
    name.map_or_else(String::new, |name| format!(" TABLESPACE {name}"))
}

fn table(state: &State, fact: &Fact, with: &[&Fact]) -> String {
    let is_foreign = fact.id.kind == Kind::ForeignTable;
    let mut sql = match (is_foreign, fact.flag("unlogged")) {
        (true, _) => "CREATE FOREIGN TABLE ".to_owned(),
        (false, true) => "CREATE UNLOGGED TABLE ".to_owned(),
        (false, false) => "CREATE TABLE ".to_owned(),
    };
    sql.push_str(&fact.id.name());
    let of_type = fact.text("of_type");
    if let Some(of_type) = of_type {
        sql.push_str(&format!(" OF {of_type}"));
    }
    let mut columns: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Column)
        .collect();
    columns.sort_by_key(|column| column.hint_number("position"));
    let mut lines: Vec<String> = columns
        .into_iter()
        .filter(|column| !comes_from_parent(state, column))
        .filter_map(|one| column(state, one, with, of_type.is_some()))
        .collect();
    let constraints = with.iter().filter(|one| one.id.kind == Kind::Constraint);
    lines.extend(constraints.map(|one| constraint(one)));
    match (lines.is_empty(), of_type) {
        (true, Some(_)) => {}
        (true, None) => sql.push_str(" ()"),
        (false, _) => sql.push_str(&format!(" (\n    {}\n)", lines.join(",\n    "))),
    }
    let mut parents: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Inheritance)
        .collect();
    parents.sort_by_key(|parent| parent.number("place"));
    if !parents.is_empty() {
        let names: Vec<String> = parents
            .iter()
            .map(|one| qualified(one.id.part(2), one.id.part(3)))
            .collect();
        sql.push_str(&format!("\nINHERITS ({})", names.join(", ")));
    }
    if let Some(server) = fact.text("server") {
        sql.push_str(&format!("\nSERVER {}", quote_ident(server)));
        sql.push_str(&server_options(as_written(fact, "server_options")));
        return sql;
    }
    if let Some(key) = fact.text("partition_by") {
        sql.push_str(&format!("\nPARTITION BY {key}"));
    }
    sql.push_str(&method(fact));
    sql.push_str(&with_settings(fact));
    sql.push_str(&tablespace(fact));
    sql
}

/// A column in its table's statement; none for one of a typed table that is as its type says.
fn column(state: &State, fact: &Fact, with: &[&Fact], typed: bool) -> Option<String> {
    let mut sql = quote_ident(fact.id.last());
    if typed {
        sql.push_str(" WITH OPTIONS");
    } else {
        sql.push_str(&format!(" {}", fact.text("type").unwrap_or_default()));
        sql.push_str(&server_options(as_written(fact, "server_options")));
        if let Some(collation) = fact.text("collation") {
            sql.push_str(&format!(" COLLATE {collation}"));
        }
    }
    let bare = sql.len();
    if let Some(generated) = fact.text("generated") {
        let kind = if fact.flag("virtual") {
            "VIRTUAL"
        } else {
            "STORED"
        };
        sql.push_str(&format!(" GENERATED ALWAYS AS ({generated}) {kind}"));
    }
    let own = |kind: Kind| {
        with.iter()
            .find(move |one| one.id.kind == kind && one.id.path() == fact.id.path())
    };
    if let Some(default) = own(Kind::Default) {
        let expression = default.text("expression").unwrap_or_default();
        sql.push_str(&format!(" DEFAULT {expression}"));
    }
    if let Some(identity) = fact.text("identity") {
        sql.push_str(&format!(
            " GENERATED {} AS IDENTITY",
            identity.to_uppercase()
        ));
        let sequence = with
            .iter()
            .find(|one| one.id.kind == Kind::Sequence && one.parent.as_ref() == Some(&fact.id));
        if let Some(sequence) = sequence {
            sql.push_str(&format!(
                " (SEQUENCE NAME {}{})",
                sequence.id.name(),
                sequence_options(sequence, false)
            ));
        }
    }
    if fact.flag("not_null") && !is_key(state, fact, with) {
        sql.push_str(" NOT NULL");
    }
    (!typed || sql.len() > bare).then_some(sql)
}

/// Whether the primary key in the same statement says that a column is not null.
fn is_key(state: &State, column: &Fact, with: &[&Fact]) -> bool {
    with.iter().any(|one| {
        // A column that a key includes is no part of it, and may be null.
        let has_more = one
            .text("definition")
            .is_some_and(|text| text.contains(" INCLUDE ("));
        one.text("type") == Some("primary key")
            && !has_more
            && state.needs(&one.id).any(|id| *id == column.id)
    })
}

fn constraint(fact: &Fact) -> String {
    let definition = fact.text("definition").unwrap_or_default();
    let mut parameters = String::new();
    if matches!(fact.text("type"), Some("primary key" | "unique")) {
        let options = settings(fact.list("options"), "");
        if !options.is_empty() {
            parameters.push_str(&format!(" WITH ({})", options.join(", ")));
        }
        if let Some(name) = fact.text("tablespace") {
            parameters.push_str(&format!(" USING INDEX TABLESPACE {}", quote_ident(name)));
        }
    }
    let end = definition.find(" DEFERRABLE").unwrap_or(definition.len());
    let (head, tail) = if parameters.is_empty() {
        (definition, "")
    } else {
        definition.split_at(end)
    };
    let name = quote_ident(fact.id.last());
    format!("CONSTRAINT {name} {head}{parameters}{tail}")
}

fn index(fact: &Fact) -> Vec<String> {
    let name = fact.id.name();
    let mut made = vec![fact.text("definition").unwrap_or_default().to_owned()];
    for target in fact.list("statistics") {
        let (column, target) = target.split_once('=').unwrap_or((target, "-1"));
        made.push(format!(
            "ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"
        ));
    }
    if let Some(tablespace) = fact.text("tablespace") {
        let tablespace = quote_ident(tablespace);
        made.push(format!("ALTER INDEX {name} SET TABLESPACE {tablespace}"));
    }
    made
}

/// In what columns that come with INHERITS are not as their parents have them.
fn own_ways(state: &State, fact: &Fact, with: &[&Fact]) -> Vec<String> {
    let parents: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Inheritance)
        .collect();
    let mut columns: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Column && comes_from_parent(state, one))
        .collect();
    columns.sort_by_key(|column| column.hint_number("position"));
    let mut made = Vec::new();
    for column in columns {
        let name = column.id.last();
        let above = |kind: Kind| {
            let facts = parents.iter().map(move |parent| {
                let path = [parent.id.part(2), parent.id.part(3), name];
                state.get(&FactId::new(kind, path))
            });
            facts.flatten()
        };
        let mut alter = |action: &str| {
            let (table, name) = (fact.id.name(), quote_ident(name));
            made.push(format!(
                "ALTER TABLE ONLY {table} ALTER COLUMN {name} {action}"
            ));
        };
        if column.flag("not_null") && !above(Kind::Column).any(|one| one.flag("not_null")) {
            alter("SET NOT NULL");
        }
        let own = FactId::new(Kind::Default, column.id.path().to_vec());
        if above(Kind::Default).next().is_some() && !state.has(&own) {
            alter("DROP DEFAULT");
        }
    }
    made
}

/// What a table's statement does not say of its columns.
fn column_settings(fact: &Fact, with: &[&Fact]) -> Vec<String> {
    let mut columns: Vec<&&Fact> = with
        .iter()
        .filter(|one| one.id.kind == Kind::Column)
        .collect();
    columns.sort_by_key(|column| column.hint_number("position"));
    columns
        .into_iter()
        .flat_map(|column| one_columns_settings(fact, column))
        .collect()
}

/// What a table's statement does not say of this column.
fn one_columns_settings(table: &Fact, column: &Fact) -> Vec<String> {
    let mut set = Vec::new();
    for (key, word) in [("storage", "STORAGE"), ("compression", "COMPRESSION")] {
        if let Some(value) = column.text(key) {
            // PostgreSQL's words for storage are in any case, those for compression are names.
            let value = if key == "storage" {
                value.to_uppercase()
            } else {
                value.to_owned()
            };
            set.push(format!("{word} {value}"));
        }
    }
    if let Some(target) = column.number("statistics") {
        set.push(format!("STATISTICS {target}"));
    }
    let options = settings(column.list("options"), "");
    if !options.is_empty() {
        set.push(format!("({})", options.join(", ")));
    }
    let is_foreign = table.id.kind == Kind::ForeignTable;
    let word = if is_foreign { "FOREIGN TABLE" } else { "TABLE" };
    let (table, name) = (table.id.name(), quote_ident(column.id.last()));
    set.into_iter()
        .map(|set| format!("ALTER {word} ONLY {table} ALTER COLUMN {name} SET {set}"))
        .collect()
}
