//! One screen about a database: `status`.

use super::describe::disagreement::finding;
use super::frame::facts;
use super::plain;
use super::run::holder_text;
use super::style::{Role, Style};
use super::words::{comma, instant, revisions, rows};
use crate::migrator::report::{LogEntry, NextStep, PartialRevision, Status};

/// How much of a statement is shown.
const EXCERPT: usize = 72;

/// `status`: where the database stands, what is pending or half done, who is at it now, and what
/// to do next.
#[must_use]
pub fn status(report: &Status, style: &Style) -> String {
    let url = plain::line(&report.destination.url);
    let mut all = vec![
        row("database", url.as_ref()),
        row("stands at", &place(report, style)),
    ];
    let mut add = |name: &str, text: String| all.push(row(name, &text));
    if report.pending > 0 {
        let pending = format!(
            "{}, up to {}",
            revisions(report.pending),
            comma(&report.heads)
        );
        add("pending", pending);
    }
    for one in &report.partial {
        add("partial", partial(one, style));
    }
    for index in &report.invalid_indexes {
        let busy = if index.busy {
            " (a session works on that table now)"
        } else {
            ""
        };
        let (name, table) = (plain::line(&index.index), plain::line(&index.table));
        add("invalid", format!("index {name} on {table}{busy}"));
    }
    add(
        "lock",
        match &report.lock_holder {
            Some(one) => format!("held{}", holder_text(Some(one))),
            None => "free".to_owned(),
        },
    );
    let last = report.last_record.as_ref();
    add(
        "last run",
        last.map_or_else(|| "none that is known".to_owned(), last_run),
    );
    add("history", history(report, style));
    let mut out = String::new();
    facts(&mut out, &all, "");
    match (report.next.command(), &report.next) {
        (Some(command), _) => out.push_str(&format!(
            "{}: `{command}`\n",
            style.paint(Role::Hint, "next")
        )),
        (None, NextStep::Nothing) => {
            out.push_str(&format!("{}\n", style.paint(Role::Good, "nothing to do")));
        }
        (None, _) => {}
    }
    out
}

fn row(name: &str, text: &str) -> Vec<String> {
    vec![name.to_owned(), text.to_owned()]
}

fn place(report: &Status, style: &Style) -> String {
    if !report.has_version_table {
        return format!("{} (it has no version table)", rows(&[], style));
    }
    let mut place = rows(&report.rows, style);
    if report.at_head && !report.rows.is_empty() {
        place.push_str(&style.paint(Role::Mark, " (head)"));
    }
    place
}

/// `b (upgrade): partially applied 3/7, failed at line 41 of versions/b.up.sql`, and why.
fn partial(one: &PartialRevision, style: &Style) -> String {
    let applied = format!(
        "partially applied {}/{}",
        one.statements_done, one.statements
    );
    let mut out = format!(
        "{} ({}): {}",
        style.paint(Role::Id, &plain::line(&one.revision)),
        one.direction,
        style.paint(Role::Warning, &applied)
    );
    let path = one.path.as_ref().map(|path| path.display().to_string());
    let of = path.map_or_else(String::new, |path| format!(" of {}", plain::line(&path)));
    match &one.stopped {
        None => out.push_str(&format!(", and not recorded{of}")),
        Some(stopped) => {
            let how = if stopped.failed_at.is_some() {
                "failed"
            } else {
                "cut off"
            };
            let at = stopped.line.map_or_else(
                || format!("statement {}", stopped.statement),
                |line| format!("line {line}"),
            );
            out.push_str(&format!(", {how} at {at}{of}"));
            if let Some(sql) = &stopped.sql {
                out.push_str(&format!("\n{}", plain::fit(&plain::line(sql), EXCERPT)));
            }
            if let Some(message) = &stopped.message {
                let code = stopped.sqlstate.as_ref();
                let code = code.map_or_else(String::new, |code| format!("{}: ", plain::line(code)));
                out.push_str(&format!("\n{code}{}", plain::line(message)));
            }
        }
    }
    out.push_str(&format!(
        "\nrun {} at {}",
        plain::line(&one.run_id),
        instant(one.at)
    ));
    out
}

/// `upgrade of b, applied at … by maria, run …`
fn last_run(entry: &LogEntry) -> String {
    let mut out = format!(
        "{} of {}, {} at {} by {}",
        entry.direction,
        plain::line(&entry.revision),
        plain::line(&entry.outcome),
        instant(entry.at),
        plain::line(&entry.who)
    );
    if let Some(run_id) = &entry.run_id {
        out.push_str(&format!(", run {}", plain::line(run_id)));
    }
    if let Some(tag) = &entry.tag {
        out.push_str(&format!(", tag {}", plain::line(tag)));
    }
    out
}

fn history(report: &Status, style: &Style) -> String {
    if report.disagreements.is_empty() && !report.has_history && report.to_adopt == 0 {
        return "none yet".to_owned();
    }
    if report.disagreements.is_empty() {
        let adopt = match report.to_adopt {
            0 => String::new(),
            count => format!("; the next run adopts {}", revisions(count)),
        };
        return format!("agrees with the files{adopt}");
    }
    let lines = report.disagreements.iter().map(|one| {
        let finding = finding(one);
        format!("{}: {}", finding.code, plain::line(&finding.message))
    });
    style.paint(Role::Error, "disagrees with the files")
        + &lines.map(|line| format!("\n{line}")).collect::<String>()
}
