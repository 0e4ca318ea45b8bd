//! Columns and their values as they are typed: `7`, `id=7`, `id=7,body='a, b'`.

use std::fmt;
use std::iter::Peekable;
use std::str::CharIndices;

/// A value, perhaps with the column that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedValue {
    /// The column, as the catalog spells it.
    pub column: Option<String>,
    /// The value as text; `None` for `null`.
    pub value: Option<String>,
}

/// Why a text is no list of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValuesDefect {
    /// There is nothing in it, or nothing between two commas.
    Empty,
    /// A quote is not closed.
    Unclosed,
    /// Something stands behind a quoted text.
    AfterQuote,
    /// Some values have a column, others have none.
    Mixed,
}

impl fmt::Display for ValuesDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a value is missing",
            Self::Unclosed => "a quote is not closed",
            Self::AfterQuote => "something stands behind a quoted text",
            Self::Mixed => "some values have a column, others have none",
        })
    }
}

/// Reads values with commas between them. A value is taken as it stands; one in single quotes may
/// hold commas, `=` and, doubled, quotes; `null` without quotes is null. A column is folded to lower
/// case unless it is in double quotes, as in SQL.
///
/// # Errors
/// What is wrong, as a clause.
pub fn parse_values(text: &str) -> Result<Vec<TypedValue>, ValuesDefect> {
    let mut reader = Reader {
        characters: text.char_indices().peekable(),
        text,
    };
    let mut values = Vec::new();
    loop {
        values.push(reader.value()?);
        if reader.characters.next().is_none() {
            break;
        }
    }
    let named = values.iter().filter(|one| one.column.is_some()).count();
    if named == 0 || named == values.len() {
        Ok(values)
    } else {
        Err(ValuesDefect::Mixed)
    }
}

struct Reader<'t> {
    characters: Peekable<CharIndices<'t>>,
    text: &'t str,
}

/// A run of characters up to a comma or `=`.
enum Piece {
    Bare(String),
    Name(String),
    Text(String),
}

impl Reader<'_> {
    /// Up to the comma, or the end.
    fn value(&mut self) -> Result<TypedValue, ValuesDefect> {
        let first = self.piece(true)?;
        if self.characters.peek().is_some_and(|(_, c)| *c == '=') {
            self.characters.next();
            let column = match first {
                Piece::Bare(name) if name.is_empty() => return Err(ValuesDefect::Empty),
                Piece::Bare(name) => name.to_ascii_lowercase(),
                Piece::Name(name) | Piece::Text(name) => name,
            };
            let value = value(self.piece(false)?)?;
            return Ok(TypedValue {
                column: Some(column),
                value,
            });
        }
        Ok(TypedValue {
            column: None,
            value: value(first)?,
        })
    }

    fn piece(&mut self, may_be_name: bool) -> Result<Piece, ValuesDefect> {
        while self.characters.next_if(|(_, c)| *c == ' ').is_some() {}
        let quote = match self.characters.peek() {
            Some((_, '\'')) => '\'',
            Some((_, '"')) if may_be_name => '"',
            _ => return Ok(Piece::Bare(self.bare(may_be_name))),
        };
        self.characters.next();
        let mut read = String::new();
        loop {
            match self.characters.next() {
                None => return Err(ValuesDefect::Unclosed),
                Some((_, c)) if c == quote => {
                    if self
                        .characters
                        .next_if(|(_, next)| *next == quote)
                        .is_none()
                    {
                        break;
                    }
                    read.push(c);
                }
                Some((_, c)) => read.push(c),
            }
        }
        while self.characters.next_if(|(_, c)| *c == ' ').is_some() {}
        match self.characters.peek() {
            None | Some((_, ',' | '=')) => {}
            Some(_) => return Err(ValuesDefect::AfterQuote),
        }
        Ok(if quote == '"' {
            Piece::Name(read)
        } else {
            Piece::Text(read)
        })
    }

    fn bare(&mut self, may_be_name: bool) -> String {
        let start = self
            .characters
            .peek()
            .map_or(self.text.len(), |(at, _)| *at);
        let ends = |c: char| c == ',' || may_be_name && c == '=';
        while self.characters.next_if(|(_, c)| !ends(*c)).is_some() {}
        let end = self
            .characters
            .peek()
            .map_or(self.text.len(), |(at, _)| *at);
        self.text[start..end].trim().to_owned()
    }
}

fn value(piece: Piece) -> Result<Option<String>, ValuesDefect> {
    match piece {
        Piece::Bare(text) if text.is_empty() => Err(ValuesDefect::Empty),
        Piece::Bare(text) if text.eq_ignore_ascii_case("null") => Ok(None),
        Piece::Bare(text) | Piece::Name(text) | Piece::Text(text) => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse_values(text) {
            Err(defect) => defect.to_string(),
            Ok(values) => values
                .iter()
                .map(|one| {
                    let value = one
                        .value
                        .as_deref()
                        .map_or("null".to_owned(), |v| format!("<{v}>"));
                    match &one.column {
                        Some(column) => format!("{column}:{value}"),
                        None => value,
                    }
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn values_as_they_are_typed() {
        for (text, expected) in [
            ("7", "<7>"),
            (" 7 , b c", "<7> <b c>"),
            ("id=7,Other=x=y", "id:<7> other:<x=y>"),
            (
                "\"Id\"=1, at = '2020-01-01 10:00, it''s'",
                "Id:<1> at:<2020-01-01 10:00, it's>",
            ),
            ("'a=b'", "<a=b>"),
            ("a=null,b='null',c=''", "a:null b:<null> c:<>"),
            ("é=ü", "é:<ü>"),
            ("", "a value is missing"),
            ("7,", "a value is missing"),
            ("=7", "a value is missing"),
            ("id=", "a value is missing"),
            ("'7", "a quote is not closed"),
            ("'7'8", "something stands behind a quoted text"),
            ("id=7,8", "some values have a column, others have none"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
