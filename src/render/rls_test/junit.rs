use super::text::{expected, found, skipped, told};
use crate::migrator::report::{RlsTest, RlsTestFailure, RlsTestOutcome, RlsTestResult};
use crate::render::frame::facts;

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

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// Text as it may stand in an element or an attribute; characters that XML 1.0 cannot hold at all
/// become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Written plainly, an attribute would hold a space instead.
            '\n' | '\r' | '\t' => out.push_str(&format!("&#{};", u32::from(character))),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a<b> & \"c\" 'd'\n\u{1b}[0m"),
            "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;&#10;\u{fffd}[0m"
        );
        assert_eq!(seconds(61_007), "61.007");
    }
}
