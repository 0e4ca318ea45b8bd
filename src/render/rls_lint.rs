//! `rls lint`: findings as text.

use super::frame::diagnostic;
use super::plain;
use super::rls_status::{missing_schemas, warning};
use super::style::{Role, Style};
use super::words::{comma, plural};
use crate::diagnostic::{Diagnostic, Severity};
use crate::migrator::report::{RlsFinding, RlsLint};

/// `rls lint`: each finding with its place, why it is bad where everything is wanted, and the SQL
/// that mends it.
#[must_use]
pub fn rls_lint(report: &RlsLint, style: &Style) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|finding| text(finding, style))
        .collect();
    findings.join("\n")
}

fn text(finding: &RlsFinding, style: &Style) -> String {
    let mut out = diagnostic(&as_diagnostic(finding), style);
    if style.verbose {
        out.push_str(&format!(
            "{}: {}\n",
            style.paint(Role::Note, "reason"),
            finding.reason
        ));
    }
    out
}

/// A finding as errors show them.
pub(super) fn as_diagnostic(finding: &RlsFinding) -> Diagnostic {
    Diagnostic {
        code: finding.rule,
        severity: finding.severity,
        message: plain::line(&finding.message).into_owned(),
        place: finding.place.clone(),
        related: Vec::new(),
        help: finding.fix.as_ref().map(|sql| format!("`{sql}`")),
    }
}

/// What `rls lint` says beside its findings: how many there are, and what is allowed.
#[must_use]
pub fn rls_lint_summary(report: &RlsLint, style: &Style) -> String {
    let warn = |text: &str| warning(text, style);
    let mut out = missing_schemas(&report.missing_schemas, style);
    for one in &report.unused_allowances {
        let message = format!(
            "`rls.allow` has no use any more: {} of {}",
            one.rule,
            plain::line(&one.object)
        );
        out.push_str(&warn(&message));
    }
    let count = |severity| {
        let findings = report.findings.iter();
        findings.filter(|one| one.severity == severity).count()
    };
    let counts = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Note), "note", "notes"),
    ];
    let told = counts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, many)| plural(count, one, many));
    let told = if report.findings.is_empty() {
        "no findings".to_owned()
    } else {
        comma(told)
    };
    out.push_str(&told);
    if !report.suppressed.is_empty() {
        out.push_str(&format!(
            ", {} allowed by the settings",
            report.suppressed.len()
        ));
    }
    out.push('\n');
    out
}
