//! Where a database stands, against the files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Error;
use super::report::DisagreementReport;
use crate::bookkeeping::{Kept, LastEntry, VersionTable, last_entries};
use crate::checksum::Checksum;
use crate::db::Session;
use crate::graph::{AppliedSet, Graph, NodeIx};
use crate::plan::agreement::{Claims, Disagreement, History, Recorded, compare};
use crate::revision::RevisionId;
use crate::source::Versions;

/// The version rows and what they mean in the graph.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) kept: Kept,
    pub(super) applied: AppliedSet,
    /// Rows that no file knows.
    pub(super) unknown: Vec<String>,
}

/// What the history says of the applied set.
#[derive(Debug, Clone, Default)]
pub(super) struct Agreement {
    /// Everything that disagrees.
    pub(super) disagreements: Vec<DisagreementReport>,
    /// Applied revisions that the history does not know: another tool's, to adopt. In graph order.
    pub(super) to_adopt: Vec<NodeIx>,
    /// The history: the last entry of each revision.
    pub(super) entries: BTreeMap<String, LastEntry>,
    /// Revisions that count as applied and were never run. In graph order.
    holes: Vec<NodeIx>,
}

impl Standing {
    /// Whether a revision is applied, as far as is known: beneath a row that no file knows, the history
    /// alone tells.
    pub(super) fn has_applied(&self, node: NodeIx, agreement: &Agreement, graph: &Graph) -> bool {
        let told = || agreement.entries.get(graph.id(node).as_str());
        self.applied.contains(node)
            || !self.unknown.is_empty() && told().is_some_and(|entry| entry.applied)
    }

    /// Reads the version rows. Creates nothing.
    pub(super) async fn read(
        session: &Session,
        table: &VersionTable,
        versions: &Versions,
    ) -> Result<Self, Error> {
        let kept = table.read(session).await?;
        Ok(Self::of(kept, versions))
    }

    /// The same, in a transaction that goes on: the history that is read in it is of the same
    /// moment, though others are at work. Without the lock they may be.
    pub(super) async fn read_moment(
        session: &Session,
        table: &VersionTable,
        versions: &Versions,
    ) -> Result<Self, Error> {
        let kept = table.read_moment(session).await?;
        Ok(Self::of(kept, versions))
    }

    /// What these rows mean in the graph.
    pub(super) fn of(kept: Kept, versions: &Versions) -> Self {
        let reading = versions.graph.read_rows(kept.rows());
        Self {
            kept,
            applied: reading.applied,
            unknown: reading.unknown,
        }
    }

    /// The version rows, sorted.
    pub(super) fn rows(&self) -> Vec<String> {
        self.kept.rows().to_vec()
    }

    /// Refuses rows that no file knows.
    pub(super) fn insist_known(&self) -> Result<(), Error> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let unknown = |row: &String| DisagreementReport::UnknownRow {
            row: row.clone(),
            message: None,
            down_script: false,
        };
        Err(Error::Disagreement {
            disagreements: self.unknown.iter().map(unknown).collect(),
        })
    }

    /// Holds history and files against each other.
    pub(super) async fn agreement(
        &self,
        session: &Session,
        table: &VersionTable,
        versions: &Versions,
    ) -> Result<Agreement, Error> {
        let mut entries = if self.kept.history {
            last_entries(session, table, &[]).await?
        } else {
            BTreeMap::new()
        };
        let claims = Claims {
            graph: &versions.graph,
            applied: &self.applied,
            unknown_rows: &self.unknown,
            gaps: &versions.gaps,
            recorded: &recorded(&entries),
        };
        let mut found = compare(claims, |node| versions.revision(node).up().checksum());
        // What has no file cannot have been edited.
        found.retain(|one| {
            !matches!(one, Disagreement::Edited { node, .. } if versions.revision(*node).is_lost())
        });
        // The texts of edited revisions and of unknown rows are wanted: few, if any.
        let wanted: Vec<String> = found
            .iter()
            .filter_map(|one| match one {
                Disagreement::Edited { node, .. } => Some(versions.graph.id(*node).to_string()),
                Disagreement::UnknownRow { row } => Some(row.clone()),
                Disagreement::Hole { .. }
                | Disagreement::Unrecorded { .. }
                | Disagreement::Reapplied { .. }
                | Disagreement::Vanished { .. }
                | Disagreement::Undone { .. }
                | Disagreement::Gone { .. } => None,
            })
            .collect();
        if self.kept.history && !wanted.is_empty() {
            entries = last_entries(session, table, &wanted).await?;
        }
        let told = Told {
            versions,
            entries: &entries,
            has_version_table: self.kept.rows.is_some(),
        };
        let mut agreement = told.agreement(found);
        agreement.entries = entries;
        Ok(agreement)
    }
}

impl Agreement {
    /// Refuses where history and files disagree.
    pub(super) fn insist(&self) -> Result<(), Error> {
        let disagreements = self.blocking();
        if disagreements.is_empty() {
            Ok(())
        } else {
            Err(Error::Disagreement { disagreements })
        }
    }

    /// What nothing runs over.
    pub(super) fn blocking(&self) -> Vec<DisagreementReport> {
        let all = self.disagreements.iter();
        all.filter(|one| one.blocks()).cloned().collect()
    }

