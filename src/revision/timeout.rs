//! Durations as they are written in headers and settings: `10s`, `500ms`, `1min`, `0`.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// The longest timeout: what PostgreSQL's own settings hold, in milliseconds.
const MAX_MILLIS: u64 = i32::MAX as u64;

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A length of time in whole milliseconds, 0 to 2 147 483 647, written with PostgreSQL's units:
/// `ms`, `s`, `min`, `h`, `d`. `0` needs none; for PostgreSQL's timeouts it means "no limit".
///
/// `Display` writes it with the largest unit that keeps it whole, and that text parses back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeout(u64);

/// Why a text is no [`Timeout`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeoutDefect {
    /// It does not begin with digits.
    #[error("it is not a number with a unit")]
    NotANumber,
    /// A number other than 0 without a unit: PostgreSQL would read milliseconds, people seconds.
    #[error("it has no unit")]
    NoUnit,
    /// A unit that is not known.
    #[error("`{unit}` is not one of `ms`, `s`, `min`, `h`, `d`")]
    Unit {
        /// The unit as written.
        unit: String,
    },
    /// Longer than PostgreSQL's settings hold (about 24 days).
    #[error("it is longer than PostgreSQL's 24 days")]
    TooLong,
}

impl Timeout {
    /// No time at all; for PostgreSQL's timeouts, no limit.
    pub const ZERO: Self = Self(0);

    /// A timeout of whole seconds, at most what PostgreSQL's settings hold.
    #[must_use]
    pub const fn from_secs(seconds: u16) -> Self {
        Self(seconds as u64 * 1_000)
    }

    /// Reads `10s`, `500 ms`, `1min`, `2h`, `1d` or `0`.
    pub fn parse(text: &str) -> Result<Self, TimeoutDefect> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = (&text[..digits], text[digits..].trim());
        if number.is_empty() {
            return Err(TimeoutDefect::NotANumber);
        }
        let number: u64 = number.parse().map_err(|_| TimeoutDefect::TooLong)?;
        let factor = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, factor)) => *factor,
            None if unit.is_empty() && number == 0 => 1,
            None if unit.is_empty() => return Err(TimeoutDefect::NoUnit),
            None => {
                return Err(TimeoutDefect::Unit {
                    unit: unit.to_owned(),
                });
            }
        };
        number
            .checked_mul(factor)
            .filter(|millis| *millis <= MAX_MILLIS)
            .map(Self)
            .ok_or(TimeoutDefect::TooLong)
    }

    /// The length in milliseconds, as PostgreSQL's settings take it.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.0
    }

    /// The length as a [`Duration`].
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// Whether it is `0`.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0");
        }
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| self.0.is_multiple_of(*factor))
            .unwrap_or(("ms", 1));
        f.pad(&format!("{}{unit}", self.0 / factor))
    }
}

impl Serialize for Timeout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (text, millis, shown) in [
            ("0", 0, "0"),
            ("0s", 0, "0"),
            ("500ms", 500, "500ms"),
            ("10s", 10_000, "10s"),
            ("1500ms", 1_500, "1500ms"),
            ("60 s", 60_000, "1min"),
            ("1min", 60_000, "1min"),
            ("2h", 7_200_000, "2h"),
            ("1d", 86_400_000, "1d"),
        ] {
            let timeout = Timeout::parse(text).unwrap();
            assert_eq!(timeout.millis(), millis, "{text}");
            assert_eq!(timeout.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (text, defect) in [
            ("", TimeoutDefect::NotANumber),
            ("-1s", TimeoutDefect::NotANumber),
            ("soon", TimeoutDefect::NotANumber),
            ("10", TimeoutDefect::NoUnit),
            ("10m", TimeoutDefect::Unit { unit: "m".into() }),
            ("1.5s", TimeoutDefect::Unit { unit: ".5s".into() }),
            ("25d", TimeoutDefect::TooLong),
            ("99999999999999999999s", TimeoutDefect::TooLong),
        ] {
            assert_eq!(Timeout::parse(text), Err(defect), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn printed_parses_back(millis in 0..=MAX_MILLIS) {
            let timeout = Timeout(millis);
            prop_assert_eq!(Timeout::parse(&timeout.to_string()), Ok(timeout));
        }
    }
}
