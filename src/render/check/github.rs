use crate::diagnostic::{Diagnostic, Severity};
use crate::migrator::report::CheckReport;

/// The findings as commands of GitHub's workflows, which shows them beside the code.
#[must_use]
pub fn check_github(report: &CheckReport) -> String {
    let findings = report.parts.iter().flat_map(|part| &part.findings);
    findings.map(command).collect()
}

fn command(finding: &Diagnostic) -> String {
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
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{level} {}::{}\n", properties.join(","), data(&message))
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
    use crate::diagnostic::Place;

    #[test]
    fn what_a_command_cannot_hold_is_written_otherwise() {
        let finding = Diagnostic::error("drift", "100%\nof it")
            .at(Place::file("a,b:c.sql"))
            .help("look");
        assert_eq!(
            command(&finding),
            "::error file=a%2Cb%3Ac.sql,line=1,title=drift::100%25%0Aof it%0Ahelp: look\n"
        );
    }
}
