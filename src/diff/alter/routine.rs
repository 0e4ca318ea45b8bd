use super::rule::{Pair, Rule};
use crate::schema::facts::Fact;

/// A routine can be replaced where its arguments keep their names and its result stays what it is.
pub(super) fn routine(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let same = |key: &str| old.hint(key) == new.hint(key);
    // Aggregates apart, what a function is (a window function, say) is no matter of OR REPLACE.
    if !same("result") || !same("kind") || !keeps_arguments(old, new) {
        return Rule::Replace;
    }
    let definition = new.text("definition").unwrap_or_default();
    Rule::InPlace(vec![definition.trim_end().to_owned()])
}

/// Whether OR REPLACE takes the new arguments: names stay, and no default goes.
fn keeps_arguments(old: &Fact, new: &Fact) -> bool {
    let arguments = |fact: &Fact| -> Vec<(String, bool)> {
        split(fact.hint("arguments").unwrap_or_default())
            .into_iter()
            .map(|one| match one.split_once(" DEFAULT ") {
                Some((head, _)) => (head.to_owned(), true),
                None => (one, false),
            })
            .collect()
    };
    let (old, new) = (arguments(old), arguments(new));
    old.len() == new.len()
        && old.iter().zip(&new).all(|((before, had), (after, has))| {
            // A name may come where there was none.
            (before == after || after.ends_with(&format!(" {before}"))) && (!had || *has)
        })
}

/// The arguments of a list as PostgreSQL writes it; commas may be within a default.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0_usize, None);
    for character in list.chars() {
        match (quoted, character) {
            (Some(quote), _) if quote == character => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            (None, _) => {}
        }
        part.push(character);
    }
    if !part.trim().is_empty() {
        parts.push(part.trim().to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        assert_eq!(
            split("a integer DEFAULT f(1, 2), \"b,c\" text DEFAULT ', '::text, VARIADIC d text[]"),
            [
                "a integer DEFAULT f(1, 2)",
                "\"b,c\" text DEFAULT ', '::text",
                "VARIADIC d text[]"
            ]
        );
        assert_eq!(split(""), Vec::<String>::new());
    }
}
