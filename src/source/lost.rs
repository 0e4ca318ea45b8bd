//! Revisions whose files are gone, from what a database's history kept of them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::checksum::Checksum;
use crate::graph::Graph;
use crate::revision::{Header, Label, RevisionId, Script, ScriptKind, parse_settings};

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
    /// The same revisions, and the lost ones among them, instead of the gaps: they can be undone,
    /// and nothing else.
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
        revisions.retain(|revision| !self.gaps.contains(revision.id()));
        revisions.extend(lost.into_iter().map(revision));
        let specs = revisions.iter().map(super::versions::spec).collect();
        let graph = Graph::build(specs).map_err(|defects| SourceError::Lost {
            revisions: ids,
            reasons: defects.iter().map(ToString::to_string).collect(),
        })?;
        Ok(Self::of(self.folders, graph, revisions, self.warnings))
    }
}

/// What stands for the revisions that these name and that are not among them.
pub(super) fn gaps(revisions: &[Revision]) -> Vec<Revision> {
    let headers = || revisions.iter().map(|revision| &revision.header);
    let known: BTreeSet<&str> = headers()
        .flat_map(|header| {
            let labels = header.labels.iter().map(Label::as_str);
            labels.chain([header.revision.as_str()])
        })
        .collect();
    let missing: BTreeSet<RevisionId> = headers()
        .flat_map(|header| {
            let depends_on = header.depends_on.iter().map(String::as_str);
            let revises = header.revises.iter().map(RevisionId::as_str);
            revises.chain(depends_on)
        })
        .filter(|name| !known.contains(name))
        .filter_map(|name| RevisionId::parse(name).ok())
        .collect();
    missing
        .into_iter()
        .map(|id| {
            revision(LostRevision::new(
                Header::new(id),
                None,
                None,
                Arc::from(""),
            ))
        })
        .collect()
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
