//! What is said of an error: one value, from which text and JSON are made.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Place};

/// How a command ends, as its exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: the answer is no (pending, drift, findings, not at head).
    No,
    /// 2: the request, settings or files are wrong; nothing was touched.
    Refused,
    /// 3: unreachable or locked; nothing was touched, try again.
    Unavailable,
    /// 4: a step failed; the database stands where the report says.
    Failed,
    /// 5: the outcome is unknown: the link was lost at COMMIT and could not be restored.
    Unknown,
    /// 70: a bug of ours.
    Bug,
    /// 130: interrupted (SIGINT).
    Interrupted,
    /// 143: terminated (SIGTERM).
    Terminated,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Refused => 2,
            Self::Unavailable => 3,
            Self::Failed => 4,
            Self::Unknown => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl Serialize for Exit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.code())
    }
}

/// Everything that is said of one error, in the order in which it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Kebab-case code, stable across releases.
    pub code: &'static str,
    /// How the command ends.
    #[serde(rename = "exit_code")]
    pub exit: Exit,
    /// One line that stands alone: lower case, no full stop, backticks around what can be typed.
    pub message: String,
    /// The line in our files that it is about.
    pub place: Option<Place>,
    /// Aligned facts: each row is shown with its columns padded to the widest.
    pub facts: Vec<Vec<String>>,
    /// Findings that belong to it, each with its own place (all defects of all files, say).
    pub findings: Vec<Diagnostic>,
    /// A text shown as it is, a unified diff say.
    pub attachment: Option<String>,
    /// What was done and what was not: `nothing was run`, `rolled back: the database stands at …`.
    pub outcome: Option<String>,
    /// The version table's rows now, sorted, where a run was cut short and the server could be
    /// asked; the outcome says it in words.
    pub stands_at: Option<Vec<String>>,
    /// Up to three hints, each a command or a sentence with one.
    pub hints: Vec<String>,
}

impl Description {
    /// A description with a message alone.
    pub fn new(code: &'static str, exit: Exit, message: impl Into<String>) -> Self {
        Self {
            code,
            exit,
            message: message.into(),
            place: None,
            facts: Vec::new(),
            findings: Vec::new(),
            attachment: None,
            outcome: None,
            stands_at: None,
            hints: Vec::new(),
        }
    }

    /// The same, at a place in our files.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// The same, with one more row of facts.
    #[must_use]
    pub fn fact<I, S>(mut self, row: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.facts.push(row.into_iter().map(Into::into).collect());
        self
    }

    /// The same, with findings.
    #[must_use]
    pub fn findings(mut self, findings: impl IntoIterator<Item = Diagnostic>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// The same, with a text that is shown as it is.
    #[must_use]
    pub fn attachment(mut self, text: impl Into<String>) -> Self {
        self.attachment = Some(text.into());
        self
    }

    /// The same, saying what was done and what was not.
    #[must_use]
    pub fn outcome(mut self, outcome: impl Into<String>) -> Self {
        self.outcome = Some(outcome.into());
        self
    }

    /// The same, saying what was not done where there is something to say.
    #[must_use]
    pub fn outcome_if(mut self, outcome: Option<&str>) -> Self {
        self.outcome = outcome.map(str::to_owned);
        self
    }

    /// The same, saying where the database stands.
    #[must_use]
    pub fn stands_at(mut self, rows: Option<&[String]>) -> Self {
        self.stands_at = rows.map(<[String]>::to_vec);
        self
    }

    /// The same, with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
