//! Whether the files, the version table and the history agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::checksum::Checksum;
use crate::graph::{AppliedSet, Graph, NodeIx};
use crate::revision::RevisionId;

/// What the history's last record of one revision says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Checksum of the up script, as it was then.
    pub up: Option<Checksum>,
    /// Checksum of the down script, as it was then; none where there was none.
    pub down: Option<Checksum>,
    /// Checksum of the verify script, as it was then; none where there was none.
    pub verify: Option<Checksum>,
    /// The parents that it had.
    pub revises: Vec<String>,
    /// The dependencies that it had, as ids.
    pub depends_on: Vec<String>,
    /// Whether the record leaves the revision applied; false if it tells of its undoing.
    pub on: bool,
    /// The record's place in the history.
    pub sequence: i64,
}

impl Recorded {
    /// The ids of what it stood and depended on.
    pub fn downs(&self) -> impl Iterator<Item = &str> {
        let downs = self.revises.iter().chain(&self.depends_on);
        downs.map(String::as_str)
    }
}

/// The last record of each revision, by its id.
pub type History = BTreeMap<String, Recorded>;

/// What the files, the version table and the history say.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The files.
    pub graph: &'a Graph,
    /// What the rows of the version table imply.
    pub applied: &'a AppliedSet,
    /// The rows of the version table that `applied` leaves out.
    pub unknown_rows: &'a [String],
    /// Nodes of the graph whose own files are gone: nothing but their id is known of them.
    pub gaps: &'a [RevisionId],
    /// The history.
    pub recorded: &'a History,
}

/// One thing on which files, version table and history do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// A row of the version table that no file is.
    UnknownRow {
        /// The row.
        row: String,
    },
    /// The up script of an applied revision is not what was applied.
    Edited {
        /// Its node.
        node: NodeIx,
        /// Checksum of what was applied.
        recorded: Checksum,
        /// Checksum of the file.
        file: Checksum,
    },
    /// A revision that counts as applied, because one above it is, but was never run: it was put
    /// beneath that one afterwards.
    Hole {
        /// Its node.
        node: NodeIx,
        /// A recorded revision that stands or depends on it.
        beneath: RevisionId,
    },
    /// A revision that counts as applied and has no record, nor has any above it: another tool
    /// applied it. It can be adopted as it is.
    Unrecorded {
        /// Its node.
        node: NodeIx,
    },
    /// A revision that counts as applied, although the history's last word is that it was undone:
    /// another tool applied it again. It can be adopted as it is.
    Reapplied {
        /// Its node.
        node: NodeIx,
    },
    /// There is no row at all, and the history knows revisions as applied: the version table was
    /// dropped or emptied.
    Vanished {
        /// The rows that the history believes in, sorted.
        rows: Vec<String>,
        /// How many revisions it knows as applied.
        revisions: usize,
    },
    /// A revision that the history knows as applied and the version table does not: another tool
    /// undid it, or its row is lost.
    Undone {
        /// Its node.
        node: NodeIx,
    },
    /// A revision that the history knows as applied, and that is neither a file nor a row any more.
    Gone {
        /// The revision.
        revision: String,
    },
}

/// Compares what is applied with what the history has recorded.
///
/// `checksum_of` gives the checksum of a node's up script as it is now. Unknown rows come first,
/// then what concerns files in upgrade order, then what is only in the history.
pub fn compare(
    claims: Claims<'_>,
    mut checksum_of: impl FnMut(NodeIx) -> Checksum,
) -> Vec<Disagreement> {
    let Claims {
        graph,
        applied,
        unknown_rows,
        recorded,
        ..
    } = claims;
    let unknown = unknown_rows.iter().cloned();
    let mut found: Vec<_> = unknown
        .map(|row| Disagreement::UnknownRow { row })
        .collect();
    let last = |node| recorded.get(graph.id(node).as_str());
    let record_of = |node| last(node).filter(|record| record.on);
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
        if let Some(record) = record_of(node) {
            let file = checksum_of(node);
            if let Some(recorded) = record.up.filter(|recorded| *recorded != file) {
                found.push(Disagreement::Edited {
                    node,
                    recorded,
                    file,
                });
            }
            continue;
        }
        found.push(match (last(node), recorded_above[node.index()]) {
            (Some(undone), Some(above))
                if last(above).is_none_or(|above| undone.sequence < above.sequence) =>
            {
                Disagreement::Hole {
                    node,
                    beneath: graph.id(above).clone(),
                }
            }
            (Some(_), _) => Disagreement::Reapplied { node },
            (None, Some(above)) => Disagreement::Hole {
                node,
                beneath: graph.id(above).clone(),
            },
            (None, None) => Disagreement::Unrecorded { node },
        });
    }
    found.extend(only_recorded(claims));
    found
}

