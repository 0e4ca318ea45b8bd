//! How a column gets another type, and what that takes.

use super::column::alter;
use crate::schema::facts::{Fact, Kind, State};
use crate::sql::quote_ident;

/// The statements that give a column another type, its values kept. The states are those that the
/// facts are of.
pub(in crate::diff) fn retype(states: [&State; 2], old: &Fact, new: &Fact) -> Vec<String> {
    let Some(table) = &new.parent else {
        return Vec::new();
    };
    let name = quote_ident(new.id.last());
    let kind = new.text("type").unwrap_or_default();
    let mut what = format!("SET DATA TYPE {kind}");
    if let Some(collation) = new.text("collation") {
        what.push_str(&format!(" COLLATE {collation}"));
    }
    let [before, after] = [Form::of(states[0], old), Form::of(states[1], new)];
    if table.kind == Kind::Table && !goes_over(&before.base, &after.base) {
        let cast = if family(&after.base) == Some(TEXTS) {
            // A cast would cut off what does not fit; what is put into the column is refused instead.
            format!("{name}::text")
        } else if is_castable(&before.base, &after.base) {
            format!("{name}::{kind}")
        } else {
            format!("{name}::text::{kind}")
        };
        what.push_str(&format!(" USING {cast}"));
    }
    vec![alter(table, new, &what)]
}

/// What a column's type is at last.
struct Form<'s> {
    /// The type that is no domain.
    base: String,
    is_domain: bool,
    bounds: Bounds<'s>,
}

/// What the domains that a column is of say of its values.
#[derive(Default)]
pub(in crate::diff) struct Bounds<'s> {
    /// Whether they have a say in what values there may be.
    pub(in crate::diff) is_checked: bool,
    /// Whether null may be against that.
    pub(in crate::diff) refuses_null: bool,
    /// What a column has that tells none of its own.
    pub(in crate::diff) default: Option<&'s str>,
}

impl<'s> Form<'s> {
    fn of(state: &'s State, column: &'s Fact) -> Self {
        let mut form = Self {
            base: column.text("type").unwrap_or_default().to_owned(),
            is_domain: false,
            bounds: Bounds::default(),
        };
        let mut holder = &column.id;
        loop {
            let mut domains = state.needs(holder).filter(|id| id.kind == Kind::Domain);
            let Some(id) = domains.find(|id| id.name() == form.base) else {
                return form;
            };
            let Some(domain) = state.get(id) else {
                return form;
            };
            form.is_domain = true;
            let bounds = &mut form.bounds;
            bounds.is_checked |= domain.flag("not_null");
            bounds.refuses_null |= domain.flag("not_null");
            for check in state.under(Kind::DomainConstraint, id.path()) {
                let definition = check.text("definition").unwrap_or_default();
                bounds.is_checked = true;
                bounds.refuses_null |= definition.contains(" NOT NULL");
            }
            bounds.default = bounds.default.or(domain.text("default"));
            form.base = domain.text("type").unwrap_or_default().to_owned();
            holder = id;
        }
    }
}

/// What the domains that a column is of say of its values.
pub(in crate::diff) fn bounds<'s>(state: &'s State, column: &'s Fact) -> Bounds<'s> {
    Form::of(state, column).bounds
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

/// The place of the texts among them.
const TEXTS: usize = 1;

/// A type's name without its length or precision.
fn bare(name: &str) -> String {
    let Some((start, rest)) = name.split_once('(') else {
        return name.to_owned();
    };
    let end = rest.split_once(')').map_or("", |(_, end)| end);
    format!("{start}{end}")
}

/// A type's length or precision.
fn numbers(name: &str) -> Vec<i64> {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let parts = inner.map_or("", |(inner, _)| inner).split(',');
    parts.filter_map(|part| part.trim().parse().ok()).collect()
}

fn family(name: &str) -> Option<usize> {
    let bare = bare(name);
    FAMILIES.iter().position(|family| family.contains(&&*bare))
}

fn is_interval(bare: &str) -> bool {
    bare == "interval" || bare.starts_with("interval ") && !bare.ends_with("[]")
}

/// Whether both types have values of one sort.
pub(in crate::diff) fn are_akin(a: &str, b: &str) -> bool {
    let (old, new) = (bare(a), bare(b));
    old == new
        || family(a).is_some() && family(a) == family(b)
        || is_interval(&old) && is_interval(&new)
}

/// The type of the elements of an array.
fn element(array: &str) -> Option<&str> {
    array.strip_suffix("[]")
}

/// Whether values go over without being told how: those of a family, and arrays of those.
fn goes_over(before: &str, after: &str) -> bool {
    match (element(before), element(after)) {
        (Some(before), Some(after)) => are_akin(before, after),
        _ => are_akin(before, after),
    }
}

/// Whether a plain cast is known to be there; everything else goes by way of its text.
fn is_castable(before: &str, after: &str) -> bool {
    let pair = (&*bare(before), &*bare(after));
    let is_hstore = |name: &str| name == "hstore" || name.ends_with(".hstore");
    family(before) == Some(TEXTS)
        || is_hstore(pair.0) && matches!(pair.1, "json" | "jsonb")
        || matches!(
            pair,
            ("integer", "boolean")
                | ("boolean", "integer")
                | ("json", "jsonb")
                | ("jsonb", "json")
                | (
                    "timestamp without time zone" | "timestamp with time zone",
                    "time without time zone"
                )
                | ("money", "numeric")
                | ("numeric" | "integer" | "bigint", "money")
                | ("interval", "time without time zone")
                | ("integer" | "bigint", "bit" | "oid")
                | ("bit" | "oid", "integer" | "bigint")
                | (
                    "jsonb",
                    "boolean"
                        | "smallint"
                        | "integer"
                        | "bigint"
                        | "numeric"
                        | "real"
                        | "double precision"
                )
                | ("inet", "cidr")
                | ("cidr", "inet")
        )
}

/// What it takes to give a column another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diff) struct Retyping {
    /// Every row is written again.
    pub(in crate::diff) rewrites: bool,
    /// Values may not fit.
    pub(in crate::diff) may_fail: bool,
    /// Values lose digits, or another part of what they are, and nobody is told.
    pub(in crate::diff) rounds: bool,
}

