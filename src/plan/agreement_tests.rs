use super::*;
use crate::graph::drawing::{applied, graph};

fn checksum(digit: u8) -> Checksum {
    format!("{digit:064x}").parse().unwrap()
}

/// Records written as `id` (applied), `id-` (undone) or `id*` (applied, with another text), each
/// with what it stood on: `b<a,x`.
fn records(text: &str) -> History {
    let records = text.split_whitespace().zip(1..).map(|(word, sequence)| {
        let (word, revises) = word.split_once('<').unwrap_or((word, ""));
        let parents = revises.split(',').filter(|parent| !parent.is_empty());
        let record = Recorded {
            up: Some(checksum(u8::from(word.ends_with('*')))),
            down: None,
            verify: None,
            revises: parents.map(str::to_owned).collect(),
            depends_on: Vec::new(),
            on: !word.ends_with('-'),
            sequence,
        };
        (word.trim_end_matches(['-', '*']).to_owned(), record)
    });
    records.collect()
}

/// Each disagreement as a word and the revision.
fn compared(drawing: &str, rows: &str, unknown: &[&str], history: &str) -> Vec<String> {
    let graph = graph(drawing);
    let unknown: Vec<String> = unknown.iter().map(|&row| row.to_owned()).collect();
    let claims = Claims {
        graph: &graph,
        applied: &applied(&graph, rows),
        unknown_rows: &unknown,
        gaps: &[],
        recorded: &records(history),
    };
    let found = compare(claims, |_| checksum(0));
    let shown = |found: Disagreement| match found {
        Disagreement::UnknownRow { row } => format!("unknown {row}"),
        Disagreement::Edited { node, .. } => format!("edited {}", graph.id(node)),
        Disagreement::Hole { node, beneath } => {
            format!("hole {} beneath {beneath}", graph.id(node))
        }
        Disagreement::Unrecorded { node } => format!("unrecorded {}", graph.id(node)),
        Disagreement::Reapplied { node } => format!("reapplied {}", graph.id(node)),
        Disagreement::Vanished { rows, revisions } => {
            format!("vanished {} of {revisions}", rows.join(","))
        }
        Disagreement::Undone { node } => format!("undone {}", graph.id(node)),
        Disagreement::Gone { revision } => format!("gone {revision}"),
    };
    found.into_iter().map(shown).collect()
}

const LINE: &str = "a; b<-a; c<-b; d<-c";
const NOTHING: [&str; 0] = [];

#[test]
fn what_we_undid_and_another_tool_applied_again_is_to_adopt() {
    let undone_last = compared(LINE, "d", &[], "a c d b-");
    assert_eq!(undone_last, ["reapplied b"]);
    let undone_before = compared(LINE, "d", &[], "a b- c d");
    assert_eq!(undone_before, ["hole b beneath c"]);
    assert_eq!(compared(LINE, "c", &[], "a b c-"), ["reapplied c"]);
}

#[test]
fn what_agrees_says_nothing() {
    assert_eq!(compared(LINE, "c", &[], "a b c"), NOTHING);
    assert_eq!(compared(LINE, "b", &[], "a b c-"), NOTHING);
    assert_eq!(compared(LINE, "", &[], "a- b-"), NOTHING);
    assert_eq!(compared("", "", &[], ""), NOTHING);
}

#[test]
fn an_edit_is_seen_wherever_it_is_applied() {
    assert_eq!(compared(LINE, "c", &[], "a* b c"), ["edited a"]);
    assert_eq!(compared(LINE, "b", &[], "a b c*-"), NOTHING);
}

#[test]
fn a_record_without_a_checksum_says_nothing_of_the_script() {
    let graph = graph("a");
    let mut history = records("a*");
    history.values_mut().for_each(|record| record.up = None);
    let claims = Claims {
        graph: &graph,
        applied: &applied(&graph, "a"),
        unknown_rows: &[],
        gaps: &[],
        recorded: &history,
    };
    assert_eq!(compare(claims, |_| checksum(0)), []);
}

#[test]
fn a_revision_put_beneath_an_applied_one_is_a_hole() {
    assert_eq!(compared(LINE, "c", &[], "a c"), ["hole b beneath c"]);
    assert_eq!(
        compared("x; y<-x; a dep y; b<-a", "b", &[], "a b"),
        ["hole x beneath a", "hole y beneath a"],
        "by a dependency too"
    );
}

#[test]
fn what_another_tool_applied_is_to_be_adopted() {
    let both = compared(LINE, "b", &[], "");
    assert_eq!(both, ["unrecorded a", "unrecorded b"]);
}

#[test]
fn what_another_tool_undid_is_known() {
    assert_eq!(compared(LINE, "a", &[], "a b"), ["undone b"]);
    assert_eq!(compared(LINE, "a", &[], "a b c"), ["undone b", "undone c"]);
}

#[test]
fn rows_that_are_all_gone_are_one_disagreement() {
    assert_eq!(compared(LINE, "", &[], "a b c"), ["vanished c of 3"]);
    assert_eq!(compared(LINE, "", &[], "a b c-"), ["vanished b of 2"]);
    assert_eq!(
        compared("a; x<-a; y<-a", "", &[], "a x y"),
        ["vanished x,y of 3"]
    );
    assert_eq!(
        compared("a; b<-a", "", &[], "a b c<b d<c"),
        ["vanished d of 4"],
        "files that are gone stood where the history says"
    );
    assert_eq!(
        compared("a; c<-a", "", &[], "a b<a c<b"),
        ["vanished c of 3"],
        "a file in the middle is gone"
    );
    assert_eq!(
        compared("", "", &[], "a b<a x"),
        ["vanished b,x of 3"],
        "all are"
    );
}

#[test]
fn unknown_rows_and_lost_files() {
    assert_eq!(
        compared("a; b<-a", "", &["c"], "a b<a c<b old"),
        ["unknown c", "gone old"],
        "the unknown row stands for a and b"
    );
    assert_eq!(
        compared("a; b<-a; x", "", &["c"], "a b<a c<b x"),
        ["unknown c", "undone x"]
    );
    assert_eq!(
        compared(LINE, "", &["gone"], "a b"),
        ["unknown gone"],
        "nobody knows what it stands for"
    );
    assert_eq!(
        compared("a; c<-a", "c", &[], "a b<a c<b"),
        ["gone b"],
        "its file is gone, and what revised it revises another now"
    );
}

#[test]
fn what_only_a_gap_implies_is_not_undone() {
    // The files of `b` are gone: the graph knows no more of it than its id.
    let graph = graph("a; b; c<-b");
    let claims = Claims {
        graph: &graph,
        applied: &applied(&graph, "c"),
        unknown_rows: &[],
        gaps: &[graph.id(graph.find("b").unwrap()).clone()],
        recorded: &records("a b<a c<b"),
    };
    assert_eq!(compare(claims, |_| checksum(0)), []);
}

#[test]
fn what_is_nearest_beneath_a_lost_row() {
    let nearest = |drawing: &str, history: &str, row: &str| {
        let graph = graph(drawing);
        let found = nearest_known(&graph, &records(history), row);
        let ids: Vec<String> = graph.ids(found).iter().map(ToString::to_string).collect();
        ids.join(" ")
    };
    assert_eq!(nearest(LINE, "d x<d", "x"), "d");
    assert_eq!(nearest("a; b<-a; y", "x<b,y z<x", "z"), "y b");
    assert_eq!(nearest(LINE, "", "x"), "", "the history does not know it");
    assert_eq!(nearest("", "x", "x"), "", "it was a base");
}
