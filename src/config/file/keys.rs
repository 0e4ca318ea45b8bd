//! The keys of grace-migrate.toml.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Place};
use crate::revision::Timeout;
use crate::source::{FileNamePattern, Hook, IdKind, TimeZone};

use super::document::{Document, Section, boolean, number, string, strings};
use crate::config::audit::FileAudit;
use crate::config::check::FileCheck;
use crate::config::declared::FileDeclared;
use crate::config::expand::Template;
use crate::config::settings::{LOCK_TRIES, RunSettings, TransactionScope};
use crate::config::{Origin, Setting};

/// The name of the configuration file.
pub const CONFIG_NAME: &str = "grace-migrate.toml";

/// A value that may refer to environment variables, and its place.
#[derive(Debug, Clone)]
pub(in crate::config) struct Reference {
    pub(in crate::config) template: Template,
    pub(in crate::config) origin: Origin,
    pub(in crate::config) place: Place,
}

/// What the file says; absent keys are `None`.
#[derive(Debug, Default)]
pub(in crate::config) struct FileSettings {
    pub(in crate::config) url: Option<Reference>,
    pub(in crate::config) production: Option<Setting<bool>>,
    pub(in crate::config) versions: Option<Vec<Reference>>,
    pub(in crate::config) recursive: Option<Setting<bool>>,
    pub(in crate::config) templates: Option<Reference>,
    pub(in crate::config) version_table_schema: Option<Setting<String>>,
    pub(in crate::config) version_table_name: Option<Setting<String>>,
    pub(in crate::config) file_name: Option<Setting<FileNamePattern>>,
    pub(in crate::config) id: Option<Setting<IdKind>>,
    pub(in crate::config) slug_length: Option<Setting<usize>>,
    pub(in crate::config) time_zone: Option<Setting<TimeZone>>,
    pub(in crate::config) template: Option<Setting<String>>,
    pub(in crate::config) hooks: Option<Setting<Vec<Hook>>>,
    pub(in crate::config) run: RunSettings,
    pub(in crate::config) audit: FileAudit,
    pub(in crate::config) declared: FileDeclared,
    pub(in crate::config) check: FileCheck,
    pub(in crate::config) destinations: BTreeMap<String, FileDestination>,
}

/// A `[destination.NAME]`.
#[derive(Debug)]
pub(in crate::config) struct FileDestination {
    pub(in crate::config) url: Option<Reference>,
    pub(in crate::config) production: Option<Setting<bool>>,
    pub(in crate::config) run: RunSettings,
}

/// Reads the file, or says everything that is wrong with it. `path` is the file as it is shown.
pub(in crate::config) fn read(path: PathBuf, text: &str) -> Result<FileSettings, Vec<Diagnostic>> {
    let (mut document, mut top) = Document::parse(path, text);
    let settings = top_level(&mut document, &mut top);
    top.finish(&mut document);
    let defects = document.into_defects();
    if defects.is_empty() {
        Ok(settings)
    } else {
        Err(defects)
    }
}

fn top_level<'t>(document: &mut Document<'t>, top: &mut Section<'t>) -> FileSettings {
    let mut settings = FileSettings {
        url: reference(document, top, "url"),
        production: top.take(document, "production", boolean),
        versions: references(document, top, "versions"),
        recursive: top.take(document, "recursive", boolean),
        templates: reference(document, top, "templates"),
        ..FileSettings::default()
    };
    let mut table = top.section(document, "version-table");
    settings.version_table_schema = table.take(document, "schema", |v| identifier(&string(v)?));
    settings.version_table_name = table.take(document, "name", |v| identifier(&string(v)?));
    table.finish(document);

    let mut revision = top.section(document, "revision");
    revision_section(document, &mut revision, &mut settings);
    revision.finish(document);

    let mut run = top.section(document, "run");
    settings.run = run_section(document, &mut run);
    run.finish(document);

    let mut section = top.section(document, "rls");
    settings.audit = super::audit::read(document, &mut section);
    section.finish(document);

    let mut section = top.section(document, "schema");
    settings.declared = super::declared::read(document, &mut section);
    section.finish(document);

    let mut section = top.section(document, "check");
    settings.check = super::check::read(document, &mut section);
    section.finish(document);

    settings.destinations = destinations(document, top);
    settings
}

