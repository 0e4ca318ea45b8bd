use std::path::Path;

use crate::config::CheckPart;
use crate::diagnostic::{Diagnostic, Place, Related, Severity};
use crate::diff::ChangeKind;
use crate::migrator::report::{
    CheckFact, CheckFinding, CheckOutcome, CheckPartReport, CheckReport, Checked, CheckedPart,
    ObjectDiff, SkipReason,
};
use crate::migrator::{Error, StateError};
use crate::render::describe::describe;
use crate::render::describe::disagreement;
use crate::render::unified::unified;
use crate::render::words::{comma, plural};

/// What `check` found, in words. Paths are put behind `prefix`: where the project lies in what they
/// are to be relative to.
#[must_use]
pub fn check_report(checked: &Checked, prefix: &Path) -> CheckReport {
    let part = |one: &CheckedPart| {
        let findings = one.facts.iter().map(|fact| reported(fact, prefix));
        CheckPartReport {
            part: one.part,
            outcome: outcome(one),
            skipped: one.skipped,
            duration_ms: one.duration_ms,
            findings: findings.collect(),
        }
    };
    CheckReport {
        clean: checked.is_clean(),
        parts: checked.parts.iter().map(part).collect(),
    }
}

pub(super) fn outcome(part: &CheckedPart) -> CheckOutcome {
    let is_bad = |fact: &CheckFact| fact.severity() == Severity::Error;
    match part.skipped {
        Some(_) => CheckOutcome::Skipped,
        None if part.facts.iter().any(is_bad) => CheckOutcome::Failed,
        None => CheckOutcome::Passed,
    }
}

/// A finding by itself: what the text says once for a part is said with each.
fn reported(fact: &CheckFact, prefix: &Path) -> CheckFinding {
    let mut finding = finding(fact);
    behind(prefix, &mut finding);
    let command = match fact {
        CheckFact::Drift { .. } => shows(CheckPart::Drift),
        CheckFact::Schema { .. } => shows(CheckPart::Schema),
        _ => None,
    };
    let see = |command| format!("see it all: `{command}`");
    finding.help = finding.help.or_else(|| command.map(see));
    CheckFinding {
        finding,
        difference: difference(fact),
        output: output(fact),
    }
}

/// How many lines of a difference stand in a message that is shown beside other things.
const SHOWN_LINES: usize = 40;

/// How many lines of what a program said are told.
const OUTPUT_LINES: usize = 20;

/// A finding as one text: its message, what helps, what a program said, and the difference, which may
/// be cut.
pub(super) fn whole(one: &CheckFinding) -> String {
    let mut out = one.finding.message.clone();
    if let Some(help) = &one.finding.help {
        out.push_str(&format!("\nhelp: {help}"));
    }
    if let Some(output) = &one.output {
        out.push_str(&format!("\n\n{output}"));
    }
    if let Some(difference) = &one.difference {
        let lines: Vec<&str> = difference.lines().collect();
        let shown = &lines[..lines.len().min(SHOWN_LINES)];
        out.push_str(&format!("\n\n{}", shown.join("\n")));
        let left = lines.len() - shown.len();
        if left > 0 {
            out.push_str(&format!(
                "\n... {}",
                plural(left, "more line", "more lines")
            ));
        }
    }
    out
}

fn behind(prefix: &Path, finding: &mut Diagnostic) {
    let related = finding.related.iter_mut().map(|one| &mut one.place);
    for place in finding.place.iter_mut().chain(related) {
        place.path = prefix.join(&place.path);
    }
}

/// Why a part was not looked at.
pub(super) fn why(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::SwitchedOff => "switched off",
        SkipReason::Offline => "the database was not to be asked",
        SkipReason::NoDatabase => "no database is named",
        SkipReason::BrokenFiles => "the revision files are not in order",
        SkipReason::UnknownRows => "the version table holds what no file knows",
        SkipReason::NoDeclared => "there is no declared schema",
    }
}

/// What lets a part be looked at.
fn instead(reason: SkipReason) -> Option<&'static str> {
    match reason {
        SkipReason::Offline => Some("leave out `--offline`"),
        SkipReason::NoDatabase => {
            Some("name it: `--url`, or `url` of the settings and the variable that it reads")
        }
        SkipReason::UnknownRows => Some("see them: `grace-migrate check --only history`"),
        SkipReason::NoDeclared => Some(
            "write down what the revisions build: `grace-migrate schema dump head --split schema`",
        ),
        SkipReason::SwitchedOff | SkipReason::BrokenFiles => None,
    }
}

/// The command that shows more of a part.
pub(super) fn shows(part: CheckPart) -> Option<&'static str> {
    match part {
        CheckPart::Drift => Some("grace-migrate diff current db"),
        CheckPart::Schema => Some("grace-migrate diff heads schema"),
        _ => None,
    }
}

