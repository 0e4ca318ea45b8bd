//! The conditions that OR and AND join in an expression, as PostgreSQL prints it.

use serde::Serialize;

use crate::sql::{Token, TokenKind, tokenize};

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joint {
    /// One yes is enough.
    Or,
    /// Each must say yes.
    And,
}

/// A condition, and those that it is joined from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its text, without parentheses around it that mean nothing.
    pub sql: String,
    /// How its parts are joined; `None` where it has none.
    pub joint: Option<Joint>,
    /// Those that it is joined from.
    pub parts: Vec<Self>,
}

impl Condition {
    /// Takes apart what `pg_get_expr` printed: it puts each OR and AND into parentheses of its own,
    /// and prints nothing else that has such a word between parentheses of one level.
    #[must_use]
    pub fn parse(sql: &str) -> Self {
        let tokens: Vec<Token> = tokenize(sql)
            .filter(|token| token.kind.is_significant())
            .collect();
        let Some(inner) = within(&tokens, sql) else {
            return Self {
                sql: sql.trim().to_owned(),
                joint: None,
                parts: Vec::new(),
            };
        };
        let text = |tokens: &[Token]| match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => &sql[first.span.start..last.span.end],
            _ => "",
        };
        match joined(inner, sql) {
            Some((joint, parts)) => Self {
                sql: text(inner).to_owned(),
                joint: Some(joint),
                parts: parts
                    .into_iter()
                    .map(|part| Self::parse(text(part)))
                    .collect(),
            },
            None => Self {
                sql: text(inner).to_owned(),
                joint: None,
                parts: Vec::new(),
            },
        }
    }
}

/// The tokens between the parentheses that stand around all of them, unless they are a sub-query's.
fn within<'t>(tokens: &'t [Token], sql: &str) -> Option<&'t [Token]> {
    let (first, rest) = tokens.split_first()?;
    let (last, inner) = rest.split_last()?;
    let around = first.kind == TokenKind::OpenParenthesis
        && last.kind == TokenKind::CloseParenthesis
        && levels(inner).all(|(level, _)| level > 0);
    let begins = inner.first()?;
    let is_query = ["select", "with", "values"]
        .iter()
        .any(|word| begins.is_word(sql, word));
    (around && !is_query).then_some(inner)
}

/// Each token with how deep it stands: 1 is outside of any parentheses, and a parenthesis stands
/// where what is around it does. 0 is behind one too many.
fn levels(tokens: &[Token]) -> impl Iterator<Item = (usize, Token)> {
    let mut level = 1_usize;
    tokens.iter().map(move |token| {
        match token.kind {
            TokenKind::OpenParenthesis => {
                level += 1;
                return (level - 1, *token);
            }
            TokenKind::CloseParenthesis => level = level.saturating_sub(1),
            _ => {}
        }
        (level, *token)
    })
}

/// The parts between the words of one kind that stand outside of any parentheses.
fn joined<'t>(tokens: &'t [Token], sql: &str) -> Option<(Joint, Vec<&'t [Token]>)> {
    let words: Vec<(usize, Joint)> = levels(tokens)
        .enumerate()
        .filter(|(_, (level, _))| *level == 1)
        .filter_map(|(at, (_, token))| {
            let joint = match () {
                () if token.is_word(sql, "or") => Joint::Or,
                () if token.is_word(sql, "and") => Joint::And,
                () => return None,
            };
            Some((at, joint))
        })
        .collect();
    let (_, joint) = *words.first()?;
    if words.iter().any(|(_, other)| *other != joint) {
        return None;
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for end in words.iter().map(|(at, _)| *at).chain([tokens.len()]) {
        parts.push(&tokens[from..end]);
        from = end + 1;
    }
    parts
        .iter()
        .all(|part| !part.is_empty())
        .then_some((joint, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(condition: &Condition, indent: usize, out: &mut String) {
        let joint = match condition.joint {
            None => "",
            Some(Joint::Or) => "or: ",
            Some(Joint::And) => "and: ",
        };
        out.push_str(&format!("{:indent$}{joint}{}\n", "", condition.sql));
        for part in &condition.parts {
            drawn(part, indent + 2, out);
        }
    }

    fn split(sql: &str) -> String {
        let mut out = String::new();
        drawn(&Condition::parse(sql), 0, &mut out);
        out
    }

    #[test]
    fn what_or_and_and_join() {
        insta::assert_snapshot!(split(
            "((owner_id = ( SELECT auth.uid() AS uid)) OR (pinned AND (a IS NOT NULL)) OR open)"
        ), @r"
        or: (owner_id = ( SELECT auth.uid() AS uid)) OR (pinned AND (a IS NOT NULL)) OR open
          owner_id = ( SELECT auth.uid() AS uid)
          and: pinned AND (a IS NOT NULL)
            pinned
            a IS NOT NULL
          open
        ");
    }

    #[test]
    fn what_is_one_condition() {
        for (sql, bare) in [
            ("true", "true"),
            ("(a = 1)", "a = 1"),
            ("( SELECT (a OR b) FROM t)", "( SELECT (a OR b) FROM t)"),
            (
                "(EXISTS ( SELECT 1 FROM t WHERE ((x) AND (y))))",
                "EXISTS ( SELECT 1 FROM t WHERE ((x) AND (y)))",
            ),
            ("((a) = (b))", "(a) = (b)"),
            ("(a) = (b)", "(a) = (b)"),
            (
                "(body = 'this OR that'::text)",
                "body = 'this OR that'::text",
            ),
            ("(\"or\" = 1)", "\"or\" = 1"),
            (
                "CASE WHEN (a OR b) THEN c ELSE d END",
                "CASE WHEN (a OR b) THEN c ELSE d END",
            ),
            ("(x = y))", "(x = y))"),
            ("(a OR b AND c)", "a OR b AND c"),
            ("(OR b)", "OR b"),
            ("", ""),
        ] {
            let condition = Condition::parse(sql);
            assert_eq!(
                (condition.sql.as_str(), condition.parts.len()),
                (bare, 0),
                "{sql}"
            );
        }
    }
}
