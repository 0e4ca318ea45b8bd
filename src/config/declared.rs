//! The settings of `[schema]`.

use std::path::PathBuf;

use crate::schema::facts::{Pattern, Scope};

use super::file::Reference;
use super::{ConfigError, Origin, Setting};

/// What the file says of `[schema]`; absent keys are `None`.
#[derive(Debug, Default)]
pub(super) struct FileDeclared {
    pub(super) files: Option<Vec<Reference>>,
    pub(super) command: Option<Setting<Vec<String>>>,
    pub(super) include: Option<Setting<Vec<Pattern>>>,
    pub(super) exclude: Option<Setting<Vec<Pattern>>>,
    pub(super) roles: Option<Setting<Vec<String>>>,
    pub(super) allow_destructive: Option<Setting<Vec<Pattern>>>,
}

/// Where the declared schema is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclaredSource {
    /// In SQL files, and the SQL files of folders with all below them; absolute.
    Files(Vec<PathBuf>),
    /// In what a program prints: the program and its arguments.
    Command(Vec<String>),
}

/// The declared schema, and what of a database it speaks of.
#[derive(Debug, Clone)]
pub struct DeclaredSettings {
    /// Where it is told.
    pub source: Setting<DeclaredSource>,
    /// What alone is looked at where states are read; everything where there is none.
    pub include: Setting<Vec<Pattern>>,
    /// What is not looked at.
    pub exclude: Setting<Vec<Pattern>>,
    /// The roles that the SQL may name and does not make.
    pub roles: Setting<Vec<String>>,
    /// Of what data may be deleted by revisions that are made of a difference.
    pub allow_destructive: Setting<Vec<Pattern>>,
}

impl FileDeclared {
    /// With the defaults; `path` resolves what was said of a path, or else its default.
    pub(super) fn resolved(
        self,
        path: impl Fn(Option<Reference>, &str) -> Result<Setting<PathBuf>, ConfigError>,
    ) -> Result<DeclaredSettings, ConfigError> {
        let source = match (self.command, self.files) {
            (Some(command), _) => command.map(DeclaredSource::Command),
            (None, Some(files)) => {
                let files = files.into_iter().map(|file| path(Some(file), ""));
                let files = files.collect::<Result<Vec<_>, _>>()?;
                let origin = files.first().map(|file| file.origin.clone());
                let files = files.into_iter().map(|file| file.value).collect();
                Setting::new(
                    DeclaredSource::Files(files),
                    origin.unwrap_or(Origin::Default),
                )
            }
            (None, None) => path(None, "schema")?.map(|folder| DeclaredSource::Files(vec![folder])),
        };
        Ok(DeclaredSettings {
            source,
            include: or_none(self.include),
            exclude: or_none(self.exclude),
            roles: or_none(self.roles),
            allow_destructive: or_none(self.allow_destructive),
        })
    }
}

fn or_none<T>(said: Option<Setting<Vec<T>>>) -> Setting<Vec<T>> {
    said.unwrap_or_else(|| Setting::default_of(Vec::new()))
}

impl DeclaredSettings {
    /// A scope that was asked for, within that of the settings: its own `include` goes before
    /// theirs, and both their `exclude` count.
    #[must_use]
    pub fn scope(&self, mut asked: Scope) -> Scope {
        if asked.include.is_empty() {
            asked.include.clone_from(&self.include.value);
        }
        asked.exclude.extend(self.exclude.value.iter().cloned());
        asked
    }
}