/// The difference that a finding is about, as a unified diff.
pub(super) fn difference(fact: &CheckFact) -> Option<String> {
    match fact {
        CheckFact::History { disagreement } => disagreement::difference(disagreement),
        CheckFact::Drift { object } => objects(object, "current", "db"),
        CheckFact::Schema { object } => objects(object, "heads", "schema"),
        _ => None,
    }
}

/// What the program said that was to tell the declared schema: its end, where it says why it failed.
pub(super) fn output(fact: &CheckFact) -> Option<String> {
    let CheckFact::Failed { error } = fact else {
        return None;
    };
    let Error::State(StateError::CommandFailed { failure, .. }) = &**error else {
        return None;
    };
    let lines: Vec<&str> = failure.output.lines().collect();
    let last = &lines[lines.len().saturating_sub(OUTPUT_LINES)..];
    Some(last.join("\n")).filter(|text| !text.is_empty())
}

fn objects(object: &ObjectDiff, from: &str, to: &str) -> Option<String> {
    let name = |state: &str| format!("{state}: {}", object.object);
    let text = unified(
        &name(from),
        &name(to),
        object.from.as_deref().unwrap_or_default(),
        object.to.as_deref().unwrap_or_default(),
    );
    Some(text).filter(|text| !text.is_empty())
}

/// One thing that was found, in words.
pub(super) fn finding(fact: &CheckFact) -> Diagnostic {
    let said = |message: String| Diagnostic::error(fact.code(), message);
    match fact {
        CheckFact::File(finding) => finding.clone(),
        CheckFact::SeveralHeads { heads } => {
            let ids = heads.iter().map(|head| head.revision.as_str());
            let mut places = heads.iter().map(|head| Place::file(&head.path));
            let named = comma(ids.clone().map(|id| format!("`{id}`")));
            Diagnostic {
                place: places.next(),
                related: places
                    .map(|place| Related {
                        note: "also a head".to_owned(),
                        place,
                    })
                    .collect(),
                ..said(format!("the graph has {} heads: {named}", heads.len()))
            }
            .help(format!(
                "join them: `grace-migrate merge {} -m \"<message>\"`",
                ids.collect::<Vec<_>>().join(" ")
            ))
        }
        CheckFact::NoDown { revision } => said(format!(
            "`{}` has no down script, and does not say why",
            revision.revision
        ))
        .at(Place::file(&revision.path))
        .help(
            "write its `.down.sql`, or say in the header that there is no way back: \
             `-- irreversible: <reason>`",
        ),
        CheckFact::History { disagreement } => disagreement::finding(disagreement),
        CheckFact::Pending { revisions } => {
            let ids = revisions.iter().map(|one| format!("`{}`", one.revision));
            let message = match revisions.len() {
                1 => format!("{} is not applied", comma(ids)),
                2..=6 => format!(
                    "{} revisions are not applied: {}",
                    revisions.len(),
                    comma(ids)
                ),
                more => format!(
                    "{more} revisions are not applied: {} and {} more",
                    comma(ids.take(5)),
                    more - 5
                ),
            };
            let mut said = said(message).help("run them: `grace-migrate upgrade heads`");
            said.place = revisions.first().map(|first| Place::file(&first.path));
            said
        }
        CheckFact::Drift { object } => said(match object.change {
            ChangeKind::Added => {
                format!(
                    "{} is there, and no applied revision makes it",
                    name(object)
                )
            }
            ChangeKind::Removed => format!(
                "{} is not there, and the applied revisions make it",
                name(object)
            ),
            ChangeKind::Changed => format!(
                "{} is not what the applied revisions make of it",
                name(object)
            ),
        }),
        CheckFact::Schema { object } => said(match object.change {
            ChangeKind::Added => {
                format!("{} is declared, and no revision makes it", name(object))
            }
            ChangeKind::Removed => format!(
                "{} is not declared, and the revisions make it",
                name(object)
            ),
            ChangeKind::Changed => {
                format!("{} is not what the revisions make of it", declared(object))
            }
        }),
        CheckFact::NotChecked { part, reason } => {
            let said = said(format!(
                "`{part}` is asked for, and cannot be looked at: {}",
                why(*reason)
            ));
            match instead(*reason) {
                Some(help) => said.help(help),
                None => said,
            }
        }
        CheckFact::Failed { error } => {
            let described = describe(error, "check");
            let mut findings = described.findings.into_iter();
            // What is wrong with a file is more than that something is.
            match (findings.next(), findings.next()) {
                (Some(only), None) => only,
                (first, _) => Diagnostic {
                    place: described
                        .place
                        .or_else(|| first.and_then(|first| first.place)),
                    help: described.hints.into_iter().next(),
                    ..said(described.message)
                },
            }
        }
    }
}

fn name(object: &ObjectDiff) -> String {
    format!("{} `{}`", object.kind, object.object.name())
}

fn declared(object: &ObjectDiff) -> String {
    format!("declared {}", name(object))
}