/// What the history knows as applied, and the version table does not.
fn only_recorded(claims: Claims<'_>) -> Vec<Disagreement> {
    let on = || claims.recorded.iter().filter(|(_, record)| record.on);
    if claims.applied.is_empty() && claims.unknown_rows.is_empty() {
        let revisions = on().count();
        let rows = believed_rows(claims.graph, claims.recorded);
        let vanished = (revisions > 0).then_some(Disagreement::Vanished { rows, revisions });
        return vanished.into_iter().collect();
    }
    let lost = claims.unknown_rows.iter().map(String::as_str);
    let lost = lost.chain(claims.gaps.iter().map(RevisionId::as_str));
    let Some(implied) = beneath(claims.recorded, lost) else {
        // Nobody knows what an unknown row stands for.
        return Vec::new();
    };
    on().filter(|(id, _)| !implied.contains(id.as_str()))
        .filter_map(|(id, _)| match claims.graph.find_id(id) {
            None => Some(Disagreement::Gone {
                revision: id.clone(),
            }),
            Some(node) => (!claims.applied.contains(node)).then_some(Disagreement::Undone { node }),
        })
        .collect()
}

/// `tips` and all that they stood and depended on by the history; none where it does not know one
/// of them.
fn beneath<'a>(
    recorded: &'a History,
    tips: impl Iterator<Item = &'a str>,
) -> Option<BTreeSet<&'a str>> {
    let mut wanted: Vec<&str> = tips.collect();
    if wanted.iter().any(|tip| !recorded.contains_key(*tip)) {
        return None;
    }
    let mut found = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if found.insert(id)
            && let Some(record) = recorded.get(id)
        {
            wanted.extend(record.downs());
        }
    }
    Some(found)
}

/// The version rows that follow from what the history knows as applied, sorted: its tips by the
/// files, or by its own word where the files are gone.
#[must_use]
pub fn believed_rows(graph: &Graph, recorded: &History) -> Vec<String> {
    let on = || recorded.iter().filter(|(_, record)| record.on);
    let is_lost = |id: &str| graph.find_id(id).is_none();
    // What an unknown revision stands on is implied by it, and what a known one stood on is too.
    let named: BTreeSet<&str> = on()
        .flat_map(|(id, record)| {
            let above_is_lost = is_lost(id);
            record
                .downs()
                .filter(move |down| above_is_lost || is_lost(down))
        })
        .collect();
    let known = graph.applied(on().filter_map(|(id, _)| graph.find_id(id)));
    let tips = graph.tips(&known).into_iter();
    let tips = tips.map(|node| graph.id(node).to_string());
    let lost = on().filter(|(id, _)| is_lost(id)).map(|(id, _)| id.clone());
    let mut rows: Vec<String> = tips
        .chain(lost)
        .filter(|id| !named.contains(id.as_str()))
        .collect();
    rows.sort_unstable();
    rows
}

/// The known revisions nearest beneath a row that no file knows, by what the history says that it
/// stood on; nothing where the history does not know it.
#[must_use]
pub fn nearest_known(graph: &Graph, recorded: &History, row: &str) -> Vec<NodeIx> {
    let mut wanted = vec![row];
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id) {
            continue;
        }
        match (graph.find_id(id), recorded.get(id)) {
            (Some(node), _) => found.push(node),
            (None, Some(record)) => wanted.extend(record.downs()),
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
