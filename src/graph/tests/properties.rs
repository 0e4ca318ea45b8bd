//! Properties of random graphs with dependencies.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet, NodeSpec, Target, TargetRange};
use crate::plan::{Plan, RowChange};
use crate::revision::{Label, RevisionId};

/// What a random node stands and depends on: places among the nodes before it, and when it was
/// created.
type Drawn = (
    Vec<prop::sample::Index>,
    Vec<prop::sample::Index>,
    Option<u8>,
    bool,
);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let index = any::<prop::sample::Index>;
    let node = (
        prop::collection::vec(index(), 0..4),
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(index(), 1..4)],
        prop::option::of(0u8..5),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(node, 0..24)
}

fn id(nth: usize) -> String {
    // Not in the order of creation.
    format!("r{:02}", (nth * 17 + 5) % 97)
}

fn specs(drawn: &[Drawn]) -> Vec<NodeSpec> {
    let specs = drawn
        .iter()
        .enumerate()
        .map(|(nth, (parents, deps, created, labelled))| {
            let below = |indexes: &[prop::sample::Index]| -> BTreeSet<String> {
                // Most stand on what came shortly before, so that lines grow long.
                let near = nth.min(6);
                let nodes = indexes.iter().filter(|_| nth > 0);
                nodes.map(|index| id(nth - 1 - index.index(near))).collect()
            };
            let mut spec = NodeSpec::new(RevisionId::parse(&id(nth)).unwrap());
            let parents = below(parents).into_iter();
            spec.revises = parents.map(|p| RevisionId::parse(&p).unwrap()).collect();
            spec.depends_on = below(deps).into_iter().collect();
            if *labelled {
                spec.labels = vec![Label::parse(&format!("l-{nth}")).unwrap()];
            }
            let created = created.map(|day| i64::from(day) * 86400);
            spec.created = created.and_then(|at| chrono::DateTime::from_timestamp(at, 0));
            spec
        });
    specs.collect()
}

fn graphs() -> impl Strategy<Value = Graph> {
    drawn().prop_map(|drawn| Graph::build(specs(&drawn)).unwrap())
}

/// A graph and some of its nodes.
fn graphs_with_nodes() -> impl Strategy<Value = (Graph, Vec<NodeIx>)> {
    let nodes = prop::collection::vec(any::<prop::sample::Index>(), 0..5);
    (graphs(), nodes).prop_map(|(graph, nodes)| {
        let nodes = nodes.iter().filter(|_| !graph.is_empty());
        let nodes = nodes
            .map(|node| NodeIx::new(node.index(graph.len())))
            .collect();
        (graph, nodes)
    })
}

/// Texts that may mean something in such a graph.
fn target_texts() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("head".to_owned()),
        Just("heads".to_owned()),
        Just("base".to_owned()),
        Just("current".to_owned()),
        (0usize..24).prop_map(id),
        (0usize..24).prop_map(|nth| format!("l-{nth}")),
        "r[0-9]?",
    ];
    let branch = prop_oneof![
        3 => Just(String::new()),
        1 => (0usize..24).prop_map(|nth| format!("l-{nth}@")),
        1 => (0usize..24).prop_map(|nth| format!("{}@", id(nth))),
    ];
    let steps = prop_oneof![
        2 => Just(String::new()),
        1 => (1u8..6).prop_map(|n| format!("+{n}")),
        1 => (1u8..6).prop_map(|n| format!("-{n}")),
    ];
    (
        branch,
        prop_oneof![3 => name, 1 => Just(String::new())],
        steps,
    )
        .prop_map(|(branch, name, steps)| format!("{branch}{name}{steps}"))
}

/// Every applied node with everything beneath it.
fn is_closed(graph: &Graph, nodes: &NodeSet) -> bool {
    nodes
        .iter()
        .all(|node| graph.downs(node).iter().all(|&down| nodes.contains(down)))
}

