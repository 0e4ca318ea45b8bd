//! The lanes of a drawing as strokes: what `renderdag` lays out in cells becomes path data.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use renderdag::pipeline::types::GraphRowShape;
use renderdag::{LinkLine, NodeLine, PadLine};

/// How far apart lanes are, in pixels.
pub(super) const LANE: f64 = 18.0;
/// How high the row of a revision is.
pub(super) const ROW: f64 = 28.0;
/// How high the row is in which lanes part and meet.
pub(super) const LINK: f64 = 18.0;
/// How far in from the left the first lane is.
pub(super) const MARGIN: f64 = 22.0;
/// How far an edge whose end is left out leads down.
const STUB: f64 = 12.0;
/// How many lane colours there are.
pub(super) const COLORS: usize = 8;

/// Path data of all edges, by colour and by whether it is dashed.
#[derive(Debug, Default)]
pub(super) struct Strokes {
    paths: BTreeMap<(usize, bool), String>,
    /// The vertical stroke that each lane is in: it grows row by row, so that a long edge is one
    /// stroke and its dashes run on.
    growing: BTreeMap<usize, Vertical>,
}

#[derive(Debug, Clone, Copy)]
struct Vertical {
    top: f64,
    bottom: f64,
    dashed: bool,
}

/// Where the middle of a lane is.
pub(super) fn lane(column: usize) -> f64 {
    // Lanes are few: a column beyond 2^32 would be no drawing.
    MARGIN + LANE * f64::from(u32::try_from(column).unwrap_or(u32::MAX))
}

impl Strokes {
    fn push(&mut self, column: usize, dashed: bool, stroke: std::fmt::Arguments<'_>) {
        let path = self.paths.entry((column % COLORS, dashed)).or_default();
        // Writing to a string does not fail.
        let _ = path.write_fmt(stroke);
    }

    fn vertical(&mut self, column: usize, dashed: bool, top: f64, bottom: f64) {
        let grown = self.growing.get_mut(&column).filter(|vertical| {
            vertical.dashed == dashed && (vertical.bottom - top).abs() < f64::EPSILON
        });
        if let Some(vertical) = grown {
            vertical.bottom = bottom;
            return;
        }
        let next = Vertical {
            top,
            bottom,
            dashed,
        };
        if let Some(ended) = self.growing.insert(column, next) {
            self.push_vertical(column, ended);
        }
    }

    fn push_vertical(&mut self, column: usize, vertical: Vertical) {
        let (x, top, bottom) = (lane(column), vertical.top, vertical.bottom);
        self.push(column, vertical.dashed, format_args!("M{x} {top}V{bottom}"));
    }

    /// The path data, by colour and by whether it is dashed.
    pub(super) fn finish(mut self) -> BTreeMap<(usize, bool), String> {
        for (column, vertical) in std::mem::take(&mut self.growing) {
            self.push_vertical(column, vertical);
        }
        self.paths
    }

    /// Draws one revision's row, its top at `top`, and gives the top of the next.
    pub(super) fn draw(&mut self, shape: &GraphRowShape<usize>, top: f64) -> f64 {
        let bottom = top + ROW;
        let middle = top + ROW / 2.0;
        for (column, cell) in shape.node_line.iter().enumerate() {
            match cell {
                NodeLine::Blank => {}
                NodeLine::Parent | NodeLine::Ancestor => {
                    let dashed = *cell == NodeLine::Ancestor;
                    self.vertical(column, dashed, top, bottom);
                }
                NodeLine::Node => {
                    let start = if shape.is_head { middle } else { top };
                    let end = if shape.is_root { middle } else { bottom };
                    // What leads on from here alone is dashed from the node on.
                    let dashed = leaves_dashed(shape, column);
                    if start < middle {
                        let arrives_dashed = self.growing.get(&column).is_some_and(|vertical| {
                            vertical.dashed && (vertical.bottom - start).abs() < f64::EPSILON
                        });
                        self.vertical(column, arrives_dashed, start, middle);
                    }
                    if end > middle {
                        self.vertical(column, dashed, middle, end);
                    }
                }
            }
        }
        let mut next = bottom;
        if let Some(links) = &shape.link_line {
            self.links(shape, links, next);
            next += LINK;
        }
        if let Some(ends) = &shape.term_line {
            let stub = next + STUB;
            for (column, cell) in shape.ancestry_line.iter().enumerate() {
                if ends.get(column) == Some(&true) {
                    self.vertical(column, true, next, stub);
                } else if *cell != PadLine::Blank {
                    self.vertical(column, *cell == PadLine::Ancestor, next, stub);
                }
            }
            next = stub;
        }
        next
    }

