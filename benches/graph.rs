//! How graph and plan grow: time a revision at 10 000 and at 100 000 revisions, and their ratio.
//!
//! Each shape is hard in its own way. A ratio near 1 says near-linear; one near 10, quadratic.
//! Run with `cargo bench --bench graph`.
#![expect(clippy::print_stdout, reason = "a benchmark's output is its point")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use grace_migrate::graph::{Graph, NodeSpec, Target, TargetRange};
use grace_migrate::plan::Plan;
use grace_migrate::revision::{Label, RevisionId};

const SMALL: usize = 10_000;
const LARGE: usize = 100_000;
const RUNS: usize = 5;

/// An id as the tool draws them: nothing in it tells of the order.
fn id(nth: usize) -> RevisionId {
    let mixed = (nth as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
    RevisionId::parse(&format!("{mixed:012x}")).expect("hexadecimal digits are an id")
}

/// What a node stands and depends on, and whether it carries a label.
#[derive(Default)]
struct Shape {
    parents: Vec<usize>,
    dependencies: Vec<usize>,
    label: bool,
}

fn on(parents: impl IntoIterator<Item = usize>) -> Shape {
    Shape {
        parents: parents.into_iter().collect(),
        ..Shape::default()
    }
}

fn specs(len: usize, shape: impl Fn(usize) -> Shape) -> Vec<NodeSpec> {
    let spec = |nth| {
        let shape = shape(nth);
        let mut spec = NodeSpec::new(id(nth));
        spec.revises = shape.parents.into_iter().map(id).collect();
        let dependencies = shape.dependencies.into_iter();
        spec.depends_on = dependencies.map(|dep| id(dep).to_string()).collect();
        if shape.label {
            spec.labels = vec![Label::parse(&format!("l-{nth}")).expect("a label")];
        }
        spec
    };
    (0..len).map(spec).collect()
}

/// One line.
fn deep(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| on(nth.checked_sub(1)))
}

/// One base, and all others on it.
fn wide(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| on((nth > 0).then_some(0)))
}

/// All on one base, and one merge of all.
fn merged(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| match nth {
        0 => on([]),
        _ if nth + 1 == len => on(1..nth),
        _ => on([0]),
    })
}

/// A line of diamonds.
fn diamonds(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| match nth % 3 {
        0 if nth == 0 => on([]),
        0 => on([nth - 2, nth - 1]),
        _ => on([nth - nth % 3]),
    })
}

/// A line with a head beside each revision.
fn comb(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| match nth {
        0 => on([]),
        _ if nth % 2 == 0 => on([nth - 2]),
        _ => on([nth - 1]),
    })
}

/// A hundred lines that depend on each other.
fn woven(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| Shape {
        parents: nth.checked_sub(100).into_iter().collect(),
        dependencies: (1..4)
            .filter_map(|back| nth.checked_sub(back * 7))
            .collect(),
        label: false,
    })
}

/// One line, each of its revisions with a label.
fn labelled(len: usize) -> Vec<NodeSpec> {
    specs(len, |nth| Shape {
        label: true,
        ..on(nth.checked_sub(1))
    })
}

/// The best of a few runs: the one that the machine disturbed least.
fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    std::iter::repeat_with(once)
        .take(RUNS)
        .min()
        .unwrap_or_default()
}

/// What is timed, with its name.
fn times(specs: &[NodeSpec]) -> Vec<(&'static str, Duration)> {
    let target = |text: &str| Target::parse(text).expect("a target");
    let graph = Graph::build(specs.to_vec()).expect("a graph without defects");
    let nothing = graph.nothing_applied();
    let all = graph.applied(graph.nodes());
    let rows = graph.ids(graph.tips(&all));
    let last = graph.nodes().next_back().expect("a revision");
    let branch = target(&format!("{}@-1", graph.id(last)));
    let prefix = target(&graph.id(last).as_str()[..8]);
    let everything = TargetRange::parse(":").expect("a range");
    vec![
        ("build", {
            let copies = best(|| specs.to_vec());
            best(|| Graph::build(specs.to_vec())).saturating_sub(copies)
        }),
        (
            "read rows",
            best(|| graph.read_rows(rows.iter().map(RevisionId::as_str))),
        ),
        (
            "upgrade heads",
            best(|| Plan::upgrade(&graph, &nothing, &[Target::heads()])),
        ),
        (
            "downgrade base",
            best(|| Plan::downgrade(&graph, &all, &Target::base())),
        ),
        (
            "downgrade -1",
            best(|| Plan::downgrade(&graph, &all, &target("-1"))),
        ),
        (
            "downgrade rev@-1",
            best(|| Plan::downgrade(&graph, &all, &branch)),
        ),
        (
            "stamp heads",
            best(|| graph.resolve_stamp(&[Target::heads()], &nothing)),
        ),
        ("a prefix", best(|| graph.resolve(&prefix, None))),
        (
            "history",
            best(|| {
                let range = graph.resolve_range(&everything, None)?;
                Ok::<_, grace_migrate::graph::TargetError>(graph.history_order(&range))
            }),
        ),
    ]
}

fn main() {
    type Drawing = (&'static str, fn(usize) -> Vec<NodeSpec>);
    let drawings: [Drawing; 7] = [
        ("deep", deep),
        ("wide", wide),
        ("merged", merged),
        ("diamonds", diamonds),
        ("comb", comb),
        ("woven", woven),
        ("labelled", labelled),
    ];
    println!(
        "{:<10} {:<18} {:>14} {:>14} {:>7}",
        "shape", "what", "ns/rev @10k", "ns/rev @100k", "ratio"
    );
    for (name, specs) in drawings {
        let (small, large) = (times(&specs(SMALL)), times(&specs(LARGE)));
        for ((what, small), (_, large)) in small.into_iter().zip(large) {
            let small = small.as_nanos() as f64 / SMALL as f64;
            let large = large.as_nanos() as f64 / LARGE as f64;
            println!(
                "{name:<10} {what:<18} {small:>14.1} {large:>14.1} {:>7.2}",
                large / small.max(0.01)
            );
        }
    }
}
