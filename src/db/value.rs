//! Parameters of a query, and rows of its answer.

use chrono::{DateTime, Utc};
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::types::{FromSql, ToSql, Type};

use super::DbError;

/// A parameter, with the type that it is sent as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param<'a> {
    /// `text`, or null.
    Text(Option<&'a str>),
    /// `text[]`.
    Texts(&'a [String]),
    /// `int4`.
    Int4(i32),
    /// `int8`, or null.
    Int8(Option<i64>),
    /// `bool`.
    Bool(bool),
    /// `timestamptz`, or null.
    Instant(Option<DateTime<Utc>>),
}

impl Param<'_> {
    pub(super) fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Text(text) => (text, Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Int4(number) => (number, Type::INT4),
            Self::Int8(number) => (number, Type::INT8),
            Self::Bool(truth) => (truth, Type::BOOL),
            Self::Instant(instant) => (instant, Type::TIMESTAMPTZ),
        }
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Param<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [String]> for Param<'a> {
    fn from(texts: &'a [String]) -> Self {
        Self::Texts(texts)
    }
}

impl From<i32> for Param<'_> {
    fn from(number: i32) -> Self {
        Self::Int4(number)
    }
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int8(Some(number))
    }
}

impl From<Option<i64>> for Param<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int8(number)
    }
}

impl From<bool> for Param<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<DateTime<Utc>> for Param<'_> {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Instant(Some(instant))
    }
}

impl From<Option<DateTime<Utc>>> for Param<'_> {
    fn from(instant: Option<DateTime<Utc>>) -> Self {
        Self::Instant(instant)
    }
}

/// What one statement of a message answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its rows, their values as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows it gave or touched.
    pub count: u64,
}

impl Answer {
    /// The value of the first row's column at `index`, counted from 0.
    #[must_use]
    pub fn value(&self, index: usize) -> Option<&str> {
        self.rows.first()?.get(index)?.as_deref()
    }
}

/// The answers of a message, while they come.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Those that are there as a whole.
    pub(super) whole: Vec<Answer>,
    rows: Vec<Vec<Option<String>>>,
}

impl Answers {
    pub(super) fn take(&mut self, message: SimpleQueryMessage) {
        match message {
            SimpleQueryMessage::Row(row) => {
                let value = |at| row.try_get(at).ok().flatten().map(str::to_owned);
                self.rows.push((0..row.len()).map(value).collect());
            }
            SimpleQueryMessage::CommandComplete(count) => self.whole.push(Answer {
                rows: std::mem::take(&mut self.rows),
                count,
            }),
            _ => {}
        }
    }
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(pub(super) tokio_postgres::Row);

impl Row {
    /// The value of the column at `index`, counted from 0: text, integers, `bool`, `Option` of
    /// them, `Vec` of them, `DateTime<Utc>` and whatever else the driver reads.
    ///
    /// # Errors
    /// [`DbError::Protocol`] where there is no such column or its type is another.
    pub fn get<'a, T: FromSql<'a>>(&'a self, index: usize) -> Result<T, DbError> {
        self.0.try_get(index).map_err(|error| DbError::Protocol {
            during: "reading a row",
            reason: match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            },
        })
    }
}
