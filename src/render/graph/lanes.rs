//! Which edges a drawing has, and in which lane each of them runs.

use std::collections::BTreeMap;

use renderdag::Ancestor;

use crate::migrator::report::{History, RevisionView};
use crate::revision::RevisionId;

/// One end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// Where it leads: an index into the nodes, or `None` where the history leaves it out.
    pub(super) to: Option<usize>,
    /// A dependency rather than a parent.
    pub(super) dependency: bool,
}

/// One revision of a drawing.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) view: &'a RevisionView,
    /// To its parents, then to its dependencies that are no parents.
    pub(super) edges: Vec<Edge>,
    /// Those of them that are drawn in lanes.
    pub(super) drawn: Vec<Edge>,
    /// The dependencies that are named beside it instead, because they are far.
    pub(super) named: Vec<&'a RevisionId>,
}

/// A dependency that is further down than this many revisions is named rather than drawn in a
/// lane: nobody follows such a line, and thousands of them would be all that a drawing shows.
const FAR: usize = 60;

/// The revisions of a history, newest first, with their edges.
pub(super) fn nodes(report: &History) -> Vec<Node<'_>> {
    let mut views: Vec<&RevisionView> = report.revisions.iter().collect();
    if report.reverse {
        views.reverse();
    }
    let index: BTreeMap<&RevisionId, usize> = views
        .iter()
        .enumerate()
        .map(|(index, view)| (&view.revision, index))
        .collect();
    views
        .iter()
        .enumerate()
        .map(|(own, view)| {
            let edge = |id: &RevisionId, dependency| Edge {
                // An edge leads down; one that does not is drawn as if its end were left out.
                to: index.get(id).copied().filter(|to| *to > own),
                dependency,
            };
            let parents = view.revises.iter().map(|id| edge(id, false));
            let dependencies = view
                .dependencies
                .iter()
                .filter(|id| !view.revises.contains(id))
                .map(|id| edge(id, true));
            let mut edges: Vec<Edge> = Vec::new();
            for edge in parents.chain(dependencies) {
                if edge.to.is_none() || edges.iter().all(|other| other.to != edge.to) {
                    edges.push(edge);
                }
            }
            let (far, drawn): (Vec<Edge>, Vec<Edge>) = edges
                .iter()
                .partition(|edge| edge.dependency && edge.to.is_some_and(|to| to - own > FAR));
            let named = far.iter().filter_map(|edge| edge.to);
            Node {
                view,
                named: named.map(|to| &views[to].revision).collect(),
                drawn,
                edges,
            }
        })
        .collect()
}

/// The edges as `renderdag` takes them.
pub(super) fn ancestors(edges: &[Edge]) -> Vec<Ancestor<usize>> {
    edges
        .iter()
        .map(|edge| match (edge.to, edge.dependency) {
            (Some(to), false) => Ancestor::Parent(to),
            (Some(to), true) => Ancestor::Ancestor(to),
            (None, _) => Ancestor::Anonymous,
        })
        .collect()
}

/// How far each node is from the one current revision, where that is beyond doubt: `+1` is what
/// one step up reaches, `-1` what one step down does. At most nine either way.
pub(super) fn relative(nodes: &[Node<'_>]) -> BTreeMap<usize, i8> {
    let mut marks = BTreeMap::new();
    let mut current = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.view.is_current == Some(true));
    let (Some((start, _)), None) = (current.next(), current.next()) else {
        return marks;
    };
    let index: BTreeMap<&RevisionId, usize> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| (&node.view.revision, index))
        .collect();
    let alone = |view: &RevisionView| view.revises.len() == 1 && view.dependencies.is_empty();
    let mut at = start;
    for step in 1..=9 {
        let [child] = nodes[at].view.children.as_slice() else {
            break;
        };
        match index.get(child) {
            Some(child) if alone(nodes[*child].view) => at = *child,
            _ => break,
        }
        marks.insert(at, step);
    }
    at = start;
    for step in 1..=9 {
        if !alone(nodes[at].view) {
            break;
        }
        match index.get(&nodes[at].view.revises[0]) {
            Some(parent) => at = *parent,
            None => break,
        }
        marks.insert(at, -step);
    }
    marks
}
