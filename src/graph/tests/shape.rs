//! Heads, bases, branch and merge points, labels, order.

use crate::graph::drawing::{applied, graph, ids, specs};
use crate::graph::{Graph, NodeSpec};
use crate::revision::RevisionId;

fn labels(graph: &Graph, id: &str) -> String {
    let labels = graph.labels(graph.find(id).unwrap());
    let labels: Vec<&str> = labels.iter().map(|label| label.as_str()).collect();
    labels.join(" ")
}

fn order(graph: &Graph) -> String {
    ids(graph, graph.upgrade_order(&graph.all()))
}

#[test]
fn heads_and_bases() {
    let g = graph("a; b<-a; c<-a; d dep b; e<-d");
    assert_eq!(ids(&g, g.heads()), "b c e");
    assert_eq!(ids(&g, g.real_heads()), "c e");
    assert_eq!(ids(&g, g.bases()), "a d");
    let b = g.find("b").unwrap();
    assert!(g.is_head(b) && g.is_effective_head(b) && !g.is_real_head(b));
    assert!(g.is_base(g.find("d").unwrap()), "a dependency is no parent");
}

#[test]
fn dependencies_make_no_branch_point_and_no_merge_point() {
    let g = graph("a; b<-a; c dep a; d dep a; m<-b dep c,d; n<-(c,d); o<-c");
    assert_eq!(ids(&g, g.branch_points()), "c");
    assert!(!g.is_merge_point(g.find("m").unwrap()));
    assert!(g.is_merge_point(g.find("n").unwrap()));
}

#[test]
fn normalised_dependencies_leave_out_what_is_implied() {
    let g = graph(
        "a1; a2<-a1; b1 dep a1; b2<-b1 dep a1,a2; b3<-b2 dep a2; c dep a1,a2; m<-a2 dep a2,b1",
    );
    let normalised = |id| ids(&g, g.normalised_dependencies(g.find(id).unwrap()));
    assert_eq!(normalised("b1"), "a1");
    assert_eq!(normalised("b2"), "a2");
    assert_eq!(normalised("b3"), "");
    assert_eq!(normalised("c"), "a2");
    assert_eq!(normalised("m"), "b1");
}

#[test]
fn labels_reach_all_descendants() {
    let g = graph("r; a<-r label one; b<-a; c<-b label two; d<-b; e<-r; m<-(c,e)");
    assert_eq!(labels(&g, "a"), "one");
    assert_eq!(labels(&g, "c"), "one two");
    assert_eq!(labels(&g, "d"), "one");
    assert_eq!(labels(&g, "e"), "");
    assert_eq!(labels(&g, "m"), "one two");
}

#[test]
fn labels_reach_down_to_a_branch_or_merge_point() {
    let g = graph("r; s<-r; x<-s; y<-s; z<-y; w<-z label one; m<-(x,w); n<-m; o<-n label two");
    assert_eq!(labels(&g, "w"), "one");
    assert_eq!(labels(&g, "z"), "one");
    assert_eq!(labels(&g, "y"), "one");
    assert_eq!(labels(&g, "s"), "", "a branch point");
    assert_eq!(labels(&g, "x"), "");
    assert_eq!(labels(&g, "n"), "one two");
    assert_eq!(
        labels(&g, "m"),
        "one",
        "a merge point, reached from below alone"
    );
}

#[test]
fn a_dependant_stops_a_label_on_its_way_down() {
    let g = graph("a; b<-a; c<-b label l; d dep a");
    assert_eq!(labels(&g, "b"), "l");
    assert_eq!(labels(&g, "a"), "");
}

#[test]
fn two_labels_on_one_line_both_reach_down() {
    let g = graph("a; b<-a label one; c<-b; d<-c label two");
    assert_eq!(labels(&g, "a"), "one two");
    assert_eq!(labels(&g, "c"), "one two");
}

