//! Reading TOML key by key: the door to the `toml` package. Everything that is wrong is collected,
//! each with its place; a key that nobody asked for is a defect with the nearest one that somebody
//! did.

use std::path::PathBuf;

use serde_json::{Map, Value as Json};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, value::Datetime};

use crate::diagnostic::{Diagnostic, Place};
use crate::revision::nearest;
use crate::sql::{LineIndex, Span};

use crate::config::{Origin, Setting};

/// The configuration file's text and what was found wrong with it.
pub(super) struct Document<'t> {
    path: PathBuf,
    text: &'t str,
    lines: LineIndex,
    defects: Vec<Diagnostic>,
}

/// A value with its place.
pub(super) struct Value<'t> {
    value: DeValue<'t>,
    pub(super) span: Span,
}

/// A table, from which the known keys are taken.
pub(super) struct Section<'t> {
    /// Its name with a full stop, empty for the top.
    prefix: String,
    entries: Vec<(String, Span, Value<'t>)>,
    asked: Vec<&'static str>,
}

impl<'t> Document<'t> {
    /// Reads a text. What is wrong with its syntax is kept among the defects.
    pub(super) fn parse(path: PathBuf, text: &'t str) -> (Self, Section<'t>) {
        let mut document = Self {
            path,
            text,
            lines: LineIndex::new(text),
            defects: Vec::new(),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error
                .span()
                .map_or(Span::new(text.len(), text.len()), |range| {
                    Span::new(range.start, range.end)
                });
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            document.defect("config-syntax", at, message, None);
        }
        let section = Section::new(String::new(), table.into_inner());
        (document, section)
    }

    /// Everything that was found wrong, in the order in which it stands.
    pub(super) fn into_defects(mut self) -> Vec<Diagnostic> {
        self.defects
            .sort_by_key(|d| d.place.as_ref().map(|place| (place.line, place.column)));
        self.defects
    }

    /// Keeps one more thing that is wrong.
    pub(super) fn defect(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(code, message).at(self.place(span));
        diagnostic.help = help;
        self.defects.push(diagnostic);
    }

    /// The place of a span. A line that may hold a password is not quoted.
    pub(super) fn place(&self, span: Span) -> Place {
        let mut place = Place::in_text(&self.path, self.text, span);
        if place.source.contains("://") || place.source.contains("password") {
            place.source.clear();
        }
        place
    }

    /// The origin that values at a span have.
    pub(super) fn origin(&self, span: Span) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: self.lines.position(self.text, span.start).line,
            variables: Vec::new(),
        }
    }

    /// A value read by `read`, or a defect that says what it should have been.
    pub(super) fn read<T>(
        &mut self,
        value: &Value<'t>,
        key: &str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, String>,
    ) -> Option<Setting<T>> {
        match read(&value.value) {
            Ok(read) => Some(Setting::new(read, self.origin(value.span))),
            Err(reason) => {
                let message = format!("`{key}`: {reason}");
                self.defect("config-value", value.span, message, None);
                None
            }
        }
    }
}

impl<'t> Section<'t> {
    fn new(prefix: String, table: DeTable<'t>) -> Self {
        Self {
            prefix,
            entries: table
                .into_iter()
                .map(|(key, value)| {
                    let at = span(&key);
                    (key.into_inner().into_owned(), at, Value::new(value))
                })
                .collect(),
            asked: Vec::new(),
        }
    }

