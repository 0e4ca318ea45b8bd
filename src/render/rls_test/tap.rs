use serde_json::Value;

use super::text::{expected, found, name, skipped, told};
use crate::migrator::report::{RlsTest, RlsTestFailure};

/// The results as TAP 14: a YAML block for each failure.
#[must_use]
pub fn rls_test_tap(report: &RlsTest) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", report.tests.len());
    for (index, one) in report.tests.iter().enumerate() {
        let word = if one.failure.is_some() {
            "not ok"
        } else {
            "ok"
        };
        let skip = skipped(one.outcome).map_or_else(String::new, |why| format!(" # SKIP {why}"));
        out.push_str(&format!(
            "{word} {} - {}{skip}\n",
            index + 1,
            escaped(&name(&one.test))
        ));
        if let Some(failure) = &one.failure {
            out.push_str(&block(failure));
        }
    }
    out
}

/// A `#` would begin a directive.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('#', "\\#")
}

/// The failure in YAML; its strings as JSON writes them, which YAML reads.
fn block(failure: &RlsTestFailure) -> String {
    let string = |text: &str| Value::from(text).to_string();
    let details: Vec<String> = told(failure)
        .iter()
        .filter(|row| !["expected", "found"].contains(&row[0].as_str()))
        .map(|row| format!("      - {}\n", string(row.join(" ").trim())))
        .collect();
    format!(
        "  ---\n  message: {}\n  severity: fail\n  at:\n    file: {}\n    line: {}\n  data:\n    \
         got: {}\n    expect: {}\n    statement: {}\n    told:\n{}  ...\n",
        string(&format!(
            "expected {}, found {}",
            expected(failure),
            found(failure)
        )),
        string(&failure.place.path.display().to_string()),
        failure.place.line,
        string(&found(failure)),
        string(&expected(failure)),
        string(&failure.statement),
        details.concat()
    )
}
