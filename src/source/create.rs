//! New revisions: from a request to a draft, from a draft to files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound, Utc};

use crate::revision::{Header, Label, RevisionId, ScriptKind, TransactionMode};

use super::write::{NewFile, write_all};
use super::{Naming, SourceError, Templates, Versions, slug};

/// What a new revision is to be.
#[derive(Debug, Clone, Default)]
pub struct NewRevision {
    /// Its id; made up where it is absent.
    pub id: Option<RevisionId>,
    /// What it is about; white space is made single, line ends too.
    pub message: Option<String>,
    /// Its parents, in order; none for a base. Each must exist.
    pub revises: Vec<RevisionId>,
    /// Ids or labels that must be applied first, each written once. Each must exist.
    pub depends_on: Vec<String>,
    /// Its branch labels. None may be taken, be its id, or be there twice.
    pub labels: Vec<Label>,
    /// Why there is no way back, where there is none.
    pub irreversible: Option<String>,
    /// The name of the template.
    pub template: String,
    /// The template's variables, as given by `--set`.
    pub variables: BTreeMap<String, String>,
    /// What its scripts do, in place of what the template would have them do.
    pub bodies: Option<Bodies>,
    /// The folder that its files go into, absolute: one of the project's, or one within it where
    /// subfolders are read. Absent: the folder of the first parent, or the only one there is.
    pub folder: Option<PathBuf>,
}

/// What a new revision's scripts do, without the header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bodies {
    /// The up script.
    pub up: String,
    /// The down script; it is not written for a revision that has no way back. A setting of its own
    /// stands in its first lines.
    pub down: String,
    /// How the up script runs.
    pub transaction: TransactionMode,
}

impl Bodies {
    fn scripts(&self, header: &Header) -> Vec<(ScriptKind, String)> {
        let up = format!("{header}\n{}", self.up);
        let mut scripts = vec![(ScriptKind::Up, up)];
        if header.irreversible.is_none() {
            scripts.push((ScriptKind::Down, self.down.clone()));
        }
        scripts
    }
}

/// A new revision that is not yet written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its header.
    pub header: Header,
    /// The template that it was rendered from.
    pub template: String,
    /// Its files: up, then down and verify where it has them.
    pub files: Vec<DraftFile>,
}

