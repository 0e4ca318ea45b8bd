//! What a file of policy tests holds.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Expectation;
use crate::rls::{Actor, Actors};
use crate::sql::{Span, Statement};

/// A file of policy tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFile {
    /// The file, as it is shown.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// The file of the rows that it wants in place of those of the settings, relative to its own
    /// folder, and where it says so.
    pub fixtures: Option<(String, Span)>,
    /// Set-up and tests, in order.
    pub parts: Vec<Part>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A statement for all that follows in the file.
    SetUp(Step),
    /// A test, of which nothing is left for those after it.
    Case(Case),
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is called; no two of a file are called the same.
    pub name: String,
    /// The line that it begins on, counted from 1.
    pub line: u32,
    /// Its statements, at least one of them with an expectation.
    pub steps: Vec<Step>,
}

/// A statement of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The statement, in the file's text.
    pub statement: Statement,
    /// Who asks.
    pub who: Who,
    /// What is expected; `None` where it must succeed and that is all.
    pub expectation: Option<Expectation>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The role that migrates.
    Migrator,
    /// An actor, by name.
    Actor(String),
}

impl Who {
    /// The word for the role that migrates; no actor may be called so.
    pub const MIGRATOR: &str = "migrator";

    /// The actor that is meant, if it is one.
    #[must_use]
    pub fn actor<'a>(&self, actors: &'a Actors) -> Option<&'a Actor> {
        match self {
            Self::Migrator => None,
            Self::Actor(name) => actors.find(name),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Migrator => Self::MIGRATOR,
            Self::Actor(name) => name,
        })
    }
}

impl TestFile {
    /// Its tests, in order.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.parts.iter().filter_map(|part| match part {
            Part::Case(case) => Some(case),
            Part::SetUp(_) => None,
        })
    }

    /// Its statements, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.parts.iter().flat_map(|part| match part {
            Part::Case(case) => case.steps.as_slice(),
            Part::SetUp(step) => std::slice::from_ref(step),
        })
    }

    /// The same file with the tests alone that `keep` says yes to; set-up stays where a test does.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(&Case) -> bool) -> Self {
        self.parts.retain(|part| match part {
            Part::Case(case) => keep(case),
            Part::SetUp(_) => true,
        });
        // What is behind the last test prepares nothing.
        let last = self
            .parts
            .iter()
            .rposition(|part| matches!(part, Part::Case(_)));
        self.parts.truncate(last.map_or(0, |last| last + 1));
        self
    }
}
