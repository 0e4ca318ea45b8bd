//! What is applied after a stamp.

use crate::graph::drawing::{applied, graph, ids, targets};
use crate::graph::{Graph, TargetError};

/// The rows after.
fn stamp(graph: &Graph, rows: &str, to: &str) -> Result<String, TargetError> {
    let after = graph.resolve_stamp(&targets(to), &applied(graph, rows))?;
    Ok(ids(graph, graph.tips(&after)))
}

#[test]
fn a_target_takes_the_place_of_the_rows_on_its_line() {
    let g = graph("r; a1<-r; a2<-a1; a3<-a2; b1<-r; b2<-b1");
    assert_eq!(stamp(&g, "", "a2").unwrap(), "a2");
    assert_eq!(stamp(&g, "a1", "a3").unwrap(), "a3");
    assert_eq!(stamp(&g, "a3", "a1").unwrap(), "a1");
    assert_eq!(stamp(&g, "a3 b2", "a1").unwrap(), "a1 b2");
    assert_eq!(stamp(&g, "a3 b2", "r").unwrap(), "r");
    assert_eq!(stamp(&g, "a3", "b1").unwrap(), "a3 b1");
    assert_eq!(stamp(&g, "a3 b2", "heads").unwrap(), "a3 b2");
    assert_eq!(stamp(&g, "", "heads").unwrap(), "a3 b2");
    assert_eq!(stamp(&g, "a3 b2", "base").unwrap(), "");
    assert_eq!(stamp(&g, "a3", "current").unwrap(), "a3");
}

#[test]
fn several_targets() {
    let g = graph("a; b<-a; c<-a; m<-(b,c); n<-m");
    assert_eq!(stamp(&g, "m", "b c").unwrap(), "b c", "below a merge");
    assert_eq!(stamp(&g, "n", "b c").unwrap(), "b c");
    assert_eq!(stamp(&g, "", "b c").unwrap(), "b c");
    assert_eq!(stamp(&g, "", "b b").unwrap(), "b");
    assert_eq!(stamp(&g, "", "a b").unwrap(), "b", "one implies the other");
    assert_eq!(stamp(&g, "n", "base b").unwrap(), "b");
    assert_eq!(stamp(&g, "n", "b base").unwrap(), "b");
}

#[test]
fn one_side_of_a_merge_is_taken_at_its_word() {
    let g = graph("a; b<-a; c<-a; m<-(b,c)");
    assert_eq!(stamp(&g, "m", "b").unwrap(), "b", "as in Alembic");
}

#[test]
fn other_lines_are_not_forgotten() {
    let g = graph("b1; e1<-b1; c1; c2<-c1 dep b1");
    assert_eq!(
        stamp(&g, "e1 c2", "b1").unwrap(),
        "b1 c1",
        "only what depends on it goes"
    );
    let g = graph("a1; a2<-a1 dep b2; b1; b2<-b1");
    assert_eq!(
        stamp(&g, "a2", "a1").unwrap(),
        "a1 b2",
        "what a2 had depended on is applied still"
    );
}

#[test]
fn a_branch_to_its_base() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b");
    assert_eq!(stamp(&g, "a2 b1", "a@base").unwrap(), "b1");
    assert_eq!(
        stamp(&g, "a2", "a@base").unwrap(),
        "r",
        "the root is not its own alone"
    );
    assert_eq!(stamp(&g, "a2 b1", "b@base a1").unwrap(), "a1");
}

#[test]
fn steps() {
    let g = graph("a; b<-a; c<-b; d<-c");
    assert_eq!(stamp(&g, "b", "+1").unwrap(), "c");
    assert_eq!(stamp(&g, "c", "-2").unwrap(), "a");
    assert_eq!(stamp(&g, "", "head-1").unwrap(), "c");
    assert_eq!(stamp(&g, "d", "base+1").unwrap(), "a");
    assert_eq!(stamp(&g, "d", "head-4").unwrap(), "");
    assert_eq!(
        stamp(&g, "", "head+1").unwrap_err().code(),
        "walked-too-far"
    );
}
