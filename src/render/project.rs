//! Files and settings: `revision`, `merge`, `init`, `edit`, `config`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::frame::facts;
use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{comma, duration};
use crate::migrator::report::{ConfigReport, EditReport, Init, NewRevision, OriginView};

/// `revision` and `merge`: the new revision, where it stands, its files, and what its hooks did.
#[must_use]
pub fn new_revision(report: &NewRevision, style: &Style) -> String {
    let mut out = String::new();
    let id = style.paint(Role::Id, report.revision.as_str());
    let place = match report.revises.as_slice() {
        [] => "a new base".to_owned(),
        [parent] => format!("after {parent}"),
        parents => format!("merging {}", comma(parents)),
    };
    let labels = if report.labels.is_empty() {
        String::new()
    } else {
        style.paint(Role::Label, &format!(" ({})", comma(&report.labels)))
    };
    let dependencies = if report.depends_on.is_empty() {
        String::new()
    } else {
        format!(", depending on {}", plain::line(&comma(&report.depends_on)))
    };
    out.push_str(&format!("revision {id}{labels}, {place}{dependencies}\n"));
    push_paths(&mut out, "created", Role::Good, &report.created, style);
    for hook in &report.hooks {
        let effect = if hook.changed {
            "changed the files"
        } else {
            "changed nothing"
        };
        out.push_str(&format!(
            "  hook `{}` {effect} ({})\n",
            plain::line(&hook.name),
            duration(hook.duration_ms)
        ));
    }
    out
}

/// `init`: what was created, what was left alone, and what to do next. `here` is the current
/// folder.
#[must_use]
pub fn init(report: &Init, here: &Path, style: &Style) -> String {
    let directory = match report.directory.strip_prefix(here) {
        Ok(below) if below.as_os_str().is_empty() => "this folder".to_owned(),
        Ok(below) => shown(below),
        Err(_) => shown(&report.directory),
    };
    let mut out = if report.created.is_empty() {
        format!("a project is in {directory} already\n")
    } else {
        format!("a project in {directory}\n")
    };
    push_paths(&mut out, "created", Role::Good, &report.created, style);
    push_paths(&mut out, "kept", Role::Faint, &report.kept, style);
    if !report.created.is_empty() {
        let hint = style.paint(Role::Hint, "hint");
        out.push('\n');
        if report.directory != here {
            out.push_str(&format!("{hint}: go there: `cd {directory}`\n"));
        }
        out.push_str(&format!(
            "{hint}: write the first revision: `grace-migrate revision -m \"<message>\"`\n\
             {hint}: or write the schema down in `schema/`, and have it made: `grace-migrate migrate -m \"<message>\"`\n\
             {hint}: then apply it: `grace-migrate upgrade`\n"
        ));
    }
    out
}

/// `edit`: the files that were opened.
#[must_use]
pub fn edit(report: &EditReport, style: &Style) -> String {
    let mut out = String::new();
    push_paths(&mut out, "opened", Role::Good, &report.opened, style);
    out
}

/// `config`: every setting, its value, and where the value came from.
#[must_use]
pub fn config(report: &ConfigReport, style: &Style) -> String {
    let columns = [
        Column::Whole("Setting"),
        Column::Text("Value"),
        Column::Text("From"),
    ];
    let rows = report.settings.iter().map(|entry| {
        vec![
            entry.key.clone(),
            value(&entry.value),
            origin(&entry.origin),
        ]
    });
    let settings = table(&columns, rows, style);
    let file = report.file.as_deref().map_or("none".into(), shown);
    let mut head = vec![vec!["file".to_owned(), file]];
    if let Some(name) = &report.destination {
        head.push(vec!["destination".to_owned(), name.clone()]);
    }
    let mut out = String::new();
    facts(&mut out, &head, "");
    out + "\n" + &settings
}

/// A value as the configuration file would hold it, but for the quotes around a text.
fn value(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}

fn origin(origin: &OriginView) -> String {
    match origin {
        OriginView::Flag { name } => name.clone(),
        OriginView::Environment { name } => format!("${name}"),
        OriginView::File {
            path,
            line,
            variables,
        } => variables
            .iter()
            .fold(format!("{}:{line}", path.display()), |place, variable| {
                format!("{place}, ${variable}")
            }),
        OriginView::Default => "default".to_owned(),
    }
}

fn push_paths(out: &mut String, word: &str, role: Role, paths: &[PathBuf], style: &Style) {
    for path in paths {
        out.push_str(&format!("  {} {}\n", style.paint(role, word), shown(path)));
    }
}

fn shown(path: &Path) -> String {
    plain::line(&path.display().to_string()).into_owned()
}
