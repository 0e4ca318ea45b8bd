//! The graph for Mermaid, as GitHub and others show it in Markdown.

use super::lanes::nodes;
use crate::migrator::report::{History, RevisionView};
use crate::render::plain;
use crate::render::words::comma;

/// The graph as a `flowchart`, newest on top. Arrows lead from a revision to those that revise
/// it or depend on it.
///
/// Nodes are numbered, for an id may be a word of Mermaid's own (`end`).
#[must_use]
pub fn mermaid(report: &History) -> String {
    let nodes = nodes(report);
    let mut out = String::from("flowchart BT\n");
    for (index, node) in nodes.iter().enumerate() {
        out.push_str(&format!(
            "  r{index}[\"{}\"]{}\n",
            label(node.view),
            class(node.view)
        ));
    }
    for (index, node) in nodes.iter().enumerate() {
        for edge in &node.edges {
            if let Some(to) = edge.to {
                let arrow = if edge.dependency { "-.->" } else { "-->" };
                out.push_str(&format!("  r{to} {arrow} r{index}\n"));
            }
        }
    }
    out.push_str("  classDef current fill:#98fb98,stroke:#2e7d32,stroke-width:3px,color:#000\n");
    out.push_str("  classDef applied fill:#f0fff0,stroke:#2e7d32,color:#000\n");
    out.push_str("  classDef head stroke-width:3px\n");
    out
}

fn class(view: &RevisionView) -> &'static str {
    if view.is_current == Some(true) {
        ":::current"
    } else if view.applied == Some(true) {
        ":::applied"
    } else if view.is_head {
        ":::head"
    } else {
        ""
    }
}

fn label(view: &RevisionView) -> String {
    let mut lines = vec![escaped(view.revision.as_str())];
    if !view.labels.is_empty() {
        lines.push(escaped(&format!("({})", comma(&view.labels))));
    }
    if let Some(message) = &view.message {
        lines.push(escaped(&plain::line(message)));
    }
    lines.join("<br/>")
}

/// Everything that Mermaid, its Markdown or the browser could read as their own becomes an
/// entity of Mermaid's: `#35;`.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ',' | '(' | ')' | '-' | '/' => {
                out.push(character);
            }
            _ if character.is_alphanumeric() => out.push(character),
            _ => out.push_str(&format!("#{};", u32::from(character))),
        }
    }
    out
}
