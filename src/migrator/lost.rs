//! Revisions whose files are gone, undone by the scripts that the history kept.

use super::error::Error;
use super::operations::Migrator;
use super::standing::Standing;
use crate::bookkeeping::{LastEntry, VersionTable, last_entries};
use crate::db::Session;
use crate::revision::{Header, Label, RevisionId};
use crate::source::{LostRevision, Versions};

impl Migrator {
    /// The project's revisions, and those of the version table that no file knows, with every
    /// lost revision beneath them.
    pub(super) async fn with_lost(
        &self,
        session: &Session,
        table: &VersionTable,
        standing: &Standing,
    ) -> Result<Versions, Error> {
        if !standing.kept.history {
            return Err(Error::NoHistory);
        }
        let known = last_entries(session, table, &[]).await?;
        let gaps = self.versions.gaps.iter().map(ToString::to_string);
        let mut wanted: Vec<String> = standing.unknown.iter().cloned().chain(gaps).collect();
        let mut lost = Vec::new();
        while let Some(revision) = wanted.pop() {
            if lost.contains(&revision) || self.has_files(&revision) {
                continue;
            }
            let entry = known.get(&revision).ok_or_else(|| Error::NotInHistory {
                revision: revision.clone(),
            })?;
            wanted.extend(entry.revises.iter().chain(&entry.depends_on).cloned());
            lost.push(revision);
        }
        let entries = last_entries(session, table, &lost).await?;
        let lost = lost
            .iter()
            .map(|revision| lost_revision(revision, entries.get(revision)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Versions::load_with_gaps(&self.settings.folders())?.with_lost(lost)?)
    }
}

impl Migrator {
    fn has_files(&self, id: &str) -> bool {
        let is_gap = self.versions.gaps.iter().any(|gap| gap.as_str() == id);
        !is_gap && self.versions.graph.find_id(id).is_some()
    }
}

fn lost_revision(revision: &str, entry: Option<&LastEntry>) -> Result<LostRevision, Error> {
    let gone = || Error::NotInHistory {
        revision: revision.to_owned(),
    };
    let entry = entry.ok_or_else(gone)?;
    let id = |text: &str| RevisionId::parse(text).map_err(|_| gone());
    let label = |text: &String| Label::parse(text).map_err(|_| gone());
    let header = Header {
        revises: entry
            .revises
            .iter()
            .map(|parent| id(parent))
            .collect::<Result<_, _>>()?,
        depends_on: entry.depends_on.clone(),
        labels: entry.labels.iter().map(label).collect::<Result<_, _>>()?,
        message: entry.message.clone(),
        ..Header::new(id(revision)?)
    };
    let checksum = entry.up_checksum.as_deref();
    Ok(LostRevision::new(
        header,
        entry.up_script.clone(),
        checksum.and_then(|text| text.parse().ok()),
        entry.down_script.clone().ok_or_else(gone)?,
    ))
}