/// Runs a plan, checking it after each step; gives what is applied after it.
fn run(graph: &Graph, before: &AppliedSet, plan: &Plan) -> AppliedSet {
    let mut nodes = before.nodes().clone();
    let mut rows: BTreeSet<RevisionId> = plan.before.iter().cloned().collect();
    for step in &plan.steps {
        let changed = match step.direction {
            crate::revision::Direction::Upgrade => nodes.insert(step.node),
            crate::revision::Direction::Downgrade => nodes.remove(step.node),
        };
        assert!(changed, "{} is done twice", step.revision);
        assert!(
            is_closed(graph, &nodes),
            "not closed after {}",
            step.revision
        );
        for row in &step.delete {
            assert!(rows.remove(row), "{row} was not there");
        }
        for row in &step.insert {
            assert!(rows.insert(row.clone()), "{row} was there");
        }
        let applied = graph.applied(nodes.iter());
        let tips: BTreeSet<RevisionId> = graph.ids(graph.tips(&applied)).into_iter().collect();
        assert_eq!(rows, tips, "after {}", step.revision);
        let change = RowChange::between(graph, &applied, &applied);
        assert!(change.is_empty());
    }
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), plan.after);
    graph.applied(nodes.iter())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_applied_set_stand_for_each_other((graph, nodes) in graphs_with_nodes()) {
        let applied = graph.applied(nodes);
        prop_assert!(is_closed(&graph, applied.nodes()));
        let rows = graph.ids(graph.tips(&applied));
        let read = graph.applied_from_rows(rows.iter().map(RevisionId::as_str)).unwrap();
        prop_assert_eq!(read, applied);
    }

    #[test]
    fn upgrades_and_downgrades_are_closed_at_every_step((graph, nodes) in graphs_with_nodes()) {
        let before = graph.applied(nodes);
        let plan = Plan::upgrade(&graph, &before, &[Target::heads()]).unwrap();
        let all = run(&graph, &before, &plan);
        prop_assert_eq!(all.nodes(), &graph.all());
        let plan = Plan::downgrade(&graph, &all, &Target::base()).unwrap();
        prop_assert!(run(&graph, &all, &plan).is_empty());
    }

    #[test]
    fn an_upgrade_undone_restores_the_rows((graph, nodes) in graphs_with_nodes(), to in any::<prop::sample::Index>()) {
        prop_assume!(!graph.is_empty());
        let before = graph.applied(nodes);
        let target = Target::revision(graph.id(NodeIx::new(to.index(graph.len()))));
        let up = Plan::upgrade(&graph, &before, &[target]).unwrap();
        let after = run(&graph, &before, &up);
        let new = after.nodes().clone().difference(before.nodes());
        let down = Plan::undoing(&graph, &after, &new);
        prop_assert_eq!(run(&graph, &after, &down), before);
        prop_assert_eq!(&down.after, &up.before);
        // What can only stand on the new is gone with it.
        let count = i64::try_from(after.len()).unwrap();
        if count > 0 {
            let all = Target::parse(&format!("-{count}")).unwrap();
            let down = Plan::downgrade(&graph, &after, &all).unwrap();
            prop_assert!(run(&graph, &after, &down).is_empty());
        }
    }

    #[test]
    fn steps_down_one_by_one_are_the_steps_down_at_once((graph, nodes) in graphs_with_nodes(), steps in 1usize..6) {
        let start = graph.applied(nodes);
        prop_assume!(steps <= start.len());
        let one = Target::parse("-1").unwrap();
        let mut stands = start.clone();
        let mut undone = Vec::new();
        for _ in 0..steps {
            let plan = Plan::downgrade(&graph, &stands, &one).unwrap();
            prop_assert_eq!(plan.steps.len(), 1);
            stands = run(&graph, &stands, &plan);
            undone.extend(plan.steps);
        }
        let at_once = Target::parse(&format!("-{steps}")).unwrap();
        prop_assert_eq!(Plan::downgrade(&graph, &start, &at_once).unwrap().steps, undone);
    }

    #[test]
    fn a_downgrade_by_one_is_taken_back_by_the_same_upgrade((graph, nodes) in graphs_with_nodes()) {
        let start = graph.applied(nodes);
        prop_assume!(!start.is_empty());
        let down = Plan::downgrade(&graph, &start, &Target::parse("-1").unwrap()).unwrap();
        let stands = run(&graph, &start, &down);
        let target = Target::revision(&down.steps[0].revision);
        let up = Plan::upgrade(&graph, &stands, &[target]).unwrap();
        prop_assert_eq!(up.steps.len(), 1);
        prop_assert_eq!(run(&graph, &stands, &up), start);
    }

    #[test]
    fn a_stamp_upwards_says_what_an_upgrade_does((graph, nodes) in graphs_with_nodes(), to in any::<prop::sample::Index>()) {
        prop_assume!(!graph.is_empty());
        let before = graph.applied(nodes);
        let node = NodeIx::new(to.index(graph.len()));
        let target = [Target::revision(graph.id(node))];
        let stamped = graph.resolve_stamp(&target, &before).unwrap();
        prop_assert!(is_closed(&graph, stamped.nodes()));
        prop_assert!(graph.tips(&stamped).contains(&node), "a stamped revision is a row");
        if !before.contains(node) {
            let up = Plan::upgrade(&graph, &before, &target).unwrap();
            prop_assert_eq!(&run(&graph, &before, &up), &stamped);
            let change = RowChange::between(&graph, &before, &stamped);
            let mut rows: BTreeSet<RevisionId> = up.before.iter().cloned().collect();
            rows.retain(|row| !change.delete.contains(row));
            rows.extend(change.insert);
            prop_assert_eq!(rows.into_iter().collect::<Vec<_>>(), up.after);
        }
    }

    #[test]
    fn a_stamp_with_the_rows_changes_nothing((graph, nodes) in graphs_with_nodes()) {
        let before = graph.applied(nodes);
        let rows = graph.ids(graph.tips(&before));
        let targets: Vec<Target> = rows.iter().map(Target::revision).collect();
        prop_assert_eq!(&graph.resolve_stamp(&targets, &before).unwrap(), &before);
        let nothing = graph.nothing_applied();
        prop_assert_eq!(&graph.resolve_stamp(&targets, &nothing).unwrap(), &before);
    }

    #[test]
    fn whatever_is_typed_never_panics(
        (graph, nodes) in graphs_with_nodes(),
        texts in prop::collection::vec(target_texts(), 1..4),
    ) {
        let targets: Vec<Target> = texts.iter().filter_map(|t| Target::parse(t).ok()).collect();
        let applied = graph.applied(nodes);
        if let Ok(plan) = Plan::upgrade(&graph, &applied, &targets) {
            run(&graph, &applied, &plan);
        }
        if let Ok(stamped) = graph.resolve_stamp(&targets, &applied) {
            prop_assert!(is_closed(&graph, stamped.nodes()));
        }
        for target in &targets {
            if let Ok(plan) = Plan::downgrade(&graph, &applied, target) {
                run(&graph, &applied, &plan);
            }
            let _ = graph.resolve(target, None);
            let _ = graph.resolve(target, Some(&applied));
        }
        let mut ends = targets.into_iter();
        let range = TargetRange { start: ends.next(), end: ends.next() };
        let _ = graph.resolve_range(&range, Some(&applied));
    }

    #[test]
    fn order_does_not_depend_on_the_order_of_specs(drawn in drawn(), turn in any::<prop::sample::Index>()) {
        let specs = specs(&drawn);
        let mut turned = specs.clone();
        if !turned.is_empty() {
            turned.rotate_left(turn.index(specs.len()));
        }
        let (graph, turned) = (Graph::build(specs).unwrap(), Graph::build(turned).unwrap());
        let order = |graph: &Graph| graph.ids(graph.upgrade_order(&graph.all()));
        prop_assert_eq!(order(&graph), order(&turned));
        prop_assert_eq!(graph.ids(graph.heads()), turned.ids(turned.heads()));
    }

    #[test]
    fn labels_reach_what_the_rule_says(graph in graphs()) {
        for carrier in graph.nodes() {
            let Some(label) = graph.spec(carrier).labels.first() else { continue };
            let mut reached = graph.closure(&graph.children, [carrier]);
            let mut node = carrier;
            let in_line = |node| !graph.is_merge_point(node) && graph.ups(node).len() <= 1;
            while let [parent] = graph.parents(node)
                && in_line(node)
                && in_line(*parent)
            {
                reached.insert(*parent);
                node = *parent;
            }
            let labelled = graph.set(graph.nodes().filter(|&n| graph.labels(n).contains(&label)));
            prop_assert_eq!(labelled, reached);
        }
    }

    #[test]
    fn any_specs_build_or_are_refused(
        specs in prop::collection::vec(
            ("[a-e]", prop::collection::vec("[a-f]", 0..3), prop::collection::vec("[a-h]", 0..3), prop::option::weighted(0.2, "[e-h]")),
            0..9,
        ),
    ) {
        let specs: Vec<NodeSpec> = specs.into_iter().map(|(id, parents, deps, label)| {
            let parse = |text: &String| RevisionId::parse(text).unwrap();
            let mut spec = NodeSpec::new(parse(&id));
            spec.revises = parents.iter().map(parse).collect();
            spec.depends_on = deps;
            spec.labels = label.iter().map(|label| Label::parse(label).unwrap()).collect();
            spec
        }).collect();
        match Graph::build(specs.clone()) {
            Ok(graph) => prop_assert!(is_closed(&graph, &graph.all())),
            Err(defects) => {
                prop_assert!(!defects.is_empty());
                for defect in defects {
                    prop_assert!(!defect.sites().is_empty());
                    prop_assert!(!defect.to_string().is_empty());
                    for site in defect.sites() {
                        prop_assert!(site.spec < specs.len());
                    }
                }
            }
        }
    }

    #[test]
    fn what_parses_prints_back(text in "[a-z0-9_.+@:-]{0,12}") {
        if let Ok(target) = Target::parse(&text) {
            prop_assert_eq!(target.to_string(), text.clone());
            prop_assert_eq!(&Target::parse(&target.to_string()).unwrap(), &target);
        }
        if let Ok(range) = TargetRange::parse(&text) {
            prop_assert_eq!(range.to_string(), text);
            prop_assert_eq!(&TargetRange::parse(&range.to_string()).unwrap(), &range);
        }
    }

    #[test]
    fn any_text_is_a_target_or_has_a_place_where_it_is_none(text in any::<String>()) {
        if let Err(defect) = Target::parse(&text) {
            prop_assert!(text.get(defect.span.start..defect.span.end).is_some());
        }
        if let Err(defect) = TargetRange::parse(&text) {
            prop_assert!(text.get(defect.span.start..defect.span.end).is_some());
        }
    }
}
