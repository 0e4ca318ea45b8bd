//! The project's revisions: the graph and what stands behind its nodes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::checksum::Digest;
use crate::diagnostic::{Diagnostic, Place};
use crate::graph::{Graph, GraphDefect, NodeIx, NodeSet, NodeSpec};
use crate::revision::RevisionId;

use super::diagnose::graph_diagnostic;
use super::listing::{self, stem};
use super::{Folders, Revision, SourceError, lost, parallel};

/// Every revision of a project, and the graph that they make.
#[derive(Debug)]
pub struct Versions {
    /// Where they were found.
    pub folders: Folders,
    /// The graph. Its nodes are the indices of `revisions`.
    pub graph: Graph,
    /// The revisions: folders in their order, file names in byte order.
    pub revisions: Vec<Revision>,
    /// What looks like a mistake but stops nothing.
    pub warnings: Vec<Diagnostic>,
    /// Revisions whose files are gone and of which only the id is known.
    pub gaps: Vec<RevisionId>,
    digests: OnceLock<Vec<Digest>>,
}

/// What became of an up file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpFile {
    /// It was not there.
    Came,
    /// It is not there any more.
    Went,
    /// Its text is another one.
    Changed,
}

impl Versions {
    pub(super) fn of(
        folders: Folders,
        graph: Graph,
        revisions: Vec<Revision>,
        warnings: Vec<Diagnostic>,
    ) -> Self {
        Self {
            folders,
            graph,
            revisions,
            warnings,
            gaps: Vec::new(),
            digests: OnceLock::new(),
        }
    }

    /// Loads the revisions of a project: every up file is read once. Down and verify files are
    /// listed, and read when they are asked for.
    ///
    /// Everything that is wrong with any of the files is reported together, as
    /// [`SourceError::Defects`].
    pub fn load(folders: &Folders) -> Result<Self, SourceError> {
        Self::load_and(folders, |_| Vec::new())
    }

    /// As [`Versions::load`], but where a revision names another whose files are gone, something
    /// stands for that one, and its id is among [`Versions::gaps`]: only
    /// [`Versions::with_lost`] can tell what it was.
    ///
    /// # Errors
    /// Everything else that is wrong with any of the files.
    pub fn load_with_gaps(folders: &Folders) -> Result<Self, SourceError> {
        Self::load_and(folders, lost::gaps)
    }

    /// No revision at all, whatever lies in the folders: for what must not fail because of a file.
    #[must_use]
    pub fn unread(folders: Folders) -> Self {
        let graph = Graph::build(Vec::new()).expect("nothing has no defect");
        Self::of(folders, graph, Vec::new(), Vec::new())
    }

    fn load_and(
        folders: &Folders,
        fill: impl FnOnce(&[Revision]) -> Vec<Revision>,
    ) -> Result<Self, SourceError> {
        let listing = listing::list(folders)?;
        let mut defects = listing.defects;
        let mut revisions = Vec::with_capacity(listing.files.len());
        let mut nameless = Vec::new();
        let loaded = parallel::map(&listing.files, |files| Revision::load(folders, files));
        for (loaded, files) in loaded.into_iter().zip(&listing.files) {
            defects.extend(loaded.defects);
            match loaded.revision {
                Some(revision) => revisions.push(revision),
                None => nameless.push(stem(&files.up)),
            }
        }
        let mut warnings = listing.warnings;
        warnings.extend(revisions.iter().flat_map(|r| odd(r, folders)));
        sort(&mut warnings);
        let filled = fill(&revisions);
        let gaps = filled.iter().map(|gap| gap.id().clone()).collect();
        revisions.extend(filled);
        let specs = revisions.iter().map(spec).collect();
        match Graph::build(specs) {
            Ok(graph) if defects.is_empty() => Ok(Self {
                gaps,
                ..Self::of(folders.clone(), graph, revisions, warnings)
            }),
            built => {
                let graph_defects = built.err().unwrap_or_default();
                defects.extend(
                    graph_defects
                        .iter()
                        .filter(|defect| !is_consequence(defect, &nameless))
                        .map(|defect| graph_diagnostic(defect, &revisions)),
                );
                sort(&mut defects);
                Err(SourceError::Defects(defects))
            }
        }
    }

    /// The revision behind a node of the graph.
    #[must_use]
    pub fn revision(&self, node: NodeIx) -> &Revision {
        &self.revisions[node.index()]
    }

