//! What is expected of a statement, and whether what came is that.

use std::fmt;

/// A row, its values as text; `None` is null.
pub type Tuple = Vec<Option<String>>;

/// What is expected of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// `ok`: it succeeds.
    Success,
    /// `no rows`, `3 rows`, `affected 3`: it gives or changes so many rows.
    Count(u64),
    /// `some rows`: it gives or changes at least one.
    Some,
    /// `rows …`: it gives these, and no others.
    Rows {
        /// The rows.
        tuples: Vec<Tuple>,
        /// `in order`: their order counts.
        in_order: bool,
    },
    /// `error …`: the server refuses it.
    Error {
        /// The SQLSTATE.
        sqlstate: String,
        /// A part of the message.
        message: Option<String>,
    },
}

/// What came of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// It succeeded.
    Rows {
        /// The rows that it gave.
        tuples: &'a [Tuple],
        /// How many it gave or changed.
        count: u64,
    },
    /// The server refused it.
    Error {
        /// The SQLSTATE.
        sqlstate: &'a str,
        /// The message.
        message: &'a str,
    },
}

impl Expectation {
    /// Whether that is what came.
    #[must_use]
    pub fn is_met_by(&self, found: Found<'_>) -> bool {
        match (self, found) {
            (Self::Success, Found::Rows { .. }) => true,
            (Self::Count(wanted), Found::Rows { count, .. }) => *wanted == count,
            (Self::Some, Found::Rows { count, .. }) => count > 0,
            (
                Self::Rows {
                    tuples: wanted,
                    in_order,
                },
                Found::Rows { tuples, .. },
            ) => {
                if *in_order {
                    return wanted == tuples;
                }
                let sorted = |tuples: &[Tuple]| {
                    let mut tuples = tuples.to_vec();
                    tuples.sort_unstable();
                    tuples
                };
                sorted(wanted) == sorted(tuples)
            }
            (
                Self::Error {
                    sqlstate: wanted,
                    message: part,
                },
                Found::Error { sqlstate, message },
            ) => {
                wanted == sqlstate
                    && part
                        .as_ref()
                        .is_none_or(|part| message.contains(part.as_str()))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Expectation {
    /// As it is written behind `-- expect:`, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("ok"),
            Self::Count(0) => f.write_str("no rows"),
            Self::Count(1) => f.write_str("1 row"),
            Self::Count(count) => write!(f, "{count} rows"),
            Self::Some => f.write_str("some rows"),
            Self::Rows { tuples, in_order } => {
                f.write_str(if *in_order { "rows in order " } else { "rows " })?;
                for (index, tuple) in tuples.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Shown(tuple))?;
                }
                Ok(())
            }
            Self::Error { sqlstate, message } => {
                write!(f, "error {sqlstate}")?;
                match message {
                    Some(message) => write!(f, " /{message}/"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// A row as it is written in an expectation.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a [Option<String>]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match value {
                None => f.write_str("null")?,
                Some(text) if is_bare(text) => f.write_str(text)?,
                Some(text) => write!(f, "'{}'", text.replace('\'', "''"))?,
            }
        }
        f.write_str(")")
    }
}

/// Whether a value is read back from its text without quotes.
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.eq_ignore_ascii_case("null")
        && !text.contains([',', '(', ')', '\'', '\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(values: &[&str]) -> Tuple {
        values.iter().map(|text| Some((*text).to_owned())).collect()
    }

    fn rows(tuples: &[Tuple]) -> Found<'_> {
        Found::Rows {
            count: tuples.len() as u64,
            tuples,
        }
    }

    #[test]
    fn rows_are_a_bag_unless_their_order_is_asked_for() {
        let wanted = |in_order| Expectation::Rows {
            tuples: vec![tuple(&["a"]), tuple(&["b"]), tuple(&["b"])],
            in_order,
        };
        let turned = [tuple(&["b"]), tuple(&["a"]), tuple(&["b"])];
        assert!(wanted(false).is_met_by(rows(&turned)));
        assert!(!wanted(true).is_met_by(rows(&turned)));
        assert!(!wanted(false).is_met_by(rows(&turned[..2])));
        assert!(!wanted(false).is_met_by(rows(&[tuple(&["a"]), tuple(&["a"]), tuple(&["b"])])));
        let null = Expectation::Rows {
            tuples: vec![vec![None]],
            in_order: false,
        };
        assert!(null.is_met_by(rows(&[vec![None]])));
        assert!(!null.is_met_by(rows(&[tuple(&["null"])])));
    }

    #[test]
    fn a_success_is_no_error_and_an_error_no_success() {
        let refused = Found::Error {
            sqlstate: "42501",
            message: "permission denied for table notes",
        };
        let error = |sqlstate: &str, message: Option<&str>| Expectation::Error {
            sqlstate: sqlstate.to_owned(),
            message: message.map(str::to_owned),
        };
        assert!(error("42501", None).is_met_by(refused));
        assert!(error("42501", Some("table notes")).is_met_by(refused));
        assert!(!error("42501", Some("Table")).is_met_by(refused));
        assert!(!error("42P01", None).is_met_by(refused));
        assert!(!error("42501", None).is_met_by(rows(&[])));
        for succeeds in [
            Expectation::Success,
            Expectation::Count(0),
            Expectation::Some,
        ] {
            assert!(!succeeds.is_met_by(refused), "{succeeds}");
        }
        assert!(Expectation::Success.is_met_by(rows(&[])));
        let changed = Found::Rows {
            tuples: &[],
            count: 2,
        };
        assert!(Expectation::Count(2).is_met_by(changed));
        assert!(!Expectation::Count(0).is_met_by(changed));
        assert!(Expectation::Some.is_met_by(changed));
        assert!(!Expectation::Some.is_met_by(rows(&[])));
    }
}
