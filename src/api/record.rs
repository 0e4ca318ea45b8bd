//! Rows as the records that the API shows.

use axum::Json;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{DbError, Row};

/// What a row of a query becomes.
pub(crate) trait Record: Sized {
    /// Reads it.
    fn of(row: &Row) -> Result<Self, DbError>;
}

/// An id alone.
impl Record for Uuid {
    fn of(row: &Row) -> Result<Self, DbError> {
        row.get(0)
    }
}

/// The columns of a table that the API shows.
pub(crate) trait Columns: Record {
    /// Their names, comma separated, in the order in which [`Record::of`] reads them.
    const NAMES: &'static str;
    /// How many they are.
    const COUNT: usize;
}

/// JSON as it stands in the database, or came in a body: nothing of it is read here, so that no
/// number loses a digit and none is too large.
pub(crate) type Document = crate::db::Json<Box<RawValue>>;

/// Makes a record of the columns of a table: the struct, its JSON, its schema, its reading.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub(crate) struct $record:ident {
            $($(#[$field_meta:meta])* pub(crate) $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
        pub(crate) struct $record {
            $($(#[$field_meta])* pub(crate) $field: $type,)+
        }

        impl $crate::api::record::Record for $record {
            fn of(row: &$crate::db::Row) -> Result<Self, $crate::db::DbError> {
                let mut at = 0..;
                let mut next = || at.next().unwrap_or_default();
                Ok(Self { $($field: row.get(next())?,)+ })
            }
        }

        impl $crate::api::record::Columns for $record {
            const NAMES: &'static str = $crate::api::record::joined!($(stringify!($field)),+);
            const COUNT: usize = [$(stringify!($field)),+].len();
        }
    };
}

macro_rules! joined {
    ($first:expr $(, $rest:expr)*) => { concat!($first $(, ", ", $rest)*) };
}

/// Makes an enum of the words that a column of text may hold, and that JSON and queries hold as well.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub(crate) enum $words:ident {
            $($(#[$word_meta:meta])* $word:ident = $text:tt,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema,
        )]
        pub(crate) enum $words {
            $($(#[$word_meta])* #[serde(rename = $text)] $word,)+
        }

        impl $words {
            /// As the column holds it.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }

        // By the text: the enum that serde derives takes a null or a number for broken JSON.
        impl<'de> serde::Deserialize<'de> for $words {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                match <String as serde::Deserialize>::deserialize(from)?.as_str() {
                    $($text => Ok(Self::$word),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($text),+])),
                }
            }
        }

        impl<'a> $crate::db::FromSql<'a> for $words {
            fn from_sql(
                of: &$crate::db::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                match <&str as $crate::db::FromSql>::from_sql(of, raw)? {
                    $($text => Ok(Self::$word),)+
                    other => Err(format!("`{other}` is none of the words it may be").into()),
                }
            }

            fn accepts(of: &$crate::db::Type) -> bool {
                <&str as $crate::db::FromSql>::accepts(of)
            }
        }
    };
}

pub(crate) use {joined, record, words};

/// A record and which state of its row it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    /// The record.
    pub(crate) record: T,
    /// The state: it changes with each change of the row.
    pub(crate) state: State,
}

impl<T: Columns> Record for Stored<T> {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            record: T::of(row)?,
            state: State(row.get(T::COUNT)?),
        })
    }
}

impl<T: Serialize> IntoResponse for Stored<T> {
    fn into_response(self) -> Response {
        ([(ETAG, self.state.etag())], Json(self.record)).into_response()
    }
}

/// A record that was made, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Made<T> {
    /// The path to it.
    pub(crate) at: String,
    /// It.
    pub(crate) stored: Stored<T>,
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let at = HeaderValue::try_from(self.at).expect("a path of words and ids");
        (StatusCode::CREATED, [(LOCATION, at)], self.stored).into_response()
    }
}

/// Which state of a row this is: the transaction that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State(String);

impl State {
    /// Its ETag.
    pub(crate) fn etag(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).expect("a number in quotes")
    }

    /// What an ETag names, if it is one of ours.
    pub(crate) fn parse(etag: &str) -> Option<Self> {
        let inner = etag.trim().strip_prefix('"')?.strip_suffix('"')?;
        let digits = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| Self(inner.to_owned()))
    }

    /// As the statements compare it, with `xmin::text`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The records of this page.
    pub(crate) items: Vec<T>,
    /// Where the next page begins: the value of `cursor` for it. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

#[cfg(test)]
mod tests {
    words! {
        /// Two words.
        pub(crate) enum Answer {
            Yes = "yes",
            No = "no",
        }
    }

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for (word, text) in [(Answer::Yes, "yes"), (Answer::No, "no")] {
            assert_eq!(word.as_str(), text);
            let json = serde_json::to_string(&word).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), word);
        }
    }

    #[test]
    fn what_is_no_word_is_a_wrong_value_and_no_broken_json() {
        for text in ["null", "1", "\"maybe\"", "{\"yes\": null}", "[]"] {
            assert!(
                serde_json::from_str::<Answer>(text).unwrap_err().is_data(),
                "{text}"
            );
        }
    }
}
