//! Values that a partition takes, from its bounds as PostgreSQL writes them.

use crate::sql::{TokenKind, tokenize};

/// The value that each column of the key gets in the `number`th row of a partition, as SQL; none
/// where any may do.
pub(super) fn values(bound: &str, number: usize) -> Vec<Option<String>> {
    let Some((head, items)) = first_list(bound) else {
        return Vec::new();
    };
    match head.rsplit(' ').next() {
        Some("IN") => {
            let chosen = items.get(number % items.len().max(1)).cloned();
            vec![chosen]
        }
        // The lower bound is within, the upper one is not.
        Some("FROM") => items
            .into_iter()
            .map(|item| Some(item).filter(|item| item != "MINVALUE" && item != "MAXVALUE"))
            .collect(),
        _ => Vec::new(),
    }
}

/// What is before the first parenthesis, and what is within it, comma by comma.
fn first_list(bound: &str) -> Option<(&str, Vec<String>)> {
    let (mut depth, mut start, mut head) = (0_usize, 0, None);
    let mut items = Vec::new();
    for token in tokenize(bound) {
        match token.kind {
            TokenKind::OpenParenthesis => {
                depth += 1;
                if depth == 1 {
                    head = Some(bound[..token.span.start].trim_end());
                    start = token.span.end;
                }
            }
            TokenKind::CloseParenthesis => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    items.push(bound[start..token.span.start].trim().to_owned());
                    return Some((head?, items));
                }
            }
            TokenKind::Operator if depth == 1 && token.text(bound) == "," => {
                items.push(bound[start..token.span.start].trim().to_owned());
                start = token.span.end;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind() {
        let some = |texts: &[&str]| -> Vec<Option<String>> {
            texts.iter().map(|text| Some((*text).to_owned())).collect()
        };
        let list = "FOR VALUES IN ('a, (b', 'c'::text)";
        assert_eq!(values(list, 0), some(&["'a, (b'"]));
        assert_eq!(values(list, 1), some(&["'c'::text"]));
        assert_eq!(values(list, 2), some(&["'a, (b'"]));
        assert_eq!(
            values("FOR VALUES FROM ('2020-01-01', 3) TO ('2021-01-01', 4)", 1),
            some(&["'2020-01-01'", "3"])
        );
        assert_eq!(
            values("FOR VALUES FROM (MINVALUE) TO (10)", 0),
            [None::<String>]
        );
        assert_eq!(
            values("FOR VALUES WITH (modulus 2, remainder 0)", 0),
            Vec::<Option<String>>::new()
        );
        assert_eq!(values("DEFAULT", 0), Vec::<Option<String>>::new());
    }
}