    /// The revisions of `set` that count as applied and were never run.
    pub(super) fn holes(&self, set: &AppliedSet) -> impl Iterator<Item = NodeIx> {
        self.holes
            .iter()
            .copied()
            .filter(|node| set.contains(*node))
    }

    /// What the history knows as applied and is not in `set`.
    pub(super) fn beyond(
        &self,
        set: &AppliedSet,
        versions: &Versions,
    ) -> impl Iterator<Item = (&String, &LastEntry)> {
        let is_in = |id: &String| {
            let node = versions.graph.find_id(id);
            node.is_some_and(|node| set.contains(node))
        };
        self.entries
            .iter()
            .filter(move |(id, entry)| entry.applied && !is_in(id))
    }

    /// The ids to adopt.
    pub(super) fn adopted(&self, versions: &Versions) -> Vec<RevisionId> {
        versions.graph.ids(self.to_adopt.iter().copied())
    }
}

/// The history as a plan reads it.
pub(super) fn recorded(entries: &BTreeMap<String, LastEntry>) -> History {
    let checksum = |text: &Option<String>| text.as_deref()?.parse::<Checksum>().ok();
    entries
        .iter()
        .map(|(revision, entry)| {
            let record = Recorded {
                up: checksum(&entry.up_checksum),
                down: checksum(&entry.down_checksum),
                verify: checksum(&entry.verify_checksum),
                revises: entry.revises.clone(),
                depends_on: entry.depends_on.clone(),
                on: entry.applied,
                sequence: entry.sequence,
            };
            (revision.clone(), record)
        })
        .collect()
}

/// What is known of the revisions that disagreements are told of.
struct Told<'a> {
    versions: &'a Versions,
    entries: &'a BTreeMap<String, LastEntry>,
    has_version_table: bool,
}

impl Told<'_> {
    /// The disagreements with their facts; those that many revisions have in common, as one.
    fn agreement(&self, found: Vec<Disagreement>) -> Agreement {
        let graph = &self.versions.graph;
        let mut agreement = Agreement::default();
        let (mut unrecorded, mut reapplied) = (Vec::new(), Vec::new());
        let (mut undone, mut gone) = (Vec::new(), Vec::new());
        for one in found {
            match one {
                Disagreement::Unrecorded { node } => {
                    agreement.to_adopt.push(node);
                    unrecorded.push(node);
                }
                Disagreement::Reapplied { node } => {
                    agreement.to_adopt.push(node);
                    reapplied.push(node);
                }
                Disagreement::Undone { node } => undone.push(node),
                Disagreement::Gone { revision } => gone.push(revision),
                Disagreement::Hole { node, beneath } => {
                    agreement.holes.push(node);
                    agreement.disagreements.push(DisagreementReport::Hole {
                        revision: graph.id(node).clone(),
                        path: self.path(node),
                        above: beneath,
                    });
                }
                Disagreement::Edited {
                    node,
                    recorded,
                    file,
                } => agreement
                    .disagreements
                    .push(self.edited(node, recorded, file)),
                Disagreement::UnknownRow { row } => {
                    agreement.disagreements.push(self.unknown_row(row));
                }
                Disagreement::Vanished { rows, revisions } => {
                    agreement.disagreements.push(DisagreementReport::Vanished {
                        has_version_table: self.has_version_table,
                        rows,
                        revisions,
                    });
                }
            }
        }
        let disagreements = &mut agreement.disagreements;
        if !unrecorded.is_empty() {
            let revisions = graph.ids(unrecorded);
            disagreements.push(DisagreementReport::Unrecorded { revisions });
        }
        if !reapplied.is_empty() {
            let revisions = graph.ids(reapplied);
            disagreements.push(DisagreementReport::Reapplied { revisions });
        }
        if !undone.is_empty() {
            let set = graph.set(undone.iter().copied());
            let is_tip = |node: &NodeIx| !graph.ups(*node).iter().any(|up| set.contains(*up));
            let tips = undone.iter().copied().filter(is_tip);
            disagreements.push(DisagreementReport::Undone {
                tips: graph.ids(tips),
                revisions: graph.ids(undone.iter().copied()),
            });
        }
        if !gone.is_empty() {
            disagreements.push(DisagreementReport::Gone { revisions: gone });
        }
        agreement
    }

    fn path(&self, node: NodeIx) -> PathBuf {
        self.versions.revision(node).path().to_owned()
    }

    fn edited(&self, node: NodeIx, recorded: Checksum, file: Checksum) -> DisagreementReport {
        let revision = self.versions.graph.id(node);
        let entry = self.entries.get(revision.as_str());
        DisagreementReport::Edited {
            revision: revision.clone(),
            path: self.path(node),
            recorded_checksum: recorded,
            checksum: file,
            applied: entry.and_then(|entry| entry.up_script.as_deref().map(str::to_owned)),
            file: self.versions.revision(node).up().text.to_string(),
        }
    }

    fn unknown_row(&self, row: String) -> DisagreementReport {
        let entry = self.entries.get(&row);
        DisagreementReport::UnknownRow {
            message: entry.and_then(|entry| entry.message.clone()),
            down_script: entry.is_some_and(|entry| entry.down_script.is_some()),
            row,
        }
    }
}
