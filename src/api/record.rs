//! Rows as the records that the API shows.

use axum::http::HeaderValue;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{DbError, Row};

/// What a row of a query becomes.
pub(crate) trait Record: Sized {
    /// Reads it.
    fn of(row: &Row) -> Result<Self, DbError>;
}

/// The columns of a table that the API shows.
pub(crate) trait Columns: Record {
    /// Their names, comma separated, in the order in which [`Record::of`] reads them.
    const NAMES: &'static str;
    /// How many they are.
    const COUNT: usize;
}

/// Makes a record of the columns of a table: the struct, its JSON, its schema, its reading.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub(crate) struct $record:ident {
            $($(#[$field_meta:meta])* pub(crate) $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
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

pub(crate) use {joined, record};

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