/// A file of a new revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// Which script it is.
    pub kind: ScriptKind,
    /// Where it will be. Absolute.
    pub file: PathBuf,
    /// The same, as it is shown.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl NewRevision {
    /// Works out the new revision's header and files. Nothing is written.
    ///
    /// Refused: an id or label that is taken, or that another of its own is; a parent or dependency that there is not, a folder
    /// that is none of the project's, a template that cannot be rendered, a file that exists.
    pub fn draft(
        &self,
        versions: &Versions,
        templates: &Templates,
        naming: &Naming,
        now: DateTime<Utc>,
    ) -> Result<Draft, SourceError> {
        let mut header = self.header(versions, naming, now)?;
        if let Some(bodies) = &self.bodies {
            header.settings.transaction = bodies.transaction;
        }
        let message = header.message.as_deref().unwrap_or_default();
        let slug = slug(message, naming.slug_length);
        let folder = self.folder(versions)?;
        let name = naming
            .pattern
            .render(&header.revision, &slug, now, naming.zone);
        let scripts = match &self.bodies {
            Some(bodies) => bodies.scripts(&header),
            None => {
                let template = templates.get(&self.template)?;
                template.render(&header, &slug, &self.variables)?
            }
        };
        let files = scripts
            .into_iter()
            .map(|(kind, text)| {
                let mut file = OsString::from(folder.join(&name));
                file.push(format!(".{}.sql", kind.as_str()));
                let file = PathBuf::from(file);
                DraftFile {
                    kind,
                    path: versions.folders.shown(&file).to_owned(),
                    file,
                    text,
                }
            })
            .collect::<Vec<_>>();
        if let Some(exists) = files
            .iter()
            .find(|file| file.file.symlink_metadata().is_ok())
        {
            return Err(SourceError::FileExists {
                path: exists.path.clone(),
            });
        }
        Ok(Draft {
            header,
            template: self.template.clone(),
            files,
        })
    }

    fn header(
        &self,
        versions: &Versions,
        naming: &Naming,
        now: DateTime<Utc>,
    ) -> Result<Header, SourceError> {
        let graph = &versions.graph;
        let id = match &self.id {
            Some(id) => id.clone(),
            None => naming.id.make(now, |id| {
                graph.find(id).is_some() || self.labels.iter().any(|label| label.as_str() == id)
            }),
        };
        for (nth, label) in self.labels.iter().enumerate() {
            if label.as_str() == id.as_str() {
                let label = label.clone();
                return Err(SourceError::LabelIsId { label });
            }
            if self.labels[..nth].contains(label) {
                let label = label.clone();
                return Err(SourceError::LabelTwice { label });
            }
        }
        let own = std::iter::once(id.as_str()).chain(self.labels.iter().map(Label::as_str));
        for name in own {
            if let Some(node) = graph.find(name) {
                let revision = versions.revision(node);
                return Err(SourceError::NameTaken {
                    name: name.to_owned(),
                    revision: revision.id().clone(),
                    path: revision.path().to_owned(),
                });
            }
        }
        let unknown = |name: &str| SourceError::UnknownRevision {
            name: name.to_owned(),
            candidates: graph.nearest(name),
        };
        if let Some(parent) = self
            .revises
            .iter()
            .find(|parent| graph.find_id(parent.as_str()).is_none())
        {
            return Err(unknown(parent.as_str()));
        }
        if let Some(name) = self
            .depends_on
            .iter()
            .find(|name| graph.find(name).is_none())
        {
            return Err(unknown(name));
        }
        Ok(Header {
            revises: self.revises.clone(),
            depends_on: each_once(&self.depends_on),
            labels: self.labels.clone(),
            created: Some(now.trunc_subsecs(0)),
            message: self.message.as_deref().and_then(one_line),
            irreversible: self.irreversible.as_deref().and_then(one_line),
            ..Header::new(id)
        })
    }

    fn folder(&self, versions: &Versions) -> Result<PathBuf, SourceError> {
        let folders = &versions.folders;
        let known = || -> Vec<PathBuf> {
            let shown = folders.versions.iter().map(|f| folders.shown(f).to_owned());
            shown.collect()
        };
        if let Some(wanted) = &self.folder {
            let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let target = real(wanted);
            let ours = folders
                .versions
                .iter()
                .map(|folder| real(folder))
                .any(|folder| {
                    target == folder || (folders.recursive && target.starts_with(&folder))
                });
            if ours {
                return Ok(wanted.clone());
            }
            return Err(SourceError::ForeignFolder {
                path: folders.shown(wanted).to_owned(),
                known: known(),
            });
        }
        let parent = self
            .revises
            .first()
            .and_then(|id| versions.find(id.as_str()));
        let of_parent = parent.and_then(|parent| {
            let mut holding = folders.versions.iter();
            holding.find(|folder| parent.file().starts_with(folder))
        });
        match (of_parent, folders.versions.as_slice()) {
            (Some(folder), _) | (None, [folder]) => Ok(folder.clone()),
            (None, _) => Err(SourceError::WhichFolder { known: known() }),
        }
    }
}

impl Draft {
    /// Writes the files: all of them or none, and over no file that exists.
    pub fn write(&self) -> Result<(), SourceError> {
        Self::write_all(std::slice::from_ref(self))
    }

    /// Writes the files of drafts, each of which the next one may stand on: all of them or none, and
    /// over no file that exists.
    pub fn write_all(drafts: &[Self]) -> Result<(), SourceError> {
        // The up script comes last: it is what makes the revision, and a crash in between leaves
        // no revision without its way back.
        let files: Vec<NewFile<'_>> = drafts
            .iter()
            .flat_map(|draft| draft.files.iter().rev())
            .map(|file| NewFile {
                file: &file.file,
                shown: &file.path,
                text: &file.text,
            })
            .collect();
        write_all(&files)
    }

    /// The same files in another folder.
    #[must_use]
    pub fn in_folder(&self, folder: &Path) -> Self {
        let mut moved = self.clone();
        for file in &mut moved.files {
            let name = file.file.file_name().unwrap_or_default();
            file.file = folder.join(name);
        }
        moved
    }
}

/// The names in their order, each once.
fn each_once(names: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    once
}

/// The text as one line without space at its ends, where anything is left.
fn one_line(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
