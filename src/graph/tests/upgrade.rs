//! What an upgrade applies.

use crate::graph::drawing::{applied, graph, ids, targets};
use crate::graph::{Graph, TargetError};

fn upgrade(graph: &Graph, rows: &str, to: &str) -> Result<String, TargetError> {
    let set = graph.resolve_upgrade(&targets(to), &applied(graph, rows))?;
    Ok(ids(graph, graph.upgrade_order(&set)))
}

#[test]
fn everything_beneath_a_target_that_is_not_applied() {
    let g = graph("a; b<-a; c<-b; d dep b; e<-d; f<-a");
    assert_eq!(upgrade(&g, "", "c").unwrap(), "a b c");
    assert_eq!(upgrade(&g, "a", "c").unwrap(), "b c");
    assert_eq!(upgrade(&g, "", "e").unwrap(), "a b d e", "dependencies too");
    assert_eq!(upgrade(&g, "", "heads").unwrap(), "a b c d e f");
    assert_eq!(upgrade(&g, "", "c f").unwrap(), "a b c f");
    assert_eq!(
        upgrade(&g, "", "c b").unwrap(),
        "a b c",
        "overlapping targets"
    );
}

#[test]
fn a_target_that_is_applied_leaves_nothing_to_do() {
    let g = graph("a; b<-a; c<-b label l");
    for target in [
        "a",
        "c",
        "head",
        "heads",
        "base",
        "l@base",
        "current",
        "current-1",
        "b+1",
        "head-3",
    ] {
        assert_eq!(upgrade(&g, "c", target).unwrap(), "", "{target}");
    }
}

#[test]
fn a_merge_with_a_redundant_edge() {
    let g = graph("a; x<-a; y<-a; m<-(x,y) dep a");
    assert_eq!(upgrade(&g, "", "head").unwrap(), "a x y m");
    let g = graph("a; x<-a; y<-a; m<-(a,x,y)");
    assert_eq!(upgrade(&g, "", "head").unwrap(), "a x y m");
    assert_eq!(upgrade(&g, "x", "head").unwrap(), "y m");
}

#[test]
fn a_dependency_on_two_revisions_of_one_line() {
    let g = graph("a1; a2<-a1; b1; b2<-b1 dep a1,a2");
    assert_eq!(upgrade(&g, "", "b2").unwrap(), "a1 a2 b1 b2");
    assert_eq!(upgrade(&g, "a1 b1", "heads").unwrap(), "a2 b2");
}

#[test]
fn steps_up() {
    let g = graph("a; b<-a; c<-b; d<-c");
    assert_eq!(upgrade(&g, "", "+1").unwrap(), "a");
    assert_eq!(upgrade(&g, "a", "+2").unwrap(), "b c");
    assert_eq!(upgrade(&g, "a", "current+1").unwrap(), "b");
    assert_eq!(upgrade(&g, "", "current+1").unwrap(), "a");
    assert_eq!(upgrade(&g, "a", "b+1").unwrap(), "b c");
    assert_eq!(upgrade(&g, "a", "head-1").unwrap(), "b c");
    assert_eq!(upgrade(&g, "a", "base+3").unwrap(), "b c");
    for (rows, target) in [
        ("d", "+1"),
        ("c", "+2"),
        ("", "+5"),
        ("", "head+1"),
        ("", "head-5"),
    ] {
        let code = upgrade(&g, rows, target).unwrap_err().code();
        assert_eq!(code, "walked-too-far", "{target}");
    }
    assert_eq!(upgrade(&g, "d", "-1").unwrap_err().code(), "wrong-way");
}

#[test]
fn steps_up_bring_what_the_revision_depends_on() {
    let g = graph("a1; a2<-a1 dep b1; b1");
    assert_eq!(upgrade(&g, "a1", "+1").unwrap(), "b1 a2");
}

#[test]
fn steps_up_are_refused_only_where_there_is_a_choice() {
    let g = graph("r; x<-r label l; y<-r; m<-(x,y); z; w<-z");
    let ways = |rows, target| match upgrade(&g, rows, target).unwrap_err() {
        TargetError::AmbiguousWalk { choices, .. } => {
            let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
            choices.join(" ")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(ways("", "+1"), "r z", "two bases");
    assert_eq!(ways("r", "+1"), "x y", "a branch point");
    assert_eq!(ways("x z", "+1"), "m w", "two rows");
    assert_eq!(upgrade(&g, "r", "l@+1").unwrap(), "x");
    assert_eq!(upgrade(&g, "r", "l@+2").unwrap(), "x y m");
    assert_eq!(upgrade(&g, "x z", "z@+1").unwrap(), "w");
    assert_eq!(
        upgrade(&g, "x y", "+1").unwrap(),
        "m",
        "the same next revision for both rows"
    );
    assert_eq!(
        upgrade(&g, "m z", "+1").unwrap(),
        "w",
        "the only next revision"
    );
    assert_eq!(
        upgrade(&g, "y", "l@+1").unwrap(),
        "x",
        "from where the branch leaves"
    );
    assert_eq!(
        upgrade(&g, "", "l@+1").unwrap(),
        "r",
        "from the base of the branch"
    );
    assert_eq!(upgrade(&g, "w", "l@+1").unwrap(), "r");
}

#[test]
fn a_branch_alone() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b; b2<-b1");
    assert_eq!(upgrade(&g, "", "a@head").unwrap(), "r a1 a2");
    assert_eq!(upgrade(&g, "b1", "a@heads").unwrap(), "a1 a2");
    assert_eq!(upgrade(&g, "b1", "a2@head").unwrap(), "a1 a2");
    let error = upgrade(&g, "", "head").unwrap_err();
    assert_eq!(error.code(), "multiple-heads");
}

#[test]
fn branch_heads_that_overlap_by_dependency() {
    let g = graph("r; a1<-r; b1<-r dep a1");
    assert_eq!(upgrade(&g, "", "r@heads").unwrap(), "r a1 b1");
}
