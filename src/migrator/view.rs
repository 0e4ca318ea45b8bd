//! Revisions as reports show them.

use std::collections::BTreeSet;

use super::report::RevisionView;
use super::standing::Standing;
use crate::graph::NodeIx;
use crate::source::Versions;

/// Makes views of revisions, with what the database says where one was asked.
pub(super) struct Viewer<'a> {
    versions: &'a Versions,
    asked: Option<(&'a Standing, BTreeSet<String>)>,
}

impl<'a> Viewer<'a> {
    /// Views of the files alone.
    pub(super) fn files(versions: &'a Versions) -> Self {
        Self {
            versions,
            asked: None,
        }
    }

    /// Views that say what is applied.
    pub(super) fn database(versions: &'a Versions, standing: &'a Standing) -> Self {
        let rows = standing.kept.rows().iter().cloned().collect();
        Self {
            versions,
            asked: Some((standing, rows)),
        }
    }

    /// The revision's view.
    pub(super) fn view(&self, node: NodeIx) -> RevisionView {
        let graph = &self.versions.graph;
        let revision = self.versions.revision(node);
        let header = &revision.header;
        let ids = |nodes: &[NodeIx]| nodes.iter().map(|n| graph.id(*n).clone()).collect();
        RevisionView {
            revision: revision.id().clone(),
            revises: header.revises.clone(),
            depends_on: header.depends_on.clone(),
            dependencies: ids(graph.dependencies(node)),
            children: ids(graph.children(node)),
            labels: graph.labels(node).into_iter().cloned().collect(),
            message: header.message.clone(),
            created: header.created,
            path: revision.path().to_owned(),
            is_head: graph.is_head(node),
            is_effective_head: graph.is_effective_head(node),
            is_base: graph.is_base(node),
            is_branch_point: graph.is_branch_point(node),
            is_merge_point: graph.is_merge_point(node),
            is_current: self
                .asked
                .as_ref()
                .map(|(_, rows)| rows.contains(revision.id().as_str())),
            applied: self
                .asked
                .as_ref()
                .map(|(standing, _)| standing.applied.contains(node)),
            transaction: header.settings.transaction,
            has_down: revision.down_file().is_some(),
            has_verify: revision.verify_file().is_some(),
            irreversible: header.irreversible.clone(),
        }
    }

    /// The views of several.
    pub(super) fn views(&self, nodes: impl IntoIterator<Item = NodeIx>) -> Vec<RevisionView> {
        nodes.into_iter().map(|node| self.view(node)).collect()
    }
}
