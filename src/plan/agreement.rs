//! Whether the files, the version table and the history agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::checksum::Checksum;
use crate::graph::{AppliedSet, Graph, NodeIx};
use crate::revision::RevisionId;

/// What the history's last record of one revision says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The revision. Its file may be gone by now.
    pub revision: String,
    /// Checksum of the up script, as it was then.
    pub up: Option<Checksum>,
    /// Checksum of the down script, as it was then.
    pub down: Option<Checksum>,
    /// Checksum of the verify script, as it was then.
    pub verify: Option<Checksum>,
    /// The text of the up script, as it was then.
    pub up_text: Option<Arc<str>>,
    /// Whether the record leaves the revision applied; false if it tells of its undoing.
    pub on: bool,
    /// The record's place in the history.
    pub sequence: i64,
}

/// One thing on which files, version table and history do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// A row of the version table that no file is.
    UnknownRow {
        /// The row.
        row: String,
        /// Ids that may have been meant, nearest first.
        candidates: Vec<String>,
        /// Whether the history has it, and with it perhaps its down script.
        recorded: bool,
    },
    /// The up script of an applied revision is not what was applied.
    Edited {
        /// Its node.
        node: NodeIx,
        /// Its id.
        revision: RevisionId,
        /// Checksum of what was applied.
        recorded: Checksum,
        /// Checksum of the file.
        file: Checksum,
        /// The text that was applied, where the history kept it.
        text: Option<Arc<str>>,
    },
    /// A revision that counts as applied, because one above it is, but was never run: it was put
    /// beneath that one afterwards.
    Hole {
        /// Its node.
        node: NodeIx,
        /// Its id.
        revision: RevisionId,
        /// A recorded revision that stands or depends on it.
        beneath: RevisionId,
    },
    /// A revision that counts as applied and has no record, nor has any above it: another tool
    /// applied it. It can be adopted as it is.
    Unrecorded {
        /// Its node.
        node: NodeIx,
        /// Its id.
        revision: RevisionId,
    },
    /// A revision that the history knows as applied, and that is neither a file nor a row any more.
    Gone {
        /// The revision.
        revision: String,
    },
    /// A revision that the history knows as applied and the version table does not: another tool
    /// undid it.
    Undone {
        /// Its node.
        node: NodeIx,
        /// Its id.
        revision: RevisionId,
    },
}

impl Disagreement {
    /// Kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownRow { .. } => "unknown-row",
            Self::Edited { .. } => "edited-revision",
            Self::Hole { .. } => "hole",
            Self::Unrecorded { .. } => "unrecorded-revision",
            Self::Gone { .. } => "gone-revision",
            Self::Undone { .. } => "undone-elsewhere",
        }
    }

    /// Whether nothing may run until it is settled. The others are worth knowing: they are what
    /// another tool leaves behind that keeps no history.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self {
            Self::UnknownRow { .. } | Self::Edited { .. } | Self::Hole { .. } => true,
            Self::Unrecorded { .. } | Self::Gone { .. } | Self::Undone { .. } => false,
        }
    }
}

/// Compares what is applied with what the history has recorded.
///
/// `unknown_rows` are the rows of the version table that `applied` leaves out, `recorded` holds the
/// last record of each revision by its id, and `checksum_of` gives the checksum of a node's up
/// script as it is now. Unknown rows come first, then what concerns files in upgrade order, then
/// what is only in the history.
pub fn compare(
    graph: &Graph,
    applied: &AppliedSet,
    unknown_rows: &[String],
    recorded: &BTreeMap<String, Recorded>,
    mut checksum_of: impl FnMut(NodeIx) -> Checksum,
) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for row in unknown_rows {
        found.push(Disagreement::UnknownRow {
            row: row.clone(),
            candidates: graph.nearest(row),
            recorded: recorded.contains_key(row),
        });
    }
    let record_of = |node| {
        let record = recorded.get(graph.id(node).as_str());
        record.filter(|record| record.on)
    };
    let order = graph.upgrade_order(applied.nodes());
    // For each applied node, a recorded one that stands or depends on it, or it itself.
    let mut recorded_above: Vec<Option<NodeIx>> = vec![None; graph.len()];
    for &node in order.iter().rev() {
        recorded_above[node.index()] = if record_of(node).is_some() {
            Some(node)
        } else {
            let mut ups = graph.ups(node).iter();
            ups.find_map(|up| recorded_above[up.index()])
        };
    }
    for node in order {
        let revision = graph.id(node).clone();
        match (record_of(node), recorded_above[node.index()]) {
            (Some(record), _) => {
                if let Some(then) = record.up
                    && let file = checksum_of(node)
                    && file != then
                {
                    found.push(Disagreement::Edited {
                        node,
                        revision,
                        recorded: then,
                        file,
                        text: record.up_text.clone(),
                    });
                }
            }
            // We undid it after what stands above was recorded, so another tool applied it again.
            (None, Some(above)) if undone_since(recorded, graph, node, above) => {
                found.push(Disagreement::Unrecorded { node, revision });
            }
            (None, Some(above)) => found.push(Disagreement::Hole {
                node,
                revision,
                beneath: graph.id(above).clone(),
            }),
            (None, None) => found.push(Disagreement::Unrecorded { node, revision }),
        }
    }
    for record in recorded.values().filter(|record| record.on) {
        match graph.find_id(&record.revision) {
            None if !unknown_rows.contains(&record.revision) => {
                found.push(Disagreement::Gone {
                    revision: record.revision.clone(),
                });
            }
            // An unknown row may stand for it.
            Some(node) if !applied.contains(node) && unknown_rows.is_empty() => {
                found.push(Disagreement::Undone {
                    node,
                    revision: graph.id(node).clone(),
                });
            }
            _ => {}
        }
    }
    found
}

