//! `${VAR}` and `${VAR:-default}` in the values of the file.

use super::{ConfigError, Environment};

/// A text with references to environment variables: `${VAR}`, or `${VAR:-default}` for one that
/// may be unset or empty. `$${` is a literal `${`; any other `$` is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable {
        name: String,
        default: Option<String>,
    },
}

/// A text whose references are all filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// The variables whose values went into it.
    pub(super) variables: Vec<String>,
}

/// Why a text could not be expanded.
#[derive(Debug)]
pub(super) enum ExpandError {
    /// A variable without a value or default.
    Unset(String),
    /// A variable that is not Unicode.
    Value(ConfigError),
}

impl Template {
    /// Reads a text, or says what is wrong with a reference in it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                plain.push_str(&rest[..at]);
                plain.push('{');
                rest = &rest[at + 2..];
                continue;
            }
            plain.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let Some((reference, after)) = inner.split_once('}') else {
                return Err("`${` is not closed".to_owned());
            };
            let (name, default) = match reference.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (reference, None),
            };
            let shaped = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !shaped {
                return Err(format!(
                    "`${{{name}}}` does not name an environment variable"
                ));
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Variable {
                name: name.to_owned(),
                default,
            });
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Fills in the references.
    pub(super) fn expand(&self, environment: &Environment) -> Result<Expanded, ExpandError> {
        let mut expanded = Expanded {
            text: String::new(),
            variables: Vec::new(),
        };
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => expanded.text.push_str(text),
                Piece::Variable { name, default } => {
                    match (environment.text(name).map_err(ExpandError::Value)?, default) {
                        (Some(value), _) => {
                            expanded.text.push_str(value);
                            if !expanded.variables.contains(name) {
                                expanded.variables.push(name.clone());
                            }
                        }
                        (None, Some(default)) => expanded.text.push_str(default),
                        (None, None) => return Err(ExpandError::Unset(name.clone())),
                    }
                }
            }
        }
        Ok(expanded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<(String, Vec<String>), String> {
        let environment = Environment::new([("A", "x"), ("EMPTY", "")]);
        match Template::parse(text)?.expand(&environment) {
            Ok(expanded) => Ok((expanded.text, expanded.variables)),
            Err(ExpandError::Unset(name)) => Err(format!("unset {name}")),
            Err(ExpandError::Value(error)) => Err(error.code().to_owned()),
        }
    }

    #[test]
    fn references() {
        let ok = |text: &str, used: &[&str]| {
            Ok((
                text.to_owned(),
                used.iter().map(ToString::to_string).collect(),
            ))
        };
        assert_eq!(expand("plain $5 p$$w"), ok("plain $5 p$$w", &[]));
        assert_eq!(expand("${A}/${A:-z}"), ok("x/x", &["A"]));
        assert_eq!(expand("${NO:-embedded}"), ok("embedded", &[]));
        assert_eq!(expand("${EMPTY:-d}${NO:-}"), ok("d", &[]));
        assert_eq!(expand("$${A}"), ok("${A}", &[]));
        assert_eq!(expand("${NO}"), Err("unset NO".into()));
        assert_eq!(expand("${A"), Err("`${` is not closed".into()));
        assert_eq!(
            expand("${A-b}"),
            Err("`${A-b}` does not name an environment variable".into())
        );
    }
}