    /// A key with the names of the tables that it stands in.
    pub(super) fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Whether a key is there and not yet taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _, _)| name == key)
    }

    /// Takes the value of a key.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value<'t>> {
        self.asked.push(key);
        let at = self.entries.iter().position(|(name, _, _)| name == key)?;
        Some(self.entries.remove(at).2)
    }

    /// Takes the value of a key, read by `read`.
    pub(super) fn take<T>(
        &mut self,
        document: &mut Document<'t>,
        key: &'static str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, String>,
    ) -> Option<Setting<T>> {
        let value = self.value(key)?;
        document.read(&value, &self.name(key), read)
    }

    /// Takes a table; an absent one is empty.
    pub(super) fn section(&mut self, document: &mut Document<'t>, key: &'static str) -> Self {
        let name = self.name(key);
        self.value(key)
            .and_then(|value| value.into_section(document, &name))
            .unwrap_or_else(|| Self::new(String::new(), DeTable::new()))
    }

    /// Takes everything that is left, as tables with names of the user's own.
    pub(super) fn named_sections(
        &mut self,
        document: &mut Document<'t>,
    ) -> Vec<(String, Span, Self)> {
        std::mem::take(&mut self.entries)
            .into_iter()
            .filter_map(|(key, at, value)| {
                let name = self.name(&key);
                Some((key, at, value.into_section(document, &name)?))
            })
            .collect()
    }

    /// Takes everything that is left, as texts under names of the user's own.
    pub(super) fn named_texts(
        &mut self,
        document: &mut Document<'t>,
    ) -> Vec<(String, Span, Setting<String>)> {
        std::mem::take(&mut self.entries)
            .into_iter()
            .filter_map(|(key, at, value)| {
                let text = document.read(&value, &self.name(&key), string)?;
                Some((key, at, text))
            })
            .collect()
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self, document: &mut Document<'t>) {
        for (key, at, _) in &self.entries {
            let message = format!("`{}` is not a setting", self.name(key));
            let help = nearest(key, self.asked.iter().copied())
                .map(|nearest| format!("did you mean `{nearest}`?"));
            document.defect("config-unknown-key", *at, message, help);
        }
    }
}

impl<'t> Value<'t> {
    fn new(value: Spanned<DeValue<'t>>) -> Self {
        Self {
            span: span(&value),
            value: value.into_inner(),
        }
    }

    fn into_section(self, document: &mut Document<'t>, name: &str) -> Option<Section<'t>> {
        match self.value {
            DeValue::Table(table) => Some(Section::new(format!("{name}."), table)),
            other => {
                let message = format!("`{name}`: expected a table, found {}", kind(&other));
                document.defect("config-value", self.span, message, None);
                None
            }
        }
    }

    /// The tables of an array of tables.
    pub(super) fn into_sections(self, document: &mut Document<'t>, name: &str) -> Vec<Section<'t>> {
        match self.value {
            DeValue::Array(items) => items
                .into_iter()
                .filter_map(|item| Value::new(item).into_section(document, name))
                .collect(),
            other => {
                let message = format!(
                    "`{name}`: expected tables (`[[{name}]]`), found {}",
                    kind(&other)
                );
                document.defect("config-value", self.span, message, None);
                Vec::new()
            }
        }
    }
}

/// Reads a string.
pub(super) fn string(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        other => Err(format!("expected a string, found {}", kind(other))),
    }
}

/// Reads `true` or `false`.
pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    match value {
        DeValue::Boolean(value) => Ok(*value),
        other => Err(format!("expected true or false, found {}", kind(other))),
    }
}

/// Reads a whole number within bounds.
pub(super) fn number(value: &DeValue<'_>, least: usize, most: usize) -> Result<usize, String> {
    match value {
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("expected a number from {least} to {most}")),
        other => Err(format!("expected a number, found {}", kind(other))),
    }
}

/// Reads a list of strings; a single string is a list of one.
pub(super) fn strings(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| string(item.get_ref())).collect(),
        DeValue::String(text) => Ok(vec![text.to_string()]),
        other => Err(format!("expected strings, found {}", kind(other))),
    }
}

/// Reads a table as a JSON object.
pub(super) fn object(value: &DeValue<'_>) -> Result<Map<String, Json>, String> {
    match json(value)? {
        Json::Object(object) => Ok(object),
        _ => Err(format!("expected a table, found {}", kind(value))),
    }
}

fn json(value: &DeValue<'_>) -> Result<Json, String> {
    Ok(match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Boolean(value) => Json::from(*value),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Json::from)
            .map_err(|_| "the number is too large".to_owned())?,
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Json::from)
            .ok_or("JSON has no such number")?,
        DeValue::Datetime(_) => return Err("JSON has no dates; write a string".to_owned()),
        DeValue::Array(items) => items
            .iter()
            .map(|item| json(item.get_ref()))
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        DeValue::Table(table) => Json::Object(
            table
                .iter()
                .map(|(key, value)| Ok((key.get_ref().to_string(), json(value.get_ref())?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(Datetime { .. }) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    Span::new(spanned.span().start, spanned.span().end)
}
