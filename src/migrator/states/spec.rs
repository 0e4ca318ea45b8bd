use std::fmt;
use std::path::{Path, PathBuf};

use super::error::StateError;
use crate::db::{ConnectSpec, Surroundings};
use crate::graph::{Point, Target};

/// Where a state is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateSpec {
    /// `db`: the database of the settings.
    Database,
    /// `empty`: a new database.
    Empty,
    /// `file:PATH`: what an SQL file makes.
    File {
        /// The file, absolute.
        file: PathBuf,
        /// The file, as it was typed.
        shown: PathBuf,
    },
    /// `schema`: what the declared schema makes.
    Schema,
    /// `current`: what the revisions build that are applied to the database of the settings.
    Current,
    /// What the revisions build that lead to a target.
    Revision {
        /// The target.
        target: Target,
        /// The target, as it was typed.
        shown: String,
    },
    /// The database of a libpq URL.
    Url(String),
}

impl StateSpec {
    /// Reads a state as it is typed; a file's path is relative to `folder`.
    ///
    /// # Errors
    /// [`StateError::Unknown`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, StateError> {
        if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Ok(Self::File {
                file: folder.join(path),
                shown: path.into(),
            });
        }
        match text {
            "db" => Ok(Self::Database),
            "empty" => Ok(Self::Empty),
            "schema" => Ok(Self::Schema),
            "current" => Ok(Self::Current),
            _ if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
                Ok(Self::Url(text.to_owned()))
            }
            _ => match Target::parse(text) {
                // Others are relative to where a database stands.
                Ok(target)
                    if !matches!(target.point(), Point::Here | Point::Current)
                        && !text.to_lowercase().ends_with(".sql") =>
                {
                    Ok(Self::Revision {
                        target,
                        shown: text.to_owned(),
                    })
                }
                _ => Err(StateError::Unknown {
                    text: text.to_owned(),
                }),
            },
        }
    }

    /// Whether the revision files tell it.
    #[must_use]
    pub fn needs_files(&self) -> bool {
        matches!(self, Self::Revision { .. } | Self::Current)
    }
}

/// As it is typed; of a URL, no secret.
impl fmt::Display for StateSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("db"),
            Self::Empty => f.write_str("empty"),
            Self::Schema => f.write_str("schema"),
            Self::Current => f.write_str("current"),
            Self::File { shown, .. } => write!(f, "file:{}", shown.display()),
            Self::Revision { shown, .. } => f.write_str(shown),
            Self::Url(url) => match ConnectSpec::parse(url, &Surroundings::default()) {
                Ok(spec) => f.write_str(&spec.redacted()),
                Err(_) => f.write_str("url"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_as_they_are_typed() {
        let parse = |text: &str| StateSpec::parse(text, Path::new("/p"));
        assert_eq!(parse("db"), Ok(StateSpec::Database));
        assert_eq!(parse("empty"), Ok(StateSpec::Empty));
        assert_eq!(parse("schema"), Ok(StateSpec::Schema));
        assert!(parse("current").unwrap().needs_files());
        let file = parse("file:a/b.sql").unwrap();
        assert_eq!(file.to_string(), "file:a/b.sql");
        let StateSpec::File { file, .. } = file else {
            panic!("{file:?}");
        };
        assert_eq!(file, Path::new("/p/a/b.sql"));
        let url = "postgres://me:secret@host/db";
        let parsed = parse(url).unwrap();
        assert_eq!(parsed, StateSpec::Url(url.to_owned()));
        let shown = parsed.to_string();
        assert!(shown.starts_with("postgres://me:***@host"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(parse("postgres://:secret").unwrap().to_string(), "url");
        assert!(parse("head").unwrap().needs_files());
        assert_eq!(parse("8f3c2a1b9d04").unwrap().to_string(), "8f3c2a1b9d04");
        for text in ["", "file:", "current-1", "+1", "a b", "old.sql"] {
            let text = text.to_owned();
            assert_eq!(parse(&text), Err(StateError::Unknown { text }));
        }
    }
}
