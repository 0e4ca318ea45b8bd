//! `verify`: files, version table and history held against each other; nothing is changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::{DisagreementReport, RevisionView, ScriptKind, Verification, VerifyFinding};
use super::standing::{Agreement, Standing, recorded};
use super::view::Viewer;
use crate::bookkeeping::{LastEntry, VersionTable, last_entries};
use crate::db::Session;
use crate::diagnostic::Severity;
use crate::graph::NodeIx;
use crate::plan::chain::{Change, ScriptFate, changes};
use crate::revision::{Script, ScriptKind as Kind};
use crate::source::Versions;

/// Files, version table and history held against each other, and what is not applied.
pub(super) struct Looked {
    pub(super) verification: Verification,
    /// In the order in which they would run.
    pub(super) pending: Vec<RevisionView>,
    /// The version table holds what no file knows.
    pub(super) unknown: bool,
}

impl Migrator {
    /// Holds files, version table and history against each other. Works best on a project that was
    /// loaded with gaps: then a missing file is a finding, not an error.
    ///
    /// # Errors
    /// Scripts that cannot be read; the server's.
    pub async fn verify(&self, control: &Control) -> Result<Verification, Error> {
        Ok(self.look_at_history(control).await?.verification)
    }

    /// The same, and what is pending.
    pub(super) async fn look_at_history(&self, control: &Control) -> Result<Looked, Error> {
        let link = self.link(&self.run_id(), control).await?;
        let asked = async {
            let standing =
                Standing::read_moment(&link.session, &self.table(), &self.versions).await?;
            let found = self.look_closely(&link.session, &standing).await?;
            Ok::<_, Error>((standing, found))
        }
        .await;
        let destination = link.view.clone();
        let closed = link.close().await;
        let (standing, (agreement, found)) = asked?;
        closed?;
        let mut findings: Vec<VerifyFinding> = found.into_iter().map(Into::into).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let graph = &self.versions.graph;
        let unknown = !standing.unknown.is_empty();
        let is_applied = |node| standing.has_applied(node, &agreement, graph);
        let is_pending =
            |node: &NodeIx| !is_applied(*node) && !self.versions.revision(*node).is_lost();
        let mut pending = graph.history_order(&graph.set(graph.nodes().filter(is_pending)));
        pending.reverse();
        let pending = Viewer::database(&self.versions, &standing).views(pending);
        let verification = Verification {
            destination,
            has_version_table: standing.kept.rows.is_some(),
            has_history: standing.kept.history,
            rows: standing.rows(),
            applied: graph.nodes().filter(|node| is_applied(*node)).count(),
            agrees: findings
                .iter()
                .all(|finding| finding.severity < Severity::Error),
            findings,
        };
        Ok(Looked {
            verification,
            pending,
            unknown,
        })
    }

    /// Everything that disagrees, what no run looks at included.
    pub(super) async fn look_closely(
        &self,
        session: &Session,
        standing: &Standing,
    ) -> Result<(Agreement, Vec<DisagreementReport>), Error> {
        let versions = &self.versions;
        let table = self.table();
        let agreement = standing.agreement(session, &table, versions).await?;
        let mut found = agreement.disagreements.clone();
        let gaps = versions.gaps.iter().filter_map(|id| {
            let node = versions.graph.find_id(id.as_str())?;
            // Of what has no file, that is all there is to say.
            found.retain(
                |one| !matches!(one, DisagreementReport::Hole { revision, .. } if revision == id),
            );
            let above = *versions.graph.ups(node).first()?;
            Some(DisagreementReport::MissingFile {
                revision: id.clone(),
                named_by: versions.graph.id(above).clone(),
                path: versions.revision(above).path().to_owned(),
            })
        });
        let gaps: Vec<DisagreementReport> = gaps.collect();
        found.extend(gaps);
        found.extend(rows_too_many(standing, versions));
        let changes = self.changes(standing, &agreement)?;
        found.extend(tell_changes(session, &table, versions, changes).await?);
        Ok((agreement, found))
    }

