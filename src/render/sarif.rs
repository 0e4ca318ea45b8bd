//! Findings as SARIF 2.1.0, for tools that show them beside the code.

use serde_json::{Value, json};

use crate::diagnostic::{Place, Severity};
use crate::migrator::report::{RlsFinding, RlsLint};
use crate::rls::{Category, RULES};

/// `rls lint` as SARIF: every rule, and a result for each finding; those that the settings allow
/// are results that are suppressed, with the reason.
#[must_use]
pub fn rls_lint_sarif(report: &RlsLint) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": { "text": rule.title },
                "fullDescription": { "text": rule.reason },
                "defaultConfiguration": { "level": rule.severity },
                "properties": { "category": rule.category },
            })
        })
        .collect();
    let found = report.findings.iter().map(result);
    let suppressed = report.suppressed.iter().map(|one| {
        json!({
            "ruleId": one.rule,
            "level": "none",
            "message": { "text": one.message },
            "locations": [location(&one.object.to_string(), None)],
            "suppressions": [{ "kind": "external", "justification": one.reason }],
        })
    });
    log(&rules, &found.chain(suppressed).collect::<Vec<_>>())
}

/// A log of one run.
pub(super) fn log(rules: &[Value], results: &[Value]) -> String {
    log_of(rules, results, None)
}

/// The same, with what is to be said of the run itself.
pub(super) fn log_of(rules: &[Value], results: &[Value], invocation: Option<&Value>) -> String {
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "grace-migrate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if let Some(invocation) = invocation {
        log["runs"][0]["invocations"] = json!([invocation]);
    }
    format!("{log:#}\n")
}

/// A severity as SARIF says it.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(finding: &RlsFinding) -> Value {
    let kind = match finding.category {
        Category::Security => "security",
        Category::Performance => "performance",
    };
    let object = finding.object.to_string();
    json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": [location(&object, finding.place.as_ref())],
        // The same finding keeps it, wherever its statement moves.
        "partialFingerprints": { "ruleAndObject/v1": format!("{}/{object}", finding.rule) },
        "properties": { "category": kind, "fix": finding.fix, "revision": finding.revision },
    })
}

pub(super) fn location(object: &str, place: Option<&Place>) -> Value {
    let logical = json!([{ "fullyQualifiedName": object }]);
    match place {
        None => json!({ "logicalLocations": logical }),
        Some(place) => json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(place) },
                "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
            },
            "logicalLocations": logical,
        }),
    }
}

/// The path as a relative URI.
fn uri(place: &Place) -> String {
    let path = place.path.display().to_string().replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
