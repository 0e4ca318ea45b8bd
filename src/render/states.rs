//! `schema dump` and `diff`: SQL, a table of objects, unified text.

use std::path::{Path, PathBuf};

use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::unified::{painted, unified};
use super::words::plural;
use crate::diff::ChangeKind;
use crate::migrator::report::{ObjectDiff, SchemaDiff, SchemaDump, SchemaErd, StateView};
use crate::schema::facts::FactId;

/// The statements of a state as one script.
#[must_use]
pub fn schema_dump(report: &SchemaDump) -> String {
    let mut out = "SET search_path = '';\nSET check_function_bodies = off;\n".to_owned();
    let mut last: Option<&FactId> = None;
    for statement in &report.statements {
        if last != Some(&statement.object) {
            out.push('\n');
        }
        out.push_str(&statement.sql);
        out.push_str(";\n");
        last = Some(&statement.object);
    }
    out
}

/// What `schema dump` says beside it.
#[must_use]
pub fn schema_dump_summary(report: &SchemaDump, style: &Style) -> String {
    let mut out = unmodelled(&report.state, style);
    out.push_str(&format!(
        "{}, fingerprint {}\n",
        plural(report.objects.len(), "object", "objects"),
        report.state.fingerprint.short()
    ));
    out
}

/// Files of a folder that are no part of the state which was written into it, and stay.
#[must_use]
pub fn files_that_stay(folder: &Path, files: &[PathBuf], style: &Style) -> String {
    let mut out = format!(
        "{}: {} in `{}` {} not of this state, and {}:\n",
        style.paint(Role::Warning, "warning"),
        plural(files.len(), "file", "files"),
        plain::line(&folder.display().to_string()),
        if files.len() == 1 { "is" } else { "are" },
        if files.len() == 1 { "stays" } else { "stay" },
    );
    for file in files {
        let path = folder.join(file);
        out.push_str(&format!("  {}\n", plain::line(&path.display().to_string())));
    }
    out
}

/// What `schema erd` says beside it.
#[must_use]
pub fn schema_erd_summary(report: &SchemaErd) -> String {
    let diagram = &report.diagram;
    format!(
        "{}, {}\n",
        plural(diagram.entities.len(), "table", "tables"),
        plural(diagram.relations.len(), "foreign key", "foreign keys")
    )
}

fn unmodelled(state: &StateView, style: &Style) -> String {
    let warned = state.unmodelled.iter().map(|one| {
        format!(
            "{}: {} `{}` in `{}` is of a kind that is not looked at\n",
            style.paint(Role::Warning, "warning"),
            plain::line(&one.kind),
            plain::line(&one.name),
            plain::line(&state.state)
        )
    });
    warned.collect()
}

/// What a role may not see all of.
pub(super) fn unseen(state: &str, role: &str, objects: &[FactId], style: &Style) -> String {
    let mut out = format!(
        "{}: `{}` may not see all of `{}`, and this is left out:\n",
        style.paint(Role::Warning, "warning"),
        plain::line(role),
        plain::line(state)
    );
    for one in objects {
        out.push_str(&format!("  {}\n", plain::line(&one.to_string())));
    }
    out
}

/// Patterns by which something was to be looked at.
pub(super) fn nothing_included(patterns: &[String], style: &Style) -> String {
    let warning = style.paint(Role::Warning, "warning");
    let lines = patterns.iter().map(|one| {
        let pattern = plain::line(one);
        format!("{warning}: nothing is in `{pattern}`, by which something was to be looked at\n")
    });
    lines.collect()
}

/// `diff`: a table of the objects that differ, and their SQL as unified text.
#[must_use]
pub fn schema_diff(report: &SchemaDiff, style: &Style) -> String {
    if !report.differs() {
        return String::new();
    }
    let columns = [
        Column::Whole("Change"),
        Column::Whole("Kind"),
        Column::Text("Object"),
        Column::Number("Facts"),
    ];
    let rows = report.objects.iter().map(|one| {
        vec![
            change(one.change).to_owned(),
            one.kind.to_string(),
            one.object.name(),
            one.facts.to_string(),
        ]
    });
    let mut out = table(&columns, rows, style);
    let texts = schema_diff_unified(report, style);
    if !texts.is_empty() {
        out.push('\n');
        out.push_str(&texts);
    }
    out
}

/// The SQL of the objects that differ as unified text.
#[must_use]
pub fn schema_diff_unified(report: &SchemaDiff, style: &Style) -> String {
    let texts = report.objects.iter().map(|one| object(report, one, style));
    texts.collect()
}

fn object(report: &SchemaDiff, one: &ObjectDiff, style: &Style) -> String {
    let name = |state: &StateView| format!("{}: {}", state.state, one.object);
    let text = unified(
        &name(&report.from),
        &name(&report.to),
        one.from.as_deref().unwrap_or_default(),
        one.to.as_deref().unwrap_or_default(),
    );
    if text.is_empty() {
        return text;
    }
    let text = plain::block(text.trim_end_matches('\n'));
    format!("{}\n", painted(&text, style))
}

fn change(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    }
}

/// What `diff` says beside it.
#[must_use]
pub fn schema_diff_summary(report: &SchemaDiff, style: &Style) -> String {
    let mut out = unmodelled(&report.from, style) + &unmodelled(&report.to, style);
    let count = |wanted: ChangeKind| {
        let number = report.objects.iter().filter(|one| one.change == wanted);
        format!("{} {}", number.count(), change(wanted))
    };
    if report.differs() {
        let counts = [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Removed].map(count);
        let objects = plural(report.objects.len(), "object differs", "objects differ");
        out.push_str(&format!("{objects}: {}\n", counts.join(", ")));
    } else {
        out.push_str(&format!(
            "no difference: `{}` and `{}` are the same\n",
            plain::line(&report.from.state),
            plain::line(&report.to.state)
        ));
    }
    out
}