fn revision_section<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    settings: &mut FileSettings,
) {
    settings.file_name = file_name(document, section, settings);
    settings.id = section.take(document, "id", |value| match string(value)?.as_str() {
        "random" => Ok(IdKind::Random),
        "time" => Ok(IdKind::Time),
        _ => Err("it is neither `random` nor `time`".to_owned()),
    });
    settings.slug_length = section.take(document, "slug-length", |v| number(v, 1, 100));
    settings.time_zone = section.take(document, "time-zone", |value| {
        match string(value)?.as_str() {
            "UTC" => Ok(TimeZone::Utc),
            "local" => Ok(TimeZone::Local),
            _ => Err("it is neither `UTC` nor `local`".to_owned()),
        }
    });
    settings.template = section.take(document, "template", string);
    if let Some(hooks) = section.value("hooks") {
        let origin = document.origin(hooks.span);
        let hooks = hooks
            .into_sections(document, "revision.hooks")
            .into_iter()
            .filter_map(|mut hook| {
                let name = hook.take(document, "name", string);
                let command = hook.take(document, "command", |v| Hook::command(strings(v)?));
                hook.finish(document);
                let command = command?;
                let name = name.map_or_else(|| command.value[0].clone(), |name| name.value);
                Some(Hook {
                    name,
                    command: command.value,
                })
            })
            .collect();
        settings.hooks = Some(Setting::new(hooks, origin));
    }
}

fn file_name<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    settings: &FileSettings,
) -> Option<Setting<FileNamePattern>> {
    let value = section.value("file-name")?;
    let pattern = document.read(&value, "revision.file-name", |value| {
        FileNamePattern::parse(&string(value)?).map_err(|defect| defect.to_string())
    })?;
    let recursive = settings.recursive.as_ref().is_some_and(|r| r.value);
    if pattern.value.has_folders() && !recursive {
        let message = "`revision.file-name`: it makes subfolders";
        let help = "add `recursive = true` at the top of the file".to_owned();
        document.defect("config-value", value.span, message, Some(help));
    }
    Some(pattern)
}

fn run_section<'t>(document: &mut Document<'t>, section: &mut Section<'t>) -> RunSettings {
    let timeout = |document: &mut Document<'t>, section: &mut Section<'t>, key| {
        section.take(document, key, |value| {
            Timeout::parse(&string(value)?).map_err(|defect| defect.to_string())
        })
    };
    RunSettings {
        transaction: section.take(document, "transaction", |v| {
            TransactionScope::parse(&string(v)?)
        }),
        lock_timeout: timeout(document, section, "lock-timeout"),
        statement_timeout: timeout(document, section, "statement-timeout"),
        lock_wait: timeout(document, section, "lock-wait"),
        lock_tries: section.take(document, "lock-tries", |v| {
            number(v, *LOCK_TRIES.start(), *LOCK_TRIES.end())
        }),
        lock_retry_wait: timeout(document, section, "lock-retry-wait"),
        commit_timeout: timeout(document, section, "commit-timeout"),
        allow_pooler: section.take(document, "allow-pooler", boolean),
    }
}

fn destinations<'t>(
    document: &mut Document<'t>,
    top: &mut Section<'t>,
) -> BTreeMap<String, FileDestination> {
    let mut section = top.section(document, "destination");
    let mut destinations = BTreeMap::new();
    for (name, at, mut table) in section.named_sections(document) {
        if !table.has("url") {
            let message = format!("`destination.{name}` has no `url`");
            document.defect("config-value", at, message, None);
        }
        let url = reference(document, &mut table, "url");
        let production = table.take(document, "production", boolean);
        let run = run_section(document, &mut table);
        table.finish(document);
        let destination = FileDestination {
            url,
            production,
            run,
        };
        destinations.insert(name, destination);
    }
    destinations
}

pub(super) fn reference<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    key: &'static str,
) -> Option<Reference> {
    let value = section.value(key)?;
    let name = section.name(key);
    let read = document.read(&value, &name, |v| Template::parse(&filled(&string(v)?)?))?;
    Some(Reference {
        template: read.value,
        origin: read.origin,
        place: document.place(value.span),
    })
}

pub(super) fn references<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    key: &'static str,
) -> Option<Vec<Reference>> {
    let value = section.value(key)?;
    let read = document.read(&value, &section.name(key), |v| {
        let texts = strings(v)?;
        if texts.is_empty() {
            return Err("it is empty".to_owned());
        }
        texts
            .iter()
            .map(|text| Template::parse(&filled(text)?))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let place = document.place(value.span);
    Some(
        read.value
            .into_iter()
            .map(|template| Reference {
                template,
                origin: read.origin.clone(),
                place: place.clone(),
            })
            .collect(),
    )
}

fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(text.to_owned())
}

/// Checks a name that PostgreSQL could give to a schema or table.
pub(in crate::config) fn identifier(text: &str) -> Result<String, String> {
    match text {
        "" => Err("it is empty".to_owned()),
        _ if text.contains('\0') => Err("it holds a NUL".to_owned()),
        _ if text.len() > 63 => Err("PostgreSQL's names have at most 63 bytes".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
