//! The settings in force.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Place};
use crate::revision::Timeout;
use crate::rls::Allowance;
use crate::source::{FileNamePattern, Folders, Hook, IdKind, Naming, Templates, TimeZone, shown};
use crate::sql::QualifiedName;

use super::{
    AuditSettings, CheckSettings, ConfigError, DeclaredSettings, DeclaredSource, Origin, Setting,
};

/// How far a transaction reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionScope {
    /// Each revision has its own.
    #[default]
    Revision,
    /// One for the whole run.
    All,
}

impl TransactionScope {
    /// Reads `revision` or `all`, or says as a clause why it is neither.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "revision" => Ok(Self::Revision),
            "all" => Ok(Self::All),
            _ => Err("it is neither `revision` nor `all`".to_owned()),
        }
    }
}

impl fmt::Display for TransactionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Revision => "revision",
            Self::All => "all",
        })
    }
}

/// How often a revision may be tried at least and at most.
pub(super) const LOCK_TRIES: RangeInclusive<usize> = 1..=100;

/// Reads how often a revision is tried, or says as a clause why it cannot be so often.
pub(super) fn parse_lock_tries(text: &str) -> Result<usize, String> {
    let (least, most) = (LOCK_TRIES.start(), LOCK_TRIES.end());
    let number = text.trim().parse().ok();
    number
        .filter(|number| LOCK_TRIES.contains(number))
        .ok_or_else(|| format!("it is no number from {least} to {most}"))
}

/// Reads `true` or `false`, or says as a clause why it is neither.
pub(super) fn parse_boolean(text: &str) -> Result<bool, String> {
    text.trim()
        .parse()
        .map_err(|_| "it is neither `true` nor `false`".to_owned())
}

/// Which database: the project's own server, or a connection string. `Display` and `Debug` show no
/// password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The embedded server of this project.
    Embedded,
    /// A libpq URI or keyword string, as it was given.
    Server(String),
}