#[test]
fn one_branch_is_followed_as_far_as_it_can_be() {
    assert_eq!(
        order(&graph("r; a1<-r; b1<-r; a2<-a1; b2<-b1; a3<-a2")),
        "r a1 a2 a3 b1 b2"
    );
    let waits = graph("r; a1<-r; b1<-r; a2<-a1 dep b1; b2<-b1; a3<-a2; b3<-b2");
    assert_eq!(order(&waits), "r a1 b1 b2 b3 a2 a3");
    let merge = graph("r; x<-r; y<-r; x2<-x; m<-(x2,y); n<-m");
    assert_eq!(order(&merge), "r x x2 y m n");
}

#[test]
fn ties_go_by_creation_and_then_by_id() {
    let g = graph("r @1; a<-r @5; b<-r @2; c<-r @2; z @3");
    assert_eq!(order(&g), "r b c z a");
    assert_eq!(
        ids(&g, g.children(g.find("r").unwrap()).iter().copied()),
        "b c a"
    );
}

#[test]
fn order_does_not_depend_on_how_specs_are_listed() {
    let drawing = "r; a<-r @2; b<-r @1; c<-a dep b; m<-(b,c); n<-m; d dep a";
    let expected = order(&graph(drawing));
    let mut specs = specs(drawing);
    for _ in 0..specs.len() {
        specs.rotate_left(1);
        let turned = Graph::build(specs.clone()).unwrap();
        assert_eq!(order(&turned), expected);
        let heads = ids(&turned, turned.heads());
        assert_eq!(heads, ids(&graph(drawing), graph(drawing).heads()));
        specs.reverse();
    }
}

#[test]
fn history_is_newest_first() {
    let g = graph("r; a1<-r; b1<-r; a2<-a1; m<-(a2,b1)");
    assert_eq!(ids(&g, g.history_order(&g.all())), "m b1 a2 a1 r");
    assert_eq!(ids(&g, g.history_order(applied(&g, "b1").nodes())), "b1 r");
}

#[test]
fn rows_imply_ancestors_and_dependencies() {
    let g = graph("a1; a2<-a1; b1; b2<-b1 dep a1; b3<-b2");
    let set = applied(&g, "b2");
    assert_eq!(ids(&g, set.nodes().iter()), "a1 b1 b2");
    assert_eq!(ids(&g, g.tips(&set)), "b2");
    let a1 = g.find("a1").unwrap();
    assert_eq!(g.implied_by(&set, a1), g.find("b2"));
    assert_eq!(g.implied_by(&set, g.find("b2").unwrap()), None);
}

#[test]
fn rows_that_do_not_fit_are_facts() {
    let g = graph("a label l; b<-a; c<-b; d");
    let rows = g.read_rows(["c", "gone", "a", "d", "b", "l", "gone", "c"]);
    assert_eq!(rows.unknown, ["gone", "l"]);
    assert_eq!(rows.repeated, ["c", "gone"]);
    assert_eq!(ids(&g, rows.applied.nodes().iter()), "a b c d");
    assert_eq!(
        ids(&g, rows.applied.redundant_rows().iter().copied()),
        "a b"
    );
    assert_eq!(ids(&g, g.tips(&rows.applied)), "c d");
    let defect = g.applied_from_rows(["c", "gone"]).unwrap_err();
    assert_eq!(defect.unknown, ["gone"]);
    assert_eq!(defect.code(), "unknown-row");
}

#[test]
fn a_line_may_be_long_and_a_ring_too() {
    const LEN: usize = 50_000;
    let id = |nth: usize| RevisionId::parse(&format!("r{nth}")).unwrap();
    let mut specs: Vec<NodeSpec> = (0..LEN).map(|nth| NodeSpec::new(id(nth))).collect();
    for (nth, spec) in specs.iter_mut().enumerate().skip(1) {
        spec.revises = vec![id(nth - 1)];
    }
    let graph = Graph::build(specs.clone()).unwrap();
    assert_eq!(ids(&graph, graph.heads()), format!("r{}", LEN - 1));
    assert_eq!(graph.lineage(graph.heads()[0]).len(), LEN);
    specs[0].revises = vec![id(LEN - 1)];
    let defects = Graph::build(specs).unwrap_err();
    assert_eq!(defects.len(), 1);
    assert_eq!(defects[0].sites().len(), LEN);
}
