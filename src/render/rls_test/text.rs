use crate::migrator::report::{
    RlsTest, RlsTestFailure, RlsTestList, RlsTestName, RlsTestOutcome, RlsTestResult,
};
use crate::render::excerpt::excerpt;
use crate::render::frame::facts;
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::words::{comma, duration, plural};
use crate::rls::policy_test::Shown;

/// How much of a row is shown.
const COLUMNS: usize = 120;

/// A line for each test, and below it, where it failed, the statement, what was expected of it and
/// what came.
#[must_use]
pub fn rls_test(report: &RlsTest, style: &Style) -> String {
    let tests = report.tests.iter();
    tests.map(|one| result(one, style)).collect()
}

fn result(one: &RlsTestResult, style: &Style) -> String {
    let (role, word) = match one.outcome {
        RlsTestOutcome::Passed => (Role::Good, "ok"),
        RlsTestOutcome::Failed => (Role::Error, "FAILED"),
        RlsTestOutcome::SetUpFailed | RlsTestOutcome::Stopped => (Role::Faint, "skipped"),
    };
    let note = match skipped(one.outcome) {
        Some(reason) => reason.to_owned(),
        None => duration(one.duration_ms),
    };
    let mut out = format!(
        "{} {} {}\n",
        style.paint(role, &format!("{word:7}")),
        name(&one.test),
        style.paint(Role::Faint, &format!("({note})"))
    );
    if let Some(failure) = &one.failure {
        excerpt(&mut out, &failure.place, Role::Error, style);
        facts(&mut out, &told(failure), "  ");
        out.push('\n');
    }
    out
}

/// Why a test was not run.
pub(super) fn skipped(outcome: RlsTestOutcome) -> Option<&'static str> {
    match outcome {
        RlsTestOutcome::Passed | RlsTestOutcome::Failed => None,
        RlsTestOutcome::SetUpFailed => Some("the set-up of its file failed"),
        RlsTestOutcome::Stopped => Some("a test failed before"),
    }
}

/// `tests/rls/notes.test.sql: olga sees her own`
pub(in crate::render) fn name(test: &RlsTestName) -> String {
    let name = format!("{}: {}", test.path.display(), test.name);
    plain::line(&name).into_owned()
}

/// Who asked, what was expected and what came, as rows of facts.
pub(super) fn told(failure: &RlsTestFailure) -> Vec<Vec<String>> {
    let row = |key: &str, value: String| vec![key.to_owned(), value];
    let asked = match &failure.role {
        Some(role) => format!("{}, as the role {role}", failure.actor),
        None => "the role that migrates".to_owned(),
    };
    let mut told = vec![
        row("asked by", asked),
        row("expected", plain::line(&expected(failure)).into_owned()),
        row("found", plain::line(&found(failure)).into_owned()),
    ];
    for tuple in &failure.rows {
        let tuple = Shown(tuple).to_string();
        told.push(row(
            "",
            plain::fit(&plain::line(&tuple), COLUMNS).into_owned(),
        ));
    }
    if failure.more_rows > 0 {
        told.push(row("", format!("… and {} more", failure.more_rows)));
    }
    if let Some(error) = &failure.error {
        let texts = [("detail", &error.detail), ("hint", &error.hint)];
        for (key, text) in texts {
            told.extend(text.iter().map(|text| row(key, text.clone())));
        }
    }
    told
}

/// What was expected: a clause.
pub(super) fn expected(failure: &RlsTestFailure) -> String {
    let succeeds = || "ok: it makes what the test needs".to_owned();
    failure.expected.clone().unwrap_or_else(succeeds)
}

/// What came: a clause.
pub(super) fn found(failure: &RlsTestFailure) -> String {
    match (&failure.error, failure.count) {
        (Some(error), _) => format!("error {}: {}", error.sqlstate, error.message),
        (None, Some(0) | None) => "no rows".to_owned(),
        (None, Some(count)) => {
            let rows = plural(usize::try_from(count).unwrap_or(usize::MAX), "row", "rows");
            match failure.rows.is_empty() {
                true => format!("{rows} changed, none given"),
                false => rows,
            }
        }
    }
}

/// How many tests passed, failed and were not run.
#[must_use]
pub fn rls_test_summary(report: &RlsTest, style: &Style) -> String {
    let counts = [
        (report.passed, "passed", Role::Good),
        (report.failed, "failed", Role::Error),
        (report.skipped, "skipped", Role::Faint),
    ];
    let told = counts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, word, role)| style.paint(role, &format!("{count} {word}")));
    format!(
        "{}: {} in {}\n",
        plural(report.tests.len(), "test", "tests"),
        comma(told),
        duration(report.duration_ms)
    )
}

/// A line for each test: `PATH:LINE: NAME`.
#[must_use]
pub fn rls_test_list(report: &RlsTestList, _: &Style) -> String {
    let lines = report.tests.iter().map(|test| {
        let line = format!("{}:{}: {}", test.path.display(), test.line, test.name);
        format!("{}\n", plain::line(&line))
    });
    lines.collect()
}
