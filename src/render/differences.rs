//! `diff` without states: files, version table and database in one report.

use super::describe::disagreement::difference;
use super::plain;
use super::states::{schema_diff, schema_diff_summary, schema_diff_unified};
use super::style::{Role, Style};
use super::table::{Column, table};
use super::unified::painted;
use super::verify;
use super::words::{comma, plural, revisions, rows};
use crate::diagnostic::Severity;
use crate::migrator::report::{Differences, DisagreementReport, SchemaDiff, VerifyFinding};

/// A table of what differs, and then each part: what disagrees with its difference, what is pending,
/// the objects of the database with their SQL.
#[must_use]
pub fn differences(report: &Differences, style: &Style) -> String {
    let mut out = table(
        &[
            Column::Whole("Part"),
            Column::Whole("Result"),
            Column::Text("What"),
        ],
        parts(report, style),
        style,
    );
    for one in &report.history.findings {
        out.push_str(&format!(
            "\n{}",
            verify::block(&one.disagreement, style).trim_end_matches('\n')
        ));
        out.push('\n');
    }
    if !report.pending.is_empty() {
        out.push('\n');
        let rows = report.pending.iter().map(|one| {
            vec![
                style.paint(Role::Id, one.revision.as_str()),
                one.message.clone().unwrap_or_default(),
                one.path.display().to_string(),
            ]
        });
        let columns = [
            Column::Whole("Pending"),
            Column::Text("Message"),
            Column::Text("Script"),
        ];
        out.push_str(&table(&columns, rows, style));
    }
    if let Some(drift) = report.drift.as_ref().filter(|drift| drift.differs()) {
        out.push('\n');
        out.push_str(&schema_diff(drift, style));
    }
    out
}

fn parts(report: &Differences, style: &Style) -> Vec<Vec<String>> {
    let good = |is_good: bool, yes: &str, no: &str| {
        if is_good {
            style.paint(Role::Good, yes)
        } else {
            style.paint(Role::Error, no)
        }
    };
    let count = |wanted: fn(&VerifyFinding) -> bool, word: &str| {
        let found = report.history.findings.iter().filter(|one| wanted(one));
        match found.count() {
            0 => None,
            number => Some(format!("{number} {word}")),
        }
    };
    let edited = |one: &VerifyFinding| {
        matches!(
            one.disagreement,
            DisagreementReport::Edited { .. } | DisagreementReport::EditedScript { .. }
        )
    };
    let unknown =
        |one: &VerifyFinding| matches!(one.disagreement, DisagreementReport::UnknownRow { .. });
    let told = [
        count(edited, "edited"),
        count(unknown, "unknown"),
        count(
            |one| {
                !matches!(
                    one.disagreement,
                    DisagreementReport::Edited { .. }
                        | DisagreementReport::EditedScript { .. }
                        | DisagreementReport::UnknownRow { .. }
                )
            },
            "more",
        ),
    ];
    let told = comma(told.into_iter().flatten());
    let drift = match &report.drift {
        None => vec![
            style.paint(Role::Warning, "unknown"),
            "what is applied cannot be built from these files".to_owned(),
        ],
        Some(drift) => vec![
            good(!drift.differs(), "same", "differs"),
            if drift.differs() {
                plural(drift.objects.len(), "object", "objects")
            } else {
                String::new()
            },
        ],
    };
    let part = |name: &str, rest: Vec<String>| {
        let mut row = vec![name.to_owned()];
        row.extend(rest);
        row
    };
    vec![
        part(
            "history",
            vec![good(report.history.agrees, "agrees", "disagrees"), told],
        ),
        part(
            "revisions",
            vec![
                good(report.pending.is_empty(), "applied", "pending"),
                match report.pending.len() {
                    0 => revisions(report.history.applied),
                    pending => format!(
                        "{} applied, {pending} pending",
                        revisions(report.history.applied)
                    ),
                },
            ],
        ),
        part("database", drift),
    ]
}

/// What was edited, and the objects of the database that differ, as unified text.
#[must_use]
pub fn differences_unified(report: &Differences, style: &Style) -> String {
    let edited = report.history.findings.iter().filter_map(|one| {
        let text = difference(&one.disagreement)?;
        let text = plain::block(text.trim_end_matches('\n'));
        Some(format!("{}\n", painted(&text, style)))
    });
    let mut out: String = edited.collect();
    if let Some(drift) = &report.drift {
        out.push_str(&schema_diff_unified(drift, style));
    }
    out
}

/// What `diff` says beside it.
#[must_use]
pub fn differences_summary(report: &Differences, style: &Style) -> String {
    let stands = format!(
        "the database `{}` stands at {}",
        plain::line(&report.history.destination.database),
        rows(&report.history.rows, style)
    );
    let mut out = String::new();
    if let Some(drift) = report.drift.as_ref().filter(|drift| drift.differs()) {
        out.push_str(&schema_diff_summary(drift, style));
    }
    let errors = report.history.findings.iter();
    let errors = errors.filter(|one| one.severity == Severity::Error).count();
    let told = [
        (errors, plural(errors, "disagreement", "disagreements")),
        (
            report.pending.len(),
            format!("{} pending", revisions(report.pending.len())),
        ),
        (
            usize::from(report.drift.as_ref().is_some_and(SchemaDiff::differs)),
            "drift".to_owned(),
        ),
    ];
    let told = comma(
        told.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(_, text)| text),
    );
    out.push_str(&if report.differs() && !told.is_empty() {
        format!("{told}: {stands}\n")
    } else if report.differs() {
        format!("what is applied cannot be built: {stands}\n")
    } else {
        format!("no difference: {stands}\n")
    });
    out
}
