use super::finding::why;
use crate::diagnostic::Severity;
use crate::migrator::report::{CheckFinding, CheckOutcome, CheckPartReport, CheckReport};
use crate::render::xml::{escaped, seconds};

/// The parts as JUnit XML: a test for each.
#[must_use]
pub fn check_junit(report: &CheckReport) -> String {
    let count = |wanted| {
        let parts = report.parts.iter();
        parts.filter(|part| part.outcome == wanted).count()
    };
    let time = seconds(report.parts.iter().map(|part| part.duration_ms).sum());
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{time}\"",
        report.parts.len(),
        count(CheckOutcome::Failed),
        count(CheckOutcome::Skipped)
    );
    let cases: String = report.parts.iter().map(case).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"grace-migrate check\" {counts}>\n  \
         <testsuite name=\"check\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(part: &CheckPartReport) -> String {
    let head = format!(
        "    <testcase classname=\"check.{}\" name=\"{}\" time=\"{}\"",
        escaped(part.part.word()),
        escaped(part.part.title()),
        seconds(part.duration_ms)
    );
    let inner = match (part.outcome, part.skipped) {
        (CheckOutcome::Passed, _) => return format!("{head}/>\n"),
        (CheckOutcome::Skipped, reason) => format!(
            "      <skipped message=\"{}\"/>\n",
            escaped(reason.map(why).unwrap_or_default())
        ),
        (CheckOutcome::Failed, _) => failure(part),
    };
    format!("{head}>\n{inner}    </testcase>\n")
}

fn failure(part: &CheckPartReport) -> String {
    let mut findings = part.findings.iter().map(|one| &one.finding);
    let first = findings.find(|one| one.severity == Severity::Error);
    let (code, message) = first.map_or(("", ""), |one| (one.code, one.message.as_str()));
    let lines: Vec<String> = part.findings.iter().map(line).collect();
    format!(
        "      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
        escaped(code),
        escaped(message),
        escaped(&lines.join("\n")).replace("&#10;", "\n")
    )
}

fn line(one: &CheckFinding) -> String {
    let finding = &one.finding;
    let place = finding.place.as_ref();
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    let help = finding.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("\n  help: {help}"));
    let difference = one.difference.as_ref();
    let difference = difference.map_or_else(String::new, |text| format!("\n\n{text}"));
    let output = one.output.as_ref();
    let output = output.map_or_else(String::new, |text| format!("\n\n{text}"));
    format!(
        "{place}{}[{}]: {}{help}{output}{difference}",
        finding.severity, finding.code, finding.message
    )
}
