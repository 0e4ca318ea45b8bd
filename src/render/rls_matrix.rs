//! `rls matrix`: who reaches which rows, and where that is not what is kept.

use super::plain;
use super::rls_status::{missing_schemas, warning};
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{comma, plural};
use crate::migrator::report::{MatrixTable, RlsMatrix};
use crate::rls::matrix::{Difference, Reach, document};
use crate::schema::Privilege;
use crate::sql::QualifiedName;

/// `rls matrix`: each table with what every actor reaches by each command; where it was compared,
/// the differences alone.
#[must_use]
pub fn rls_matrix(report: &RlsMatrix, style: &Style) -> String {
    match &report.differences {
        Some(differences) => compared(differences, style),
        None if report.tables.is_empty() => format!(
            "no table in {}\n",
            comma(report.schemas.iter().map(|name| plain::line(name)))
        ),
        None => grid(report, style),
    }
}

/// `rls matrix` as Markdown: what is kept in a repository.
#[must_use]
pub fn rls_matrix_markdown(report: &RlsMatrix) -> String {
    document(&report.matrix())
}

fn grid(report: &RlsMatrix, style: &Style) -> String {
    let mut titles = vec!["Table".to_owned()];
    titles.extend(report.actors.iter().map(|actor| actor.name.clone()));
    let columns: Vec<Column<'_>> = titles.iter().map(|title| Column::Whole(title)).collect();
    table(&columns, report.tables.iter().map(row), style)
}

/// A table's row: a line for each command that is worth one.
fn row(table: &MatrixTable) -> Vec<String> {
    let commands: Vec<Privilege> = Privilege::REACH
        .into_iter()
        .filter(|command| is_told(table, *command))
        .collect();
    let mut first = table.table.to_string();
    for command in &commands {
        first.push_str(&format!("\n  {command}"));
    }
    let mut cells = vec![first];
    cells.extend(table.actors.iter().map(|actor| {
        let words = commands.iter().map(|command| {
            let cell = actor.commands.get(command);
            cell.map_or_else(String::new, ToString::to_string)
        });
        std::iter::once(String::new())
            .chain(words)
            .collect::<Vec<_>>()
            .join("\n")
    }));
    cells
}

/// What was tried; of TRUNCATE, which is nobody's business, only where somebody may.
fn is_told(table: &MatrixTable, command: Privilege) -> bool {
    table.actors.iter().any(|actor| {
        let cell = actor.commands.get(&command);
        cell.is_some_and(|cell| command != Privilege::Truncate || cell.reach != Reach::Refused)
    })
}

/// The differences, table by table.
pub(super) fn compared(differences: &[Difference], style: &Style) -> String {
    let mut out = String::new();
    let mut current: Option<Option<&QualifiedName>> = None;
    for difference in differences {
        let (table, text) = one(difference, style);
        if current != Some(table) {
            if current.is_some() {
                out.push('\n');
            }
            let name = table.map_or_else(
                || "every table".to_owned(),
                |table| plain::line(&table.to_string()).into_owned(),
            );
            out.push_str(&format!("{}\n", style.paint(Role::Title, &name)));
            current = Some(table);
        }
        out.push_str(&text);
    }
    out
}

fn one<'d>(difference: &'d Difference, style: &Style) -> (Option<&'d QualifiedName>, String) {
    let line = |text: String| format!("  {text}\n");
    match difference {
        Difference::Table { table, found } => {
            let text = if *found {
                "the table is new: it is not in the kept matrix"
            } else {
                "the table is in the kept matrix, and is not there"
            };
            (Some(table), line(text.to_owned()))
        }
        Difference::Actor {
            table,
            actor,
            found,
        } => {
            let actor = plain::line(actor);
            let text = if *found {
                format!("{actor} is new: the actor is not in the kept matrix")
            } else {
                format!("{actor} is in the kept matrix, and is no actor")
            };
            (table.as_ref(), line(text))
        }
        Difference::Cell {
            table,
            actor,
            command,
            expected,
            found,
        } => {
            let expected = style.paint(Role::Gone, &expected.to_string());
            let found = style.paint(Role::Good, &found.to_string());
            let actor = plain::line(actor);
            let text = format!("{actor}: {command}: expected {expected}, found {found}");
            (Some(table), line(text))
        }
        Difference::Pinned {
            table,
            expected,
            found,
        } => {
            let old = expected.as_deref().unwrap_or_default();
            let new = found.as_deref().unwrap_or_default();
            (Some(table), changed(old, new, style))
        }
    }
}

/// Two statements, line by line: what both have stands once.
fn changed(old: &str, new: &str, style: &Style) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (behind_old, behind_new) = (old[same..].iter().rev(), new[same..].iter().rev());
    let tail = behind_old
        .zip(behind_new)
        .take_while(|(a, b)| a == b)
        .count();
    let mut out = String::new();
    let mut push = |mark: &str, role: Option<Role>, lines: &[&str]| {
        for text in lines {
            let text = format!("{mark} {}", plain::line(text));
            let text = role.map_or_else(|| text.clone(), |role| style.paint(role, &text));
            out.push_str(&format!("  {text}\n"));
        }
    };
    push(" ", None, &old[..same]);
    push("-", Some(Role::Gone), &old[same..old.len() - tail]);
    push("+", Some(Role::Good), &new[same..new.len() - tail]);
    push(" ", None, &old[old.len() - tail..]);
    out
}

/// What `rls matrix` says beside its answer: what was tried, on what, and what stays.
#[must_use]
pub fn rls_matrix_summary(report: &RlsMatrix, style: &Style) -> String {
    let mut out = missing_schemas(&report.missing_schemas, style);
    for table in &report.tables {
        for failure in &table.failures {
            out.push_str(&warning(
                &format!(
                    "{} of {} by {} failed: {} (SQLSTATE {})",
                    failure.command,
                    table.table,
                    plain::line(&failure.actor),
                    plain::line(&failure.message),
                    failure.sqlstate
                ),
                style,
            ));
        }
    }
    out.push_str(&plural(report.tables.len(), "table", "tables"));
    out.push_str(&format!(
        " tried as {}",
        plural(report.actors.len(), "actor", "actors")
    ));
    match (&report.fixtures, report.read_only) {
        (_, true) => out.push_str(", reading alone"),
        (Some(path), false) => out.push_str(&format!(", with the rows of {}", path.display())),
        (None, false) => out.push_str(", on the rows that are there"),
    }
    out.push_str("; rolled back\n");
    if let (Some(path), Some(differences)) = (&report.expected, &report.differences) {
        let path = path.display();
        out.push_str(&match differences.len() {
            0 => format!("as {path} says\n"),
            n => format!(
                "{} from {path}\n{}: if they are meant: `grace-migrate rls matrix --write`\n",
                plural(n, "difference", "differences"),
                style.paint(Role::Hint, "hint")
            ),
        });
    }
    if let Some(path) = &report.written {
        out.push_str(&format!("written to {}\n", path.display()));
    }
    out
}