/// What it takes to give a column of the first state the type that it has in the second.
pub(in crate::diff) fn retyping(states: [&State; 2], old: &Fact, new: &Fact) -> Retyping {
    let [before, after] = [Form::of(states[0], old), Form::of(states[1], new)];
    let mut cost = between(&before.base, &after.base);
    // Of a domain's values the server knows no length.
    cost.rewrites |= before.is_domain && !numbers(&after.base).is_empty();
    let is_other = old.text("type") != new.text("type");
    if after.bounds.is_checked && is_other {
        cost.rewrites = true;
        cost.may_fail = true;
    }
    cost
}

/// What it takes to go from one type that is no domain to another.
fn between(before: &str, after: &str) -> Retyping {
    let cost = |rewrites, may_fail, rounds| Retyping {
        rewrites,
        may_fail,
        rounds,
    };
    if before != after
        && let (Some(before), Some(after)) = (element(before), element(after))
    {
        // Each goes the way of its elements; the server takes none as they are.
        return Retyping {
            rewrites: true,
            ..between(before, after)
        };
    }
    let (old, new) = (bare(before), bare(after));
    let (held, room) = (numbers(before), numbers(after));
    // No number is no limit.
    let grows = match (held.first(), room.first()) {
        (_, None) => true,
        (Some(held), Some(room)) => room >= held,
        (None, Some(_)) => false,
    };
    match (&*old, &*new) {
        _ if before == after => cost(false, false, false),
        ("text" | "character varying", "text") => cost(false, false, false),
        ("text" | "character varying", "character varying") => cost(!grows, !grows, false),
        ("bit", "bit varying") if room.is_empty() => cost(false, false, false),
        ("bit varying", "bit varying") => cost(!grows, !grows, false),
        ("bit", "bit varying") => cost(true, !grows, false),
        ("character", "character") => cost(true, !grows, false),
        ("numeric", "numeric") => {
            let scale = |numbers: &[i64]| numbers.get(1).copied();
            let (fits, rounds) = match (&held[..], &room[..]) {
                (_, []) => (true, false),
                // Rounding up may take a digit more.
                ([p, s], [q, t]) => (q - t >= p - s + i64::from(t < s), t < s),
                _ => (false, true),
            };
            let stays = room.is_empty() || grows && scale(&held) == scale(&room);
            cost(!stays, !fits, rounds)
        }
        ("cidr", "inet") | ("xml", "text") | ("xml", "character varying") if room.is_empty() => {
            cost(false, false, false)
        }
        ("inet", "cidr") => cost(true, false, true),
        (a, b) if is_interval(a) && is_interval(b) => {
            let (from, to) = (least_field(a), least_field(b));
            // Parts of a second are of those that have seconds.
            let (held, room) = (held.first().unwrap_or(&6), room.first().unwrap_or(&6));
            let stays = to <= from && (from > 0 || room >= held);
            cost(!stays, false, !stays)
        }
        (a, b) if a == b && has_seconds(a) => {
            let most = held.first().unwrap_or(&6);
            let stays = room.first().unwrap_or(&6) >= most;
            cost(!stays, false, !stays)
        }
        (a, b) if a == b => cost(true, true, false),
        _ => {
            let ranks = ["smallint", "integer", "bigint", "numeric"];
            let rank = |name: &str| ranks.iter().position(|one| *one == name);
            let widens = match (rank(&old), rank(&new)) {
                (Some(old), Some(new)) => new > old && room.is_empty(),
                _ => false,
            } || (&*old, &*new) == ("real", "double precision");
            let never_fails = matches!(
                (&*old, &*new),
                ("boolean", "integer")
                    | ("integer", "boolean")
                    | ("jsonb", "json")
                    | (
                        "smallint" | "integer" | "bigint",
                        "real" | "double precision"
                    )
                    | (
                        "timestamp without time zone" | "timestamp with time zone",
                        "date"
                    )
            );
            let to_text =
                matches!(&*new, "text") || &*new == "character varying" && room.is_empty();
            let fits = widens || to_text || never_fails;
            cost(true, !fits, is_rounded(&old, &new))
        }
    }
}

