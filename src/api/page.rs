//! Pages of a list, by key: each goes on where the one before it ended, whatever came or went since.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::error::ApiError;
use super::record::Page;

/// How many records a page has where nothing is said.
const USUAL: u16 = 50;
/// How many it has at most.
pub(crate) const MOST: u16 = 200;
/// How many bytes of JSON its records may be together. A single one that is larger is a page.
const MOST_BYTES: usize = 1024 * 1024;

/// The query of a list that is not narrowed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many at most: 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

impl PageQuery {
    /// The page that it asks for.
    pub(crate) fn asked(&self) -> Result<Asked, ApiError> {
        Asked::parse(self.limit, self.cursor.as_deref())
    }
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    limit: u16,
    after: Option<Key>,
}

/// A record's place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The instant that the list is sorted by.
    pub(crate) at: DateTime<Utc>,
    /// What decides between two of one instant.
    pub(crate) id: Uuid,
}

/// A record that a list has a place for.
pub(crate) trait Keyed {
    /// Its place.
    fn key(&self) -> Key;
}

impl Asked {
    /// Reads `limit` and `cursor`.
    pub(crate) fn parse(limit: Option<u16>, cursor: Option<&str>) -> Result<Self, ApiError> {
        let limit = limit.unwrap_or(USUAL);
        if limit == 0 || limit > MOST {
            return Err(ApiError::invalid(
                "limit",
                format!("it must be from 1 to {MOST}"),
            ));
        }
        let after = match cursor {
            Some(cursor) => Some(
                Key::parse(cursor)
                    .ok_or_else(|| ApiError::invalid("cursor", "it is not the `next` of a page"))?,
            ),
            None => None,
        };
        Ok(Self { limit, after })
    }

    /// How many rows to ask for: one more than the page has, which tells whether there is another.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The instant behind which the page begins.
    pub(crate) fn after_at(&self) -> Option<DateTime<Utc>> {
        self.after.map(|key| key.at)
    }

    /// The id behind which it begins.
    pub(crate) fn after_id(&self) -> Option<Uuid> {
        self.after.map(|key| key.id)
    }

    /// The page that these rows make: as many as were asked for, or as an answer may hold.
    pub(crate) fn page<T: Keyed + Serialize>(&self, mut rows: Vec<T>) -> Page<T> {
        let mut bytes = 0_usize;
        let fitting = rows.iter().take_while(|row| {
            let first = bytes == 0;
            bytes = bytes.saturating_add(length(row));
            first || bytes <= MOST_BYTES
        });
        let limit = fitting.take(usize::from(self.limit)).count();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| last.key().cursor());
        Page { items: rows, next }
    }
}

/// How long a record is as JSON.
fn length(record: &impl Serialize) -> usize {
    struct Counted(usize);

    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counted = Counted(0);
    // What cannot be written is told of where the answer is.
    let _unwritten = serde_json::to_writer(&mut counted, record);
    counted.0
}

impl Key {
    /// As a cursor: microseconds, as exact as PostgreSQL's, and the id.
    fn cursor(&self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn parse(cursor: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (at, id) = bytes.split_at_checked(8)?;
        Some(Self {
            at: DateTime::from_timestamp_micros(i64::from_be_bytes(at.try_into().ok()?))?,
            id: Uuid::from_slice(id).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Serialize)]
    struct Said {
        #[serde(skip)]
        key: Key,
        text: String,
    }

    impl Keyed for Said {
        fn key(&self) -> Key {
            self.key
        }
    }

    /// Said at the instant of its number, in so many bytes.
    fn said(number: u8, bytes: usize) -> Said {
        Said {
            key: key(number.into(), number.into()),
            text: "x".repeat(bytes),
        }
    }

    fn key(micros: i64, id: u128) -> Key {
        Key {
            at: DateTime::from_timestamp_micros(micros).unwrap(),
            id: Uuid::from_u128(id),
        }
    }

    #[test]
    fn a_page_tells_where_the_next_begins() {
        let asked = Asked::parse(Some(2), None).unwrap();
        assert_eq!(asked.rows(), 3);
        let last = asked.page(vec![said(1, 1), said(2, 1)]);
        assert_eq!((last.items.len(), last.next), (2, None));
        let page = asked.page(vec![said(1, 1), said(2, 1), said(3, 1)]);
        assert_eq!(page.items.len(), 2);
        let next = Asked::parse(None, page.next.as_deref()).unwrap();
        assert_eq!(next.after_at(), Some(key(2, 2).at));
        assert_eq!(next.after_id(), Some(Uuid::from_u128(2)));
    }

    #[test]
    fn a_page_ends_where_it_would_be_too_large_and_the_next_goes_on_there() {
        let asked = Asked::parse(Some(4), None).unwrap();
        let lengths = |bytes: &[usize]| {
            let rows = bytes.iter().zip(1..);
            let page = asked.page(rows.map(|(bytes, number)| said(number, *bytes)).collect());
            let next = page.next.as_deref().and_then(Key::parse);
            (page.items.len(), next.map(|key| key.id.as_u128()))
        };
        assert_eq!(lengths(&[400_000; 4]), (2, Some(2)));
        assert_eq!(lengths(&[400_000, 400_000]), (2, None));
        // One that is larger than a page is a page, wherever it stands.
        assert_eq!(lengths(&[2_000_000, 1, 1]), (1, Some(1)));
        assert_eq!(lengths(&[1, 2_000_000, 1]), (1, Some(1)));
        assert_eq!(lengths(&[2_000_000]), (1, None));
        assert_eq!(lengths(&[1; 5]), (4, Some(4)));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for (limit, cursor) in [
            (Some(0), None),
            (Some(201), None),
            (None, Some("?")),
            (None, Some("AAAA")),
        ] {
            assert!(Asked::parse(limit, cursor).is_err(), "{limit:?} {cursor:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(micros in -62_135_596_800_000_000..253_402_300_799_000_000_i64, id: u128) {
            let key = key(micros, id);
            prop_assert_eq!(Key::parse(&key.cursor()), Some(key));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Key::parse(&text);
        }
    }
}
