//! What a finding is: a code, how bad it is, where it stands, and what helps.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::sql::{LineIndex, Span};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing stops for it.
    Note,
    /// Probably a mistake; the run goes on.
    Warning,
    /// Nothing runs until it is mended.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A place in a text file that a person can open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, relative to the project where it lies within it.
    #[serde(serialize_with = "as_shown")]
    pub path: PathBuf,
    /// Line, counted from 1; 0 where the whole file is meant.
    pub line: u32,
    /// Column in characters, counted from 1; 0 where the whole line is meant.
    pub column: u32,
    /// How many characters the finding covers, at least 1 where `column` is set.
    pub width: u32,
    /// The text of that line, without its end.
    pub source: String,
}

/// A path need not be UTF-8, and serde refuses one that is not.
fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

impl Place {
    /// The whole file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            line: 0,
            column: 0,
            width: 0,
            source: String::new(),
        }
    }

    /// The place that `span` covers in `text`, the content of the file at `path`.
    ///
    /// A span over several lines is shown up to the end of its first line.
    pub fn in_text(path: impl Into<PathBuf>, text: &str, span: Span) -> Self {
        let start = LineIndex::new(text).position(text, span.start);
        let line_start = text[..span.start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[span.start..]
            .find('\n')
            .map_or(text.len(), |i| span.start + i);
        let covered = &text[span.start..span.end.clamp(span.start, line_end)];
        Self {
            path: path.into(),
            line: start.line,
            column: start.column,
            width: u32::try_from(covered.trim_end().chars().count())
                .unwrap_or(u32::MAX)
                .max(1),
            source: text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Related {
    /// A word on why: `first`, `also`.
    pub note: String,
    /// Where it is.
    pub place: Place,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Its kebab-case code, stable across releases.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line, lower case, without a full stop.
    pub message: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// What would help, as one sentence or command.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning without a place yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            place: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// The same finding, at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same finding, with what would help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding, with another place that belongs to it.
    #[must_use]
    pub fn related(mut self, note: impl Into<String>, place: Place) -> Self {
        let note = note.into();
        self.related.push(Related { note, place });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_json_every_part_has_a_name() {
        let finding = Diagnostic::error("duplicate-id", "two revisions have the id `a1`")
            .at(Place::file("versions/a.up.sql"))
            .related("also", Place::file("versions/b.up.sql"));
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["related"][0]["note"], "also");
        assert_eq!(json["related"][0]["place"]["path"], "versions/b.up.sql");
    }
}
