//! Where a database stands, against the files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Error;
use super::report::DisagreementReport;
use crate::bookkeeping::{Kept, LastEntry, VersionTable, last_entries};
use crate::checksum::Checksum;
use crate::db::Session;
use crate::graph::{AppliedSet, NodeIx};
use crate::plan::agreement::{Disagreement, Recorded, compare};
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
    /// What disagrees: nothing runs.
    pub(super) disagreements: Vec<DisagreementReport>,
    /// Applied revisions that the history does not know: another tool's, to adopt. In graph order.
    pub(super) to_adopt: Vec<NodeIx>,
    /// Revisions that count as applied and were never run. In graph order.
    holes: Vec<NodeIx>,
}

impl Standing {
    /// Reads the version rows. Creates nothing.
    pub(super) async fn read(
        session: &Session,
        table: &VersionTable,
        versions: &Versions,
    ) -> Result<Self, Error> {
        let kept = table.read(session).await?;
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
        let found = compare(
            &versions.graph,
            &self.applied,
            &self.unknown,
            &recorded(&entries),
            |node| versions.revision(node).up().checksum(),
        );
        // The texts of edited revisions and of unknown rows are wanted: few, if any.
        let wanted: Vec<String> = found
            .iter()
            .filter_map(|one| match one {
                Disagreement::Edited { node, .. } => Some(versions.graph.id(*node).to_string()),
                Disagreement::UnknownRow { row, .. } => Some(row.clone()),
                Disagreement::Hole { .. }
                | Disagreement::Unrecorded { .. }
                | Disagreement::Gone { .. }
                | Disagreement::Undone { .. } => None,
            })
            .collect();
        if self.kept.history && !wanted.is_empty() {
            entries = last_entries(session, table, &wanted).await?;
        }
        let mut agreement = Agreement::default();
        for one in found {
            if matches!(&one, Disagreement::Edited { node, .. } if versions.revision(*node).is_lost())
            {
                // It has no file to have been edited.
                continue;
            }
            if let Disagreement::Hole { node, .. } = one {
                agreement.holes.push(node);
            }
            if let Disagreement::Unrecorded { node, .. } = one {
                agreement.to_adopt.push(node);
            } else if let Some(disagreement) = report(&one, versions, &entries) {
                agreement.disagreements.push(disagreement);
            }
        }
        Ok(agreement)
    }
}

impl Agreement {
    /// Refuses where history and files disagree.
    pub(super) fn insist(&self) -> Result<(), Error> {
        if self.disagreements.is_empty() {
            Ok(())
        } else {
            Err(Error::Disagreement {
                disagreements: self.disagreements.clone(),
            })
        }
    }

    /// The revisions of `set` that count as applied and were never run.
    pub(super) fn holes(&self, set: &AppliedSet) -> impl Iterator<Item = NodeIx> {
        self.holes
            .iter()
            .copied()
            .filter(|node| set.contains(*node))
    }

    /// The ids to adopt.
    pub(super) fn adopted(&self, versions: &Versions) -> Vec<RevisionId> {
        self.to_adopt
            .iter()
            .map(|node| versions.graph.id(*node).clone())
            .collect()
    }
}

fn recorded(entries: &BTreeMap<String, LastEntry>) -> BTreeMap<String, Recorded> {
    entries
        .iter()
        .map(|(revision, entry)| {
            let up = entry
                .up_checksum
                .as_deref()
                .and_then(|text| text.parse::<Checksum>().ok());
            (
                revision.clone(),
                Recorded {
                    revision: revision.clone(),
                    up,
                    down: None,
                    verify: None,
                    up_text: None,
                    on: entry.applied,
                    sequence: entry.sequence,
                },
            )
        })
        .collect()
}

/// The disagreement with its facts, where it is one that nothing runs over.
fn report(
    one: &Disagreement,
    versions: &Versions,
    entries: &BTreeMap<String, LastEntry>,
) -> Option<DisagreementReport> {
    let path = |node: NodeIx| -> PathBuf { versions.revision(node).path().to_owned() };
    match one {
        Disagreement::Edited { node, revision, .. } => Some(DisagreementReport::Edited {
            revision: revision.clone(),
            path: path(*node),
            applied: entries
                .get(revision.as_str())
                .and_then(|entry| entry.up_script.as_deref().map(str::to_owned)),
            file: versions.revision(*node).up().text.to_string(),
        }),
        Disagreement::UnknownRow { row, .. } => Some(DisagreementReport::UnknownRow {
            row: row.clone(),
            message: entries.get(row).and_then(|entry| entry.message.clone()),
            down_script: entries.get(row).is_some_and(|e| e.down_script.is_some()),
        }),
        Disagreement::Hole {
            node,
            revision,
            beneath,
        } => Some(DisagreementReport::Hole {
            revision: revision.clone(),
            path: path(*node),
            above: beneath.clone(),
        }),
        Disagreement::Unrecorded { .. }
        | Disagreement::Gone { .. }
        | Disagreement::Undone { .. } => None,
    }
}
