//! What was run when: `log`.

use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{duration, instant};
use crate::migrator::report::{LogEntry, LogReport};

/// `log`: a table, newest first; with every detail where the style is verbose. Nothing where
/// there are no entries.
#[must_use]
pub fn log(report: &LogReport, style: &Style) -> String {
    if report.entries.is_empty() {
        return String::new();
    }
    let mut columns = vec![
        Column::Whole("When (UTC)"),
        Column::Whole("Direction"),
        Column::Whole("Outcome"),
        Column::Whole("Revision"),
        Column::Text("Message"),
        Column::Text("Who"),
        Column::Number("Took"),
    ];
    let tagged = report.entries.iter().any(|entry| entry.tag.is_some());
    if tagged {
        columns.push(Column::Text("Tag"));
    }
    if style.verbose {
        columns.extend([
            Column::Text("From"),
            Column::Text("Run"),
            Column::Whole("Version"),
        ]);
    }
    let mut all: Vec<Vec<String>> = report.entries.iter().map(cells).collect();
    if let (Some(width), false) = (style.width, style.verbose) {
        cut_messages(&mut all, usize::from(width));
    }
    let rows = report.entries.iter().zip(all).map(|(entry, mut row)| {
        if tagged {
            row.push(entry.tag.clone().unwrap_or_default());
        }
        if style.verbose {
            row.extend([
                entry.from.clone().unwrap_or_else(|| "local".to_owned()),
                entry.run_id.clone().unwrap_or_default(),
                entry.tool_version.clone().unwrap_or_default(),
            ]);
        }
        row
    });
    table(&columns, rows, style)
}

/// Where in a row the message stands.
const MESSAGE: usize = 4;

/// Cuts messages off where the terminal ends, rather than to wrap them: one line an entry.
fn cut_messages(rows: &mut [Vec<String>], width: usize) {
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| plain::width(cell)).max().unwrap_or(0)
    };
    let columns = rows.first().map_or(0, Vec::len);
    let others: usize = (0..columns)
        .filter(|column| *column != MESSAGE)
        .map(|column| widest(column).max("Direction".len()) + 2)
        .sum();
    let room = width.saturating_sub(others).max(12);
    for row in rows {
        row[MESSAGE] = plain::fit(&plain::line(&row[MESSAGE]), room).into_owned();
    }
}

/// What there is to say of it beside the entries: that there are none, or more.
#[must_use]
pub fn log_summary(report: &LogReport, style: &Style) -> String {
    if !report.entries.is_empty() {
        return if report.has_more {
            "there are more: a larger `-n` shows them\n".to_owned()
        } else {
            String::new()
        };
    }
    let database = plain::line(&report.destination.database);
    if report.has_history {
        format!("no entries in the history of database `{database}`\n")
    } else {
        let hint = style.paint(Role::Hint, "hint");
        format!(
            "database `{database}` has no history yet\n\
             {hint}: the first `grace-migrate upgrade` or `stamp` makes one\n"
        )
    }
}

fn cells(entry: &LogEntry) -> Vec<String> {
    vec![
        instant(entry.at).trim_end_matches('Z').to_owned(),
        entry.direction.to_string(),
        entry.outcome.clone(),
        entry.revision.clone(),
        entry.message.clone().unwrap_or_default(),
        entry.who.clone(),
        entry.duration_ms.map(duration).unwrap_or_default(),
    ]
}