fn has_seconds(bare: &str) -> bool {
    matches!(
        bare,
        "timestamp without time zone"
            | "timestamp with time zone"
            | "time without time zone"
            | "time with time zone"
    )
}

/// The place of the least field that an interval has, from seconds to years.
fn least_field(interval: &str) -> usize {
    let fields = ["second", "minute", "hour", "day", "month", "year"];
    let last = interval.rsplit(' ').next().unwrap_or_default();
    fields.iter().position(|field| *field == last).unwrap_or(0)
}

/// Whether values of another type become nearly what they were.
fn is_rounded(old: &str, new: &str) -> bool {
    let is_whole = |name: &str| matches!(name, "smallint" | "integer" | "bigint");
    let is_float = |name: &str| matches!(name, "real" | "double precision");
    match (old, new) {
        ("integer" | "bigint" | "double precision", "real") | ("bigint", "double precision") => {
            true
        }
        ("numeric", _) => is_whole(new) || is_float(new),
        ("real" | "double precision", _) => is_whole(new) || new == "numeric",
        ("integer", "boolean") => true,
        (
            "timestamp without time zone" | "timestamp with time zone",
            "date" | "time without time zone",
        ) => true,
        (_, "name") => matches!(old, "text" | "character varying" | "character"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_to_go_from_type_to_type() {
        const NO: [bool; 3] = [false; 3];
        const WRITES: [bool; 3] = [true, false, false];
        const REFUSES: [bool; 3] = [true, true, false];
        const ROUNDS: [bool; 3] = [true, false, true];
        const ALL: [bool; 3] = [true; 3];
        for (before, after, expected) in [
            ("integer", "integer", NO),
            ("character varying(5)", "character varying(9)", NO),
            ("character varying(9)", "character varying(5)", REFUSES),
            ("character varying(5)", "character varying", NO),
            ("character varying(5)", "text", NO),
            ("text", "character varying(9)", REFUSES),
            ("text", "character varying", NO),
            ("character(5)", "character(9)", WRITES),
            ("character(9)", "character(5)", REFUSES),
            ("numeric(8,2)", "numeric(10,2)", NO),
            ("numeric(8,2)", "numeric(10,3)", WRITES),
            ("numeric(8,2)", "numeric(8,3)", REFUSES),
            ("numeric(8,2)", "numeric(11,4)", WRITES),
            ("numeric(8,2)", "numeric(10,1)", ROUNDS),
            ("numeric(8,2)", "numeric(7,1)", ALL),
            ("numeric(8,2)", "numeric", NO),
            ("numeric", "numeric(8,2)", ALL),
            ("smallint", "bigint", WRITES),
            ("bigint", "integer", REFUSES),
            ("integer", "numeric", WRITES),
            ("integer", "numeric(4,2)", REFUSES),
            ("integer", "real", ROUNDS),
            ("bigint", "double precision", ROUNDS),
            ("smallint", "double precision", WRITES),
            ("boolean", "integer", WRITES),
            ("jsonb", "json", WRITES),
            ("json", "jsonb", REFUSES),
            ("integer[]", "bigint[]", WRITES),
            ("bigint[]", "integer[]", REFUSES),
            ("character varying[]", "text[]", WRITES),
            ("character varying(9)[]", "character varying(5)[]", REFUSES),
            ("numeric(8,2)[]", "numeric(10,1)[]", ROUNDS),
            ("text[]", "text", WRITES),
            ("integer", "text", WRITES),
            ("integer", "character varying(2)", REFUSES),
            ("text", "integer", REFUSES),
            ("bit varying(3)", "bit varying(5)", NO),
            ("bit varying(5)", "bit varying(3)", REFUSES),
            ("bit(3)", "bit varying", NO),
            ("bit(3)", "bit varying(5)", WRITES),
            ("cidr", "inet", NO),
            ("inet", "cidr", ROUNDS),
            ("time(3) without time zone", "time without time zone", NO),
            (
                "timestamp(3) with time zone",
                "timestamp(4) with time zone",
                NO,
            ),
            (
                "timestamp with time zone",
                "timestamp(6) with time zone",
                NO,
            ),
            (
                "timestamp with time zone",
                "timestamp(0) with time zone",
                ROUNDS,
            ),
            ("timestamp without time zone", "date", ROUNDS),
            ("date", "timestamp without time zone", REFUSES),
            ("interval(3)", "interval(4)", NO),
            ("interval(3)", "interval", NO),
            ("interval", "interval(2)", ROUNDS),
            ("interval day", "interval", NO),
            ("interval", "interval day", ROUNDS),
            ("interval year to month", "interval hour to minute", NO),
        ] {
            let cost = between(before, after);
            let found = [cost.rewrites, cost.may_fail, cost.rounds];
            assert_eq!(found, expected, "{before} to {after}");
        }
    }
}