/// Whether the last record of `node` says that it was undone, later than that of `above`.
fn undone_since(
    recorded: &BTreeMap<String, Recorded>,
    graph: &Graph,
    node: NodeIx,
    above: NodeIx,
) -> bool {
    let last = |node| recorded.get(graph.id(node).as_str());
    match (last(node), last(above)) {
        (Some(node), Some(above)) => !node.on && node.sequence > above.sequence,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::drawing::{applied, graph};

    fn checksum(digit: u8) -> Checksum {
        format!("{digit:064x}").parse().unwrap()
    }

    /// Records written as `id` (applied), `id-` (undone) or `id*` (applied, with another text).
    fn records(text: &str) -> BTreeMap<String, Recorded> {
        let records = text.split_whitespace().zip(1..).map(|(word, sequence)| {
            let revision = word.trim_end_matches(['-', '*']).to_owned();
            let record = Recorded {
                revision: revision.clone(),
                up: Some(checksum(u8::from(word.ends_with('*')))),
                down: None,
                verify: None,
                up_text: Some(Arc::from("select 1;")),
                on: !word.ends_with('-'),
                sequence,
            };
            (revision, record)
        });
        records.collect()
    }

    /// Each disagreement as its code and the revision.
    fn compared(drawing: &str, rows: &str, unknown: &[&str], history: &str) -> Vec<String> {
        let graph = graph(drawing);
        let unknown: Vec<String> = unknown.iter().map(|&row| row.to_owned()).collect();
        let set = applied(&graph, rows);
        let found = compare(&graph, &set, &unknown, &records(history), |_| checksum(0));
        let shown = |found: Disagreement| {
            let what = match &found {
                Disagreement::UnknownRow {
                    row,
                    candidates,
                    recorded,
                } => format!("{row} {candidates:?} {recorded}"),
                Disagreement::Hole {
                    revision, beneath, ..
                } => format!("{revision} beneath {beneath}"),
                Disagreement::Gone { revision } => revision.clone(),
                Disagreement::Edited { revision, .. }
                | Disagreement::Unrecorded { revision, .. }
                | Disagreement::Undone { revision, .. } => revision.to_string(),
            };
            let blocks = if found.blocks() { "!" } else { "" };
            format!("{blocks}{} {what}", found.code())
        };
        found.into_iter().map(shown).collect()
    }

    const LINE: &str = "a; b<-a; c<-b; d<-c";
    const NOTHING: [&str; 0] = [];

    #[test]
    fn what_we_undid_and_another_tool_applied_again_is_to_adopt() {
        let undone_last = compared(LINE, "d", &[], "a c d b-");
        assert_eq!(undone_last, ["unrecorded-revision b"]);
        let undone_before = compared(LINE, "d", &[], "a b- c d");
        assert_eq!(undone_before, ["!hole b beneath c"]);
    }

    #[test]
    fn what_agrees_says_nothing() {
        assert_eq!(compared(LINE, "c", &[], "a b c"), NOTHING);
        assert_eq!(compared(LINE, "b", &[], "a b c-"), NOTHING);
        assert_eq!(compared("", "", &[], ""), NOTHING);
    }

    #[test]
    fn an_edit_is_seen_wherever_it_is_applied() {
        assert_eq!(compared(LINE, "c", &[], "a* b c"), ["!edited-revision a"]);
        assert_eq!(compared(LINE, "b", &[], "a b c*-"), NOTHING);
    }

    #[test]
    fn a_record_without_a_checksum_says_nothing_of_the_script() {
        let graph = graph("a");
        let mut history = records("a*");
        history.values_mut().for_each(|record| record.up = None);
        let set = applied(&graph, "a");
        let found = compare(&graph, &set, &[], &history, |_| unreachable!("not asked"));
        assert_eq!(found, []);
    }

    #[test]
    fn a_revision_put_beneath_an_applied_one_is_a_hole() {
        assert_eq!(compared(LINE, "c", &[], "a c"), ["!hole b beneath c"]);
        assert_eq!(
            compared("x; y<-x; a dep y; b<-a", "b", &[], "a b"),
            ["!hole x beneath a", "!hole y beneath a"],
            "by a dependency too"
        );
    }

    #[test]
    fn what_another_tool_applied_is_to_be_adopted() {
        assert_eq!(
            compared(LINE, "b", &[], ""),
            ["unrecorded-revision a", "unrecorded-revision b"]
        );
        assert_eq!(
            compared(LINE, "c", &[], "a b c-"),
            ["unrecorded-revision c"]
        );
    }

    #[test]
    fn what_another_tool_undid_is_known() {
        assert_eq!(compared(LINE, "a", &[], "a b"), ["undone-elsewhere b"]);
    }

    #[test]
    fn unknown_rows_and_lost_files() {
        assert_eq!(
            compared("abc1; abc2<-abc1", "", &["abc3"], "abc1 abc3 old"),
            [
                "!unknown-row abc3 [\"abc1\", \"abc2\"] true",
                "gone-revision old"
            ],
            "the unknown row may stand for abc1"
        );
        assert_eq!(
            compared(LINE, "", &["gone"], ""),
            ["!unknown-row gone [] false"]
        );
    }
}
