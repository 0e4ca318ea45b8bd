//! Revisions whose files are gone, from what a database's history kept of them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::graph::Graph;
use crate::revision::{Header, RevisionId, Script, ScriptKind, parse_settings};

use super::{Revision, SourceError, Versions};

/// A revision whose files are gone.
#[derive(Debug, Clone)]
pub struct LostRevision {
    /// What its header said.
    pub header: Header,
    /// The down script that was kept.
    pub down: Arc<str>,
}

impl LostRevision {
    /// A lost revision of which the history kept these parts.
    #[must_use]
    pub fn new(
        revision: RevisionId,
        revises: Vec<RevisionId>,
        depends_on: Vec<String>,
        message: Option<String>,
        down: Arc<str>,
    ) -> Self {
        Self {
            header: Header {
                revises,
                depends_on,
                message,
                ..Header::new(revision)
            },
            down,
        }
    }
}

impl Versions {
    /// The same revisions, and the lost ones among them: they can be undone, and nothing else.
    ///
    /// # Errors
    /// [`SourceError::Lost`] where the lost ones do not fit into the graph, because what they
    /// stand on is gone too.
    pub fn with_lost(self, lost: Vec<LostRevision>) -> Result<Self, SourceError> {
        let ids: Vec<String> = lost
            .iter()
            .map(|one| one.header.revision.to_string())
            .collect();
        let mut revisions = self.revisions;
        revisions.extend(lost.into_iter().map(revision));
        let specs = revisions.iter().map(super::versions::spec).collect();
        let graph = Graph::build(specs).map_err(|defects| SourceError::Lost {
            revisions: ids,
            reasons: defects.iter().map(ToString::to_string).collect(),
        })?;
        Ok(Self::of(self.folders, graph, revisions, self.warnings))
    }
}

fn revision(lost: LostRevision) -> Revision {
    let path = |kind: &str| PathBuf::from(format!("history:{}.{kind}.sql", lost.header.revision));
    let settings = parse_settings(&lost.down, ScriptKind::Down).unwrap_or_default();
    let down = Script::new(path("down"), lost.down, settings);
    Revision::lost(lost.header.clone(), path("up"), down)
}
