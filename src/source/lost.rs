//! Revisions whose files are gone, from what a database's history kept of them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::checksum::Checksum;
use crate::graph::Graph;
use crate::revision::{Header, Script, ScriptKind, parse_settings};

use super::{Revision, SourceError, Versions};

/// A revision whose files are gone.
#[derive(Debug, Clone)]
pub struct LostRevision {
    /// What its header said.
    pub header: Header,
    /// The up script that ran.
    pub up: Script,
    /// The down script that was kept.
    pub down: Arc<str>,
}

impl LostRevision {
    /// A lost revision of which the history kept these parts; of the up script perhaps the
    /// checksum alone.
    #[must_use]
    pub fn new(
        header: Header,
        up_text: Option<Arc<str>>,
        up_checksum: Option<Checksum>,
        down: Arc<str>,
    ) -> Self {
        let path = kept(&header, "up");
        let text = up_text.unwrap_or_default();
        let up = match up_checksum {
            Some(checksum) => Script::recorded(path, text, checksum),
            None => Script::new(path, text, header.settings),
        };
        Self { header, up, down }
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

/// How a script of the history is shown.
fn kept(header: &Header, kind: &str) -> PathBuf {
    PathBuf::from(format!("history:{}.{kind}.sql", header.revision))
}

fn revision(lost: LostRevision) -> Revision {
    let settings = parse_settings(&lost.down, ScriptKind::Down).unwrap_or_default();
    let down = Script::new(kept(&lost.header, "down"), lost.down, settings);
    Revision::lost(lost.header, lost.up, down)
}
