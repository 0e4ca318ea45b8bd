//! Unified diffs: the one door to `similar`.

use similar::TextDiff;

use super::plain;
use super::style::{Role, Style};

/// A unified diff with three lines of context; empty where both texts are the same.
///
/// `old_name` and `new_name` stand in its `---` and `+++` lines.
#[must_use]
pub fn unified(old_name: &str, new_name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&plain::line(old_name), &plain::line(new_name))
        .to_string()
}

/// A text that may be a unified diff, its added and removed lines in colour.
pub(super) fn painted(text: &str, style: &Style) -> String {
    if !style.color || !text.starts_with("--- ") {
        return text.to_owned();
    }
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => {
                style.paint(Role::Title, line)
            }
            Some(b'@') => style.paint(Role::Frame, line),
            Some(b'+') => style.paint(Role::Good, line),
            Some(b'-') => style.paint(Role::Gone, line),
            _ => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}
