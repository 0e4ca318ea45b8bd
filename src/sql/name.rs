//! Names with a schema.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{TokenKind, quote_ident, tokenize};

/// The name of an object and of the schema that it is in. Displayed quoted, ready for SQL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema, as the catalog spells it.
    pub schema: String,
    /// The object, as the catalog spells it.
    pub name: String,
}

/// Why a text is no name with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not `schema.name`")]
pub struct NameSyntax {
    /// The text.
    pub text: String,
}

impl QualifiedName {
    /// The name `name` in `schema`, both as the catalog spells them.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// Reads `schema.name` as SQL does: unquoted parts are folded to lower case, `"…"` are not.
    ///
    /// # Errors
    /// Anything else than two identifiers with a dot between them.
    pub fn parse(text: &str) -> Result<Self, NameSyntax> {
        let tokens: Vec<_> = tokenize(text)
            .filter(|token| token.kind != TokenKind::Whitespace)
            .collect();
        let part = |at: usize| {
            let part = tokens.get(at)?.identifier(text)?;
            (!part.is_empty()).then(|| part.into_owned())
        };
        match (tokens.len(), part(0), tokens.get(1), part(2)) {
            (3, Some(schema), Some(dot), Some(name)) if dot.text(text) == "." => {
                Ok(Self { schema, name })
            }
            _ => Err(NameSyntax {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!(
            "{}.{}",
            quote_ident(&self.schema),
            quote_ident(&self.name)
        ))
    }
}

impl Serialize for QualifiedName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        for (text, schema, name, written) in [
            ("a.b", "a", "b", "a.b"),
            ("Public.Versions", "public", "versions", "public.versions"),
            ("\"A\" . \"b.\"\"c\"", "A", "b.\"c", "\"A\".\"b.\"\"c\""),
            ("user.table", "user", "table", "\"user\".\"table\""),
        ] {
            let parsed = QualifiedName::parse(text).unwrap();
            assert_eq!(parsed, QualifiedName::new(schema, name));
            assert_eq!(parsed.to_string(), written);
        }
        for text in [
            "", "a", "a.", ".a", "a.b.c", "a,b", "a.'b'", "a.1", "\"\".a", "a.b;",
        ] {
            let defect = QualifiedName::parse(text).unwrap_err();
            assert_eq!(defect.to_string(), format!("`{text}` is not `schema.name`"));
        }
    }
}
