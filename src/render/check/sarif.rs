use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::finding::whole;
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::report::{CheckFinding, CheckPartReport, CheckReport};
use crate::render::sarif::{level, location, log};

/// The findings as SARIF 2.1.0: a rule for each code that was found, and a result for each finding.
/// What has no place in a file stands at the beginning of `settings`: not everybody takes a result
/// without a file.
#[must_use]
pub fn check_sarif(report: &CheckReport, settings: &Path) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    let mut results = Vec::new();
    for part in &report.parts {
        for one in &part.findings {
            rules
                .entry(one.finding.code)
                .or_insert_with(|| rule(part, &one.finding));
            results.push(result(part, one, settings));
        }
    }
    log(&rules.into_values().collect::<Vec<_>>(), &results)
}

fn rule(part: &CheckPartReport, finding: &Diagnostic) -> Value {
    json!({
        "id": finding.code,
        "shortDescription": { "text": finding.code.replace('-', " ") },
        "fullDescription": { "text": format!("checked: {}", part.part.title()) },
        "defaultConfiguration": { "level": level(finding.severity) },
    })
}

fn result(part: &CheckPartReport, one: &CheckFinding, settings: &Path) -> Value {
    let finding = &one.finding;
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|one| location(&one.note, Some(&one.place)))
        .collect();
    let otherwise = Place::file(settings);
    let place = finding.place.as_ref().unwrap_or(&otherwise);
    json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": whole(one) },
        "locations": [location(part.part.word(), Some(place))],
        "relatedLocations": related,
        "partialFingerprints": { "codeAndMessage/v1": format!("{}/{}", finding.code, finding.message) },
    })
}