    /// Draws the row in which lanes part and meet.
    fn links(&mut self, shape: &GraphRowShape<usize>, links: &[LinkLine], top: f64) {
        let middle = top + LINK / 2.0;
        let turns = turns_to_the_right(shape, links.len());
        // What leads across goes on from cell to cell as one stroke.
        let mut across: Option<Across> = None;
        for (column, cell) in links.iter().enumerate() {
            if cell.intersects(LinkLine::VERTICAL) {
                let dashed = !cell.contains(LinkLine::VERT_PARENT);
                self.vertical(column, dashed, top, top + LINK);
            }
            let color = if column < shape.node_column {
                shape.node_column
            } else {
                turns[column]
            };
            let next = cell.intersects(LinkLine::HORIZONTAL).then(|| Across {
                first: column,
                color,
                dashed: !cell.contains(LinkLine::HORIZ_PARENT),
            });
            let goes_on = matches!((&across, &next), (Some(run), Some(next))
                if run.color == next.color && run.dashed == next.dashed);
            if !goes_on {
                self.push_across(across.take(), column, middle);
                across = next;
            }
            if cell.intersects(LinkLine::ANY_FORK_OR_MERGE) {
                self.turns(column, *cell, color, turns[column], top);
            }
        }
        self.push_across(across, links.len(), middle);
    }

    fn push_across(&mut self, across: Option<Across>, end: usize, y: f64) {
        if let Some(run) = across {
            let (left, right) = (lane(run.first) - LANE / 2.0, lane(end) - LANE / 2.0);
            self.push(run.color, run.dashed, format_args!("M{left} {y}H{right}"));
        }
    }

    /// Draws the curves of one cell: forks lead down from it, merges come into it from above.
    fn turns(&mut self, column: usize, cell: LinkLine, color: usize, right_color: usize, top: f64) {
        let (x, bottom, middle) = (lane(column), top + LINK, top + LINK / 2.0);
        let (left, right) = (x - LANE / 2.0, x + LANE / 2.0);
        for (turn, solid, color, from, to) in [
            (
                LinkLine::LEFT_FORK,
                LinkLine::LEFT_FORK_PARENT,
                color,
                (left, middle),
                (x, bottom),
            ),
            (
                LinkLine::RIGHT_FORK,
                LinkLine::RIGHT_FORK_PARENT,
                color,
                (right, middle),
                (x, bottom),
            ),
            (
                LinkLine::LEFT_MERGE,
                LinkLine::LEFT_MERGE_PARENT,
                column,
                (x, top),
                (left, middle),
            ),
            (
                LinkLine::RIGHT_MERGE,
                LinkLine::RIGHT_MERGE_PARENT,
                right_color,
                (x, top),
                (right, middle),
            ),
        ] {
            if cell.intersects(turn) {
                let ((x0, y0), (x1, y1)) = (from, to);
                self.push(
                    color,
                    !cell.contains(solid),
                    format_args!("M{x0} {y0}Q{x} {middle} {x1} {y1}"),
                );
            }
        }
    }
}

/// A stroke from the left edge of the cell `first` on.
#[derive(Debug, Clone, Copy)]
struct Across {
    first: usize,
    color: usize,
    dashed: bool,
}

/// For each column the one whose colour a stroke there has that leads to the right: the lane
/// that it comes to or from.
fn turns_to_the_right(shape: &GraphRowShape<usize>, columns: usize) -> Vec<usize> {
    let mut turns: Vec<usize> = (0..columns).collect();
    let mut turn = None;
    if let Some(links) = &shape.link_line_from_node {
        for column in (0..columns).rev() {
            if column > shape.node_column
                && links[column].intersects(LinkLine::LEFT_FORK | LinkLine::LEFT_MERGE)
            {
                turn = Some(column);
            }
            turns[column] = turn.unwrap_or(column);
        }
    }
    turns
}

/// Whether all that leaves a node straight down is dashed.
fn leaves_dashed(shape: &GraphRowShape<usize>, column: usize) -> bool {
    match &shape.link_line {
        Some(links) => {
            let solid = LinkLine::VERT_PARENT
                | LinkLine::LEFT_MERGE_PARENT
                | LinkLine::RIGHT_MERGE_PARENT
                | LinkLine::RIGHT_FORK_PARENT
                | LinkLine::LEFT_FORK_PARENT;
            !links[column].intersects(solid)
        }
        None => shape.ancestry_line.get(column) == Some(&PadLine::Ancestor),
    }
}
