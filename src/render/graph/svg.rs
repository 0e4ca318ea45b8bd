//! The graph as a picture: lanes by `renderdag`, drawn with the `svg` crate.

use renderdag::pipeline::GraphRowShaper;
use svg::Document;
use svg::node::element::{Circle, Group, Path, Polygon, Rectangle, Text, Title};

use super::lanes::{Node, ancestors, nodes};
use super::strokes::{COLORS, LANE, MARGIN, ROW, Strokes, lane};
use crate::migrator::report::{History, RevisionView};
use crate::render::plain;
use crate::render::words::comma;

/// Lane colours, told apart by most eyes, on white.
const PALETTE: [&str; COLORS] = [
    "#3b6ea8", "#c2571a", "#2e8b57", "#8e44ad", "#b8860b", "#c0392b", "#138d90", "#6b6b6b",
];
const INK: &str = "#1f2933";
const FAINT: &str = "#66727f";
const APPLIED: &str = "#2e7d32";
const PENDING: &str = "#b7791f";
const PAPER: &str = "#ffffff";

/// How wide a character of the monospace font of ids is, and how high its text.
const ID_CHARACTER: f64 = 7.9;
const ID_SIZE: u32 = 13;
/// The same for badges.
const BADGE_CHARACTER: f64 = 6.7;
const BADGE_SIZE: u32 = 11;
/// How wide a column of the message's font is at most; only the picture's width hangs on it.
const MESSAGE_CHARACTER: f64 = 7.8;
const MONOSPACE: &str = "DejaVu Sans Mono, Menlo, Consolas, monospace";
const SANS: &str = "system-ui, Segoe UI, Helvetica, DejaVu Sans, sans-serif";
/// Up to this many lanes all ids stand under each other; beyond, each beside its own lanes.
const ALIGNED_LANES: usize = 12;

/// The graph as an SVG document of its own, newest on top, with a legend.
#[must_use]
pub fn svg(report: &History) -> String {
    let nodes = nodes(report);
    let mut shaper = GraphRowShaper::new();
    let shapes: Vec<_> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| shaper.next_row_shape(index, ancestors(&node.drawn)))
        .collect();
    let lanes = |columns: usize| lane(columns.max(1)) + 4.0;
    let widest = shapes.iter().map(|shape| shape.node_line.len()).max();
    let aligned = widest.filter(|widest| *widest <= ALIGNED_LANES);

    let mut strokes = Strokes::default();
    let mut revisions = Group::new();
    let (mut y, mut width) = (12.0, 0.0_f64);
    for (node, shape) in nodes.iter().zip(&shapes) {
        let middle = y + ROW / 2.0;
        let x = lanes(aligned.unwrap_or(shape.node_line.len()));
        let mut group = Group::new().add(Title::new(tooltip(node.view)));
        for mark in marks(node.view, lane(shape.node_column), middle) {
            group = group.add(mark);
        }
        let (group, end) = caption(group, node, x, middle);
        revisions = revisions.add(group);
        width = width.max(end);
        y = strokes.draw(shape, y);
    }
    let (legend, end) = legend(report, y + ROW / 2.0);
    width = (width.max(end) + MARGIN).ceil();
    y += 1.5 * ROW;

    let mut edges = Group::new().set("fill", "none").set("stroke-width", 2);
    for ((color, dashed), path) in strokes.finish() {
        let mut path = Path::new().set("d", path).set("stroke", PALETTE[color]);
        if dashed {
            path = path.set("stroke-dasharray", "4 3");
        }
        edges = edges.add(path);
    }
    let document = Document::new()
        .set("viewBox", (0, 0, width, y))
        .set("width", width)
        .set("height", y)
        .set("role", "img")
        .set("font-family", SANS)
        .add(Title::new("revision graph"))
        .add(
            Rectangle::new()
                .set("width", "100%")
                .set("height", "100%")
                .set("fill", PAPER),
        )
        .add(edges)
        .add(revisions)
        .add(legend);
    format!("{document}\n")
}

/// The whole of what is known of a revision, for a pointer that rests on it.
fn tooltip(view: &RevisionView) -> String {
    let mut lines = vec![view.revision.to_string()];
    if let Some(message) = &view.message {
        lines.push(message.clone());
    }
    if !view.depends_on.is_empty() {
        lines.push(format!("depends on {}", comma(&view.depends_on)));
    }
    lines.push(view.path.display().to_string());
    plain::block(&lines.join("\n")).into_owned()
}

