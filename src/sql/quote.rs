//! Quoting: how names and values come into SQL text.

use super::keyword::is_keyword;

/// `name` as an identifier: bare where it is `[a-z_][a-z0-9_]*` and no keyword that would have to
/// be quoted, else in double quotes.
///
/// A name cannot hold a NUL; one that does is the server's to refuse.
#[must_use]
pub fn quote_ident(name: &str) -> String {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'_' | b'0'..=b'9');
    let bare = !name.is_empty()
        && name.bytes().all(plain)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !is_keyword(name);
    if bare {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// `text` as a string literal: `'…'`, or `E'…'` where it holds a backslash, so that it means the
/// same whatever `standard_conforming_strings` is.
#[must_use]
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, quoted) in [
            ("a_1", "a_1"),
            ("_a", "_a"),
            ("name", "name"),
            ("user", "\"user\""),
            ("json", "\"json\""),
            ("A", "\"A\""),
            ("1a", "\"1a\""),
            ("a$b", "\"a$b\""),
            ("é", "\"é\""),
            ("", "\"\""),
            ("a\"; drop table t; --", "\"a\"\"; drop table t; --\""),
        ] {
            assert_eq!(quote_ident(name), quoted);
        }
    }

    #[test]
    fn literals() {
        for (text, quoted) in [
            ("", "''"),
            ("a", "'a'"),
            ("a'b", "'a''b'"),
            ("a\\", "E'a\\\\'"),
            ("\\'; drop", "E'\\\\''; drop'"),
        ] {
            assert_eq!(quote_literal(text), quoted);
        }
    }
}
