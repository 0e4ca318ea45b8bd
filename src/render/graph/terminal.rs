//! `history --graph`: the graph in box-drawing characters, by `renderdag`.

use std::collections::BTreeMap;

use renderdag::pipeline::row_shape_to_prefix_lines::box_drawing::Curved;
use renderdag::pipeline::{BoxDrawing, GraphRowShaper, PrefixLineRenderer, PrefixLinesToText};

use super::lanes::{Node, ancestors, nodes, relative};
use crate::migrator::report::{History, RevisionView};
use crate::render::history::marks;
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::words::{comma, instant};

/// The graph of the history's revisions, newest on top, with a legend. More of each revision
/// where the style is verbose. Nothing for no revisions.
#[must_use]
pub fn terminal(report: &History, style: &Style) -> String {
    let nodes = nodes(report);
    if nodes.is_empty() {
        return String::new();
    }
    let relative = relative(&nodes);
    let height = if style.verbose { 2 } else { 1 };
    let mut shaper = GraphRowShaper::new();
    shaper.options_mut().min_row_height = height;
    let mut prefixes = BoxDrawing::<Curved>::new();
    let mut text = PrefixLinesToText::new();
    let mut out = String::new();
    let mut legend = Legend::default();
    for (index, node) in nodes.iter().enumerate() {
        let shape = shaper.next_row_shape(index, ancestors(&node.drawn));
        let columns = shape.node_line.len().max(shape.ancestry_line.len());
        let room = style
            .width
            .map(|width| usize::from(width).saturating_sub(2 * columns + 1).max(20));
        let glyph = Glyph::of(node.view);
        legend.see(glyph, node);
        text.write_next_text(
            &mut out,
            prefixes.next_prefix_lines(&shape),
            shape.separator_line,
            &style.paint(glyph.role(), glyph.symbol()),
            &message(node, relative.get(&index).copied(), room, style),
            height,
        );
    }
    out.push('\n');
    out.push_str(&style.paint(Role::Faint, &legend.line()));
    out.push('\n');
    out
}

/// What stands beside a node.
fn message(node: &Node<'_>, relative: Option<i8>, room: Option<usize>, style: &Style) -> String {
    let view = node.view;
    let mut out = style.paint(Role::Id, view.revision.as_str());
    if !view.labels.is_empty() {
        out.push_str(&style.paint(Role::Label, &format!(" ({})", comma(&view.labels))));
    }
    out.push_str(&marks(view, false, style));
    if !node.named.is_empty() {
        let named = format!(" (depends on {})", comma(&node.named));
        out.push_str(&style.paint(Role::Faint, &named));
    }
    if let Some(steps) = relative {
        out.push_str(&style.paint(Role::Faint, &format!(" ({steps:+})")));
    }
    let mut lines = Vec::new();
    if let Some(message) = &view.message {
        let message = plain::line(message);
        let taken = plain::visible_width(&out) + 2;
        let message = match room {
            Some(room) => plain::fit(&message, room.saturating_sub(taken).max(8)).into_owned(),
            None => message.into_owned(),
        };
        out.push_str(&format!(", {message}"));
    }
    lines.push(out);
    if style.verbose {
        lines.extend(
            facts(view)
                .into_iter()
                .map(|fact| style.paint(Role::Faint, &fact)),
        );
    }
    lines.join("\n")
}

fn facts(view: &RevisionView) -> Vec<String> {
    let shown = view.path.display().to_string();
    let mut facts = vec![plain::line(&shown).into_owned()];
    if let Some(created) = view.created {
        facts.push(format!("created {}", instant(created)));
    }
    if !view.depends_on.is_empty() {
        let names = comma(&view.depends_on);
        facts.push(format!("depends on {}", plain::line(&names)));
    }
    if let Some(reason) = &view.irreversible {
        facts.push(format!("irreversible: {}", plain::line(reason)));
    }
    facts
}

/// What a node looks like: a diamond is a head, full is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Glyph {
    Current,
    AppliedHead,
    PendingHead,
    Head,
    Applied,
    Pending,
    Revision,
}

impl Glyph {
    fn of(view: &RevisionView) -> Self {
        match (view.is_current, view.applied, view.is_head) {
            (Some(true), ..) => Self::Current,
            (_, Some(true), true) => Self::AppliedHead,
            (_, Some(false), true) => Self::PendingHead,
            (_, None, true) => Self::Head,
            (_, Some(true), false) => Self::Applied,
            (_, Some(false), false) => Self::Pending,
            (_, None, false) => Self::Revision,
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Current => "@",
            Self::AppliedHead | Self::Head => "◆",
            Self::PendingHead => "◇",
            Self::Applied => "●",
            Self::Pending | Self::Revision => "○",
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Current => Role::Current,
            Self::Applied | Self::AppliedHead => Role::Good,
            Self::Head | Self::Revision => Role::Mark,
            Self::Pending | Self::PendingHead => Role::Warning,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::AppliedHead => "head, applied",
            Self::PendingHead => "head, pending",
            Self::Head => "head",
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Revision => "revision",
        }
    }
}

/// What the signs mean, as far as they occur.
#[derive(Debug, Default)]
struct Legend {
    glyphs: BTreeMap<Glyph, ()>,
    dependencies: bool,
    open: bool,
}

impl Legend {
    fn see(&mut self, glyph: Glyph, node: &Node<'_>) {
        self.glyphs.insert(glyph, ());
        self.dependencies |= node.drawn.iter().any(|edge| edge.dependency);
        self.open |= node.drawn.iter().any(|edge| edge.to.is_none());
    }

    fn line(&self) -> String {
        let glyphs = self
            .glyphs
            .keys()
            .map(|glyph| format!("{} {}", glyph.symbol(), glyph.word()));
        let dependency = self.dependencies.then(|| "╷ depends on".to_owned());
        let open = self.open.then(|| "~ not shown".to_owned());
        glyphs
            .chain(dependency)
            .chain(open)
            .collect::<Vec<_>>()
            .join("   ")
    }
}
