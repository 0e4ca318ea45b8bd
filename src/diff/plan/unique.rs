//! Keys that rows are known to keep, because another one made them.

use super::delta::Delta;
use crate::diff::alter;
use crate::schema::facts::{Fact, FactId, Kind};

/// Whether rows that are there keep a key or a unique index that is made: the table has one by the same
/// columns, or by some of them, and these stay what they are.
pub(super) fn is_kept(delta: &Delta, new: &Fact) -> bool {
    let Some(wanted) = Form::of(new) else {
        return false;
    };
    let table = &new.id.path()[..2];
    let keys = [Kind::Constraint, Kind::Index].into_iter();
    let mut keys = keys.flat_map(|kind| delta.from.under(kind, table));
    keys.any(|old| {
        Form::of(old).is_some_and(|held| held.implies(&wanted))
            && delta
                .from
                .needs(&old.id)
                .all(|on| is_as_distinct(delta, on))
    })
}

/// What a key is about.
struct Form<'f> {
    columns: &'f str,
    condition: Option<&'f str>,
    /// Whether there are no two nulls.
    counts_nulls: bool,
}

const NULLS: &str = "NULLS NOT DISTINCT";

impl<'f> Form<'f> {
    fn of(fact: &'f Fact) -> Option<Self> {
        let definition = fact.text("definition")?;
        let is_index = fact.id.kind == Kind::Index;
        let rest = if is_index {
            let is_valid = !fact.flag("invalid");
            let rest = definition.strip_prefix("CREATE UNIQUE INDEX ")?;
            rest.split_once(" USING btree ")
                .filter(|_| is_valid)
                .map(|(_, rest)| rest)?
        } else {
            let rest = definition.strip_prefix("PRIMARY KEY ");
            rest.or_else(|| definition.strip_prefix("UNIQUE "))?
        };
        let counts_nulls = definition.contains(NULLS) || definition.starts_with("PRIMARY KEY ");
        let rest = rest.strip_prefix(NULLS).unwrap_or(rest).trim_start();
        let end = end_of_list(rest)?;
        let (columns, rest) = (rest.get(1..end)?, rest.get(end..)?);
        // Without overlaps it is another matter.
        (!columns.contains(" WITHOUT ")).then_some(Self {
            columns,
            condition: rest.split_once(" WHERE ").map(|(_, condition)| condition),
            counts_nulls,
        })
    }

    /// Whether rows that keep this key keep the other one.
    fn implies(&self, other: &Self) -> bool {
        let wanted = split(other.columns);
        let is_part = split(self.columns)
            .iter()
            .all(|column| wanted.contains(column));
        is_part
            && (self.condition.is_none() || self.condition == other.condition)
            && (self.counts_nulls || !other.counts_nulls)
    }
}

/// Where the list that a text begins with ends: at its parenthesis.
fn end_of_list(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            (None, _) if depth == 0 => return None,
            (None, _) => {}
        }
    }
    None
}

/// The members of a list; an expression with commas comes in pieces, which are the same for the same one.
fn split(columns: &str) -> Vec<&str> {
    columns.split(", ").collect()
}

/// Whether different values of what a key is about are different still.
fn is_as_distinct(delta: &Delta, on: &FactId) -> bool {
    if delta.gone.contains(on) || delta.retyped.contains(on) {
        return false;
    }
    let (Some(old), Some(new)) = (delta.from.get(on), delta.to.get(on)) else {
        return false;
    };
    if !delta.altered.contains_key(on) || old.payload == new.payload {
        return true;
    }
    if on.kind == Kind::Table {
        return true;
    }
    let same = |key: &str| old.payload.get(key) == new.payload.get(key);
    if on.kind != Kind::Column || !same("collation") {
        return false;
    }
    let cost = alter::retyping([delta.from, delta.to], old, new);
    same("type") || !cost.rounds && !cost.may_fail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts::Value;

    fn form(kind: Kind, definition: &str) -> Fact {
        let mut fact = Fact::new(FactId::new(kind, ["s", "t", "k"]), None);
        let text = Value::Text(definition.to_owned());
        fact.payload.insert("definition".to_owned(), text);
        fact
    }

    #[test]
    fn which_key_implies_which() {
        let index = |text: &str| {
            let text = format!("CREATE UNIQUE INDEX k ON s.t USING btree {text}");
            form(Kind::Index, &text)
        };
        let key = |text: &str| form(Kind::Constraint, text);
        for (old, new, expected) in [
            (key("UNIQUE (a, b)"), key("UNIQUE (a, b) DEFERRABLE"), true),
            (key("UNIQUE (a)"), key("UNIQUE (b, a)"), true),
            (key("UNIQUE (a, b)"), key("UNIQUE (a)"), false),
            (
                key("UNIQUE NULLS NOT DISTINCT (a)"),
                key("UNIQUE (a)"),
                true,
            ),
            (
                key("UNIQUE (a)"),
                key("UNIQUE NULLS NOT DISTINCT (a)"),
                false,
            ),
            (
                key("PRIMARY KEY (a)"),
                key("UNIQUE NULLS NOT DISTINCT (a)"),
                true,
            ),
            (key("UNIQUE (a) INCLUDE (b)"), key("UNIQUE (a)"), true),
            (
                key("UNIQUE (a)"),
                index("(a) INCLUDE (c) NULLS NOT DISTINCT"),
                false,
            ),
            (key("UNIQUE (a)"), index("(a) WHERE (b > 0)"), true),
            (index("(a) WHERE (b > 0)"), key("UNIQUE (a)"), false),
            (
                index("(lower(a))"),
                index("(lower(a)) WITH (fillfactor='70')"),
                true,
            ),
            (index("(lower(a))"), index("(a)"), false),
            (key("CHECK ((a > 0))"), key("UNIQUE (a)"), false),
        ] {
            let found = match (Form::of(&old), Form::of(&new)) {
                (Some(old), Some(new)) => old.implies(&new),
                _ => false,
            };
            assert_eq!(found, expected, "{old:?} {new:?}");
        }
    }
}
