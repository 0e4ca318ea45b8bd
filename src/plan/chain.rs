//! The digests of what was applied, and what of applied revisions changed since.

use std::collections::BTreeMap;

use serde::Serialize;

use super::agreement::History;
use crate::checksum::{Checksum, Digest};
use crate::graph::{AppliedSet, Graph, NodeIx};
use crate::revision::ScriptKind;

/// The digest of each revision that the history knows as applied, over the scripts and the parents
/// that it had: what the digest of its files was, edits that were accepted since included. A
/// revision of which, or beneath which, the history does not know everything has none.
#[must_use]
pub fn recorded_digests(recorded: &History) -> BTreeMap<&str, Digest> {
    let mut digests: BTreeMap<&str, Option<Digest>> = BTreeMap::new();
    for id in recorded.keys() {
        let mut wanted = vec![id.as_str()];
        while let Some(&id) = wanted.last() {
            let record = recorded.get(id).filter(|record| record.on);
            // Whoever is met again before it has a digest stands on itself.
            let missing: Vec<&str> = match (record, digests.get(id)) {
                (Some(record), None) => {
                    digests.insert(id, None);
                    let downs = record.downs();
                    downs.filter(|down| !digests.contains_key(down)).collect()
                }
                _ => Vec::new(),
            };
            if missing.is_empty() {
                if let Some(record) = record
                    && let Some(None) = digests.get(id)
                    && let Some(up) = &record.up
                {
                    let mut downs: Vec<&str> = record.downs().collect();
                    downs.sort_unstable();
                    downs.dedup();
                    let beneath: Option<Vec<Digest>> = downs
                        .iter()
                        .map(|down| digests.get(down).copied().flatten())
                        .collect();
                    let (down, verify) = (record.down.as_ref(), record.verify.as_ref());
                    let digest = beneath.map(|beneath| Digest::of(&beneath, up, down, verify));
                    digests.insert(id, digest);
                }
                wanted.pop();
            } else {
                wanted.extend(missing);
            }
        }
    }
    digests
        .into_iter()
        .filter_map(|(id, digest)| Some((id, digest?)))
        .collect()
}

/// The first revision, in upgrade order, of those at and beneath `tip`, whose digest by the files
/// is not that of the history; none where both tell the same history. `files` are the digests by
/// the index of the node.
#[must_use]
pub fn first_difference(
    graph: &Graph,
    tip: NodeIx,
    recorded: &BTreeMap<&str, Digest>,
    files: &[Digest],
) -> Option<NodeIx> {
    let order = graph.upgrade_order(graph.applied([tip]).nodes());
    let digest = |node: &NodeIx| recorded.get(graph.id(*node).as_str());
    let differs = |node: &NodeIx| digest(node) != files.get(node.index());
    order.into_iter().find(differs)
}

/// What of an applied revision is not as it was recorded, beside its up script. Nothing stops for
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Its down or verify script.
    Script {
        /// The revision.
        node: NodeIx,
        /// Which script.
        kind: ScriptKind,
        /// What became of it.
        fate: ScriptFate,
    },
    /// What it stands or depends on.
    Beneath {
        /// The revision.
        node: NodeIx,
    },
}

/// What became of a script since it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptFate {
    /// It says something else.
    Edited,
    /// There was none.
    Added,
    /// There is none any more.
    Removed,
}

/// What changed of the applied revisions that the history knows, in upgrade order. `scripts_of`
/// gives the checksums of a node's down and verify script as they are now.
pub fn changes(
    graph: &Graph,
    applied: &AppliedSet,
    recorded: &History,
    mut scripts_of: impl FnMut(NodeIx) -> (Option<Checksum>, Option<Checksum>),
) -> Vec<Change> {
    let mut found = Vec::new();
    for node in graph.upgrade_order(applied.nodes()) {
        let record = recorded.get(graph.id(node).as_str());
        let Some(record) = record.filter(|record| record.on && record.up.is_some()) else {
            continue;
        };
        let (down, verify) = scripts_of(node);
        let mut script = |kind, was, is| {
            let fate = fate(was, is);
            found.extend(fate.map(|fate| Change::Script { node, kind, fate }));
        };
        script(ScriptKind::Down, record.down, down);
        script(ScriptKind::Verify, record.verify, verify);
        let sorted = |mut ids: Vec<String>| {
            ids.sort_unstable();
            ids
        };
        let ids = |nodes: &[NodeIx]| {
            let ids = nodes.iter().map(|node| graph.id(*node).to_string());
            sorted(ids.collect())
        };
        if ids(graph.parents(node)) != sorted(record.revises.clone())
            || ids(graph.dependencies(node)) != sorted(record.depends_on.clone())
        {
            found.push(Change::Beneath { node });
        }
    }
    found
}

