//! From command line, environment, file and defaults to the settings in force.

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::revision::{Timeout, nearest};
use crate::source::{FileNamePattern, IdKind, TimeZone};

use super::expand::ExpandError;
use super::file::{self, CONFIG_NAME, FileDestination, FileSettings, Reference, identifier};
use super::settings::{
    DatabaseUrl, RunSettings, TransactionScope, UrlState, parse_boolean, parse_lock_tries,
};
use super::{ConfigError, Environment, Origin, Setting, Settings};

/// What the command line says about settings; everything may be absent.
#[derive(Debug, Clone, Default)]
pub struct CliOverrides {
    /// `--config`: the configuration file, relative to the current folder.
    pub config: Option<PathBuf>,
    /// `--name`: the destination.
    pub name: Option<String>,
    /// `--url`: the connection string, or `embedded`.
    pub url: Option<String>,
    /// `--transaction`: `revision` or `all`.
    pub transaction: Option<String>,
    /// `--lock-timeout`: a duration.
    pub lock_timeout: Option<String>,
    /// `--statement-timeout`: a duration.
    pub statement_timeout: Option<String>,
    /// `--lock-wait`: a duration.
    pub lock_wait: Option<String>,
    /// `--lock-tries`: a number.
    pub lock_tries: Option<String>,
    /// `--commit-timeout`: a duration.
    pub commit_timeout: Option<String>,
    /// `--allow-pooler`: `true`.
    pub allow_pooler: Option<String>,
}

const PREFIX: &str = "GRACE_MIGRATE_";
const CONFIG: &str = "GRACE_MIGRATE_CONFIG";
const NAME: &str = "GRACE_MIGRATE_NAME";
const URL: &str = "GRACE_MIGRATE_URL";
const VERSION_TABLE_SCHEMA: &str = "GRACE_MIGRATE_VERSION_TABLE_SCHEMA";
const VERSION_TABLE_NAME: &str = "GRACE_MIGRATE_VERSION_TABLE_NAME";
const TRANSACTION: &str = "GRACE_MIGRATE_TRANSACTION";
const LOCK_TIMEOUT: &str = "GRACE_MIGRATE_LOCK_TIMEOUT";
const STATEMENT_TIMEOUT: &str = "GRACE_MIGRATE_STATEMENT_TIMEOUT";
const LOCK_WAIT: &str = "GRACE_MIGRATE_LOCK_WAIT";
const LOCK_TRIES: &str = "GRACE_MIGRATE_LOCK_TRIES";
const LOCK_RETRY_WAIT: &str = "GRACE_MIGRATE_LOCK_RETRY_WAIT";
const COMMIT_TIMEOUT: &str = "GRACE_MIGRATE_COMMIT_TIMEOUT";
const ALLOW_POOLER: &str = "GRACE_MIGRATE_ALLOW_POOLER";

/// Every variable of ours that is a setting.
const VARIABLES: [&str; 13] = [
    CONFIG,
    NAME,
    URL,
    VERSION_TABLE_SCHEMA,
    VERSION_TABLE_NAME,
    TRANSACTION,
    LOCK_TIMEOUT,
    STATEMENT_TIMEOUT,
    LOCK_WAIT,
    LOCK_TRIES,
    LOCK_RETRY_WAIT,
    COMMIT_TIMEOUT,
    ALLOW_POOLER,
];

impl Settings {
    /// Resolves the settings of a command that was started in the folder `cwd`.
    ///
    /// The configuration file is the one that is named, else the grace-migrate.toml of `cwd` or of
    /// the nearest folder above it that has one.
    pub fn resolve(
        overrides: &CliOverrides,
        environment: &Environment,
        cwd: &Path,
    ) -> Result<Self, ConfigError> {
        let (file, by) = find_file(overrides, environment, cwd)?;
        let text = std::fs::read_to_string(&file).map_err(|source| ConfigError::Unreadable {
            path: file.clone(),
            by,
            source,
        })?;
        let shown = file.file_name().map_or_else(|| file.clone(), PathBuf::from);
        let said = file::read(shown, &text).map_err(ConfigError::Defects)?;
        Resolver {
            overrides,
            environment,
            root: file.parent().unwrap_or(cwd).to_owned(),
        }
        .settings(file, said)
    }
}

fn find_file(
    overrides: &CliOverrides,
    environment: &Environment,
    cwd: &Path,
) -> Result<(PathBuf, Option<&'static str>), ConfigError> {
    if let Some(path) = &overrides.config {
        return Ok((cwd.join(path), Some("--config")));
    }
    if let Some(path) = environment.path(CONFIG) {
        return Ok((cwd.join(path), Some(CONFIG)));
    }
    cwd.ancestors()
        .map(|folder| folder.join(CONFIG_NAME))
        .find(|path| path.is_file())
        .map(|path| (path, None))
        .ok_or_else(|| ConfigError::NoProject {
            from: cwd.to_owned(),
        })
}

struct Resolver<'a> {
    overrides: &'a CliOverrides,
    environment: &'a Environment,
    root: PathBuf,
}

