//! An expectation from its words.

use super::{Expectation, TestDefect, Tuple};
use crate::sql::Span;

/// Reads the expectation that stands at `span` of `text`; the rows of `rows` go on at `more`.
pub(super) fn expectation(
    text: &str,
    span: Span,
    more: &[Span],
) -> Result<Expectation, TestDefect> {
    let mut reader = Reader {
        text,
        at: span.start,
        end: span.end,
    };
    let first = reader.word();
    let expected = match first.text(text) {
        "ok" => Expectation::Success,
        "no" => reader.rows(Expectation::Count(0))?,
        "some" => reader.rows(Expectation::Some)?,
        "affected" => Expectation::Count(reader.number()?),
        "error" => reader.error()?,
        "rows" => return reader.listed(more),
        word => match word.parse() {
            Ok(count) => reader.rows(Expectation::Count(count))?,
            Err(_) => return Err(defect(first, "it is none of the forms that there are")),
        },
    };
    reader.finish()?;
    Ok(expected)
}

fn defect(span: Span, reason: impl Into<String>) -> TestDefect {
    TestDefect::Expectation {
        reason: reason.into(),
        span,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn skip_space(&mut self) {
        self.at = self.end - self.rest().trim_start().len();
    }

    /// What comes, or the last character where nothing does: something that a caret can stand under.
    fn here(&self) -> Span {
        if self.at < self.end {
            return Span::new(self.at, self.end);
        }
        let before = self.text[..self.end].char_indices().next_back();
        Span::new(before.map_or(self.end, |(at, _)| at), self.end)
    }

    /// The next word: up to white space or a parenthesis.
    fn word(&mut self) -> Span {
        self.skip_space();
        let rest = self.rest();
        let length = rest
            .find(|c: char| c.is_whitespace() || c == '(')
            .unwrap_or(rest.len());
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        span
    }

    /// Whether this word comes; it is passed then.
    fn takes(&mut self, word: &str) -> bool {
        let before = self.at;
        if self.word().text(self.text) == word {
            return true;
        }
        self.at = before;
        false
    }

    fn finish(&mut self) -> Result<(), TestDefect> {
        self.skip_space();
        match self.rest() {
            "" => Ok(()),
            _ => Err(defect(self.here(), "nothing may follow")),
        }
    }

    /// `row` or `rows`, behind how many.
    fn rows(&mut self, expected: Expectation) -> Result<Expectation, TestDefect> {
        if self.takes("rows") || self.takes("row") {
            return Ok(expected);
        }
        self.skip_space();
        Err(defect(self.here(), "`rows` is missing"))
    }

    fn number(&mut self) -> Result<u64, TestDefect> {
        let word = self.word();
        let number = word.text(self.text).parse();
        number.map_err(|_| match word.is_empty() {
            true => defect(self.here(), "how many are affected is missing"),
            false => defect(word, "it is no number"),
        })
    }

    /// `42501 /part of the message/`
    fn error(&mut self) -> Result<Expectation, TestDefect> {
        let word = self.word();
        let sqlstate = word.text(self.text);
        if sqlstate.is_empty() {
            return Err(defect(
                self.here(),
                "the SQLSTATE is missing, and any error would do",
            ));
        }
        let is_code = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        if sqlstate.len() != 5 || !sqlstate.chars().all(is_code) {
            let reason = "a SQLSTATE has five digits and capital letters";
            return Err(defect(word, reason));
        }
        let sqlstate = sqlstate.to_owned();
        self.skip_space();
        let rest = self.rest();
        if rest.is_empty() {
            let message = None;
            return Ok(Expectation::Error { sqlstate, message });
        }
        let part = rest
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        match part {
            Some(part) if !part.is_empty() => {
                let message = Some(part.to_owned());
                self.at = self.end;
                Ok(Expectation::Error { sqlstate, message })
            }
            _ => Err(defect(
                self.here(),
                "a part of the message stands between two `/`",
            )),
        }
    }

    /// `in order (a, 1), (b, 2)`
    fn listed(mut self, more: &[Span]) -> Result<Expectation, TestDefect> {
        let in_order = self.takes("in");
        if in_order && !self.takes("order") {
            self.skip_space();
            return Err(defect(self.here(), "`order` is missing"));
        }
        let mut tuples = Vec::new();
        self.tuples(&mut tuples)?;
        let nothing = self.here();
        for line in more {
            self.at = line.start;
            self.end = line.end;
            self.tuples(&mut tuples)?;
        }
        let Some(first) = tuples.first() else {
            return Err(defect(
                nothing,
                "no row is named; where there are to be none, it is `no rows`",
            ));
        };
        let columns = Vec::len(first);
        if tuples.iter().any(|tuple| tuple.len() != columns) {
            let reason = "not all rows have the same number of values";
            return Err(defect(self.here(), reason));
        }
        Ok(Expectation::Rows { tuples, in_order })
    }

    /// Tuples to the end, with commas between them and perhaps one behind the last.
    fn tuples(&mut self, into: &mut Vec<Tuple>) -> Result<(), TestDefect> {
        loop {
            self.skip_space();
            if self.rest().is_empty() {
                return Ok(());
            }
            into.push(self.tuple()?);
            self.skip_space();
            if !self.passes(',') && !self.rest().is_empty() {
                return Err(defect(self.here(), "a comma is missing"));
            }
        }
    }

    fn passes(&mut self, character: char) -> bool {
        let comes = self.rest().starts_with(character);
        if comes {
            self.at += character.len_utf8();
        }
        comes
    }

    fn tuple(&mut self) -> Result<Tuple, TestDefect> {
        if !self.passes('(') {
            return Err(defect(self.here(), "a row stands in parentheses"));
        }
        let mut values = Vec::new();
        loop {
            self.skip_space();
            values.push(self.value()?);
            self.skip_space();
            if self.passes(')') {
                return Ok(values);
            }
            if !self.passes(',') {
                return Err(defect(
                    self.here(),
                    "a value ends with a comma or with `)`; what holds one of , ( ) ' stands in quotes",
                ));
            }
        }
    }

    fn value(&mut self) -> Result<Option<String>, TestDefect> {
        if self.passes('\'') {
            return self.quoted().map(Some);
        }
        let rest = self.rest();
        let length = rest.find([',', '(', ')', '\'']).unwrap_or(rest.len());
        let bare = rest[..length].trim().to_owned();
        if bare.is_empty() {
            return Err(defect(
                self.here(),
                "a value is missing; an empty text is `''`, and null is `null`",
            ));
        }
        self.at += length;
        Ok((!bare.eq_ignore_ascii_case("null")).then_some(bare))
    }

    /// The rest of a value in quotes.
    fn quoted(&mut self) -> Result<String, TestDefect> {
        let start = self.at - 1;
        let mut value = String::new();
        loop {
            let Some(end) = self.rest().find('\'') else {
                return Err(defect(Span::new(start, self.end), "a quote is not closed"));
            };
            value.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.passes('\'') {
                return Ok(value);
            }
            value.push('\'');
        }
    }
}
