//! The columns that the definitions of keys name. PostgreSQL wrote them, in its one way.

use crate::sql::{Token, TokenKind, tokenize};

/// A key by which a row is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// The primary key's columns.
    Primary(Vec<String>),
    /// Those of a unique constraint or index, over all rows and of columns alone.
    Unique(Vec<String>),
}

/// A foreign key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) columns: Vec<String>,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) referenced: Vec<String>,
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let tokens = tokenize(text).filter(|token| token.kind.is_significant());
        Self {
            text,
            tokens: tokens.collect(),
            at: 0,
        }
    }

    /// Goes past these words, if they are next.
    fn words(&mut self, words: &[&str]) -> bool {
        let next = self.tokens[self.at..].iter();
        let count = next
            .zip(words)
            .take_while(|(token, word)| token.is_word(self.text, word));
        let found = count.count() == words.len();
        if found {
            self.at += words.len();
        }
        found
    }

    /// Goes past the next `word`, wherever it is.
    fn past(&mut self, word: &str) -> Option<()> {
        let rest = self.tokens[self.at..].iter();
        let found = rest.clone().position(|one| one.is_word(self.text, word))?;
        self.at += found + 1;
        Some(())
    }

    /// A list of columns in parentheses; `None` where one of them is an expression.
    fn columns(&mut self) -> Option<Vec<String>> {
        let open = self.tokens[self.at..]
            .iter()
            .position(|one| one.kind == TokenKind::OpenParenthesis)?;
        self.at += open + 1;
        let mut columns = Vec::new();
        loop {
            // Of a period, `PERIOD` is said before the column.
            let period = self.tokens.get(self.at..self.at + 2).is_some_and(|two| {
                two[0].text(self.text) == "PERIOD" && two[1].identifier(self.text).is_some()
            });
            self.at += usize::from(period);
            columns.push(self.name()?);
            // How it is sorted and compared may follow.
            loop {
                let token = *self.tokens.get(self.at)?;
                self.at += 1;
                match token.kind {
                    TokenKind::CloseParenthesis => return Some(columns),
                    TokenKind::Operator if token.text(self.text) == "," => break,
                    TokenKind::OpenParenthesis => return None,
                    _ => {}
                }
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.tokens.get(self.at)?.identifier(self.text)?;
        self.at += 1;
        Some(name.into_owned())
    }
}

impl Key {
    /// The key that a constraint or an index is.
    pub(super) fn parse(definition: &str) -> Option<Self> {
        let mut reader = Reader::new(definition);
        if reader.words(&["primary", "key"]) {
            return Some(Self::Primary(reader.columns()?));
        }
        if reader.words(&["create", "unique", "index"]) {
            reader.past("using")?;
            let columns = reader.columns()?;
            // Over some rows alone it says nothing of the others.
            return reader
                .past("where")
                .is_none()
                .then_some(Self::Unique(columns));
        }
        reader
            .words(&["unique"])
            .then(|| reader.columns())?
            .map(Self::Unique)
    }
}

impl Reference {
    /// The foreign key that a constraint is.
    pub(super) fn parse(definition: &str) -> Option<Self> {
        let mut reader = Reader::new(definition);
        if !reader.words(&["foreign", "key"]) {
            return None;
        }
        let columns = reader.columns()?;
        if !reader.words(&["references"]) {
            return None;
        }
        let schema = reader.name()?;
        reader.at += 1;
        let table = reader.name()?;
        Some(Self {
            columns,
            schema,
            table,
            referenced: reader.columns()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn keys() {
        for (definition, columns) in [
            ("UNIQUE (a, \"b \"\"c\")", Some(&["a", "b \"c"] as &[_])),
            ("UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b)", Some(&["a"])),
            (
                "CREATE UNIQUE INDEX \"using\" ON public.t USING btree (a DESC, b text_pattern_ops)",
                Some(&["a", "b"]),
            ),
            (
                "CREATE UNIQUE INDEX i ON public.t USING btree (lower(a))",
                None,
            ),
            (
                "CREATE UNIQUE INDEX i ON public.t USING btree (((a + 1)))",
                None,
            ),
            (
                "CREATE UNIQUE INDEX i ON public.t USING btree (a) WHERE (b > 0)",
                None,
            ),
            ("CREATE INDEX i ON public.t USING btree (a)", None),
            ("CHECK ((a > 0))", None),
            ("EXCLUDE USING gist (a WITH &&)", None),
        ] {
            let columns = columns.map(|columns| Key::Unique(names(columns)));
            assert_eq!(Key::parse(definition), columns, "{definition}");
        }
        assert_eq!(
            Key::parse("PRIMARY KEY (id, at WITHOUT OVERLAPS)"),
            Some(Key::Primary(names(&["id", "at"])))
        );
    }

    #[test]
    fn references() {
        let found = Reference::parse(
            "FOREIGN KEY (a, \"B c\") REFERENCES \"app.x\".\"T\"(x, y) MATCH FULL ON DELETE SET NULL (a)",
        );
        let wanted = Reference {
            columns: names(&["a", "B c"]),
            schema: "app.x".to_owned(),
            table: "T".to_owned(),
            referenced: names(&["x", "y"]),
        };
        assert_eq!(found, Some(wanted));
        let found = Reference::parse("FOREIGN KEY (a, PERIOD at) REFERENCES p.t(x, PERIOD at)");
        let found = found.unwrap();
        assert_eq!(found.columns, names(&["a", "at"]));
        assert_eq!(found.referenced, names(&["x", "at"]));
        assert_eq!(Reference::parse("CHECK ((a > 0))"), None);
    }
}
