use super::finding::{difference, finding, outcome, output, shows, why};
use crate::config::CheckPart;
use crate::diagnostic::Severity;
use crate::migrator::report::{CheckFact, CheckOutcome, Checked, CheckedPart};
use crate::render::frame::{diagnostic, help};
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::table::{Column, table};
use crate::render::unified::painted;
use crate::render::words::{comma, duration, plural};

/// `check`: every finding, with the difference where it is one, and at the end a table of the parts.
#[must_use]
pub fn check(checked: &Checked, style: &Style) -> String {
    let mut out = String::new();
    for part in &checked.parts {
        for fact in &part.facts {
            out.push_str(&diagnostic(&finding(fact), style));
            if let Some(text) = output(fact) {
                out.push_str(&format!("\n{}\n", plain::block(&text)));
            }
            if let Some(text) = difference(fact) {
                let text = plain::block(text.trim_end_matches('\n'));
                out.push_str(&format!("\n{}\n", painted(&text, style)));
            }
            out.push('\n');
        }
        if let Some(command) = shows(part.part).filter(|_| has_objects(part)) {
            out.push_str(&help(&format!("see it all: `{command}`"), style));
            if part.part == CheckPart::Schema {
                let command = "grace-migrate migrate -m \"<message>\"";
                let text = format!("make revisions of it: `{command}`");
                out.push_str(&help(&text, style));
            }
            out.push('\n');
        }
    }
    let columns = [
        Column::Whole("Part"),
        Column::Whole("Result"),
        Column::Text("What"),
        Column::Number("Took"),
    ];
    out.push_str(&table(
        &columns,
        checked.parts.iter().map(|part| row(part, style)),
        style,
    ));
    out
}

fn has_objects(part: &CheckedPart) -> bool {
    part.facts
        .iter()
        .any(|fact| matches!(fact, CheckFact::Drift { .. } | CheckFact::Schema { .. }))
}

fn row(part: &CheckedPart, style: &Style) -> Vec<String> {
    let title = part.part.title().to_owned();
    let (result, what, took) = match (outcome(part), part.skipped) {
        (CheckOutcome::Passed, _) => {
            let warnings = match part.facts.len() {
                0 => title,
                count => format!("{title}; {}", plural(count, "warning", "warnings")),
            };
            (
                style.paint(Role::Good, "passed"),
                warnings,
                duration(part.duration_ms),
            )
        }
        (CheckOutcome::Failed, _) => (
            style.paint(Role::Error, "failed"),
            plural(part.facts.len(), "finding", "findings"),
            duration(part.duration_ms),
        ),
        (CheckOutcome::Skipped, reason) => (
            "skipped".to_owned(),
            reason.map(why).unwrap_or_default().to_owned(),
            String::new(),
        ),
    };
    vec![part.part.to_string(), result, what, took]
}

/// What `check` says beside it.
#[must_use]
pub fn check_summary(checked: &Checked, style: &Style) -> String {
    let count = |wanted| {
        let parts = checked.parts.iter();
        parts.filter(|part| outcome(part) == wanted).count()
    };
    let (failed, passed, skipped) = (
        count(CheckOutcome::Failed),
        count(CheckOutcome::Passed),
        count(CheckOutcome::Skipped),
    );
    let facts = checked.parts.iter().flat_map(|part| &part.facts);
    let errors = facts
        .filter(|fact| fact.severity() == Severity::Error)
        .count();
    let verdict = if failed + passed == 0 {
        style.paint(Role::Warning, "nothing was looked at")
    } else if failed == 0 {
        style.paint(Role::Good, "nothing is wrong")
    } else {
        let found = plural(errors, "finding", "findings");
        style.paint(Role::Error, &found)
    };
    let parts = [
        (failed, format!("{failed} failed")),
        (passed, format!("{passed} passed")),
        (skipped, format!("{skipped} skipped")),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    format!("{verdict}: {}\n", comma(parts.map(|(_, text)| text)))
}
