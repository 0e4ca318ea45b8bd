//! Whether files, version table and history agree: `verify`.

use super::describe::disagreement::{difference, finding, helps};
use super::frame::{diagnostic, help};
use super::plain;
use super::style::{Role, Style};
use super::unified::painted;
use super::words::{plural, revisions, rows};
use crate::diagnostic::{Diagnostic, Severity};
use crate::migrator::report::{DisagreementReport, Verification};

/// `verify`: each finding with its difference and what helps, the worst first, and a last line that
/// says it all.
#[must_use]
pub fn verify(report: &Verification, style: &Style) -> String {
    let mut out = String::new();
    for one in &report.findings {
        out.push_str(&block(&one.disagreement, style));
        out.push('\n');
    }
    out.push_str(&summary(report, style));
    out
}

/// A disagreement, its difference, and every way that helps.
pub(super) fn block(one: &DisagreementReport, style: &Style) -> String {
    let found = Diagnostic {
        help: None,
        ..finding(one)
    };
    let mut out = diagnostic(&found, style);
    if let Some(difference) = difference(one) {
        let text = plain::block(&difference);
        out.push_str(&format!("\n{}\n\n", painted(text.trim_end(), style)));
    }
    out.extend(helps(one).iter().map(|text| help(text, style)));
    out
}

fn summary(report: &Verification, style: &Style) -> String {
    let count = |severity| {
        let found = report.findings.iter();
        found.filter(|one| one.severity == severity).count()
    };
    let database = format!("`{}`", plain::line(&report.destination.database));
    let warnings = match count(Severity::Warning) {
        0 => String::new(),
        warnings => format!("; {}", plural(warnings, "warning", "warnings")),
    };
    let verdict = match count(Severity::Error) {
        0 if report.applied == 0 && report.rows.is_empty() => {
            return format!("nothing is applied to the database {database}: nothing to verify\n");
        }
        0 => {
            let agree = style.paint(Role::Good, "agree");
            format!("files, version table and history {agree}")
        }
        errors => {
            let disagree = style.paint(Role::Error, "disagree");
            let places = plural(errors, "place", "places");
            format!("files, version table and history {disagree} in {places}")
        }
    };
    format!(
        "{verdict}{warnings}: the database {database} stands at {}, {} applied\n",
        rows(&report.rows, style),
        revisions(report.applied)
    )
}
