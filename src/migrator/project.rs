//! What needs files and settings alone: a new project, the settings in force, templates, paths.

use std::path::{Path, PathBuf};

use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::{ConfigEntry, ConfigReport, Init, OriginView, Show, TemplateList};
use crate::config::{CONFIG_NAME, Origin, Settings, starter};
use crate::graph::{NodeIx, Target};
use crate::source::{NewProject, SourceError};

/// Makes a folder a ready project. Nothing is overwritten.
///
/// # Errors
/// Files that cannot be written.
pub fn init_project(folder: &Path) -> Result<Init, Error> {
    let files = NewProject {
        root: folder.to_owned(),
        config: (folder.join(CONFIG_NAME), starter()),
        versions: vec![folder.join("versions")],
        templates: folder.join("templates"),
    }
    .create()?;
    Ok(Init {
        directory: folder.to_owned(),
        created: files.created,
        kept: files.kept,
    })
}

/// The settings in force, and where each comes from.
#[must_use]
pub fn config_report(settings: &Settings) -> ConfigReport {
    ConfigReport {
        file: Some(settings.shown(&settings.file).to_owned()),
        destination: settings.destination.as_ref().map(|name| name.value.clone()),
        settings: settings
            .entries()
            .into_iter()
            .map(|entry| ConfigEntry {
                key: entry.key.to_owned(),
                value: entry.value,
                origin: origin(&entry.origin),
            })
            .collect(),
    }
}

fn origin(origin: &Origin) -> OriginView {
    match origin {
        Origin::Flag { flag } => OriginView::Flag {
            name: (*flag).to_owned(),
        },
        Origin::Environment { variable } => OriginView::Environment {
            name: (*variable).to_owned(),
        },
        Origin::File {
            path,
            line,
            variables,
        } => OriginView::File {
            path: path.clone(),
            line: *line,
            variables: variables.clone(),
        },
        Origin::Default => OriginView::Default,
    }
}

impl Migrator {
    /// The files of the revisions that a target names: the up scripts, or with `down` the down
    /// scripts. Asks the database only for `current`.
    ///
    /// # Errors
    /// A target that names nothing; a revision without a down script; the server's.
    pub async fn files_of(
        &self,
        target: &Target,
        down: bool,
        control: &Control,
    ) -> Result<Vec<PathBuf>, Error> {
        let nodes = self.resolve(target, control).await?;
        self.files(&nodes, down)
    }

    /// The same, from the files alone.
    ///
    /// # Errors
    /// A target that names nothing, or `current`; a revision without a down script.
    pub fn files_of_target(&self, target: &Target, down: bool) -> Result<Vec<PathBuf>, Error> {
        self.files(&self.told(self.versions.graph.resolve(target, None))?, down)
    }

    fn files(&self, nodes: &[NodeIx], down: bool) -> Result<Vec<PathBuf>, Error> {
        nodes
            .iter()
            .map(|node| {
                let revision = self.versions.revision(*node);
                let file = if down {
                    revision.down_file().ok_or_else(|| Error::NoDownScript {
                        revision: revision.id().clone(),
                    })?
                } else {
                    revision.file()
                };
                Ok(self.settings.root.join(file))
            })
            .collect()
    }

    /// The templates that a new revision may be made from.
    ///
    /// # Errors
    /// A folder of templates that cannot be read.
    pub fn templates(&self) -> Result<TemplateList, Error> {
        Ok(TemplateList {
            templates: self
                .settings
                .templates()
                .names()
                .map_err(SourceError::from)?,
        })
    }

    /// The scripts of the revisions of a report, each under a line that names it.
    ///
    /// # Errors
    /// Scripts that cannot be read.
    pub fn script_texts(&self, report: &Show) -> Result<Vec<String>, Error> {
        let mut texts = Vec::new();
        for detail in &report.revisions {
            let Some(revision) = self.versions.find(detail.view.revision.as_str()) else {
                continue;
            };
            let scripts = [Some(revision.up()), revision.down()?, revision.verify()?];
            for script in scripts.into_iter().flatten() {
                let end = if script.text.ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                texts.push(format!(
                    "-- {}\n{}{end}",
                    script.path.display(),
                    script.text
                ));
            }
        }
        Ok(texts)
    }
}
