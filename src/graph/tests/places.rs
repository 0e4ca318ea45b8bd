//! Names, walks and ranges.

use crate::graph::drawing::{applied, graph, ids};
use crate::graph::{Graph, Target, TargetError, TargetRange};
use crate::revision::RevisionId;

fn place(graph: &Graph, rows: &str, target: &str) -> Result<String, TargetError> {
    let target = Target::parse(target).unwrap();
    let nodes = graph.resolve(&target, Some(&applied(graph, rows)))?;
    Ok(ids(graph, nodes))
}

fn at(graph: &Graph, target: &str) -> String {
    place(graph, "", target).unwrap()
}

fn refused(graph: &Graph, target: &str) -> TargetError {
    place(graph, "", target).unwrap_err()
}

fn range(graph: &Graph, rows: &str, text: &str) -> Result<String, TargetError> {
    let range = TargetRange::parse(text).unwrap();
    let nodes = graph.resolve_range(&range, Some(&applied(graph, rows)))?;
    Ok(ids(graph, graph.history_order(&nodes)))
}

#[test]
fn names_are_exact_first_then_the_beginning_of_one() {
    let g = graph("abc1; abd2<-abc1 label billing; e<-abd2 label e9");
    assert_eq!(at(&g, "abc1"), "abc1");
    assert_eq!(at(&g, "abd"), "abd2");
    assert_eq!(at(&g, "b"), "abd2", "no minimum length, and labels count");
    assert_eq!(at(&g, "e"), "e", "exact, though `e9` begins with it too");
    assert_eq!(
        refused(&g, "ab"),
        TargetError::Ambiguous {
            target: "ab".to_owned(),
            name: "ab".to_owned(),
            matches: vec!["abc1".to_owned(), "abd2".to_owned()],
        }
    );
    assert_eq!(
        refused(&g, "biling@head"),
        TargetError::Unknown {
            target: "biling@head".to_owned(),
            name: "biling".to_owned(),
            candidates: vec!["billing".to_owned()],
        }
    );
    let TargetError::Unknown { candidates, .. } = refused(&g, "haed") else {
        panic!();
    };
    assert_eq!(candidates, ["head"]);
}

#[test]
fn an_id_and_a_label_of_one_revision_are_not_ambiguous() {
    let g = graph("abc1 label abc2; b");
    assert_eq!(at(&g, "abc"), "abc1");
}

#[test]
fn a_prefix_is_sought_on_its_branch() {
    let g = graph("r; ab1<-r label x; ab2<-r label y; ab3<-ab2; c");
    assert_eq!(at(&g, "x@ab"), "ab1");
    assert_eq!(refused(&g, "y@ab").code(), "ambiguous-target");
    assert_eq!(at(&g, "x@r"), "r");
    for target in ["x@ab2", "x@ab3", "x@c"] {
        let TargetError::NotOnBranch { branch, .. } = refused(&g, target) else {
            panic!("{target}");
        };
        assert_eq!(branch, "x");
    }
}

#[test]
fn dots_and_dashes() {
    let g = graph("1.0 label my-label; 1.1<-1.0; my<-1.1; n<-my label my-2; o<-n label my-2-1");
    assert_eq!(at(&g, "1.0+1"), "1.1");
    assert_eq!(at(&g, "1.1-1"), "1.0");
    assert_eq!(at(&g, "my-label"), "1.0");
    assert_eq!(at(&g, "my-label+1"), "1.1");
    assert_eq!(at(&g, "my-label@head"), "o");
    assert_eq!(at(&g, "my-2"), "n", "the label of exactly that name");
    assert_eq!(at(&g, "my-1"), "1.1", "one before `my`");
    assert_eq!(at(&g, "my-2-1"), "o");
    assert_eq!(at(&g, "my-2-2"), "1.1", "two before `my-2`");
    assert_eq!(at(&g, "my-l"), "1.0", "a beginning with a dash");
    let g = graph("a; b<-a label rel-2026; c<-b");
    assert_eq!(
        at(&g, "rel-2"),
        "b",
        "the beginning of a label, since nothing is called `rel`"
    );
}

