//! What was run when: `log`.

use super::style::Style;
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
    let rows = report.entries.iter().map(|entry| {
        let mut row = cells(entry);
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
