//! Instants and days as JSON's formats have them: what PostgreSQL holds goes further in both
//! directions, and could not be shown as such.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::de::{Deserialize, Deserializer, Error};

/// An instant of RFC 3339, in one of the years from 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(DateTime<Utc>);

impl Instant {
    /// As the driver takes it.
    pub(crate) fn get(self) -> DateTime<Utc> {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let read = DateTime::parse_from_rfc3339(text).ok()?;
        // A leap second becomes the one after it, as it does in PostgreSQL.
        let plain = DateTime::from_timestamp_micros(read.timestamp_micros())?;
        has_four_digits(plain.year()).then_some(Self(plain))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("an instant is written like `2026-11-28T09:30:00Z`"))
    }
}

/// A day, in one of the years from 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(NaiveDate);

impl Day {
    /// As the driver takes it.
    pub(crate) fn get(self) -> NaiveDate {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let read: NaiveDate = text.parse().ok()?;
        (text.len() == 10 && has_four_digits(read.year())).then_some(Self(read))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a day is written like `2026-11-28`"))
    }
}

fn has_four_digits(year: i32) -> bool {
    (0..=9999).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_one_of_rfc_3339() {
        for text in [
            "2026-11-28T09:30:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999+00:00",
            "2016-12-31T23:59:60Z",
        ] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2026-11-28",
            "+12026-11-28T09:30:00Z",
            "-0001-11-28T09:30:00Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:60Z",
        ] {
            assert!(Instant::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_day_has_a_year_of_four_digits() {
        assert!(Day::parse("2026-11-28").is_some());
        for text in ["", "2026-1-2", "+12026-11-28", "-2026-11-2", "2026-02-30"] {
            assert!(Day::parse(text).is_none(), "{text}");
        }
    }
}
