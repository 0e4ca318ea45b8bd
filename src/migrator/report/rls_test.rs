use std::path::PathBuf;

use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use crate::db::ServerError;
use crate::diagnostic::Place;

/// `rls test --list`: the tests that would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsTestList {
    /// In the order in which they run.
    pub tests: Vec<RlsTestName>,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RlsTestName {
    /// Its file.
    #[serde(serialize_with = "paths::one")]
    pub path: PathBuf,
    /// The line that it begins on, counted from 1.
    pub line: u32,
    /// What it is called.
    pub name: String,
}

/// `rls test`: what became of each test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsTest {
    /// Which database.
    pub destination: DestinationView,
    /// In the order in which they ran. A set-up that failed stands among them.
    pub tests: Vec<RlsTestResult>,
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many were not run.
    pub skipped: usize,
    /// How long all of it took.
    pub duration_ms: u64,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsTestResult {
    /// The test.
    #[serde(flatten)]
    pub test: RlsTestName,
    /// What became of it.
    pub outcome: RlsTestOutcome,
    /// How long it took; 0 where it was not run.
    pub duration_ms: u64,
    /// How it failed.
    pub failure: Option<RlsTestFailure>,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RlsTestOutcome {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed,
    /// It was not run: a set-up of its file failed before.
    SetUpFailed,
    /// It was not run: one failed before, and `--fail-fast` stops there.
    Stopped,
}

/// How a test failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsTestFailure {
    /// The statement.
    pub place: Place,
    /// Its text.
    pub statement: String,
    /// Who asked: an actor, or `migrator`.
    pub actor: String,
    /// The actor's role; `null` for the role that migrates.
    pub role: Option<String>,
    /// What was expected, as the test says it; `null` where it was to succeed.
    pub expected: Option<String>,
    /// How many rows it gave or changed; `null` where the server refused it.
    pub count: Option<u64>,
    /// The first of the rows that it gave, their values as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many more rows it gave.
    pub more_rows: usize,
    /// What the server said, where it refused.
    pub error: Option<ServerError>,
}

impl RlsTest {
    /// The report of these results.
    pub(in crate::migrator) fn new(
        destination: DestinationView,
        tests: Vec<RlsTestResult>,
        duration_ms: u64,
    ) -> Self {
        let count = |outcome| tests.iter().filter(|one| one.outcome == outcome).count();
        let (passed, failed) = (count(RlsTestOutcome::Passed), count(RlsTestOutcome::Failed));
        Self {
            destination,
            passed,
            failed,
            skipped: tests.len() - passed - failed,
            tests,
            duration_ms,
        }
    }
}
