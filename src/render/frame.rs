//! Errors and findings as text.

use super::description::Description;
use super::excerpt::excerpt;
use super::plain;
use super::style::{Role, Style};
use crate::diagnostic::{Diagnostic, Related, Severity};

/// An error as it is shown: its headline, its place or its facts, its findings, what was done and
/// what was not, and the hints. Ends with a line end.
#[must_use]
pub fn error(description: &Description, style: &Style) -> String {
    let mut out = headline(
        Role::Error,
        "error",
        description.code,
        &description.message,
        style,
    );
    if let Some(place) = &description.place {
        excerpt(&mut out, place, Role::Error, style);
    }
    facts(&mut out, &description.facts, "  ");
    for finding in &description.findings {
        out.push('\n');
        push_indented(&mut out, &diagnostic(finding, style), "  ");
    }
    if let Some(attachment) = &description.attachment {
        out.push('\n');
        let text = plain::block(attachment);
        out.push_str(&super::unified::painted(text.trim_end(), style));
        out.push('\n');
    }
    if let Some(outcome) = &description.outcome {
        // After findings or a diff it speaks of all of them, so it stands at the margin.
        let indent = if description.findings.is_empty() && description.attachment.is_none() {
            "  "
        } else {
            out.push('\n');
            ""
        };
        for line in plain::block(outcome).lines() {
            out.push_str(&format!("{indent}{}\n", style.paint(Role::Title, line)));
        }
    }
    if !description.hints.is_empty() {
        out.push('\n');
        for hint in &description.hints {
            push_word(&mut out, Role::Hint, "hint", hint, style);
        }
    }
    out
}

/// A finding as it is shown: its headline, its place, the places that belong to it, what helps.
/// Ends with a line end.
#[must_use]
pub fn diagnostic(finding: &Diagnostic, style: &Style) -> String {
    let role = match finding.severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Note => Role::Note,
    };
    let word = finding.severity.to_string();
    let mut out = headline(role, &word, finding.code, &finding.message, style);
    if let Some(place) = &finding.place {
        excerpt(&mut out, place, role, style);
    }
    for Related { note, place } in &finding.related {
        push_word(&mut out, Role::Note, "note", note, style);
        excerpt(&mut out, place, Role::Note, style);
    }
    if let Some(text) = &finding.help {
        out.push_str(&help(text, style));
    }
    out
}

/// One way that helps. Ends with a line end.
pub(super) fn help(text: &str, style: &Style) -> String {
    let mut out = String::new();
    push_word(&mut out, Role::Hint, "help", text, style);
    out
}

/// `error[code]: message`
fn headline(role: Role, word: &str, code: &str, message: &str, style: &Style) -> String {
    format!(
        "{}: {}\n",
        style.paint(role, &format!("{word}[{code}]")),
        style.paint(Role::Title, &plain::line(message))
    )
}

/// `hint: text`, further lines of the text aligned under the first.
fn push_word(out: &mut String, role: Role, word: &str, text: &str, style: &Style) {
    let text = plain::block(text);
    let indent = word.len() + 2;
    for (index, line) in text.lines().enumerate() {
        if index == 0 {
            out.push_str(&format!("{}: {line}\n", style.paint(role, word)));
        } else {
            out.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }
}

fn push_indented(out: &mut String, text: &str, indent: &str) {
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str(indent);
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// Rows of facts, their columns aligned; a cell of several lines keeps them under each other.
pub(super) fn facts(out: &mut String, facts: &[Vec<String>], indent: &str) {
    let columns = facts.iter().map(Vec::len).max().unwrap_or(0);
    let rows: Vec<Vec<String>> = facts
        .iter()
        .map(|row| row.iter().map(|c| plain::block(c).into_owned()).collect())
        .collect();
    // A row of one cell is a sentence of its own: it takes part in no alignment.
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter(|row| row.len() > 1 && column + 1 < row.len())
                .filter_map(|row| row.get(column))
                .flat_map(|cell| cell.lines().map(plain::width))
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &rows {
        let height = row.iter().map(|cell| cell.lines().count()).max();
        for level in 0..height.unwrap_or(0).max(1) {
            let mut line = indent.to_owned();
            for (column, cell) in row.iter().enumerate() {
                let text = cell.lines().nth(level).unwrap_or("");
                let padding = if row.len() > 1 { widths[column] } else { 0 };
                line.push_str(text);
                line.push_str(&" ".repeat(padding.saturating_sub(plain::width(text)) + 2));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}
