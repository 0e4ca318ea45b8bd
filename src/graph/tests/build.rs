//! Every defect, and all of them together.

use crate::graph::drawing::{defects, graph, specs};
use crate::graph::{Entry, Graph, GraphDefect};

/// Each defect as `code spec:entry … | message | help`.
fn shown(drawing: &str) -> Vec<String> {
    let shown = |defect: &GraphDefect| {
        let sites: Vec<String> = defect
            .sites()
            .iter()
            .map(|site| match site.entry {
                Entry::Id => format!("{}:id", site.spec),
                Entry::Parent(nth) => format!("{}:parent{nth}", site.spec),
                Entry::Dependency(nth) => format!("{}:dep{nth}", site.spec),
                Entry::Label(nth) => format!("{}:label{nth}", site.spec),
            })
            .collect();
        let help = defect
            .help()
            .map_or(String::new(), |help| format!(" | {help}"));
        format!("{} {} | {defect}{help}", defect.code(), sites.join(" "))
    };
    defects(drawing).iter().map(shown).collect()
}

#[test]
fn an_empty_graph_and_a_single_revision_are_graphs() {
    assert!(Graph::build(Vec::new()).unwrap().is_empty());
    assert_eq!(Graph::build(specs("a")).unwrap().len(), 1);
}

#[test]
fn an_id_used_twice() {
    assert_eq!(
        shown("a; b<-a; b<-a; c<-b; b"),
        [
            "duplicate-revision 1:id 2:id 4:id | revision id `b` is used by 3 revisions \
          | give each revision an id of its own, or delete the copy"
        ]
    );
}

#[test]
fn unknown_parents_and_dependencies_come_with_candidates() {
    assert_eq!(
        shown("abc123 label billing; abd124<-abc132; c<-abc123 dep biling,abc; d<-billing"),
        [
            "unknown-parent 1:parent0 | `abd124` revises `abc132`, which no revision is \
             | did you mean `abc123`?",
            "unknown-dependency 2:dep0 | `c` depends on `biling`, which is neither a revision nor \
             a label | did you mean `billing`?",
            "unknown-dependency 2:dep1 | `c` depends on `abc`, which is neither a revision nor a \
             label | did you mean `abc123`?",
            "unknown-parent 3:parent0 | `d` revises `billing`, which no revision is \
             | did you mean `abc123`?",
        ]
    );
}

#[test]
fn a_revision_on_itself() {
    assert_eq!(
        shown("a<-a; b dep b; c dep l label l"),
        [
            "self-loop 0:parent0 | `a` revises itself",
            "self-loop 1:dep0 | `b` depends on itself",
            "self-loop 2:dep0 | `c` depends on itself",
        ]
    );
}

#[test]
fn a_parent_named_twice_is_a_slip_and_a_dependency_named_twice_is_harmless() {
    assert_eq!(
        shown("a label l; b; c<-(a,b,a)"),
        ["duplicate-parent 2:parent2 2:parent0 | `c` revises `a` twice"]
    );
    let graph = Graph::build(specs("a label l; b<-a dep a,l,a")).unwrap();
    let b = graph.find("b").unwrap();
    assert_eq!(graph.dependencies(b).len(), 1);
    assert_eq!(graph.downs(b).len(), 1);
}

#[test]
fn a_ring_of_parents() {
    assert_eq!(
        shown("r; c<-b; a<-c; b<-(a,r); z<-c"),
        [
            "cycle 2:parent0 1:parent0 3:parent0 | revisions form a cycle: `a` -> `c` -> `b` -> `a` \
          | take one of these edges away"
        ]
    );
}

#[test]
fn a_ring_that_needs_a_dependency() {
    assert_eq!(
        shown("a1; a2<-a1 dep l; b1; b2<-b1 dep c; b3<-b2 label l; c<-a1 dep a3; a3<-a2"),
        [
            "cycle 1:dep0 4:parent0 3:dep0 5:dep0 6:parent0 | revisions and dependencies form a \
          cycle: `a2` -> `b3` -> `b2` -> `c` -> `a3` -> `a2` | take one of these edges away"
        ]
    );
    assert_eq!(
        graph("a1; a2<-a1 dep l; b1; b2<-b1 label l; c<-b2 dep a2").len(),
        5
    );
}

#[test]
fn several_rings_are_all_found() {
    assert_eq!(
        shown("a<-b; b<-a; c dep d; d<-e; e dep c; f; g<-f dep h; h<-g"),
        [
            "cycle 0:parent0 1:parent0 | revisions form a cycle: `a` -> `b` -> `a` \
             | take one of these edges away",
            "cycle 2:dep0 3:parent0 4:dep0 | revisions and dependencies form a cycle: \
             `c` -> `d` -> `e` -> `c` | take one of these edges away",
            "cycle 6:dep0 7:parent0 | revisions and dependencies form a cycle: `g` -> `h` -> `g` \
             | take one of these edges away",
        ]
    );
}

#[test]
fn a_long_ring_is_shortened_in_its_message() {
    let ring: Vec<String> = (0..30)
        .map(|n| format!("n{n:02}<-n{:02}", (n + 1) % 30))
        .collect();
    let defects = defects(&ring.join(";"));
    let GraphDefect::Cycle { ids, .. } = &defects[0] else {
        panic!("{defects:?}");
    };
    assert_eq!(ids.len(), 30);
    assert_eq!(
        defects[0].to_string(),
        "revisions form a cycle: `n00` -> `n01` -> `n02` -> `n03` -> `n04` -> `n05` -> `n06` \
         -> `n07` -> (22 more) -> `n00`"
    );
}

#[test]
fn labels_clash_with_ids_and_with_each_other() {
    assert_eq!(
        shown("a label x,b; b label b; c label x,y,y"),
        [
            "shared-label 0:label0 2:label0 | label `x` is given 2 times \
             | ids and labels share one namespace, and each name stands for one revision",
            "shared-label 0:label1 1:label0 | label `b` is given 2 times \
             | ids and labels share one namespace, and each name stands for one revision",
            "label-is-revision 0:label1 1:id | label `b` is also the id of a revision \
             | ids and labels share one namespace, and each name stands for one revision",
            "label-is-revision 1:label0 1:id | label `b` is also the id of a revision \
             | ids and labels share one namespace, and each name stands for one revision",
            "shared-label 2:label1 2:label2 | label `y` is given 2 times \
             | ids and labels share one namespace, and each name stands for one revision",
        ]
    );
}

#[test]
fn defects_of_all_specs_come_together_in_their_order() {
    let codes: Vec<_> = defects("a<-gone; b<-b; b; c dep gone; d label b; e<-f; f<-e")
        .iter()
        .map(GraphDefect::code)
        .collect();
    assert_eq!(
        codes,
        [
            "unknown-parent",
            "duplicate-revision",
            "self-loop",
            "unknown-dependency",
            "label-is-revision",
            "cycle",
        ]
    );
}
