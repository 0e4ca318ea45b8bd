//! `current`: where a database stands.

use std::collections::BTreeMap;

use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::{Current, CurrentRow};
use super::standing::{Agreement, Standing, recorded};
use super::view::Viewer;
use crate::graph::NodeIx;
use crate::plan::chain::{first_difference, recorded_digests};

impl Migrator {
    /// Where the database stands; with `digests`, which reads every script, each row's digest by the
    /// files and by the history.
    ///
    /// # Errors
    /// The server's.
    pub async fn current(&self, digests: bool, control: &Control) -> Result<Current, Error> {
        let graph = &self.versions.graph;
        let link = self.link(&self.run_id(), control).await?;
        let asked = async {
            let standing =
                Standing::read_moment(&link.session, &self.table(), &self.versions).await?;
            let agreement = match standing
                .agreement(&link.session, &self.table(), &self.versions)
                .await
            {
                // Whoever may read the version table alone is told what that says.
                Err(error) if error.is_denied() => Agreement::default(),
                agreement => agreement?,
            };
            Ok::<_, Error>((standing, agreement))
        }
        .await;
        let destination = link.view.clone();
        let closed = link.close().await;
        let (standing, agreement) = asked?;
        closed?;
        let viewer = Viewer::database(&self.versions, &standing);
        let rows = self.current_rows(&standing, &agreement, digests)?;
        // The tips of branches, which are no rows because something else depends on them.
        let applied = &standing.applied;
        let tip_of_branch = |node: &NodeIx| {
            let mut children = graph.children(*node).iter();
            !children.any(|child| applied.contains(*child))
        };
        let is_row = |node: &NodeIx| {
            let rows = standing.kept.rows();
            rows.binary_search_by(|row| row.as_str().cmp(graph.id(*node).as_str()))
                .is_ok()
        };
        let implied: Vec<NodeIx> = applied
            .nodes()
            .iter()
            .filter(|node| tip_of_branch(node) && !is_row(node))
            .collect();
        let pending = graph.len() - standing.applied.len();
        Ok(Current {
            destination,
            rows,
            implied: viewer.views(graph.history_order(&graph.set(implied))),
            at_head: pending == 0 && standing.unknown.is_empty(),
            heads: graph.ids(graph.real_heads()),
            pending,
            has_version_table: standing.kept.rows.is_some(),
            has_history: standing.kept.history,
            to_adopt: agreement.to_adopt.len(),
            disagreements: agreement.blocking(),
        })
    }

    fn current_rows(
        &self,
        standing: &Standing,
        agreement: &Agreement,
        digests: bool,
    ) -> Result<Vec<CurrentRow>, Error> {
        let graph = &self.versions.graph;
        let viewer = Viewer::database(&self.versions, standing);
        let recorded = recorded(&agreement.entries);
        let recorded = if digests {
            recorded_digests(&recorded)
        } else {
            BTreeMap::new()
        };
        standing
            .kept
            .rows()
            .iter()
            .map(|row| {
                let node = graph.find_id(row);
                let mut current = CurrentRow {
                    version_num: row.clone(),
                    revision: node.map(|node| viewer.view(node)),
                    digest: None,
                    recorded_digest: recorded.get(row.as_str()).map(ToString::to_string),
                    differs_at: None,
                };
                if let Some(node) = node.filter(|_| digests) {
                    let digests = self.versions.digests()?;
                    current.digest = Some(digests[node.index()].to_string());
                    if current.recorded_digest.is_some() {
                        let first = first_difference(graph, node, &recorded, digests);
                        current.differs_at = first.map(|node| graph.id(node).clone());
                    }
                }
                Ok(current)
            })
            .collect()
    }
}
