use proptest::prelude::*;

use super::super::*;

/// Pieces that a lexer trips over.
const FRAGMENTS: &[&str] = &[
    "'",
    "''",
    "\"",
    "\"\"",
    "$",
    "$$",
    "$a$",
    "$1",
    "E'",
    "e'\\'",
    "U&'",
    "U&\"",
    "B'",
    "x'",
    "N'",
    "\\",
    "\\\\",
    "\\.",
    "\n\\.\n",
    "\\restrict x\n",
    "\\unrestrict x",
    "--",
    "/*",
    "*/",
    "/",
    "*",
    "-",
    "+",
    "=",
    "<",
    "@",
    ";",
    ";\n",
    "(",
    ")",
    "[",
    "]",
    ":",
    "::",
    ":=",
    ".",
    "..",
    ",",
    "1",
    "0x",
    "_",
    "1e",
    "0b1",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{b}",
    "\0",
    "é",
    "日",
    "\u{feff}",
    "\u{a0}",
    "a",
    "copy t from stdin;\n",
    "copy t from stdin",
    "create function f() ",
    "begin atomic ",
    " end",
    "case ",
    "create ",
    "from stdin",
    "do ",
    "set ",
    "select ",
    "set_config(",
    "create temp table ",
    "declare ",
];

fn tricky() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..24).prop_map(|parts| parts.concat())
}

fn check_text(text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for token in tokenize(text) {
        prop_assert_eq!(token.span.start, end);
        prop_assert!(token.span.end > end);
        end = token.span.end;
        prop_assert!(text.is_char_boundary(end));
    }
    prop_assert_eq!(end, text.len());

    let sent = executable(text);
    prop_assert_eq!(sent.len(), text.len());
    let _ = refusals(text, Surroundings::TransactionBlock);
    match split(text) {
        Ok(statements) => {
            for done in 0..=statements.len() {
                let _ = missing(text, &statements, done);
            }
            let mut end = 0;
            for one in statements {
                prop_assert!(one.span.start >= end && !one.span.is_empty());
                prop_assert_eq!(one.position(text).line, one.line);
                prop_assert_eq!(
                    one.position(text),
                    LineIndex::new(text).position(text, one.span.start)
                );
                let _ = (one.words(text, 9), one.outside_transaction_only(text));
                let _ = (one.effect(text), one.sets_session(text), one.locks(text));
                end = one.copy_data.map_or(one.span.end, |data| data.end);
                prop_assert!(end >= one.span.end);
            }
        }
        Err(defect) => {
            prop_assert!(!defect.span().text(text).is_empty());
            let _ = defect.to_diagnostic("a.sql".as_ref(), text);
        }
    }
    for refusal in refusals(text, Surroundings::Bare) {
        prop_assert!(!refusal.span().text(text).is_empty());
        let _ = refusal.to_diagnostic("a.sql".as_ref(), text);
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_byte_is_lost_in_any_text(text in any::<String>()) {
        check_text(&text)?;
    }

    #[test]
    fn no_byte_is_lost_in_a_tricky_text(text in tricky()) {
        check_text(&text)?;
    }

    #[test]
    fn any_bytes_are_text_or_a_defect(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        match decode(&bytes) {
            Ok(text) => prop_assert!(bytes.ends_with(text.as_bytes())),
            Err(defect) => { let _ = defect.to_diagnostic("a.sql".as_ref()); }
        }
    }

    #[test]
    fn quoted_names_and_literals_are_one_token(text in "[^\0]{0,12}") {
        let name = quote_ident(&text);
        let tokens: Vec<_> = tokenize(&name).collect();
        prop_assert_eq!(tokens.len(), 1);
        let identifier = tokens[0].identifier(&name);
        prop_assert_eq!(identifier.as_deref(), Some(text.as_str()));

        let literal = quote_literal(&text);
        let kinds: Vec<_> = tokenize(&literal).map(|token| token.kind).collect();
        let quoting = if text.contains('\\') { Quoting::Escape } else { Quoting::Plain };
        prop_assert_eq!(kinds, [TokenKind::Literal(quoting)]);

        if !text.is_empty() {
            let name = QualifiedName::new(text.clone(), text);
            prop_assert_eq!(QualifiedName::parse(&name.to_string()), Ok(name));
        }
    }
}