impl Resolver<'_> {
    fn settings(self, file: PathBuf, mut said: FileSettings) -> Result<Settings, ConfigError> {
        let name = match self.flag("--name", &self.overrides.name) {
            Some(name) => Some(name),
            None => self.variable(NAME)?,
        };
        let destinations: Vec<String> = said.destinations.keys().cloned().collect();
        let destination = name
            .as_ref()
            .map(|name| destination(name, &mut said))
            .transpose()?;
        let (url, run, production) =
            destination.map_or_else(Default::default, |d| (d.url, d.run, d.production));
        let url = self.url(name.as_ref(), url, said.url)?;
        let run = self.run(run, said.run)?;
        let (versions, templates) = self.folders(said.versions, said.templates)?;
        Ok(Settings {
            url,
            versions,
            templates,
            recursive: said.recursive.unwrap_or(Setting::default_of(false)),
            version_table_schema: self.table(
                VERSION_TABLE_SCHEMA,
                said.version_table_schema,
                "public",
            )?,
            version_table_name: self.table(
                VERSION_TABLE_NAME,
                said.version_table_name,
                "alembic_version",
            )?,
            file_name: or_default(said.file_name, FileNamePattern::default()),
            id: or_default(said.id, IdKind::default()),
            slug_length: or_default(said.slug_length, 40),
            time_zone: or_default(said.time_zone, TimeZone::default()),
            template: or_default(said.template, "plain".to_owned()),
            hooks: or_default(said.hooks, Vec::new()),
            transaction: or_default(run.transaction, TransactionScope::default()),
            lock_timeout: or_default(run.lock_timeout, Timeout::from_secs(3)),
            statement_timeout: or_default(run.statement_timeout, Timeout::ZERO),
            lock_wait: or_default(run.lock_wait, Timeout::from_secs(60)),
            lock_tries: or_default(run.lock_tries, 5),
            lock_retry_wait: or_default(run.lock_retry_wait, Timeout::from_secs(1)),
            commit_timeout: or_default(run.commit_timeout, Timeout::from_secs(60)),
            allow_pooler: or_default(run.allow_pooler, false),
            audit: said.audit.resolved(|said, default| match said {
                Some(reference) => self.path(&reference),
                None => Ok(Setting::default_of(self.root.join(default))),
            })?,
            declared: said.declared.resolved(|said, default| match said {
                Some(reference) => self.path(&reference),
                None => Ok(Setting::default_of(self.root.join(default))),
            })?,
            check: said.check.resolved(),
            production: or_default(production.or(said.production), false),
            destination: name,
            destinations,
            warnings: self.misspelt_variables(),
            root: self.root,
            file,
        })
    }

    fn flag(&self, flag: &'static str, value: &Option<String>) -> Option<Setting<String>> {
        Some(Setting::new(value.clone()?, Origin::Flag { flag }))
    }

    fn variable(&self, variable: &'static str) -> Result<Option<Setting<String>>, ConfigError> {
        let value = self.environment.text(variable)?;
        Ok(value.map(|value| Setting::new(value.to_owned(), Origin::Environment { variable })))
    }

    /// A destination that the command line names goes before `GRACE_MIGRATE_URL`; one that the
    /// environment names does not.
    fn url(
        &self,
        name: Option<&Setting<String>>,
        destination: Option<Reference>,
        file: Option<Reference>,
    ) -> Result<UrlState, ConfigError> {
        let known = |url: Setting<String>| UrlState::Known(url.map(|url| DatabaseUrl::new(&url)));
        if let Some(url) = self.flag("--url", &self.overrides.url) {
            return Ok(known(url));
        }
        let named = matches!(name, Some(name) if matches!(name.origin, Origin::Flag { .. }));
        if !named && let Some(url) = self.variable(URL)? {
            return Ok(known(url));
        }
        let Some(reference) = destination.or(file) else {
            return Ok(UrlState::Absent);
        };
        match self.expand(&reference) {
            Ok(url) if url.value.trim().is_empty() => Ok(UrlState::Absent),
            Ok(url) => Ok(known(url)),
            Err(ExpandError::Unset(variable)) => Ok(UrlState::Unset {
                variable,
                place: reference.place,
                origin: reference.origin,
            }),
            Err(ExpandError::Value(error)) => Err(error),
        }
    }

    fn expand(&self, reference: &Reference) -> Result<Setting<String>, ExpandError> {
        let expanded = reference.template.expand(self.environment)?;
        let mut origin = reference.origin.clone();
        if let Origin::File { variables, .. } = &mut origin {
            *variables = expanded.variables;
        }
        Ok(Setting::new(expanded.text, origin))
    }

    fn folders(
        &self,
        versions: Option<Vec<Reference>>,
        templates: Option<Reference>,
    ) -> Result<(Setting<Vec<PathBuf>>, Setting<PathBuf>), ConfigError> {
        let versions = match versions {
            None => Setting::default_of(vec![self.root.join("versions")]),
            Some(references) => {
                let folders = references
                    .iter()
                    .map(|reference| self.path(reference))
                    .collect::<Result<Vec<_>, _>>()?;
                let origin = folders[0].origin.clone();
                Setting::new(folders.into_iter().map(|f| f.value).collect(), origin)
            }
        };
        let templates = match templates {
            None => Setting::default_of(self.root.join("templates")),
            Some(reference) => self.path(&reference)?,
        };
        Ok((versions, templates))
    }

    fn path(&self, reference: &Reference) -> Result<Setting<PathBuf>, ConfigError> {
        match self.expand(reference) {
            Ok(path) => Ok(path.map(|path| self.root.join(path))),
            Err(ExpandError::Unset(variable)) => Err(ConfigError::UnsetVariable {
                variable,
                place: Box::new(reference.place.clone()),
            }),
            Err(ExpandError::Value(error)) => Err(error),
        }
    }

    fn run(&self, destination: RunSettings, file: RunSettings) -> Result<RunSettings, ConfigError> {
        let timeout = |text: &str| Timeout::parse(text).map_err(|defect| defect.to_string());
        let cli = self.overrides;
        Ok(RunSettings {
            transaction: self
                .said(
                    "--transaction",
                    &cli.transaction,
                    TRANSACTION,
                    TransactionScope::parse,
                )?
                .or(destination.transaction)
                .or(file.transaction),
            lock_timeout: self
                .said("--lock-timeout", &cli.lock_timeout, LOCK_TIMEOUT, timeout)?
                .or(destination.lock_timeout)
                .or(file.lock_timeout),
            statement_timeout: self
                .said(
                    "--statement-timeout",
                    &cli.statement_timeout,
                    STATEMENT_TIMEOUT,
                    timeout,
                )?
                .or(destination.statement_timeout)
                .or(file.statement_timeout),
            lock_wait: self
                .said("--lock-wait", &cli.lock_wait, LOCK_WAIT, timeout)?
                .or(destination.lock_wait)
                .or(file.lock_wait),
            lock_tries: self
                .said(
                    "--lock-tries",
                    &cli.lock_tries,
                    LOCK_TRIES,
                    parse_lock_tries,
                )?
                .or(destination.lock_tries)
                .or(file.lock_tries),
            lock_retry_wait: self
                .said("", &None, LOCK_RETRY_WAIT, timeout)?
                .or(destination.lock_retry_wait)
                .or(file.lock_retry_wait),
            commit_timeout: self
                .said(
                    "--commit-timeout",
                    &cli.commit_timeout,
                    COMMIT_TIMEOUT,
                    timeout,
                )?
                .or(destination.commit_timeout)
                .or(file.commit_timeout),
            allow_pooler: self
                .said(
                    "--allow-pooler",
                    &cli.allow_pooler,
                    ALLOW_POOLER,
                    parse_boolean,
                )?
                .or(destination.allow_pooler)
                .or(file.allow_pooler),
        })
    }

    /// The value of a flag, else of a variable, read by `parse`.
    fn said<T>(
        &self,
        flag: &'static str,
        value: &Option<String>,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        let said = match self.flag(flag, value) {
            Some(said) => said,
            None => match self.variable(variable)? {
                Some(said) => said,
                None => return Ok(None),
            },
        };
        match parse(&said.value) {
            Ok(value) => Ok(Some(Setting::new(value, said.origin))),
            Err(reason) => Err(ConfigError::Value {
                by: said.origin.carrier().unwrap_or(variable),
                text: said.value,
                reason,
            }),
        }
    }

    fn table(
        &self,
        variable: &'static str,
        file: Option<Setting<String>>,
        default: &str,
    ) -> Result<Setting<String>, ConfigError> {
        let said = self.said("", &None, variable, identifier)?;
        Ok(or_default(said.or(file), default.to_owned()))
    }

    fn misspelt_variables(&self) -> Vec<Diagnostic> {
        self.environment
            .starting_with(PREFIX)
            .into_keys()
            .filter(|name| !VARIABLES.contains(&name.as_str()))
            .map(|name| {
                let message = format!("the environment variable `{name}` is not a setting");
                let warning = Diagnostic::warning("unknown-variable", message);
                match nearest(&name, VARIABLES) {
                    Some(nearest) => warning.help(format!("did you mean `{nearest}`?")),
                    None => warning,
                }
            })
            .collect()
    }
}

fn destination(
    name: &Setting<String>,
    said: &mut FileSettings,
) -> Result<FileDestination, ConfigError> {
    said.destinations.remove(&name.value).ok_or_else(|| {
        let known: Vec<String> = said.destinations.keys().cloned().collect();
        ConfigError::UnknownDestination {
            name: name.value.clone(),
            by: name.origin.carrier().unwrap_or(NAME),
            nearest: nearest(&name.value, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    })
}

fn or_default<T>(setting: Option<Setting<T>>, default: T) -> Setting<T> {
    setting.unwrap_or_else(|| Setting::default_of(default))
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
