//! Where tables and lines are put, by `dagre`.

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

use crate::schema::diagram::Diagram;

/// A point of a drawing, in pixels from its upper left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A drawing without its lines' ends and its tables' contents.
#[derive(Debug)]
pub(super) struct Layout {
    /// The upper left of each table.
    pub(super) corners: Vec<Point>,
    /// Between which points each line runs, from the table that is referred to; its ends are not
    /// among them.
    pub(super) bends: Vec<Vec<Point>>,
    /// The whole.
    pub(super) size: Size,
}

const GAP: f64 = 36.0;
const RANK_GAP: f64 = 110.0;
/// Tables without a line stand in rows at least this wide.
const ROW: f64 = 900.0;

/// Puts tables from left to right, each behind those that it refers to; those without a line below.
pub(super) fn layout(diagram: &Diagram, sizes: &[Size]) -> Layout {
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    let name = |place: usize| place.to_string();
    let mut is_tied = vec![false; sizes.len()];
    for relation in &diagram.relations {
        is_tied[relation.from] = true;
        is_tied[relation.to] = true;
    }
    let tied = (0..sizes.len()).filter(|place| is_tied[*place]);
    for place in tied.clone() {
        let label = NodeLabel {
            width: sizes[place].width,
            height: sizes[place].height,
            ..NodeLabel::default()
        };
        graph.set_node(name(place), Some(label));
    }
    // A table's line to itself needs no way around others.
    let lines = diagram.relations.iter().enumerate();
    let lines = lines.filter(|(_, relation)| relation.from != relation.to);
    for (number, relation) in lines.clone() {
        graph.set_edge(
            name(relation.to),
            name(relation.from),
            Some(EdgeLabel::default()),
            Some(&name(number)),
        );
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: GAP,
        edgesep: 18.0,
        ranksep: RANK_GAP,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));

    let mut corners = vec![Point { x: 0.0, y: 0.0 }; sizes.len()];
    let mut whole = Size {
        width: 0.0,
        height: 0.0,
    };
    for place in tied {
        let node = graph.node(&name(place));
        let middle = node.and_then(|node| node.x.zip(node.y));
        let (x, y) = middle.unwrap_or_default();
        let size = sizes[place];
        corners[place] = Point {
            x: x - size.width / 2.0,
            y: y - size.height / 2.0,
        };
        whole.width = whole.width.max(x + size.width / 2.0);
        whole.height = whole.height.max(y + size.height / 2.0);
    }
    // Tables of a rank have their middles above each other.
    let mut ranks: Vec<(f64, f64)> = Vec::new();
    for place in (0..sizes.len()).filter(|place| is_tied[*place]) {
        let width = sizes[place].width;
        let middle = corners[place].x + width / 2.0;
        match ranks.iter_mut().find(|rank| (rank.0 - middle).abs() < 1.0) {
            Some(rank) => rank.1 = rank.1.max(width),
            None => ranks.push((middle, width)),
        }
    }
    let mut bends = vec![Vec::new(); diagram.relations.len()];
    for (number, relation) in lines {
        let edge = graph.edge(
            &name(relation.to),
            &name(relation.from),
            Some(&name(number)),
        );
        let points = edge.map_or(&[] as &[_], |edge| edge.points.as_slice());
        bends[number] = passages(points, &ranks);
    }
    let loose: Vec<usize> = (0..sizes.len()).filter(|place| !is_tied[*place]).collect();
    rows(&loose, sizes, &mut corners, &mut whole);
    Layout {
        corners,
        bends,
        size: whole,
    }
}

/// Where a line goes past other tables: level between them. Between ranks it needs no bend.
fn passages(points: &[dagre::Point], ranks: &[(f64, f64)]) -> Vec<Point> {
    let [first, inner @ .., last] = points else {
        return Vec::new();
    };
    let mut bends = Vec::new();
    for point in inner {
        let rank = ranks.iter().find(|rank| (rank.0 - point.x).abs() < 1.0);
        let Some((_, width)) = rank else { continue };
        let half = if first.x < last.x {
            width / 2.0
        } else {
            -width / 2.0
        };
        bends.extend([-half, half].map(|away| Point {
            x: point.x + away,
            y: point.y,
        }));
    }
    bends
}

/// Puts tables in rows below what is there.
fn rows(places: &[usize], sizes: &[Size], corners: &mut [Point], whole: &mut Size) {
    let width = whole.width.max(ROW);
    let (mut x, mut height) = (0.0, 0.0_f64);
    let mut y = if whole.height > 0.0 {
        whole.height + 2.0 * GAP
    } else {
        0.0
    };
    for &place in places {
        let size = sizes[place];
        if x > 0.0 && x + size.width > width {
            x = 0.0;
            y += height + GAP;
            height = 0.0;
        }
        corners[place] = Point { x, y };
        whole.width = whole.width.max(x + size.width);
        x += size.width + GAP;
        height = height.max(size.height);
        whole.height = whole.height.max(y + height);
    }
}