fn fate(was: Option<Checksum>, is: Option<Checksum>) -> Option<ScriptFate> {
    match (was, is) {
        (Some(was), Some(is)) if was != is => Some(ScriptFate::Edited),
        (None, Some(_)) => Some(ScriptFate::Added),
        (Some(_), None) => Some(ScriptFate::Removed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::drawing::{applied, graph};
    use crate::plan::agreement::Recorded;

    fn checksum(digit: u8) -> Checksum {
        format!("{digit:064x}").parse().unwrap()
    }

    /// The history of these revisions, `b<a`, each with an up script of its own.
    fn history(words: &str) -> History {
        let words = words.split_whitespace().zip(1..);
        words
            .map(|(word, sequence)| {
                let (id, revises) = word.split_once('<').unwrap_or((word, ""));
                let parents = revises.split(',').filter(|parent| !parent.is_empty());
                let record = Recorded {
                    up: Some(checksum(id.as_bytes()[0])),
                    down: None,
                    verify: None,
                    revises: parents.map(str::to_owned).collect(),
                    depends_on: Vec::new(),
                    on: true,
                    sequence,
                };
                (id.to_owned(), record)
            })
            .collect()
    }

    #[test]
    fn the_chain_of_the_history_is_that_of_the_files() {
        let up = |id: u8| checksum(id);
        let a = Digest::of(&[], &up(b'a'), None, None);
        let b = Digest::of(&[a], &up(b'b'), None, None);
        let c = Digest::of(&[a], &up(b'c'), None, None);
        let d = Digest::of(&[b, c], &up(b'd'), None, None);
        let recorded = history("d<c,b b<a c<a a");
        let digests = recorded_digests(&recorded);
        let expected = [("a", a), ("b", b), ("c", c), ("d", d)];
        assert_eq!(digests, BTreeMap::from(expected));
        let graph = graph("a; b<-a; c<-a; d<-(b,c)");
        let first = |files: &[Digest]| {
            let first = first_difference(&graph, graph.find("d").unwrap(), &digests, files);
            first.map(|node| graph.id(node).to_string())
        };
        assert_eq!(first(&[a, b, c, d]), None);
        assert_eq!(first(&[a, b, d, a]), Some("c".to_owned()));
    }

    #[test]
    fn what_the_history_does_not_know_has_no_digest() {
        let known = |words: &str, change: fn(&mut History)| {
            let mut history = history(words);
            change(&mut history);
            let known: Vec<String> = recorded_digests(&history)
                .into_keys()
                .map(str::to_owned)
                .collect();
            known.join(" ")
        };
        assert_eq!(known("b<a c", |_| {}), "c", "no parent");
        assert_eq!(known("a<b b<a c<a d", |_| {}), "d", "a circle");
        assert_eq!(
            known("a b<a", |h| h.get_mut("a").unwrap().on = false),
            "",
            "undone"
        );
        assert_eq!(
            known("a b<a", |h| h.get_mut("b").unwrap().up = None),
            "a",
            "no checksum"
        );
        assert_eq!(known("a b<a,a", |_| {}), "a b", "named twice");
    }

    #[test]
    fn what_changed_beside_the_up_script() {
        let graph = graph("a; b<-a; c<-b; d<-c");
        let mut recorded = history("a b c<b d<a");
        let record = |id: &str| recorded.get(id).cloned().unwrap();
        let (mut a, mut c) = (record("a"), record("c"));
        a.down = Some(checksum(1));
        a.verify = Some(checksum(1));
        c.down = Some(checksum(2));
        recorded.insert("a".to_owned(), a);
        recorded.insert("c".to_owned(), c);
        let found = changes(&graph, &applied(&graph, "c"), &recorded, |node| match graph
            .id(node)
            .as_str()
        {
            "a" => (Some(checksum(2)), None),
            "b" => (Some(checksum(1)), None),
            _ => (Some(checksum(2)), None),
        });
        let node = |id: &str| graph.find(id).unwrap();
        let script = |id: &str, kind, fate| Change::Script {
            node: node(id),
            kind,
            fate,
        };
        assert_eq!(
            found,
            [
                script("a", ScriptKind::Down, ScriptFate::Edited),
                script("a", ScriptKind::Verify, ScriptFate::Removed),
                script("b", ScriptKind::Down, ScriptFate::Added),
                Change::Beneath { node: node("b") },
            ],
            "`d` is not applied"
        );
    }
}
