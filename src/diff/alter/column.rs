use super::rule::{Pair, Rule};
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// A column of a table: what of it differs.
pub(super) fn column(to: &State, pair: &Pair) -> Rule {
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
        made.extend(retype(table, old, new));
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

fn alter(table: &FactId, column: &Fact, what: &str) -> String {
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
        .of_kind(Kind::Inheritance)
        .filter(move |one| one.id.part(0) == schema && one.id.part(1) == table)
        .map(move |one| FactId::new(Kind::Column, [one.id.part(2), one.id.part(3), name]));
    partition.into_iter().chain(inherits)
}

/// The statements that give a column another type, its values kept.
pub(in crate::diff) fn retype(table: &FactId, old: &Fact, new: &Fact) -> Vec<String> {
    let name = quote_ident(new.id.last());
    let kind = new.text("type").unwrap_or_default();
    let mut what = format!("SET DATA TYPE {kind}");
    if let Some(collation) = new.text("collation") {
        what.push_str(&format!(" COLLATE {collation}"));
    }
    let before = old.text("type").unwrap_or_default();
    if table.kind == Kind::Table && needs_using(before, kind) {
        let cast = if is_castable(before, kind) {
            format!("{name}::{kind}")
        } else {
            format!("{name}::text::{kind}")
        };
        what.push_str(&format!(" USING {cast}"));
    }
    vec![alter(table, new, &what)]
}

/// Families of types among whose members values go over without being told how.
const FAMILIES: [&[&str]; 4] = [
    &[
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
    ],
    &["text", "character varying", "character", "citext", "name"],
    &[
        "date",
        "timestamp without time zone",
        "timestamp with time zone",
    ],
    &["bit", "bit varying"],
];

/// A type's name without its length or precision.
fn bare(name: &str) -> String {
    let Some((start, rest)) = name.split_once('(') else {
        return name.to_owned();
    };
    let end = rest.split_once(')').map_or("", |(_, end)| end);
    format!("{start}{end}")
}

fn family(name: &str) -> Option<usize> {
    let bare = bare(name);
    FAMILIES.iter().position(|family| family.contains(&&*bare))
}

/// Whether both types have values of one sort.
pub(in crate::diff) fn are_akin(a: &str, b: &str) -> bool {
    bare(a) == bare(b) || family(a).is_some() && family(a) == family(b)
}

fn needs_using(before: &str, after: &str) -> bool {
    !are_akin(before, after)
}

/// Whether a plain cast is known to be there; everything else goes by way of its text.
fn is_castable(before: &str, after: &str) -> bool {
    let is_text = |name: &str| family(name) == Some(1);
    if is_text(before) || is_text(after) {
        return true;
    }
    let pair = (&*bare(before), &*bare(after));
    matches!(
        pair,
        ("integer", "boolean")
            | ("boolean", "integer")
            | ("json", "jsonb")
            | ("jsonb", "json")
            | (
                "timestamp without time zone" | "timestamp with time zone",
                "time without time zone"
            )
            | ("inet", "cidr")
            | ("cidr", "inet")
    ) || family(before).is_some() && family(before) == family(after)
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

/// What it takes to give a column another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diff) struct Retyping {
    /// Every row is written again.
    pub(in crate::diff) rewrites: bool,
    /// Values may not fit.
    pub(in crate::diff) may_fail: bool,
}

/// What it takes to go from one type to another.
pub(in crate::diff) fn retyping(before: &str, after: &str) -> Retyping {
    let cost = |rewrites, may_fail| Retyping { rewrites, may_fail };
    if before == after {
        return cost(false, false);
    }
    let numbers = |name: &str| -> Vec<i64> {
        let inner = name
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'));
        let parts = inner.map_or("", |(inner, _)| inner).split(',');
        parts.filter_map(|part| part.trim().parse().ok()).collect()
    };
    let (old, new) = (bare(before), bare(after));
    let (held, room) = (numbers(before), numbers(after));
    match (&*old, &*new) {
        ("text" | "character varying", "text") => cost(false, false),
        ("text" | "character varying", "character varying") => {
            let grows = match (held.first(), room.first()) {
                (_, None) => true,
                (Some(held), Some(room)) => room >= held,
                (None, Some(_)) => false,
            };
            cost(!grows, !grows)
        }
        ("numeric", "numeric") => {
            let grows = match (&held[..], &room[..]) {
                (_, []) => true,
                ([p, s], [q, t]) => q >= p && s == t,
                _ => false,
            };
            cost(!grows, !grows)
        }
        _ if old == new => cost(true, true),
        _ => {
            let ranks = ["smallint", "integer", "bigint", "numeric"];
            let rank = |name: &str| ranks.iter().position(|one| *one == name);
            let widens = match (rank(&old), rank(&new)) {
                (Some(old), Some(new)) => new > old && room.is_empty(),
                _ => false,
            };
            let to_text =
                matches!(&*new, "text") || &*new == "character varying" && room.is_empty();
            cost(true, !widens && !to_text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_to_go_from_type_to_type() {
        for (before, after, rewrites, may_fail) in [
            ("integer", "integer", false, false),
            ("character varying(5)", "character varying(9)", false, false),
            ("character varying(9)", "character varying(5)", true, true),
            ("character varying(5)", "character varying", false, false),
            ("character varying(5)", "text", false, false),
            ("text", "character varying(9)", true, true),
            ("text", "character varying", false, false),
            ("numeric(8,2)", "numeric(10,2)", false, false),
            ("numeric(8,2)", "numeric(10,3)", true, true),
            ("numeric(8,2)", "numeric", false, false),
            ("numeric", "numeric(8,2)", true, true),
            ("smallint", "bigint", true, false),
            ("bigint", "integer", true, true),
            ("integer", "numeric", true, false),
            ("integer", "numeric(4,2)", true, true),
            ("integer", "text", true, false),
            ("integer", "character varying(2)", true, true),
            ("text", "integer", true, true),
        ] {
            let expected = Retyping { rewrites, may_fail };
            assert_eq!(retyping(before, after), expected, "{before} to {after}");
        }
    }
}
