//! The keys of `[schema]`.

use super::document::{Document, Section, strings};
use super::keys::{identifier, references};
use crate::config::Setting;
use crate::config::declared::FileDeclared;
use crate::schema::facts::Pattern;

/// Reads the section.
pub(super) fn read<'t>(document: &mut Document<'t>, section: &mut Section<'t>) -> FileDeclared {
    let has_files = section.has("files");
    let files = references(document, section, "files");
    let command = section.value("command").and_then(|value| {
        if has_files {
            let message = "`schema.command`: the schema is told by `files` already";
            let help = "leave one of the two out".to_owned();
            document.defect("config-value", value.span, message, Some(help));
        }
        document.read(&value, "schema.command", |value| {
            let command = strings(value)?;
            if command.first().is_none_or(String::is_empty) {
                return Err("it names no program".to_owned());
            }
            Ok(command)
        })
    });
    FileDeclared {
        files,
        command,
        include: patterns(document, section, "include"),
        exclude: patterns(document, section, "exclude"),
        roles: section.take(document, "roles", |value| {
            let names = strings(value)?;
            names.iter().map(|name| identifier(name)).collect()
        }),
        allow_destructive: patterns(document, section, "allow-destructive"),
    }
}

fn patterns<'t>(
    document: &mut Document<'t>,
    section: &mut Section<'t>,
    key: &'static str,
) -> Option<Setting<Vec<Pattern>>> {
    section.take(document, key, |value| {
        let texts = strings(value)?;
        if texts.iter().any(String::is_empty) {
            return Err("a pattern is empty".to_owned());
        }
        Ok(texts.iter().map(|text| Pattern::parse(text)).collect())
    })
}
