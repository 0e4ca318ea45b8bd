use super::finding::whole;
use crate::diagnostic::Severity;
use crate::migrator::report::{CheckFinding, CheckReport};

/// The findings as commands of GitHub's workflows, which shows them beside the code.
#[must_use]
pub fn check_github(report: &CheckReport) -> String {
    let findings = report.parts.iter().flat_map(|part| &part.findings);
    findings.map(command).collect()
}

pub(super) fn command(one: &CheckFinding) -> String {
    let finding = &one.finding;
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        let path = place.path.display().to_string().replace('\\', "/");
        properties.push(format!("file={}", property(&path)));
        properties.push(format!("line={}", place.line.max(1)));
        if place.column > 0 {
            properties.push(format!("col={}", place.column));
        }
    }
    properties.push(format!("title={}", property(finding.code)));
    format!(
        "::{level} {}::{}\n",
        properties.join(","),
        data(&whole(one))
    )
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Place};

    #[test]
    fn what_a_command_cannot_hold_is_written_otherwise() {
        let finding = Diagnostic::error("drift", "100%\nof it")
            .at(Place::file("a,b:c.sql"))
            .help("look");
        let difference = format!("--- a\n+++ b\n@@ -0,0 +1,50 @@\n{}", "+ 1\n".repeat(50));
        let mut one = CheckFinding {
            finding,
            difference: None,
            output: None,
        };
        let head = "::error file=a%2Cb%3Ac.sql,line=1,title=drift::100%25%0Aof it%0Ahelp: look";
        assert_eq!(command(&one), format!("{head}\n"));
        one.difference = Some(difference);
        let lines = "%0A+ 1".repeat(37);
        assert_eq!(
            command(&one),
            format!("{head}%0A%0A--- a%0A+++ b%0A@@ -0,0 +1,50 @@{lines}%0A... 13 more lines\n")
        );
    }
}
