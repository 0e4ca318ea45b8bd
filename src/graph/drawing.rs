//! Graphs drawn in one line, for tests.
//!
//! ```text
//! a; x<-a; y<-a @3; m<-(x,y) dep a,b label one,two
//! ```
//!
//! `@3` says created on the third day; without it nothing is said of the time.

use chrono::{TimeZone, Utc};

use crate::revision::{Label, RevisionId};

use super::{AppliedSet, Graph, GraphDefect, NodeIx, NodeSpec, Target};

/// The specs that `drawing` shows.
pub(crate) fn specs(drawing: &str) -> Vec<NodeSpec> {
    let nodes = drawing.split(';').map(str::trim).filter(|n| !n.is_empty());
    nodes.map(spec).collect()
}

fn spec(node: &str) -> NodeSpec {
    let names = |list: &str| -> Vec<String> {
        let names = list.trim_matches(['(', ')']).split(',');
        names.map(|name| name.trim().to_owned()).collect()
    };
    let mut words = node.split_whitespace();
    let (id, parents) = match words.next().unwrap().split_once("<-") {
        Some((id, parents)) => (id, names(parents)),
        None => (node.split_whitespace().next().unwrap(), Vec::new()),
    };
    let mut spec = NodeSpec::new(RevisionId::parse(id).unwrap());
    let parents = parents.iter().map(|p| RevisionId::parse(p).unwrap());
    spec.revises = parents.collect();
    while let Some(word) = words.next() {
        match word {
            "dep" => spec.depends_on = names(words.next().unwrap()),
            "label" => {
                let labels = names(words.next().unwrap());
                spec.labels = labels.iter().map(|l| Label::parse(l).unwrap()).collect();
            }
            day => {
                let day = day.strip_prefix('@').unwrap().parse().unwrap();
                spec.created = Utc.with_ymd_and_hms(2026, 1, day, 0, 0, 0).single();
            }
        }
    }
    spec
}

/// The graph that `drawing` shows.
pub(crate) fn graph(drawing: &str) -> Graph {
    Graph::build(specs(drawing)).unwrap()
}

/// What is wrong with `drawing`.
pub(crate) fn defects(drawing: &str) -> Vec<GraphDefect> {
    Graph::build(specs(drawing)).unwrap_err()
}

/// The ids of `nodes`, with spaces between.
pub(crate) fn ids(graph: &Graph, nodes: impl IntoIterator<Item = NodeIx>) -> String {
    let ids: Vec<String> = nodes.into_iter().map(|n| graph.id(n).to_string()).collect();
    ids.join(" ")
}

/// The applied set of rows that are written with spaces between.
pub(crate) fn applied(graph: &Graph, rows: &str) -> AppliedSet {
    graph.applied_from_rows(rows.split_whitespace()).unwrap()
}

/// Targets that are written with spaces between.
pub(crate) fn targets(text: &str) -> Vec<Target> {
    let targets = text.split_whitespace();
    targets
        .map(|target| Target::parse(target).unwrap())
        .collect()
}
