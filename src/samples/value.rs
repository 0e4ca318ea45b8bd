//! A value of a type, as SQL.

use super::read::{Form, Samples, Type};
use crate::sql::{Quoting, TokenKind, quote_literal, tokenize};

/// In which way values are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// Small numbers, also as text.
    Plain,
    /// What checks name, and longer texts.
    Named,
    /// Something beside it, and words.
    Other,
}

/// For which row and column a value is, both counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) number: usize,
    pub(super) place: usize,
    pub(super) choice: Choice,
}

/// How deep types are made of types.
const DEEPEST: usize = 8;

impl Samples {
    /// A value of this type that is another one in every row, where the type has so many; none for a
    /// type that has none.
    pub(super) fn value(
        &self,
        (of, declared): (i64, &str),
        checks: &[String],
        at: At,
    ) -> Option<String> {
        self.value_within((of, declared), checks, at, 0)
    }

    fn value_within(
        &self,
        (of, declared): (i64, &str),
        checks: &[String],
        at: At,
        depth: usize,
    ) -> Option<String> {
        let kind = self.types.get(&of).filter(|_| depth < DEEPEST)?;
        let part = |of: i64, declared: &str, checks: &[String]| {
            self.value_within((of, declared), checks, at, depth + 1)
        };
        let named = |of: i64| self.types.get(&of).map(|one| one.name.as_str());
        Some(match &kind.form {
            Form::Base => format!("{}::{declared}", base(kind, checks, at)),
            Form::Array(element) => {
                format!(
                    "array[{}]::{declared}",
                    part(*element, named(*element)?, &[])?
                )
            }
            Form::Domain(of, declared_base) => {
                let checks = [checks, &kind.checks].concat();
                format!("({})::{declared}", part(*of, declared_base, &checks)?)
            }
            Form::Enum(labels) => {
                let label = labels.get((at.number - 1) % labels.len().max(1))?;
                format!("{}::{declared}", quote_literal(label))
            }
            Form::Range(of) => {
                let bound = part(*of, named(*of)?, &[])?;
                format!("{}({bound}, {bound}, '[]')", kind.name)
            }
            Form::Multirange => format!("'{{}}'::{declared}"),
            Form::Composite(parts) => {
                let parts = parts.iter().map(|(of, declared)| part(*of, declared, &[]));
                let parts: Option<Vec<String>> = parts.collect();
                format!("row({})::{declared}", parts?.join(", "))
            }
        })
    }
}

/// A value of a type that is made of no other.
fn base(kind: &Type, checks: &[String], at: At) -> String {
    let At {
        number: n,
        place,
        choice,
    } = at;
    let text = match kind.builtin.as_str() {
        "bool" => (n % 2 == 1).to_string(),
        "date" => return format!("(date '2020-01-01' + {})", n * 100 + place),
        "timestamp" | "timestamptz" => {
            let hours = n * 100 + place;
            return format!("(timestamp '2020-01-01 00:00:00' + interval '{hours} hours')");
        }
        "time" | "timetz" => {
            return format!("(time '08:00:00' + interval '{} minutes')", n + place);
        }
        "interval" => format!("{n} hours"),
        "uuid" => format!("00000000-0000-4000-8000-{n:012}"),
        "json" | "jsonb" => match choice {
            Choice::Plain => format!("{{\"n\": {n}}}"),
            Choice::Named => format!("[{n}]"),
            Choice::Other => format!("\"{n}\""),
        },
        "bytea" => format!("\\x{:02x}", n % 256),
        "inet" => format!("10.0.0.{}", n % 256),
        "cidr" => format!("10.0.0.{}/32", n % 256),
        "macaddr" => format!("08:00:2b:01:02:{:02x}", n % 256),
        "macaddr8" => format!("08:00:2b:01:02:03:04:{:02x}", n % 256),
        "bit" => return format!("{n}"),
        "varbit" => return format!("B'{n:b}'"),
        "xml" => format!("<n>{n}</n>"),
        "point" => format!("({n},{n})"),
        "line" => format!("{{1,-1,{n}}}"),
        "lseg" => format!("[(0,0),({n},{n})]"),
        "box" => format!("(0,0),({n},{n})"),
        "path" | "polygon" => format!("((0,0),({n},{n}))"),
        "circle" => format!("<(0,0),{n}>"),
        "pg_lsn" => format!("0/{n:X}"),
        "jsonpath" => format!("$.n{n}"),
        _ if kind.category == "N" => number(kind, checks, at),
        // Of a character type, and of what came with an extension.
        _ => match choice {
            Choice::Plain => n.to_string(),
            Choice::Named => match chosen(literals(checks), n) {
                Some(literal) => return literal,
                None => format!("{n}@example.org"),
            },
            Choice::Other => format!("{}word", letter(n)),
        },
    };
    quote_literal(&text)
}

fn number(kind: &Type, checks: &[String], at: At) -> String {
    let (n, said) = (at.number, chosen(numbers(checks), at.number));
    match at.choice {
        Choice::Plain => n.to_string(),
        Choice::Named => said.unwrap_or_else(|| (n * 10 + at.place).to_string()),
        Choice::Other => match said.and_then(|said| said.parse::<usize>().ok()) {
            Some(said) => said.saturating_add(n).to_string(),
            None if matches!(kind.builtin.as_str(), "numeric" | "float4" | "float8") => {
                format!("0.{n:02}")
            }
            None => (1000 + n).to_string(),
        },
    }
}

fn chosen(mut of: Vec<String>, number: usize) -> Option<String> {
    if of.is_empty() {
        return None;
    }
    let at = (number - 1) % of.len();
    Some(of.swap_remove(at))
}

fn letter(number: usize) -> char {
    let at = u8::try_from((number - 1) % 26).unwrap_or_default();
    char::from(b'a' + at)
}

/// The texts that checks name, as they are written.
fn literals(checks: &[String]) -> Vec<String> {
    let mut found = named(checks, |kind| {
        matches!(kind, TokenKind::Literal(Quoting::Plain | Quoting::Escape))
    });
    // Nothing, and patterns, are what values are held against.
    found.retain(|text| text != "''" && !text.contains('^') && !text.contains('%'));
    found
}

fn numbers(checks: &[String]) -> Vec<String> {
    named(checks, |kind| kind == TokenKind::Number)
}

fn named(checks: &[String], is_wanted: impl Fn(TokenKind) -> bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for check in checks {
        for token in tokenize(check).filter(|token| is_wanted(token.kind)) {
            let text = token.text(check).to_owned();
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}