#[test]
fn heads_and_branches() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b; b2<-b1; b3<-b1; d1 dep a2");
    assert_eq!(at(&g, "a@head"), "a2");
    assert_eq!(at(&g, "a1@head"), "a2");
    assert_eq!(at(&g, "heads"), "b2 b3 d1", "the real heads");
    assert_eq!(at(&g, "b@heads"), "b2 b3");
    assert_eq!(
        at(&g, "a@heads"),
        "a2",
        "dependants do not count on a branch"
    );
    assert_eq!(at(&g, "r@heads"), "a2 b2 b3");
    assert_eq!(at(&g, "base"), "");
    assert_eq!(at(&g, "a@base"), "");
    assert_eq!(
        at(&g, "a"),
        "a1",
        "a label alone is the revision that carries it"
    );
    let heads = |target| match refused(&g, target) {
        TargetError::MultipleHeads {
            heads,
            branch_point,
            ..
        } => {
            let heads: Vec<&str> = heads.iter().map(RevisionId::as_str).collect();
            (heads.join(" "), branch_point.map(|point| point.to_string()))
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(heads("head"), ("a2 b2 b3 d1".to_owned(), None));
    assert_eq!(heads("b@head"), ("b2 b3".to_owned(), Some("b1".to_owned())));
    assert_eq!(
        heads("r@head"),
        ("a2 b2 b3".to_owned(), Some("r".to_owned()))
    );
}

#[test]
fn an_empty_graph_has_no_head_and_that_is_no_error() {
    let g = graph("");
    assert_eq!(at(&g, "head"), "");
    assert_eq!(at(&g, "heads"), "");
    assert_eq!(refused(&g, "head-1").code(), "walked-too-far");
    assert_eq!(refused(&g, "base+1").code(), "walked-too-far");
}

#[test]
fn walks() {
    let g = graph("a; b<-a; x<-b label l; y<-b; m<-(x,y); n<-m");
    assert_eq!(at(&g, "a+1"), "b");
    assert_eq!(at(&g, "l@a+2"), "x");
    assert_eq!(at(&g, "n-1"), "m");
    assert_eq!(at(&g, "-1"), "m", "bare steps down count from the heads");
    assert_eq!(
        at(&g, "l@head-2"),
        "x",
        "the branch says which way down at a merge"
    );
    assert_eq!(at(&g, "base+2"), "b");
    assert_eq!(at(&g, "a-1"), "", "one before the first is the base");
    let far = |target| match refused(&g, target) {
        TargetError::WalkedTooFar {
            asked, available, ..
        } => (asked, available),
        other => panic!("{other:?}"),
    };
    assert_eq!(far("a-2"), (2, 1));
    assert_eq!(far("b-5"), (5, 2));
    assert_eq!(far("head+1"), (1, 0));
    assert_eq!(far("m+2"), (2, 1));
    assert_eq!(far("base-1"), (1, 0));
    let ways = |target| match refused(&g, target) {
        TargetError::AmbiguousWalk { from, choices, .. } => {
            let both = [from, choices].concat();
            both.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(ways("b+1"), "b x y");
    assert_eq!(ways("n-2"), "m x y");
    assert_eq!(refused(&g, "+1").code(), "no-start");
    assert_eq!(refused(&g, "l@+1").code(), "no-start");
}

#[test]
fn current_is_what_the_table_holds() {
    let g = graph("a; b<-a; x<-b label l; y<-b; z");
    assert_eq!(place(&g, "", "current").unwrap(), "");
    assert_eq!(place(&g, "x z", "current").unwrap(), "x z");
    assert_eq!(place(&g, "x z", "l@current").unwrap(), "x");
    assert_eq!(
        place(&g, "y", "l@current").unwrap(),
        "b",
        "where it stands on that branch"
    );
    assert_eq!(place(&g, "a", "current+1").unwrap(), "b");
    assert_eq!(place(&g, "x", "current-1").unwrap(), "b");
    assert_eq!(place(&g, "x y", "current-1").unwrap(), "b");
    let current = Target::parse("current").unwrap();
    assert_eq!(g.resolve(&current, None).unwrap_err().code(), "no-current");
}

#[test]
fn ranges_are_inclusive_and_newest_first() {
    let g = graph("a; b<-a; x<-b label l; y<-b; m<-(x,y); d dep a; e<-m dep d");
    let range = |text| range(&g, "x", text).unwrap();
    assert_eq!(range(":"), "e m y d x b a");
    assert_eq!(range("a:b"), "b a");
    assert_eq!(range("b:m"), "m y x b");
    assert_eq!(
        range("b:"),
        "e m y x b",
        "what it depends on is on no line with the start"
    );
    assert_eq!(range(":m"), "m y x b a");
    assert_eq!(range(":e"), "e m y d x b a");
    assert_eq!(range("l@b:m"), "m y x b");
    assert_eq!(range("current:"), "e m x");
    assert_eq!(range(":current"), "x b a");
    assert_eq!(range("-1:"), "e m");
    assert_eq!(range("a:+1"), "b a");
    assert_eq!(range("x:+1"), "m x");
    assert_eq!(range("m:m+100"), "e m", "stops at the head");
}

#[test]
fn a_range_holds_an_end_that_only_depends_on_its_start() {
    let g = graph("a1; a2<-a1; b1; b2<-b1 dep a2; b3<-b2; c1");
    let range = |text| range(&g, "b2 c1", text);
    assert_eq!(range("a1:b2").unwrap(), "b2 a2 a1");
    assert_eq!(range("a1:b3").unwrap(), "b3 b2 a2 a1");
    assert_eq!(
        range("b1:b3").unwrap(),
        "b3 b2 b1",
        "on one line by parents"
    );
    assert_eq!(range("a1:").unwrap(), "a2 a1", "the line alone");
    assert_eq!(range("a2:current").unwrap(), "b2 a2");
    assert_eq!(range("c1:b2").unwrap_err().code(), "not-a-line");
}

#[test]
fn a_range_whose_end_does_not_stand_on_its_start_is_refused() {
    let g = graph("a; x<-a; y<-a");
    let error = range(&g, "", "x:y").unwrap_err();
    assert_eq!(error.code(), "not-a-line");
    assert_eq!(range(&g, "", "x:a").unwrap_err().code(), "not-a-line");
    assert_eq!(range(&g, "", "+1:").unwrap_err().code(), "no-start");
}

#[test]
fn a_start_with_a_branch_narrows_the_range() {
    let g = graph("r; a1<-r label a; a2<-a1; b1<-r label b; d dep a2");
    assert_eq!(range(&g, "", "a@base:").unwrap(), "a2 a1 r");
    assert_eq!(
        range(&g, "", "a1@base:").unwrap(),
        "a2 a1 r",
        "a revision without a label works"
    );
    assert_eq!(range(&g, "", "a@r:").unwrap(), "a2 a1 r");
    assert_eq!(range(&g, "", "a@-100:").unwrap(), "a2 a1 r");
    assert_eq!(range(&g, "", "-100:a2").unwrap(), "a2 a1 r");
}
