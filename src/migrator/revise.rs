//! `revision` and `merge`: new files with the right parents.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Error;
use super::operations::Migrator;
use super::report::{HookReport, NewRevision};
use crate::diagnostic::Diagnostic;
use crate::graph::{NodeIx, Target};
use crate::revision::{Label, RevisionId};
use crate::source::{self, Bodies, Draft};

/// What a new revision shall be.
#[derive(Debug, Clone, Default)]
pub struct RevisionRequest {
    /// What it does.
    pub message: Option<String>,
    /// Its id; a new one otherwise.
    pub id: Option<String>,
    /// Its parents: each target may name several.
    pub heads: Vec<Target>,
    /// A parent may have a child already.
    pub splice: bool,
    /// Its own labels.
    pub labels: Vec<String>,
    /// What must be applied first without being a parent.
    pub depends_on: Vec<Target>,
    /// The versions folder to write to.
    pub version_path: Option<PathBuf>,
    /// The template; the settings' otherwise.
    pub template: Option<String>,
    /// The tables that the template `rls` is to be made from, as they were typed.
    pub tables: Vec<String>,
    /// Values of the template's own variables.
    pub variables: BTreeMap<String, String>,
    /// Why there is no way back.
    pub irreversible: Option<String>,
}

impl Migrator {
    /// Writes a new revision's files.
    ///
    /// # Errors
    /// Targets that name nothing; parents with a child, unless the request splices; ids and
    /// labels that exist; files that cannot be written. Nothing is overwritten, and either all
    /// files are written or none.
    pub fn new_revision(&self, request: &RevisionRequest) -> Result<NewRevision, Error> {
        self.new_revision_of(request, None)
    }

    /// The same, with these scripts in place of a template's.
    pub(super) fn new_revision_of(
        &self,
        request: &RevisionRequest,
        bodies: Option<Bodies>,
    ) -> Result<NewRevision, Error> {
        let parents = self.parents(&request.heads)?;
        self.write(request, parents, bodies)
    }

    /// Writes a merge of the targets.
    ///
    /// # Errors
    /// As for a revision, and fewer than two parents.
    pub fn merge(&self, request: &RevisionRequest) -> Result<NewRevision, Error> {
        let parents = self.parents(&request.heads)?;
        if parents.len() < 2 {
            return Err(Error::MergeOfOne {
                revision: parents.first().map(|only| self.id(*only)),
            });
        }
        self.write(request, parents, None)
    }

    fn id(&self, node: NodeIx) -> RevisionId {
        self.versions.graph.id(node).clone()
    }

    /// The parents, in the order in which they were named, each once.
    pub(super) fn parents(&self, targets: &[Target]) -> Result<Vec<NodeIx>, Error> {
        let graph = &self.versions.graph;
        let mut parents: Vec<NodeIx> = Vec::new();
        for target in targets {
            if graph.is_empty() && (*target == Target::head() || *target == Target::heads()) {
                continue;
            }
            for node in self.told(graph.resolve(target, None))? {
                if !parents.contains(&node) {
                    parents.push(node);
                }
            }
        }
        Ok(parents)
    }

    fn write(
        &self,
        request: &RevisionRequest,
        parents: Vec<NodeIx>,
        bodies: Option<Bodies>,
    ) -> Result<NewRevision, Error> {
        let draft = self.draft(request, parents, bodies)?;
        draft.write()?;
        let (hooks, warnings) = self.run_hooks(&draft);
        Ok(told(draft, hooks, warnings))
    }