/// The node itself: a diamond for a head, full where it is applied, ringed where it is current.
fn marks(view: &RevisionView, x: f64, y: f64) -> Vec<svg::node::element::Element> {
    let (fill, stroke) = match view.applied {
        Some(true) => (APPLIED, APPLIED),
        Some(false) => (PAPER, PENDING),
        None => (PAPER, INK),
    };
    let mut marks = Vec::new();
    if view.is_current == Some(true) {
        marks.push(
            Circle::new()
                .set("cx", x)
                .set("cy", y)
                .set("r", 9.5)
                .set("fill", PAPER)
                .set("stroke", APPLIED)
                .set("stroke-width", 2)
                .into(),
        );
    }
    if view.is_head {
        let points = [(x, y - 6.5), (x + 6.5, y), (x, y + 6.5), (x - 6.5, y)];
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        marks.push(
            Polygon::new()
                .set("points", points.join(" "))
                .set("fill", fill)
                .set("stroke", stroke)
                .set("stroke-width", 2)
                .into(),
        );
    } else {
        marks.push(
            Circle::new()
                .set("cx", x)
                .set("cy", y)
                .set("r", 5)
                .set("fill", fill)
                .set("stroke", stroke)
                .set("stroke-width", 2)
                .into(),
        );
    }
    marks
}

/// The id, its badges and its message, from `x` on; gives the right end.
fn caption(mut group: Group, node: &Node<'_>, mut x: f64, y: f64) -> (Group, f64) {
    let view = node.view;
    let baseline = y + 4.5;
    group = group.add(
        Text::new(view.revision.as_str())
            .set("x", tenth(x))
            .set("y", baseline)
            .set("font-family", MONOSPACE)
            .set("font-size", ID_SIZE)
            .set("font-weight", "bold")
            .set("fill", INK),
    );
    x += columns(view.revision.as_str()) * ID_CHARACTER + 10.0;
    let labels = view
        .labels
        .iter()
        .map(|label| (label.to_string(), "#efe3f7", "#6c2f91"));
    let head = (view.is_head && !view.is_effective_head).then_some("head");
    let effective = view.is_effective_head.then_some("effective head");
    let current = (view.is_current == Some(true)).then_some("current");
    let states = [
        (head, "#e3edf7", "#27527f"),
        (effective, "#e3edf7", "#27527f"),
        (current, "#dff3e0", APPLIED),
    ];
    let states = states
        .into_iter()
        .filter_map(|(word, paper, ink)| Some((word?.to_owned(), paper, ink)));
    for (text, paper, ink) in labels.chain(states) {
        let width = columns(&text) * BADGE_CHARACTER + 12.0;
        group = group
            .add(
                Rectangle::new()
                    .set("x", tenth(x))
                    .set("y", y - 9.0)
                    .set("width", tenth(width))
                    .set("height", 18)
                    .set("rx", 9)
                    .set("fill", paper),
            )
            .add(
                Text::new(text)
                    .set("x", tenth(x + width / 2.0))
                    .set("y", y + 4.0)
                    .set("text-anchor", "middle")
                    .set("font-family", MONOSPACE)
                    .set("font-size", BADGE_SIZE)
                    .set("fill", ink),
            );
        x += width + 6.0;
    }
    if let Some(message) = &view.message {
        let message = plain::line(message);
        let width = columns(&message) * MESSAGE_CHARACTER;
        group = group.add(
            Text::new(message)
                .set("x", tenth(x + 4.0))
                .set("y", baseline)
                .set("font-size", ID_SIZE)
                .set("fill", INK),
        );
        x += 4.0 + width;
    }
    if !node.named.is_empty() {
        let text = format!("depends on {}", comma(&node.named));
        let width = columns(&text) * MESSAGE_CHARACTER;
        group = group.add(
            Text::new(text)
                .set("x", tenth(x + 4.0))
                .set("y", baseline)
                .set("font-size", BADGE_SIZE)
                .set("fill", FAINT),
        );
        x += 4.0 + width;
    }
    (group, x)
}

/// What the signs mean; gives its right end.
fn legend(report: &History, y: f64) -> (Group, f64) {
    let asked = report.revisions.iter().any(|view| view.applied.is_some());
    let words: &[&str] = if asked {
        &[
            "full: applied",
            "empty: pending",
            "ring: current",
            "diamond: head",
            "dashed: depends on",
        ]
    } else {
        &["diamond: head", "dashed: depends on"]
    };
    let text = words.join("  ·  ");
    let end = MARGIN + columns(&text) * BADGE_CHARACTER;
    let group = Group::new().add(
        Text::new(text)
            .set("x", MARGIN - LANE / 2.0)
            .set("y", y + 4.5)
            .set("font-size", BADGE_SIZE)
            .set("fill", FAINT),
    );
    (group, end)
}

/// To a tenth of a pixel, for no reader sees more.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn columns(text: &str) -> f64 {
    f64::from(u32::try_from(plain::width(text)).unwrap_or(u32::MAX))
}