    /// The revision of this id, written in full.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Revision> {
        Some(self.revision(self.graph.find_id(id)?))
    }

    /// Reads the down and verify scripts of these revisions; everything that is wrong with any of
    /// them is reported together.
    pub fn read_scripts(&self, nodes: &NodeSet) -> Result<(), SourceError> {
        let nodes: Vec<NodeIx> = nodes.iter().collect();
        let mut defects: Vec<Diagnostic> =
            parallel::map(&nodes, |node| self.revision(*node).read_scripts())
                .into_iter()
                .flatten()
                .collect();
        if defects.is_empty() {
            return Ok(());
        }
        sort(&mut defects);
        Err(SourceError::Defects(defects))
    }

    /// Whose up files came, went or changed since these revisions were loaded, as they are shown.
    #[must_use]
    pub fn changed_since(&self, then: &Self) -> BTreeMap<PathBuf, UpFile> {
        let files = |versions: &Self| -> BTreeMap<PathBuf, String> {
            let revisions = versions.revisions.iter();
            revisions
                .map(|one| (one.path().to_owned(), one.up().text.to_string()))
                .collect()
        };
        let (then, now) = (files(then), files(self));
        let mut changed = BTreeMap::new();
        for (path, text) in &now {
            match then.get(path) {
                None => changed.insert(path.clone(), UpFile::Came),
                Some(before) if before != text => changed.insert(path.clone(), UpFile::Changed),
                Some(_) => None,
            };
        }
        let gone = then.into_keys().filter(|path| !now.contains_key(path));
        changed.extend(gone.map(|path| (path, UpFile::Went)));
        changed
    }

    /// The digest of a revision: it names the revision and the whole history beneath it, parents
    /// and dependencies alike. The first call reads and hashes every script of the project.
    pub fn digest(&self, node: NodeIx) -> Result<Digest, SourceError> {
        Ok(self.digests()?[node.index()])
    }

    /// The digests of all revisions, by the index of their node.
    ///
    /// # Errors
    /// Scripts that cannot be read.
    pub fn digests(&self) -> Result<&[Digest], SourceError> {
        if let Some(digests) = self.digests.get() {
            return Ok(digests);
        }
        let digests = self.work_out_digests()?;
        Ok(self.digests.get_or_init(|| digests))
    }

    fn work_out_digests(&self) -> Result<Vec<Digest>, SourceError> {
        self.read_scripts(&self.graph.all())?;
        let checksums = parallel::map(&self.revisions, Revision::checksums);
        let mut digests: Vec<Option<Digest>> = vec![None; self.revisions.len()];
        let mut checksums: Vec<_> = checksums.into_iter().map(Some).collect();
        for node in self.graph.upgrade_order(&self.graph.all()) {
            let beneath: Vec<Digest> = self
                .graph
                .downs(node)
                .iter()
                .filter_map(|down| digests[down.index()])
                .collect();
            if let Some(checksums) = checksums[node.index()].take() {
                let (up, down, verify) = checksums?;
                let digest = Digest::of(&beneath, &up, down.as_ref(), verify.as_ref());
                digests[node.index()] = Some(digest);
            }
        }
        Ok(digests.into_iter().flatten().collect())
    }
}

pub(super) fn spec(revision: &Revision) -> NodeSpec {
    let header = &revision.header;
    NodeSpec {
        id: header.revision.clone(),
        revises: header.revises.clone(),
        depends_on: header.depends_on.clone(),
        labels: header.labels.clone(),
        created: header.created,
    }
}

/// Whether a missing revision is only one whose own header could not be read: that is reported
/// already, and mending it mends this.
fn is_consequence(defect: &GraphDefect, nameless: &[String]) -> bool {
    let missing = match defect {
        GraphDefect::UnknownParent { parent, .. } => parent.as_str(),
        GraphDefect::UnknownDependency { dependency, .. } => dependency,
        _ => return false,
    };
    nameless.iter().any(|stem| holds(stem, missing))
}

/// Whether a file name holds an id as a word of its own.
fn holds(stem: &str, id: &str) -> bool {
    stem.match_indices(id).any(|(at, _)| {
        !stem[..at].ends_with(char::is_alphanumeric)
            && !stem[at + id.len()..].starts_with(char::is_alphanumeric)
    })
}

/// What is odd about a revision's files, but stops nothing.
fn odd(revision: &Revision, folders: &Folders) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let id = revision.id();
    if folders.names_hold_ids && !holds(&stem(revision.file()), id.as_str()) {
        let message = format!("the file name does not hold the revision's id, `{id}`");
        warnings.push(
            Diagnostic::warning("file-name-mismatch", message)
                .at(Place::file(revision.path()))
                .help("the header is the truth; rename the file or mend its header"),
        );
    }
    if revision.header.irreversible.is_some()
        && let Some(down) = revision.down_file()
    {
        let message = format!("revision `{id}` says `irreversible`, and has a down script");
        warnings.push(
            Diagnostic::warning("irreversible-with-down", message)
                .at(Place::file(folders.shown(down)))
                .help("take one of them away"),
        );
    }
    warnings
}

/// By path and place.
fn sort(diagnostics: &mut [Diagnostic]) {
    let key = |d: &Diagnostic| -> Option<(PathBuf, u32, u32)> {
        let place = d.place.as_ref()?;
        Some((place.path.clone(), place.line, place.column))
    };
    diagnostics.sort_by_cached_key(key);
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