    /// What of the applied revisions changed beside their up scripts.
    fn changes(&self, standing: &Standing, agreement: &Agreement) -> Result<Vec<Change>, Error> {
        let versions = &self.versions;
        versions.read_scripts(standing.applied.nodes())?;
        let mut scripts = BTreeMap::new();
        for node in standing.applied.nodes().iter() {
            let (_, down, verify) = versions.revision(node).checksums()?;
            scripts.insert(node, (down, verify));
        }
        let of = |node| scripts.get(&node).copied().unwrap_or_default();
        let recorded = recorded(&agreement.entries);
        let mut changes = changes(&versions.graph, &standing.applied, &recorded, of);
        changes.retain(|change| {
            let (Change::Script { node, .. } | Change::Beneath { node }) = change;
            !versions.revision(*node).is_lost()
        });
        Ok(changes)
    }
}

/// Rows that say nothing: another implies them, or they are there twice.
fn rows_too_many(standing: &Standing, versions: &Versions) -> Vec<DisagreementReport> {
    let graph = &versions.graph;
    let redundant = standing.applied.redundant_rows().iter();
    let overlapping = redundant.filter_map(|node| {
        Some(DisagreementReport::OverlappingRow {
            row: graph.id(*node).to_string(),
            implied_by: graph
                .id(graph.implied_by(&standing.applied, *node)?)
                .clone(),
        })
    });
    let repeated = graph.read_rows(standing.kept.rows()).repeated;
    let repeated = repeated
        .into_iter()
        .map(|row| DisagreementReport::RepeatedRow { row });
    overlapping.chain(repeated).collect()
}

/// The changes with their facts. The texts that the history keeps are asked for those alone.
async fn tell_changes(
    session: &Session,
    table: &VersionTable,
    versions: &Versions,
    changes: Vec<Change>,
) -> Result<Vec<DisagreementReport>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<String> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Script {
                node,
                kind: Kind::Down,
                ..
            } => Some(versions.graph.id(*node).to_string()),
            Change::Script { .. } | Change::Beneath { .. } => None,
        })
        .collect();
    let entries = last_entries(session, table, &wanted).await?;
    changes
        .into_iter()
        .map(|change| match change {
            Change::Script { node, kind, fate } => {
                script_change(versions, &entries, node, kind, fate)
            }
            Change::Beneath { node } => Ok(moved(versions, &entries, node)),
        })
        .collect()
}

fn script_change(
    versions: &Versions,
    entries: &BTreeMap<String, LastEntry>,
    node: NodeIx,
    kind: Kind,
    fate: ScriptFate,
) -> Result<DisagreementReport, Error> {
    let revision = versions.revision(node);
    let entry = entries.get(revision.id().as_str());
    let is_down = kind == Kind::Down;
    let script: Option<&Script> = if is_down {
        revision.down()?
    } else {
        revision.verify()?
    };
    let kept = entry.and_then(|entry| entry.down_script.as_deref());
    let path: PathBuf =
        script.map_or_else(|| revision.path().to_owned(), |script| script.path.clone());
    Ok(DisagreementReport::EditedScript {
        revision: revision.id().clone(),
        kind: if is_down {
            ScriptKind::Down
        } else {
            ScriptKind::Verify
        },
        fate,
        path,
        recorded: kept.filter(|_| is_down).map(str::to_owned),
        file: script.map(|script| script.text.to_string()),
    })
}

fn moved(
    versions: &Versions,
    entries: &BTreeMap<String, LastEntry>,
    node: NodeIx,
) -> DisagreementReport {
    let graph = &versions.graph;
    let revision = versions.revision(node);
    let recorded = entries.get(revision.id().as_str()).map(|entry| {
        let downs = entry.revises.iter().chain(&entry.depends_on);
        downs.cloned().collect()
    });
    let now = graph.parents(node).iter().chain(graph.dependencies(node));
    DisagreementReport::Moved {
        revision: revision.id().clone(),
        path: revision.path().to_owned(),
        recorded: recorded.unwrap_or_default(),
        now: now.map(|down| graph.id(*down).to_string()).collect(),
    }
}
