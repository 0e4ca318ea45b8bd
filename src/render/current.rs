//! Where a database stands: `current`.

use super::describe::disagreement::finding;
use super::frame::diagnostic;
use super::history::{Parts, block, block_with, blocks, line};
use super::plain;
use super::style::{Role, Style};
use super::words::{comma, revisions};
use crate::migrator::report::{Current, CurrentRow, RevisionView};

/// `current`: a line for each row of the version table and for each branch tip that is applied
/// only because a row depends on it; a block each where the style is verbose. Nothing for an
/// empty database.
#[must_use]
pub fn current(report: &Current, style: &Style) -> String {
    if style.verbose {
        let rows = report.rows.iter().map(|row| row_block(row, style));
        let implied = report.implied.iter().map(|view| block(view, style));
        return format!(
            "Current revision(s) for {}:\n{}",
            plain::line(&report.destination.url),
            blocks(rows.chain(implied))
        );
    }
    let mut out = String::new();
    for row in &report.rows {
        out.push_str(&row_line(row, style));
        out.push('\n');
    }
    for view in &report.implied {
        out.push_str(&tip_line(view, style));
        out.push_str(&style.paint(Role::Faint, " (implied by a dependency)"));
        out.push('\n');
    }
    out
}

/// What there is to say of it beside the rows: whether the database is at head, how much is
/// pending, what is to be adopted, and where the history and the files disagree.
#[must_use]
pub fn current_summary(report: &Current, style: &Style) -> String {
    let mut out = String::new();
    for one in &report.disagreements {
        out.push_str(&diagnostic(&finding(one), style));
    }
    let database = format!("database `{}`", plain::line(&report.destination.database));
    if report.rows.is_empty() {
        let why = if report.has_version_table {
            "its version table is empty"
        } else {
            "it has no version table"
        };
        out.push_str(&format!("nothing is applied to {database}: {why}\n"));
    } else if report.at_head && report.disagreements.is_empty() {
        let word = style.paint(Role::Good, "at head");
        out.push_str(&format!("{database} is {word}\n"));
    }
    if report.to_adopt > 0 {
        out.push_str(&format!(
            "{} applied by another tool: the next run adopts {}\n",
            revisions(report.to_adopt),
            if report.to_adopt == 1 { "it" } else { "them" }
        ));
    }
    if report.pending > 0 {
        out.push_str(&format!(
            "{} pending, up to {}\n",
            revisions(report.pending),
            comma(&report.heads)
        ));
    }
    out
}

fn row_line(row: &CurrentRow, style: &Style) -> String {
    match &row.revision {
        Some(view) => tip_line(view, style),
        None => format!(
            "{}{}",
            style.paint(Role::Id, &plain::line(&row.version_num)),
            style.paint(Role::Warning, " (no file knows it)")
        ),
    }
}

/// That a tip is current is what the whole list says, so its line does not.
fn tip_line(view: &RevisionView, style: &Style) -> String {
    let parts = Parts {
        tree: true,
        ..Parts::default()
    };
    let mut view = view.clone();
    view.is_current = None;
    line(&view, parts, style)
}

fn row_block(row: &CurrentRow, style: &Style) -> String {
    let Some(view) = &row.revision else {
        return format!("Rev: {}\n", row_line(row, style));
    };
    block_with(view, &digests(row, style), style)
}

/// The line that names the whole history beneath a row, by the files and by the history.
fn digests(row: &CurrentRow, style: &Style) -> String {
    let Some(files) = &row.digest else {
        return String::new();
    };
    let short = |digest: &str| plain::prefix(digest, 12).to_owned();
    let says = match (&row.recorded_digest, &row.differs_at) {
        (None, _) => return format!("Digest: {}\n", short(files)),
        (Some(_), None) => "the history says the same".to_owned(),
        (Some(recorded), Some(first)) => style.paint(
            Role::Warning,
            &format!(
                "the history says {}: it differs from the files at {first}",
                short(recorded)
            ),
        ),
    };
    format!("Digest: {} ({says})\n", short(files))
}
