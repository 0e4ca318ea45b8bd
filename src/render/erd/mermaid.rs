//! The diagram for Mermaid.

use std::borrow::Cow;

use crate::render::plain;
use crate::schema::diagram::{Attribute, Diagram, Many, One};

/// The diagram as an `erDiagram` for Mermaid.
///
/// Mermaid's words are few: a type or column that it has no way to write is written with `_` for what
/// it cannot have, and as it really is behind that.
#[must_use]
pub fn mermaid(diagram: &Diagram) -> String {
    let mut out = "erDiagram\n".to_owned();
    for entity in &diagram.entities {
        let title = escaped(&entity.title());
        if entity.attributes.is_empty() {
            out.push_str(&format!("    \"{title}\"\n"));
            continue;
        }
        out.push_str(&format!("    \"{title}\" {{\n"));
        for attribute in &entity.attributes {
            out.push_str(&format!("        {}\n", line(attribute)));
        }
        out.push_str("    }\n");
    }
    for relation in &diagram.relations {
        let title = |place: usize| escaped(&diagram.entities[place].title());
        let referred = match relation.referred {
            One::ExactlyOne => "||",
            One::ZeroOrOne => "|o",
        };
        let stroke = if relation.identifying { "--" } else { ".." };
        let referring = match relation.referring {
            Many::ZeroOrOne => "o|",
            Many::ZeroOrMore => "o{",
        };
        out.push_str(&format!(
            "    \"{}\" {referred}{stroke}{referring} \"{}\" : \"{}\"\n",
            title(relation.to),
            title(relation.from),
            escaped(&relation.columns.join(", "))
        ));
    }
    out
}

fn line(attribute: &Attribute) -> String {
    let (data_type, name) = (word(&attribute.data_type), word(&attribute.name));
    let mut out = format!("{data_type} {name}");
    let keys: Vec<&str> = [
        ("PK", attribute.primary_key),
        ("FK", attribute.foreign_key),
        ("UK", attribute.unique),
    ]
    .into_iter()
    .filter_map(|(word, is)| is.then_some(word))
    .collect();
    if !keys.is_empty() {
        out.push(' ');
        out.push_str(&keys.join(", "));
    }
    let mut notes = Vec::new();
    if name != attribute.name {
        notes.push(attribute.name.as_str());
    }
    // Spaces are no loss.
    if data_type != attribute.data_type.replace(' ', "_") {
        notes.push(&attribute.data_type);
    }
    notes.extend(attribute.comment.as_deref());
    if !notes.is_empty() {
        out.push_str(&format!(" \"{}\"", escaped(&notes.join("; "))));
    }
    out
}

/// A text as a type or column may be written.
fn word(text: &str) -> Cow<'_, str> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c >= '\u{c0}';
    let may_follow = |c: char| is_letter(c) || c.is_ascii_digit() || "-[]()".contains(c);
    let is_key = ["pk", "fk", "uk"].iter().any(|key| {
        let start = text.get(..2).unwrap_or_default();
        let next = text.chars().nth(2);
        start.eq_ignore_ascii_case(key)
            && !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    if text.starts_with(is_letter) && text.chars().all(may_follow) && !is_key {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    if is_key || !text.starts_with(is_letter) && text.starts_with(may_follow) {
        out.push('_');
    }
    out.extend(text.chars().map(|c| if may_follow(c) { c } else { '_' }));
    Cow::Owned(out)
}

/// A text in double quotes: Mermaid has its own names of characters for what would end it, or mean
/// something.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in plain::line(text).chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '%' => out.push_str("#37;"),
            '&' => out.push_str("#amp;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '\\' => out.push_str("#92;"),
            '`' => out.push_str("#96;"),
            _ => out.push(character),
        }
    }
    out
}
