//! What is mended, and what is left to decide: `repair`.

use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::verify::block;
use super::words::{plural, rows};
use crate::migrator::report::{Repair, RepairAction, RepairChange, RepairOutcome, RepairReason};

/// `repair`: every change, then [`repair_end`].
#[must_use]
pub fn repair(report: &Repair, style: &Style) -> String {
    let mut out = String::new();
    if !report.changes.is_empty() {
        let columns = [
            Column::Whole("Where"),
            Column::Whole("Change"),
            Column::Whole("Revision"),
            Column::Text("Why"),
        ];
        let cells = report.changes.iter().map(|change| {
            let (place, what) = action(change);
            vec![
                place.to_owned(),
                what,
                plain::line(&change.revision).into_owned(),
                reason(change),
            ]
        });
        out.push_str(&table(&columns, cells, style));
        out.push('\n');
    }
    out.push_str(&repair_end(report, style));
    out
}

/// What it cannot decide, and how it ended.
#[must_use]
pub fn repair_end(report: &Repair, style: &Style) -> String {
    let mut out = String::new();
    for one in &report.undecided {
        out.push_str(&block(one, style));
        out.push('\n');
    }
    let database = format!(
        "the database `{}`",
        plain::line(&report.destination.database)
    );
    let (from, to) = (rows(&report.from, style), rows(&report.to, style));
    let changes = plural(report.changes.len(), "change", "changes");
    let stands = if report.from == report.to {
        format!("{database} stands at {from}")
    } else {
        format!("{database} stands at {to} (was {from})")
    };
    out.push_str(&match report.outcome {
        RepairOutcome::Planned if report.from == report.to => {
            format!("repair of {database} at {from} in {changes}; nothing was changed\n")
        }
        RepairOutcome::Planned => {
            format!("repair of {database} from {from} to {to} in {changes}; nothing was changed\n")
        }
        RepairOutcome::Repaired => {
            let word = style.paint(Role::Good, "repaired");
            format!("{word} in {changes}, no script was run: {stands}\n")
        }
        RepairOutcome::NothingToDo => format!("nothing to repair: {stands}\n"),
    });
    if !report.undecided.is_empty() {
        let places = plural(report.undecided.len(), "place", "places");
        out.push_str(&format!("{places} left to decide, as said above\n"));
    }
    out
}

fn action(change: &RepairChange) -> (&'static str, String) {
    let outcome = change.outcome.map_or("", |outcome| outcome.as_str());
    match change.change {
        RepairAction::DeleteRow => ("version table", "delete".to_owned()),
        RepairAction::KeepOneRow => ("version table", "keep one".to_owned()),
        RepairAction::InsertRow => ("version table", "insert".to_owned()),
        RepairAction::AppendEntry => ("history", format!("append {outcome}")),
    }
}

fn reason(change: &RepairChange) -> String {
    let is_row = change.outcome.is_none();
    match &change.reason {
        RepairReason::Implied { implied_by } if is_row => format!("`{implied_by}` implies it"),
        RepairReason::Implied { implied_by } => format!("`{implied_by}` stands for it from now on"),
        RepairReason::Repeated => "its row is there more than once".to_owned(),
        RepairReason::NoFile => "no file knows it".to_owned(),
        RepairReason::Beneath => "nearest beneath what no file knows".to_owned(),
        RepairReason::InHistory if is_row => "the history says that it is applied".to_owned(),
        RepairReason::InHistory => "its row is restored".to_owned(),
        RepairReason::OtherTool => "another tool applied it".to_owned(),
    }
}