    /// A new revision that is not yet written; with these scripts in place of a template's.
    pub(super) fn draft(
        &self,
        request: &RevisionRequest,
        parents: Vec<NodeIx>,
        bodies: Option<Bodies>,
    ) -> Result<Draft, Error> {
        let graph = &self.versions.graph;
        for &parent in &parents {
            let others: Vec<NodeIx> = parents.iter().copied().filter(|p| *p != parent).collect();
            let beneath = graph.ancestors(&graph.set(others.iter().copied()));
            if beneath.contains(parent) {
                let above = others
                    .into_iter()
                    .find(|other| graph.ancestors(&graph.set([*other])).contains(parent));
                return Err(Error::NothingToMerge {
                    beneath: self.id(parent),
                    above: self.id(above.unwrap_or(parent)),
                });
            }
            if !request.splice && !graph.is_head(parent) {
                return Err(Error::NotAHead {
                    revision: self.id(parent),
                    children: graph.ids(graph.children(parent).iter().copied()),
                });
            }
        }
        let new = source::NewRevision {
            id: request.id.as_deref().map(id).transpose()?,
            message: request.message.clone(),
            revises: graph.ids(parents),
            depends_on: self.dependencies(&request.depends_on)?,
            labels: request
                .labels
                .iter()
                .map(|text| label(text))
                .collect::<Result<_, _>>()?,
            irreversible: request.irreversible.clone(),
            template: request
                .template
                .clone()
                .unwrap_or_else(|| self.settings.template.value.clone()),
            variables: request.variables.clone(),
            bodies,
            folder: request.version_path.clone(),
        };
        let draft = new.draft(
            &self.versions,
            &self.settings.templates(),
            &self.settings.naming(),
            self.clock.now(),
        )?;
        Ok(draft)
    }

    /// Runs the hooks of the settings over the new files. One that fails leaves the files as they
    /// are, and is a warning.
    pub(super) fn run_hooks(&self, draft: &Draft) -> (Vec<HookReport>, Vec<Diagnostic>) {
        let files: Vec<PathBuf> = draft.files.iter().map(|file| file.file.clone()).collect();
        let runs = self
            .settings
            .hooks
            .value
            .iter()
            .map(|hook| hook.run(&files, &self.settings.root));
        let mut reports = Vec::new();
        let mut warnings = Vec::new();
        for run in runs {
            if let Some(failure) = &run.failure {
                let command = failure.command.join(" ");
                let mut message = format!("hook `{}` failed: {}", run.name, failure.reason);
                if let Some(line) = failure.output.lines().next() {
                    message.push_str(": ");
                    message.push_str(line);
                }
                warnings.push(
                    Diagnostic::warning("hook-failed", message)
                        .help(format!("the files stand as they are; try it: `{command}`")),
                );
            }
            reports.push(HookReport {
                name: run.name,
                duration_ms: u64::try_from(run.duration.as_millis()).unwrap_or(u64::MAX),
                changed: run.changed,
            });
        }
        (reports, warnings)
    }

    /// Dependencies as they are written: full ids, or a label where the target is one.
    fn dependencies(&self, targets: &[Target]) -> Result<Vec<String>, Error> {
        let graph = &self.versions.graph;
        let mut written = Vec::new();
        for target in targets {
            let nodes = self.told(graph.resolve(target, None))?;
            for node in nodes {
                let own_label = graph
                    .spec(node)
                    .labels
                    .iter()
                    .find(|label| label.as_str() == target.as_str());
                written.push(match own_label {
                    Some(label) => label.to_string(),
                    None => graph.id(node).to_string(),
                });
            }
        }
        Ok(written)
    }
}

/// A draft that was written, and what came of it.
pub(super) fn told(draft: Draft, hooks: Vec<HookReport>, warnings: Vec<Diagnostic>) -> NewRevision {
    NewRevision {
        revision: draft.header.revision,
        revises: draft.header.revises,
        depends_on: draft.header.depends_on,
        labels: draft.header.labels,
        message: draft.header.message,
        template: draft.template,
        created: draft.files.into_iter().map(|file| file.path).collect(),
        hooks,
        warnings,
    }
}

fn id(text: &str) -> Result<RevisionId, Error> {
    RevisionId::parse(text).map_err(|defect| Error::BadName {
        what: "revision id",
        text: text.to_owned(),
        defect,
    })
}

fn label(text: &str) -> Result<Label, Error> {
    Label::parse(text).map_err(|defect| Error::BadName {
        what: "branch label",
        text: text.to_owned(),
        defect,
    })
}
