//! The graph for Graphviz.

use super::lanes::nodes;
use crate::migrator::report::{History, RevisionView};
use crate::render::plain;
use crate::render::words::comma;

/// The graph as a `digraph` for Graphviz, newest on top. Arrows lead from a revision to those
/// that revise it or depend on it.
#[must_use]
pub fn dot(report: &History) -> String {
    let nodes = nodes(report);
    let mut out = String::from(
        "digraph revisions {\n  \
         rankdir = \"BT\";\n  \
         node [shape = \"box\", style = \"rounded\", fontname = \"sans-serif\"];\n",
    );
    for node in &nodes {
        let view = node.view;
        out.push_str(&format!(
            "  {} [label = {}{}];\n",
            quoted(view.revision.as_str()),
            quoted(&label(view)),
            look(view)
        ));
    }
    for node in &nodes {
        for edge in &node.edges {
            let Some(to) = edge.to else { continue };
            out.push_str(&format!(
                "  {} -> {}{};\n",
                quoted(nodes[to].view.revision.as_str()),
                quoted(node.view.revision.as_str()),
                if edge.dependency {
                    " [style = \"dashed\"]"
                } else {
                    ""
                }
            ));
        }
    }
    out.push_str("}\n");
    out
}

fn label(view: &RevisionView) -> String {
    let mut lines = vec![view.revision.to_string()];
    if !view.labels.is_empty() {
        lines.push(format!("({})", comma(&view.labels)));
    }
    if let Some(message) = &view.message {
        lines.push(plain::line(message).into_owned());
    }
    lines.join("\n")
}

fn look(view: &RevisionView) -> &'static str {
    if view.is_current == Some(true) {
        ", style = \"rounded,filled,bold\", fillcolor = \"palegreen\""
    } else if view.applied == Some(true) {
        ", style = \"rounded,filled\", fillcolor = \"honeydew\""
    } else if view.is_head {
        ", style = \"rounded,bold\""
    } else {
        ""
    }
}

/// A quoted string of the dot language: a line end becomes its `\n`, which is centred.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Graphviz reads entities in labels.
            '&' => out.push_str("&amp;"),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}
