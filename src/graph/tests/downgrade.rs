//! What a downgrade undoes.

use crate::graph::drawing::{applied, graph, ids};
use crate::graph::{Graph, Target, TargetError};
use crate::revision::RevisionId;

/// The revisions undone, in the order in which they are.
fn downgrade(graph: &Graph, rows: &str, to: &str) -> Result<String, TargetError> {
    let applied = applied(graph, rows);
    let set = graph.resolve_downgrade(&Target::parse(to).unwrap(), &applied)?;
    let mut order = graph.upgrade_order(applied.nodes());
    order.retain(|&node| set.contains(node));
    order.reverse();
    Ok(ids(graph, order))
}

#[test]
fn what_stands_on_the_target() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b; b2<-b1");
    assert_eq!(downgrade(&g, "a2 b2", "a1").unwrap(), "a2");
    assert_eq!(downgrade(&g, "a2 b2", "r").unwrap(), "b2 b1 a2 a1");
    assert_eq!(downgrade(&g, "a2 b2", "a@r").unwrap(), "a2 a1");
    assert_eq!(downgrade(&g, "a2 b2", "base").unwrap(), "b2 b1 a2 a1 r");
    assert_eq!(
        downgrade(&g, "a2", "b2@base").unwrap(),
        "",
        "nothing of it is applied"
    );
    assert_eq!(downgrade(&g, "a2 b1", "a2").unwrap(), "");
    assert_eq!(downgrade(&g, "a2 b1", "current").unwrap(), "");
    assert_eq!(downgrade(&g, "a2 b2", "a2-1").unwrap(), "a2");
    assert_eq!(downgrade(&g, "a2 b2", "a@head-2").unwrap(), "a2 a1");
    assert_eq!(downgrade(&g, "a2 b2", "a@base+2").unwrap(), "a2");
}

#[test]
fn what_depends_goes_too() {
    let g = graph("a1; a2<-a1; b1; b2<-b1 dep a2; b3<-b2");
    assert_eq!(downgrade(&g, "b3", "a1").unwrap(), "b3 b2 a2");
    let error = downgrade(&g, "b3", "a2").unwrap_err();
    let TargetError::OnlyDependedOn { dependants, .. } = error else {
        panic!("a dependant stands beside it, not on it");
    };
    assert_eq!(dependants[0].as_str(), "b2");
    assert_eq!(downgrade(&g, "a2 b1", "a2").unwrap(), "");
    assert_eq!(downgrade(&g, "b3", "b1").unwrap(), "b3 b2");
}

#[test]
fn a_label_that_shares_its_root_takes_what_is_its_own_alone() {
    let g = graph("r; s<-r; a1<-s label a; a2<-a1; b1<-s label b; m<-(a2,b1); n<-m; d dep a1");
    assert_eq!(downgrade(&g, "n d", "a@base").unwrap(), "d n m a2 a1");
    assert_eq!(downgrade(&g, "b1", "a@base").unwrap(), "");
    assert_eq!(downgrade(&g, "a2 b1", "b@base").unwrap(), "b1");
    let own = graph("r label a; a1<-r; a2<-a1; z label b; z1<-z");
    assert_eq!(downgrade(&own, "a2 z1", "a@base").unwrap(), "a2 a1 r");
}

#[test]
fn the_last_steps_in_graph_order() {
    let g = graph("a; x<-a; y<-a; m<-(x,y); n<-m");
    assert_eq!(downgrade(&g, "n", "-1").unwrap(), "n");
    assert_eq!(downgrade(&g, "m", "-1").unwrap(), "m", "at a merge");
    assert_eq!(
        downgrade(&g, "x y", "-1").unwrap(),
        "y",
        "with several rows"
    );
    assert_eq!(downgrade(&g, "n", "-3").unwrap(), "n m y");
    assert_eq!(downgrade(&g, "n", "-5").unwrap(), "n m y x a");
    assert_eq!(downgrade(&g, "x", "current-1").unwrap(), "x");
    for (rows, target, available) in [("n", "-6", 5), ("", "-1", 0), ("x", "-4294967295", 2)] {
        let TargetError::WalkedTooFar {
            available: there, ..
        } = downgrade(&g, rows, target).unwrap_err()
        else {
            panic!("{target}");
        };
        assert_eq!(there, available);
    }
}

#[test]
fn step_by_step_is_the_same_as_at_once() {
    let g = graph("r; a1<-r @4; b1<-r @2; a2<-a1 dep b1; b2<-b1 @3; m<-(a2,b2); c @1; c2<-c dep m");
    let all = g.ids(g.real_heads());
    let rows: Vec<&str> = all.iter().map(RevisionId::as_str).collect();
    let mut stands = applied(&g, &rows.join(" "));
    let mut undone = Vec::new();
    let one = Target::parse("-1").unwrap();
    while let Ok(set) = g.resolve_downgrade(&one, &stands) {
        undone.push(ids(&g, set.iter()));
        stands = g.applied(stands.nodes().clone().difference(&set).iter());
    }
    let at_once = downgrade(&g, &rows.join(" "), &format!("-{}", g.len())).unwrap();
    assert_eq!(undone.join(" "), at_once);
}

#[test]
fn the_last_steps_of_a_branch() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b; b2<-b1; d dep a2");
    assert_eq!(downgrade(&g, "a2 b2", "a@-1").unwrap(), "a2");
    assert_eq!(downgrade(&g, "a2 b2", "a@-2").unwrap(), "a2 a1");
    assert_eq!(
        downgrade(&g, "b2 d", "a@-1").unwrap(),
        "d a2",
        "and what depends on it"
    );
    assert_eq!(downgrade(&g, "a2 b2", "b@-1").unwrap(), "b2");
    assert_eq!(
        downgrade(&g, "a2", "a@-3").unwrap(),
        "a2 a1 r",
        "the root carries no other applied branch"
    );
    let error = downgrade(&g, "a2 b2", "a@-3").unwrap_err();
    assert_eq!(
        error.code(),
        "walked-too-far",
        "the root carries another branch"
    );
    let error = downgrade(&g, "b2", "a@-1").unwrap_err();
    assert_eq!(error.code(), "branch-not-applied");
}

#[test]
fn walking_down_past_a_root_undoes_that_root() {
    let g = graph("a1; a2<-a1; b1; b2<-b1");
    assert_eq!(
        downgrade(&g, "a2 b2", "a2-2").unwrap(),
        "a2 a1",
        "and leaves the other one"
    );
    assert_eq!(
        downgrade(&g, "a2 b2", "a2-3").unwrap_err().code(),
        "walked-too-far"
    );
}

#[test]
fn what_cannot_be_a_target() {
    let g = graph("a; b<-a; x<-b; y<-b");
    assert_eq!(downgrade(&g, "b", "+1").unwrap_err().code(), "wrong-way");
    assert_eq!(
        downgrade(&g, "b", "current+1").unwrap_err().code(),
        "wrong-way"
    );
    assert_eq!(
        downgrade(&g, "x y", "heads").unwrap_err().code(),
        "multiple-heads"
    );
    assert_eq!(
        downgrade(&g, "x", "n").unwrap_err().code(),
        "unknown-target"
    );
    let error = downgrade(&g, "b", "x").unwrap_err();
    let TargetError::NotApplied {
        revision, current, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((revision.as_str(), current[0].as_str()), ("x", "b"));
}

#[test]
fn a_branch_narrows_what_stands_on_a_place_within_it() {
    let g = graph("r; b<-r label l; t<-b; u<-t; v<-t");
    assert_eq!(downgrade(&g, "u v", "l@t").unwrap(), "v u");
}
