//! Plans as drawings.

use super::{Plan, RowChange};
use crate::graph::Graph;
use crate::graph::drawing::{applied, graph, ids, targets};
use crate::revision::RevisionId;

fn joined<'a>(ids: impl IntoIterator<Item = &'a RevisionId>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(RevisionId::as_str).collect();
    ids.join(" ")
}

/// Each step as `id: -rows deleted +rows inserted = rows after`.
fn shown(plan: &Plan) -> Vec<String> {
    let shown = |(at, step): (usize, &super::Step)| {
        let delete = step.delete.iter().map(|row| format!(" -{row}"));
        let insert = step.insert.iter().map(|row| format!(" +{row}"));
        let changes: String = delete.chain(insert).collect();
        let rows = plan.rows_after(at + 1);
        format!("{}:{changes} = {}", step.revision, joined(&rows))
    };
    plan.steps.iter().enumerate().map(shown).collect()
}

fn upgrade(graph: &Graph, rows: &str, to: &str) -> Plan {
    Plan::upgrade(graph, &read(graph, rows), &targets(to)).unwrap()
}

fn downgrade(graph: &Graph, rows: &str, to: &str) -> Plan {
    Plan::downgrade(graph, &read(graph, rows), &targets(to)[0]).unwrap()
}

fn read(graph: &Graph, rows: &str) -> crate::graph::AppliedSet {
    applied(graph, rows)
}

#[test]
fn a_line() {
    let g = graph("a; b<-a; c<-b");
    let plan = upgrade(&g, "", "head");
    assert_eq!(shown(&plan), ["a: +a = a", "b: -a +b = b", "c: -b +c = c"]);
    assert_eq!(
        (joined(&plan.before), joined(&plan.after)),
        (String::new(), "c".to_owned())
    );
    let plan = downgrade(&g, "c", "base");
    assert_eq!(shown(&plan), ["c: -c +b = b", "b: -b +a = a", "a: -a = "]);
    assert!(upgrade(&g, "c", "head").is_empty());
}

#[test]
fn branches_and_merges() {
    let g = graph("a; x<-a; y<-a; m<-(x,y) dep a");
    assert_eq!(
        shown(&upgrade(&g, "", "head")),
        [
            "a: +a = a",
            "x: -a +x = x",
            "y: +y = x y",
            "m: -x -y +m = m"
        ]
    );
    assert_eq!(
        shown(&downgrade(&g, "m", "base")),
        ["m: -m +x +y = x y", "y: -y = x", "x: -x +a = a", "a: -a = "]
    );
    assert_eq!(shown(&downgrade(&g, "m", "-1")), ["m: -m +x +y = x y"]);
}

#[test]
fn rows_that_a_dependant_implies() {
    let g = graph("a1; a2<-a1; b1; b2<-b1 dep a1; c dep b1");
    assert_eq!(
        shown(&upgrade(&g, "", "heads")),
        [
            "a1: +a1 = a1",
            "a2: -a1 +a2 = a2",
            "b1: +b1 = a2 b1",
            "b2: -b1 +b2 = a2 b2",
            "c: +c = a2 b2 c",
        ]
    );
    assert_eq!(
        shown(&downgrade(&g, "b2", "b1")),
        ["b2: -b2 +a1 +b1 = a1 b1"]
    );
    assert_eq!(shown(&downgrade(&g, "b2 c", "b1")), ["b2: -b2 +a1 = a1 c"]);
}

#[test]
fn redundant_rows_go_with_the_first_step() {
    let g = graph("a; b<-a; c<-b; d<-c");
    let plan = upgrade(&g, "a b c", "d");
    assert_eq!(shown(&plan), ["d: -a -b -c +d = d"]);
    assert_eq!(joined(&plan.before), "a b c");
    assert_eq!(
        shown(&downgrade(&g, "b c", "a")),
        ["c: -c = b", "b: -b +a = a"]
    );
    assert_eq!(shown(&downgrade(&g, "a b c", "b")), ["c: -a -c = b"]);
}

#[test]
fn a_plan_from_where_a_target_says() {
    let g = graph("a; b<-a; c<-b; d<-c");
    let at = |target: &str| g.applied_at(&targets(target)[0]).unwrap();
    let plan = Plan::upgrade(&g, &at("b"), &targets("head")).unwrap();
    assert_eq!(shown(&plan), ["c: -b +c = c", "d: -c +d = d"]);
    let plan = Plan::upgrade(&g, &at("b"), &targets("+1")).unwrap();
    assert_eq!(shown(&plan), ["c: -b +c = c"]);
    let plan = Plan::downgrade(&g, &at("head-1"), &targets("-1")[0]).unwrap();
    assert_eq!(shown(&plan), ["c: -c +b = b"]);
    assert_eq!(at("base"), g.nothing_applied());
}

#[test]
fn the_rows_of_a_stamp() {
    let g = graph("a; b<-a; c<-a; m<-(b,c); d");
    let change = |rows: &str, to: &str| {
        let before = applied(&g, rows);
        let after = g.resolve_stamp(&targets(to), &before).unwrap();
        let change = RowChange::between(&g, &before, &after);
        format!("-{} +{}", joined(&change.delete), joined(&change.insert))
    };
    assert_eq!(change("m", "b c"), "-m +b c");
    assert_eq!(change("m d", "b"), "-m +b");
    assert_eq!(change("", "heads"), "- +d m");
    assert_eq!(change("m d", "base"), "-d m +");
    assert_eq!(change("m d", "m"), "- +");
    assert_eq!(change("a b d", "b"), "-a +", "a redundant row goes");
}

#[test]
fn a_plan_is_plain_data() {
    let g = graph("a; b<-a");
    let plan = serde_json::to_value(upgrade(&g, "a", "head")).unwrap();
    assert_eq!(
        plan,
        serde_json::json!({
            "direction": "upgrade",
            "before": ["a"],
            "after": ["b"],
            "steps": [{"revision": "b", "direction": "upgrade", "delete": ["a"], "insert": ["b"]}],
        })
    );
    assert_eq!(
        ids(
            &g,
            upgrade(&g, "a", "head").steps.iter().map(|step| step.node)
        ),
        "b"
    );
}
