//! A place in a file, with its line and a caret under what is meant.

use super::plain;
use super::style::{Role, Style};
use crate::diagnostic::Place;

/// How many columns of a source line are shown where there is no terminal to fit.
const COLUMNS: usize = 120;
/// How far apart tab stops are.
const TAB: usize = 4;

/// Writes the place, and its line with a caret in the colour of `role`.
///
/// ```text
///   --> versions/a.up.sql:14:14
///    |
/// 14 | create table users (
///    |              ^^^^^
/// ```
pub(super) fn excerpt(out: &mut String, place: &Place, role: Role, style: &Style) {
    let number = place.line.to_string();
    let gutter = if place.line > 0 { number.len() } else { 1 };
    let shown = place.to_string();
    out.push_str(&format!(
        "{:gutter$}{} {}\n",
        "",
        style.paint(Role::Frame, "-->"),
        plain::line(&shown)
    ));
    if place.line == 0 || place.source.is_empty() {
        return;
    }
    let columns = style.width.map_or(COLUMNS, usize::from);
    let window = Window::new(place, columns.saturating_sub(gutter + 3).max(20));
    let bar = style.paint(Role::Frame, "|");
    out.push_str(&format!("{:gutter$} {bar}\n", ""));
    out.push_str(&format!(
        "{} {bar} {}\n",
        style.paint(Role::Frame, &number),
        window.text
    ));
    if place.column > 0 {
        out.push_str(&format!(
            "{:gutter$} {bar} {:start$}{}\n",
            "",
            "",
            style.paint(role, &"^".repeat(window.width)),
            start = window.start,
        ));
    }
}

/// The part of a source line that is shown, and where in it the caret stands, in columns.
struct Window {
    text: String,
    start: usize,
    width: usize,
}

impl Window {
    fn new(place: &Place, columns: usize) -> Self {
        let first = place.column.saturating_sub(1) as usize;
        let end = first.saturating_add(place.width.max(1) as usize);
        // Where each character starts, in columns; tabs are spread out.
        let mut cells: Vec<(usize, char)> = Vec::new();
        let mut at = 0;
        let (mut start, mut stop) = (None, None);
        for (index, character) in place.source.chars().enumerate() {
            if index == first {
                start = Some(at);
            }
            if index == end {
                stop = Some(at);
            }
            if character == '\t' {
                for _ in 0..TAB - at % TAB {
                    cells.push((at, ' '));
                    at += 1;
                }
            } else {
                let mut buffer = [0; 4];
                for character in plain::line(character.encode_utf8(&mut buffer)).chars() {
                    cells.push((at, character));
                    at += plain::character_width(character);
                }
            }
        }
        let total = at;
        let start = start.unwrap_or(total);
        let stop = stop.unwrap_or(total).max(start + 1);
        if total <= columns {
            return Self {
                text: cells.into_iter().map(|(_, character)| character).collect(),
                start,
                width: stop - start,
            };
        }
        // The caret is kept in sight, with a third of the window before it.
        let left = start
            .saturating_sub(columns / 3)
            .min(total.saturating_sub(columns - 1));
        let left = if left <= 1 { 0 } else { left };
        let rest = columns - usize::from(left > 0);
        let right = if left + rest >= total {
            total
        } else {
            left + rest - 1
        };
        let mut text = String::new();
        if left > 0 {
            text.push('…');
        }
        text.extend(
            cells
                .iter()
                .filter(|(at, character)| {
                    *at >= left && at + plain::character_width(*character) <= right
                })
                .map(|(_, character)| character),
        );
        if right < total {
            text.push('…');
        }
        let shift = left - usize::from(left > 0);
        Self {
            text,
            start: start - shift,
            width: stop.min(right).max(start + 1) - start,
        }
    }
}