impl DatabaseUrl {
    /// What `url = …` means.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.trim() {
            "embedded" => Self::Embedded,
            text => Self::Server(text.to_owned()),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.pad("embedded"),
            Self::Server(url) => f.pad(&super::redact::redacted(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The url as far as it is known: a command that needs no database does not ask.
#[derive(Debug, Clone)]
pub(super) enum UrlState {
    Known(Setting<DatabaseUrl>),
    Unset {
        variable: String,
        place: Place,
        origin: Origin,
    },
    Absent,
}

/// The settings of a run, absent where nothing was said.
#[derive(Debug, Clone, Default)]
pub(super) struct RunSettings {
    pub(super) transaction: Option<Setting<TransactionScope>>,
    pub(super) lock_timeout: Option<Setting<Timeout>>,
    pub(super) statement_timeout: Option<Setting<Timeout>>,
    pub(super) lock_wait: Option<Setting<Timeout>>,
    pub(super) lock_tries: Option<Setting<usize>>,
    pub(super) lock_retry_wait: Option<Setting<Timeout>>,
    pub(super) commit_timeout: Option<Setting<Timeout>>,
    pub(super) allow_pooler: Option<Setting<bool>>,
}

/// Every setting in force, each with where it came from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The project's folder: the one that grace-migrate.toml lies in. Absolute.
    pub root: PathBuf,
    /// The configuration file. Absolute.
    pub file: PathBuf,
    /// The chosen `[destination.NAME]`.
    pub destination: Option<Setting<String>>,
    /// The destinations that the file knows, sorted.
    pub destinations: Vec<String>,
    pub(super) url: UrlState,
    /// The folders of revision files, absolute.
    pub versions: Setting<Vec<PathBuf>>,
    /// Whether their subfolders are read too.
    pub recursive: Setting<bool>,
    /// The folder of templates, absolute. It need not exist.
    pub templates: Setting<PathBuf>,
    /// The schema of the version table.
    pub version_table_schema: Setting<String>,
    /// The name of the version table.
    pub version_table_name: Setting<String>,
    /// What a new revision's file name is made of.
    pub file_name: Setting<FileNamePattern>,
    /// How new ids are made.
    pub id: Setting<IdKind>,
    /// The longest slug, in characters.
    pub slug_length: Setting<usize>,
    /// The time zone of a file name's date and time.
    pub time_zone: Setting<TimeZone>,
    /// The template of new revisions.
    pub template: Setting<String>,
    /// What is run on new files.
    pub hooks: Setting<Vec<Hook>>,
    /// How far a transaction reaches.
    pub transaction: Setting<TransactionScope>,
    /// PostgreSQL's `lock_timeout` for scripts; zero is no limit.
    pub lock_timeout: Setting<Timeout>,
    /// PostgreSQL's `statement_timeout` for scripts; zero is no limit.
    pub statement_timeout: Setting<Timeout>,
    /// How long to wait for another run to finish; zero is not at all.
    pub lock_wait: Setting<Timeout>,
    /// How often a revision is tried that cannot have a lock; 1 is no second time.
    pub lock_tries: Setting<usize>,
    /// How long the first wait before another try is; each is twice as long as the one before it.
    pub lock_retry_wait: Setting<Timeout>,
    /// How long a COMMIT may be without an answer, and then how long the server may take to tell on
    /// another link what became of it; zero is no limit.
    pub commit_timeout: Setting<Timeout>,
    /// Whether the database may be behind a transaction pooler: nothing is relied on beyond a
    /// transaction then, and a run is one.
    pub allow_pooler: Setting<bool>,
    /// Whether the database is one that people rely on: nothing is tried out in it.
    pub production: Setting<bool>,
    /// What is looked at by the commands about row-level security.
    pub audit: AuditSettings,
    /// The declared schema.
    pub declared: DeclaredSettings,
    /// What `check` looks at.
    pub check: CheckSettings,
    /// What looks like a mistake but stops nothing, a misspelt variable say.
    pub warnings: Vec<Diagnostic>,
}

/// One setting as it is shown by `config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingsEntry {
    /// The key, with the tables that it stands in: `run.lock-timeout`.
    pub key: &'static str,
    /// The value in force, as the file would hold it; passwords are hidden. `null` where nothing is
    /// known.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

impl Settings {
    /// The same for another database, which no pooler stands before.
    #[must_use]
    pub fn at_server(&self, url: &str) -> Self {
        Self {
            url: UrlState::Known(Setting::default_of(DatabaseUrl::Server(url.to_owned()))),
            allow_pooler: Setting::default_of(false),
            ..self.clone()
        }
    }

    /// The database that is meant. An error where nothing names one, or where the url refers to a
    /// variable that is not set.
    pub fn database(&self) -> Result<&Setting<DatabaseUrl>, ConfigError> {
        match &self.url {
            UrlState::Known(url) => Ok(url),
            UrlState::Unset {
                variable, place, ..
            } => Err(ConfigError::UnsetVariable {
                variable: variable.clone(),
                place: Box::new(place.clone()),
            }),
            UrlState::Absent => Err(ConfigError::NoUrl {
                path: self.shown(&self.file).to_owned(),
            }),
        }
    }

    /// The version table.
    #[must_use]
    pub fn version_table(&self) -> QualifiedName {
        QualifiedName::new(
            &self.version_table_schema.value,
            &self.version_table_name.value,
        )
    }

    /// How new revisions are named.
    #[must_use]
    pub fn naming(&self) -> Naming {
        Naming {
            pattern: self.file_name.value.clone(),
            id: self.id.value,
            slug_length: self.slug_length.value,
            zone: self.time_zone.value,
        }
    }

    /// The templates of new revisions.
    #[must_use]
    pub fn templates(&self) -> Templates {
        Templates {
            root: self.root.clone(),
            folder: self.templates.value.clone(),
        }
    }

    /// What `source` needs to find the revision files.
    #[must_use]
    pub fn folders(&self) -> Folders {
        Folders {
            root: self.root.clone(),
            versions: self.versions.value.clone(),
            recursive: self.recursive.value,
            names_hold_ids: self.file_name.value.has_id(),
        }
    }

    /// A path as it is shown: relative to the project where it lies within it.
    #[must_use]
    pub fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        shown(&self.root, path)
    }

    /// Every setting in the order in which it is shown.
    #[must_use]
    pub fn entries(&self) -> Vec<SettingsEntry> {
        let path = |path: &Path| Value::from(self.shown(path).display().to_string());
        let mut entries = Vec::new();
        if let Some(name) = &self.destination {
            entries.push(entry("destination", name, |name| name.as_str().into()));
        }
        entries.push(match &self.url {
            UrlState::Known(url) => entry("url", url, |url| url.to_string().into()),
            UrlState::Unset { origin, .. } => SettingsEntry {
                key: "url",
                value: Value::Null,
                origin: origin.clone(),
            },
            UrlState::Absent => entry("url", &Setting::default_of(()), |()| Value::Null),
        });
        entries.extend([
            entry("production", &self.production, |production| {
                Value::from(*production)
            }),
            entry("versions", &self.versions, |versions| {
                versions.iter().map(|folder| path(folder)).collect()
            }),
            entry("recursive", &self.recursive, |recursive| {
                Value::from(*recursive)
            }),
            entry("templates", &self.templates, |folder| path(folder)),
            entry(
                "version-table.schema",
                &self.version_table_schema,
                shown_text,
            ),
            entry("version-table.name", &self.version_table_name, shown_text),
            entry("revision.file-name", &self.file_name, shown_text),
            entry("revision.id", &self.id, shown_text),
            entry("revision.slug-length", &self.slug_length, |length| {
                Value::from(*length)
            }),
            entry("revision.time-zone", &self.time_zone, shown_text),
            entry("revision.template", &self.template, shown_text),
            entry("revision.hooks", &self.hooks, |hooks| {
                hooks.iter().map(|hook| hook.name.as_str()).collect()
            }),
            entry("run.transaction", &self.transaction, shown_text),
            entry("run.lock-timeout", &self.lock_timeout, shown_text),
            entry("run.statement-timeout", &self.statement_timeout, shown_text),
            entry("run.lock-wait", &self.lock_wait, shown_text),
            entry("run.lock-tries", &self.lock_tries, |tries| {
                Value::from(*tries)
            }),
            entry("run.lock-retry-wait", &self.lock_retry_wait, shown_text),
            entry("run.commit-timeout", &self.commit_timeout, shown_text),
            entry("run.allow-pooler", &self.allow_pooler, |allow| {
                Value::from(*allow)
            }),
            entry("rls.schemas", &self.audit.schemas, |texts| {
                shown_texts(texts)
            }),
            entry("rls.api-roles", &self.audit.api_roles, |texts| {
                shown_texts(texts)
            }),
            entry("rls.trusted-roles", &self.audit.trusted_roles, |texts| {
                shown_texts(texts)
            }),
            entry("rls.gate", &self.audit.gate, |gate| (*gate).into()),
            entry("rls.allow", &self.audit.allow, |allow| {
                let shown = |one: &Allowance| format!("{}: {}", one.rule, one.object);
                allow.iter().map(shown).collect()
            }),
            entry("rls.actors", &self.audit.actors, |file| path(file)),
            entry("rls.fixtures", &self.audit.fixtures, |file| path(file)),
            entry("rls.matrix", &self.audit.matrix, |file| path(file)),
            entry("rls.tests", &self.audit.tests, |folder| path(folder)),
        ]);
        entries.extend(self.declared_entries());
        entries.extend([
            entry("check.skip", &self.check.skip, |skip| {
                skip.iter().map(|part| part.word()).collect()
            }),
            entry(
                "check.allow-several-heads",
                &self.check.allow_several_heads,
                |allow| (*allow).into(),
            ),
        ]);
        entries
    }

    /// Those of `[schema]`: where it is told, by files or by a command, and what else is said.
    fn declared_entries(&self) -> [SettingsEntry; 5] {
        let declared = &self.declared;
        let key = match declared.source.value {
            DeclaredSource::Files(_) => "schema.files",
            DeclaredSource::Command(_) => "schema.command",
        };
        [
            entry(key, &declared.source, |source| match source {
                DeclaredSource::Files(files) => files
                    .iter()
                    .map(|file| self.shown(file).display().to_string())
                    .collect(),
                DeclaredSource::Command(command) => shown_texts(command),
            }),
            entry("schema.include", &declared.include, |all| shown_all(all)),
            entry("schema.exclude", &declared.exclude, |all| shown_all(all)),
            entry("schema.roles", &declared.roles, |roles| shown_texts(roles)),
            entry(
                "schema.allow-destructive",
                &declared.allow_destructive,
                |all| shown_all(all),
            ),
        ]
    }
}

fn entry<T>(key: &'static str, setting: &Setting<T>, value: impl Fn(&T) -> Value) -> SettingsEntry {
    SettingsEntry {
        key,
        value: value(&setting.value),
        origin: setting.origin.clone(),
    }
}

fn shown_texts(texts: &[String]) -> Value {
    texts.iter().map(String::as_str).collect()
}

fn shown_all<T: fmt::Display>(values: &[T]) -> Value {
    values.iter().map(ToString::to_string).collect()
}

fn shown_text<T: fmt::Display>(value: &T) -> Value {
    value.to_string().into()
}
