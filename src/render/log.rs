//! What was run when: `log`.

use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{comma, duration, instant};
use crate::migrator::report::{ClosingEntry, LogEntry, LogReport};

/// `log`: a table, newest first, what was closed and opened in it; with every detail where the
/// style is verbose, and the SQL of closings beneath. Nothing where there are no entries.
#[must_use]
pub fn log(report: &LogReport, style: &Style) -> String {
    if report.entries.is_empty() && report.closings.is_empty() {
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
    let lines = lines(report);
    let mut all: Vec<Vec<String>> = lines.iter().map(Line::cells).collect();
    if let (Some(width), false) = (style.width, style.verbose) {
        cut_messages(&mut all, usize::from(width));
    }
    let rows = lines.iter().zip(all).map(|(line, mut row)| {
        if tagged {
            row.push(line.tag().unwrap_or_default().to_owned());
        }
        if style.verbose {
            row.extend(line.details());
        }
        row
    });
    let mut out = table(&columns, rows, style);
    if style.verbose {
        for line in &lines {
            line.push_sql(&mut out, style);
        }
    }
    out
}

/// A line of the log.
enum Line<'a> {
    Entry(&'a LogEntry),
    /// The tables of one run that were closed or opened, in the order in which they were.
    Closing(Vec<&'a ClosingEntry>),
}

/// Everything, newest first.
fn lines(report: &LogReport) -> Vec<Line<'_>> {
    let mut closings: Vec<Vec<&ClosingEntry>> = Vec::new();
    for one in report.closings.iter().rev() {
        match closings.last_mut() {
            Some(run) if run[0].run_id == one.run_id => run.push(one),
            _ => closings.push(vec![one]),
        }
    }
    let mut lines: Vec<Line<'_>> = report.entries.iter().map(Line::Entry).collect();
    for run in closings {
        let newer = |line: &Line<'_>| match line {
            Line::Entry(entry) => entry.at > run[0].at,
            Line::Closing(other) => other[0].sequence > run[0].sequence,
        };
        let at = lines.iter().position(|line| !newer(line));
        lines.insert(at.unwrap_or(lines.len()), Line::Closing(run));
    }
    lines
}

impl Line<'_> {
    fn cells(&self) -> Vec<String> {
        let run = match self {
            Self::Entry(entry) => return cells(entry),
            Self::Closing(run) => run,
        };
        let tables = comma(run.iter().map(|one| &one.table));
        vec![
            instant(run[0].at).trim_end_matches('Z').to_owned(),
            String::new(),
            run[0].outcome.clone(),
            String::new(),
            match &run[0].reason {
                Some(reason) => format!("{tables}: {reason}"),
                None => tables,
            },
            run[0].who.clone(),
            String::new(),
        ]
    }

    fn tag(&self) -> Option<&str> {
        match self {
            Self::Entry(entry) => entry.tag.as_deref(),
            Self::Closing(_) => None,
        }
    }

    /// From where, in which run, by which version.
    fn details(&self) -> [String; 3] {
        let (from, run, version) = match self {
            Self::Entry(entry) => (
                &entry.from,
                entry.run_id.clone(),
                entry.tool_version.clone(),
            ),
            Self::Closing(run) => (
                &run[0].from,
                Some(run[0].run_id.clone()),
                Some(run[0].tool_version.clone()),
            ),
        };
        [
            from.clone().unwrap_or_else(|| "local".to_owned()),
            run.unwrap_or_default(),
            version.unwrap_or_default(),
        ]
    }

    /// The statements of a closing, and what undoes them.
    fn push_sql(&self, out: &mut String, style: &Style) {
        let Self::Closing(run) = self else { return };
        for one in run {
            let title = format!(
                "{} {} at {}",
                one.outcome,
                plain::line(&one.table),
                instant(one.at)
            );
            out.push_str(&format!("\n{}\n", style.paint(Role::Title, &title)));
            let undo = "-- what undoes it:".to_owned();
            let undo = (!one.undo.is_empty()).then_some(&undo);
            for line in one.sql.iter().chain(undo).chain(&one.undo) {
                out.push_str(&format!("  {}\n", plain::line(line)));
            }
        }
    }
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
    if !report.entries.is_empty() || !report.closings.is_empty() {
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
