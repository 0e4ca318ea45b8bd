use std::fmt;

use serde::{Serialize, Serializer};

/// Which rows a command reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It was refused: by a right that is missing, or by a policy for each row.
    Refused,
    /// The table had no row to try it on, and it was not refused.
    NoRows,
    /// No row.
    None,
    /// Exactly the actor's own rows.
    Own,
    /// The actor's own, and so many of others, not all of them.
    OwnAnd(usize),
    /// So many of so many, not all of the actor's own among them.
    Some {
        /// The rows that were reached.
        reached: usize,
        /// All rows.
        of: usize,
    },
    /// Every row.
    All,
    /// No row, because of an error of this SQLSTATE.
    Failed(String),
}

/// What came of a command: which rows it reached, and for UPDATE whom they can be given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The rows that it reached.
    pub reach: Reach,
    /// For UPDATE the other owners that a row can be given to, all or some of those that there are;
    /// `None` where it stays its owner's, and where every row is reached anyway.
    pub gives: Option<Reach>,
}

impl Reach {
    /// The word for the rows `reached` (their numbers, from 0) of all rows, whose owners these are,
    /// for the actor `sub`. A table without owners has none for each row.
    #[must_use]
    pub fn of_rows(reached: &[usize], owners: &[Option<String>], sub: Option<&str>) -> Self {
        let is_own =
            |row: usize| sub.is_some() && owners.get(row).is_some_and(|own| own.as_deref() == sub);
        let own = (0..owners.len()).filter(|row| is_own(*row)).count();
        let own_reached = reached.iter().filter(|row| is_own(**row)).count();
        match reached.len() {
            0 => Self::None,
            count if count == owners.len() => Self::All,
            count if own > 0 && own_reached == own => match count - own {
                0 => Self::Own,
                others => Self::OwnAnd(others),
            },
            count => Self::Some {
                reached: count,
                of: owners.len(),
            },
        }
    }

    /// The word for so many of so many rows, of which nobody knows whose they are.
    #[must_use]
    pub fn of_count(reached: usize, of: usize) -> Self {
        match reached {
            0 => Self::None,
            _ if reached == of => Self::All,
            _ => Self::Some { reached, of },
        }
    }

    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
        Some(match text {
            "refused" => Self::Refused,
            "no rows" => Self::NoRows,
            "none" => Self::None,
            "own" => Self::Own,
            "all" => Self::All,
            _ => {
                if let Some(others) = text.strip_prefix("own+") {
                    Self::OwnAnd(number(others)?)
                } else if let Some(state) = text.strip_prefix("error ") {
                    Self::Failed(state.to_owned())
                } else {
                    let (reached, of) = text.split_once(" of ")?;
                    Self::Some {
                        reached: number(reached)?,
                        of: number(of)?,
                    }
                }
            }
        })
    }
}

impl Cell {
    /// What came of a command that gives nothing away.
    #[must_use]
    pub fn of(reach: Reach) -> Self {
        Self { reach, gives: None }
    }

    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (reach, gives) = match text.split_once('→') {
            Some((reach, gives)) => (reach, Some(Reach::parse(gives)?)),
            None => (text, None),
        };
        let reach = Reach::parse(reach)?;
        Some(Self { reach, gives })
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.pad("refused"),
            Self::NoRows => f.pad("no rows"),
            Self::None => f.pad("none"),
            Self::Own => f.pad("own"),
            Self::OwnAnd(others) => f.pad(&format!("own+{others}")),
            Self::Some { reached, of } => f.pad(&format!("{reached} of {of}")),
            Self::All => f.pad("all"),
            Self::Failed(state) => f.pad(&format!("error {state}")),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.gives {
            None => self.reach.fmt(f),
            Some(gives) => f.pad(&format!("{}→{gives}", self.reach)),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(reached: &[usize], owners: &[&str], sub: Option<&str>) -> String {
        let owners: Vec<Option<String>> = owners
            .iter()
            .map(|one| (!one.is_empty()).then(|| (*one).to_owned()))
            .collect();
        Reach::of_rows(reached, &owners, sub).to_string()
    }

    #[test]
    fn words_for_rows() {
        let owners = ["a", "a", "b", "", "c"];
        let a = Some("a");
        assert_eq!(word(&[], &owners, a), "none");
        assert_eq!(word(&[0, 1], &owners, a), "own");
        assert_eq!(word(&[0, 1, 3], &owners, a), "own+1");
        assert_eq!(word(&[0], &owners, a), "1 of 5");
        assert_eq!(word(&[2, 3], &owners, a), "2 of 5");
        assert_eq!(word(&[0, 1, 2, 3, 4], &owners, a), "all");
        // Nobody's rows are not those of somebody without a name.
        assert_eq!(word(&[3], &owners, None), "1 of 5");
        // Who owns nothing reaches no row of theirs.
        assert_eq!(word(&[0], &owners, Some("z")), "1 of 5");
        // All, not own, where everything is the actor's: the louder word.
        assert_eq!(word(&[0, 1], &["a", "a"], a), "all");
    }

    #[test]
    fn written_and_read() {
        for text in [
            "refused",
            "no rows",
            "none",
            "own",
            "own+2",
            "1 of 5",
            "all",
            "error 42P17",
            "own→all",
            "2 of 5→1 of 4",
        ] {
            assert_eq!(Cell::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "", "owned", "own+0", "own+", "1 of", "0 of 3", "own→", "→all",
        ] {
            assert_eq!(Cell::parse(text), None, "{text}");
        }
    }
}
