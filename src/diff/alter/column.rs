use super::retyping::retype;
use super::rule::{Pair, Rule};
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// A column of a table: what of it differs.
pub(super) fn column(from: &State, to: &State, pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let Some(table) = &new.parent else {
        return Rule::Replace;
    };
    if !is_table(table) {
        // A query makes it.
        return Rule::InPlace(own_settings(table, pair));
    }
    let mut made = Vec::new();
    if pair.differs("generated") || pair.differs("virtual") {
        match (old.text("generated"), new.text("generated")) {
            (Some(_), None) if !old.flag("virtual") => {
                made.push(alter(table, new, "DROP EXPRESSION"));
            }
            (Some(_), Some(expression))
                if to.server_version_num >= 170_000 && !pair.differs("virtual") =>
            {
                made.push(alter(
                    table,
                    new,
                    &format!("SET EXPRESSION AS ({expression})"),
                ));
            }
            _ => return Rule::Replace,
        }
    }
    let is_retyped = pair.differs("type") || pair.differs("collation");
    if is_retyped {
        if new.text("generated").is_some() {
            return Rule::Replace;
        }
        made.extend(retype([from, to], old, new));
    }
    if pair.differs("not_null") {
        let word = if new.flag("not_null") { "SET" } else { "DROP" };
        made.push(alter(table, new, &format!("{word} NOT NULL")));
    }
    // From and to none at all, the sequence's fact tells it.
    if let (Some(_), Some(identity)) = (old.text("identity"), new.text("identity"))
        && pair.differs("identity")
    {
        let words = format!("SET GENERATED {}", identity.to_uppercase());
        made.push(alter(table, new, &words));
    }
    made.extend(own_settings(table, pair));
    if is_retyped {
        Rule::Retype(made)
    } else {
        Rule::InPlace(made)
    }
}

fn is_table(id: &FactId) -> bool {
    matches!(id.kind, Kind::Table | Kind::ForeignTable)
}

pub(super) fn alter(table: &FactId, column: &Fact, what: &str) -> String {
    format!(
        "ALTER {} {} ALTER COLUMN {} {what}",
        table.kind.sql(),
        table.name(),
        quote_ident(column.id.last())
    )
}

/// The columns of the same name of the tables that a column's table has its columns from.
pub(in crate::diff) fn parents<'s>(
    state: &'s State,
    column: &'s Fact,
) -> impl Iterator<Item = FactId> + 's {
    let path = column.id.path();
    let (schema, table, name) = (&*path[0], &*path[1], &*path[2]);
    let partition = state.get(&FactId::new(Kind::Partition, [schema, table]));
    let partition = partition.map(|one| {
        let text = |key| one.text(key).unwrap_or_default();
        FactId::new(Kind::Column, [text("of_schema"), text("of_table"), name])
    });
    let inherits = state
        .under(Kind::Inheritance, &path[..2])
        .map(move |one| FactId::new(Kind::Column, [one.id.part(2), one.id.part(3), name]));
    partition.into_iter().chain(inherits)
}

/// What a column has for itself, whatever its parents have.
fn own_settings(table: &FactId, pair: &Pair) -> Vec<String> {
    let (old, new) = (pair.old, pair.new);
    let mut set = Vec::new();
    if pair.differs("storage") {
        let storage = new.text("storage").or(old.hint("type_storage"));
        let storage = storage.unwrap_or("default").to_uppercase();
        set.push(format!("SET STORAGE {storage}"));
    }
    if pair.differs("compression") {
        let compression = new.text("compression").unwrap_or("default");
        set.push(format!("SET COMPRESSION {compression}"));
    }
    if pair.differs("statistics") {
        let target = new.number("statistics").unwrap_or(-1);
        set.push(format!("SET STATISTICS {target}"));
    }
    let name = quote_ident(new.id.last());
    let only = |what: &String| {
        let is_foreign = table.kind == Kind::ForeignTable;
        let word = if is_foreign { "FOREIGN TABLE" } else { "TABLE" };
        let table = table.name();
        format!("ALTER {word} ONLY {table} ALTER COLUMN {name} {what}")
    };
    let (values, names) = super::relation::options(old.list("options"), new.list("options"), "");
    if !names.is_empty() {
        set.push(format!("RESET ({})", names.join(", ")));
    }
    if !values.is_empty() {
        set.push(format!("SET ({})", values.join(", ")));
    }
    let mut made: Vec<String> = set.iter().map(only).collect();
    if pair.differs("server_options") {
        let options =
            super::others::server_options(old.list("server_options"), new.list("server_options"));
        made.push(alter_options(table, &name, &options));
    }
    made
}

fn alter_options(table: &FactId, column: &str, options: &str) -> String {
    let (word, table) = (table.kind.sql(), table.name());
    format!("ALTER {word} {table} ALTER COLUMN {column} {options}")
}

/// What has to be out of the way while a column gets another type: what PostgreSQL refuses to carry
/// over, and what it could make something else of.
pub(in crate::diff) fn blocks_retyping(dependant: &FactId, are_akin: bool) -> bool {
    match dependant.kind {
        Kind::View
        | Kind::MaterializedView
        | Kind::Rule
        | Kind::Policy
        | Kind::Trigger
        | Kind::Function
        | Kind::Procedure
        | Kind::PublicationTable
        | Kind::Column
        | Kind::Default => true,
        Kind::Constraint | Kind::ForeignKey | Kind::Index | Kind::Statistics => !are_akin,
        _ => false,
    }
}
