use super::text::{expected, found, skipped, told};
use crate::migrator::report::{RlsTest, RlsTestFailure, RlsTestOutcome, RlsTestResult};
use crate::render::frame::facts;
use crate::render::xml::{escaped, seconds};

/// The results as JUnit XML: a suite for each file.
#[must_use]
pub fn rls_test_junit(report: &RlsTest) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"rls test\" {} time=\"{}\">\n",
        counts(&report.tests),
        seconds(report.duration_ms)
    ));
    // A file's results stand together.
    for suite in report
        .tests
        .chunk_by(|one, next| one.test.path == next.test.path)
    {
        let path = escaped(&suite[0].test.path.display().to_string());
        let time = suite.iter().map(|one| one.duration_ms).sum();
        out.push_str(&format!(
            "  <testsuite name=\"{path}\" {} time=\"{}\">\n",
            counts(suite),
            seconds(time)
        ));
        for one in suite {
            case(&mut out, &path, one);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, path: &str, one: &RlsTestResult) {
    out.push_str(&format!(
        "    <testcase classname=\"{path}\" name=\"{}\" file=\"{path}\" line=\"{}\" time=\"{}\"",
        escaped(&one.test.name),
        one.test.line,
        seconds(one.duration_ms)
    ));
    match (&one.failure, skipped(one.outcome)) {
        (Some(failure), _) => {
            out.push_str(&format!(">\n{}    </testcase>\n", failed(failure)));
        }
        (None, Some(why)) => out.push_str(&format!(
            ">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
            escaped(why)
        )),
        (None, None) => out.push_str("/>\n"),
    }
}

fn failed(failure: &RlsTestFailure) -> String {
    let mut text = format!("{}\n{}\n", failure.place, failure.statement);
    facts(&mut text, &told(failure), "");
    let message = format!("expected {}, found {}", expected(failure), found(failure));
    format!(
        "      <failure type=\"expectation\" message=\"{}\">{}</failure>\n",
        escaped(&message),
        escaped(&text).replace("&#10;", "\n")
    )
}

fn counts(tests: &[RlsTestResult]) -> String {
    let failures = tests.iter().filter(|one| one.failure.is_some()).count();
    let passed = |one: &&RlsTestResult| one.outcome == RlsTestOutcome::Passed;
    let skipped = tests.len() - failures - tests.iter().filter(passed).count();
    format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"",
        tests.len()
    )
}
