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
        return Rule::InPlace(own_settings(table, pair, stored(table, pair)));
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
    if is_retyped {
        made.extend(own_settings(table, pair, stored_anew(table, new)));
        Rule::Retype(made)
    } else {
        made.extend(own_settings(table, pair, stored(table, pair)));
        Rule::InPlace(made)
    }
}

/// How a column's values are stored, where that differs.
fn stored(table: &FactId, pair: &Pair) -> Vec<String> {
    let (old, new) = (pair.old, pair.new);
    let mut made = Vec::new();
    if pair.differs("storage") {
        let storage = new.text("storage").or(old.hint("type_storage"));
        let storage = storage.unwrap_or("default").to_uppercase();
        made.push(alter_only(table, new, &format!("SET STORAGE {storage}")));
    }
    if pair.differs("compression") {
        let compression = new.text("compression").unwrap_or("default");
        made.push(alter_only(
            table,
            new,
            &format!("SET COMPRESSION {compression}"),
        ));
    }
    made
}

/// How the values of a column that has got another type are stored: PostgreSQL goes by the type then, and
/// forgets what it was told.
pub(in crate::diff) fn stored_anew(table: &FactId, column: &Fact) -> Vec<String> {
    let storage = column.text("storage").map(str::to_uppercase);
    let storage = storage.map(|value| format!("SET STORAGE {value}"));
    let compression = column.text("compression");
    let compression = compression.map(|value| format!("SET COMPRESSION {value}"));
    let both = storage.into_iter().chain(compression);
    both.map(|what| alter_only(table, column, &what)).collect()
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

/// Changes what the table's children have for themselves.
fn alter_only(table: &FactId, column: &Fact, what: &str) -> String {
    let is_foreign = table.kind == Kind::ForeignTable;
    let word = if is_foreign { "FOREIGN TABLE" } else { "TABLE" };
    format!(
        "ALTER {word} ONLY {} ALTER COLUMN {} {what}",
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

/// What a column has for itself, whatever its parents have; how its values are `stored` is told already.
fn own_settings(table: &FactId, pair: &Pair, stored: Vec<String>) -> Vec<String> {
    let (old, new) = (pair.old, pair.new);
    let mut set = Vec::new();
    if pair.differs("statistics") {
        let target = new.number("statistics").unwrap_or(-1);
        set.push(format!("SET STATISTICS {target}"));
    }
    let (values, names) = super::relation::options(old.list("options"), new.list("options"), "");
    if !names.is_empty() {
        set.push(format!("RESET ({})", names.join(", ")));
    }
    if !values.is_empty() {
        set.push(format!("SET ({})", values.join(", ")));
    }
    let mut made = stored;
    made.extend(set.iter().map(|what| alter_only(table, new, what)));
    if pair.differs("server_options") {
        let options =
            super::others::server_options(old.list("server_options"), new.list("server_options"));
        made.push(alter(table, new, &options));
    }
    made
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
