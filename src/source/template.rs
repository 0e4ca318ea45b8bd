//! Templates of new revisions: the door to minijinja.
//!
//! A template is a folder `NAME/` of `up.sql.jinja` and, where it has them, `down.sql.jinja` and
//! `verify.sql.jinja`. Those of the project go before those of this program.
//!
//! What a template may use:
//!
//! | variable | |
//! |---|---|
//! | `header` | the header of the up script, without the last line's end; where an up template does not use it, it is put first |
//! | `revision`, `slug` | texts |
//! | `message`, `irreversible` | texts, or none |
//! | `revises`, `depends_on`, `labels` | lists of texts |
//! | `created` | a text, RFC 3339 |
//! | any other | given by `--set name=value` |
//!
//! and the filters `ident` and `literal`, which quote for SQL. A variable that was not given is an
//! error unless the template says what to do without (`schema | default("public")`), and so is a
//! given one that no script of the template uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use crate::diagnostic::Place;
use crate::revision::{Header, ScriptKind, nearest, parse_header, parse_settings};
use crate::sql::{Span, quote_ident, quote_literal};

use super::{TemplateError, shown};

/// The variables that every template is given.
const GIVEN: [&str; 9] = [
    "created",
    "depends_on",
    "header",
    "irreversible",
    "labels",
    "message",
    "revises",
    "revision",
    "slug",
];

/// The templates of this program: name, script, text.
pub(super) const EMBEDDED: [(&str, ScriptKind, &str); 4] = [
    (
        "plain",
        ScriptKind::Up,
        include_str!("../../templates/plain/up.sql.jinja"),
    ),
    (
        "plain",
        ScriptKind::Down,
        include_str!("../../templates/plain/down.sql.jinja"),
    ),
    (
        "rls",
        ScriptKind::Up,
        include_str!("../../templates/rls/up.sql.jinja"),
    ),
    (
        "rls",
        ScriptKind::Down,
        include_str!("../../templates/rls/down.sql.jinja"),
    ),
];

/// The path of a template's script within the folder of templates.
pub(super) fn script_path(template: &str, kind: ScriptKind) -> PathBuf {
    Path::new(template).join(format!("{}.sql.jinja", kind.as_str()))
}

/// The templates that a project may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    /// The project's folder; paths within it are shown relative to it.
    pub root: PathBuf,
    /// The folder of the project's own templates. It need not exist.
    pub folder: PathBuf,
}

/// One template, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    name: String,
    scripts: Vec<TemplateScript>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TemplateScript {
    kind: ScriptKind,
    /// As it is shown.
    path: PathBuf,
    text: String,
}

impl Templates {
    /// The names of all templates, sorted.
    pub fn names(&self) -> Result<Vec<String>, TemplateError> {
        let mut names: BTreeSet<String> = EMBEDDED
            .iter()
            .map(|(name, _, _)| (*name).to_owned())
            .collect();
        match fs::read_dir(&self.folder) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(|error| self.unreadable(&self.folder, error))?;
                    let up = script_path("", ScriptKind::Up);
                    if let Ok(name) = entry.file_name().into_string()
                        && entry.path().join(up).is_file()
                    {
                        names.insert(name);
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.unreadable(&self.folder, error)),
        }
        Ok(names.into_iter().collect())
    }

    /// Reads a template: the project's own of that name, else this program's.
    pub fn get(&self, name: &str) -> Result<Template, TemplateError> {
        let known = self.names()?;
        if !known.iter().any(|known| known == name) {
            return Err(TemplateError::Unknown {
                name: name.to_owned(),
                nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                known,
                folder: shown(&self.root, &self.folder).to_owned(),
            });
        }
        let mut scripts = Vec::new();
        for kind in [ScriptKind::Up, ScriptKind::Down, ScriptKind::Verify] {
            let file = self.folder.join(script_path(name, kind));
            match fs::read_to_string(&file) {
                Ok(text) => scripts.push(TemplateScript {
                    kind,
                    path: shown(&self.root, &file).to_owned(),
                    text,
                }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.unreadable(&file, error)),
            }
        }
        if scripts.is_empty() {
            let own = EMBEDDED.iter().filter(|(known, _, _)| *known == name);
            scripts.extend(own.map(|(_, kind, text)| TemplateScript {
                kind: *kind,
                path: Path::new("(built in)").join(script_path(name, *kind)),
                text: (*text).to_owned(),
            }));
        }
        Ok(Template {
            name: name.to_owned(),
            scripts,
        })
    }

    fn unreadable(&self, path: &Path, source: io::Error) -> TemplateError {
        TemplateError::Unreadable {
            path: shown(&self.root, path).to_owned(),
            source,
        }
    }
}

impl Template {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The scripts of a revision with this header: up, then down and verify where the template has
    /// them (no down for an irreversible one). `variables` are the ones given by `--set`.
    pub fn render(
        &self,
        header: &Header,
        slug: &str,
        variables: &BTreeMap<String, String>,
    ) -> Result<Vec<(ScriptKind, String)>, TemplateError> {
        let mut jinja = environment();
        for script in &self.scripts {
            jinja
                .add_template(script.kind.as_str(), &script.text)
                .map_err(|error| script.error(&error))?;
        }
        self.check_variables(&jinja, variables)?;
        let mut rendered = Vec::new();
        for script in &self.scripts {
            if script.kind == ScriptKind::Down && header.irreversible.is_some() {
                continue;
            }
            let text = script.render(&jinja, header, slug, variables)?;
            script.check(&text, header)?;
            rendered.push((script.kind, text));
        }
        Ok(rendered)
    }

    /// Refuses variables that are this program's, and variables that no script uses.
    fn check_variables(
        &self,
        jinja: &Environment<'_>,
        variables: &BTreeMap<String, String>,
    ) -> Result<(), TemplateError> {
        let used: BTreeSet<String> = jinja
            .templates()
            .flat_map(|(_, template)| template.undeclared_variables(false))
            .filter(|name| !GIVEN.contains(&name.as_str()))
            .filter(|name| !jinja.globals().any(|(global, _)| global == name))
            .collect();
        for variable in variables.keys() {
            if GIVEN.contains(&variable.as_str()) {
                return Err(TemplateError::VariableGiven {
                    variable: variable.clone(),
                });
            }
            if !used.contains(variable) {
                return Err(TemplateError::VariableUnused {
                    variable: variable.clone(),
                    template: self.name.clone(),
                    nearest: nearest(variable, used.iter().map(String::as_str)).map(str::to_owned),
                    used: used.into_iter().collect(),
                });
            }
        }
        Ok(())
    }
}

impl TemplateScript {
    fn render(
        &self,
        jinja: &Environment<'_>,
        header: &Header,
        slug: &str,
        variables: &BTreeMap<String, String>,
    ) -> Result<String, TemplateError> {
        let text = |text: Option<&str>| text.map_or_else(|| Value::from(()), Value::from);
        let created = header
            .created
            .map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let lines = header.to_string();
        let mut values = vec![
            ("revision", Value::from(header.revision.as_str())),
            ("revises", list(&header.revises)),
            ("depends_on", list(&header.depends_on)),
            ("labels", list(&header.labels)),
            ("created", text(created.as_deref())),
            ("message", text(header.message.as_deref())),
            ("irreversible", text(header.irreversible.as_deref())),
            ("slug", Value::from(slug)),
        ];
        let up = self.kind == ScriptKind::Up;
        if up {
            values.push(("header", Value::from(lines.trim_end())));
        }
        for (name, value) in variables {
            values.push((name, Value::from(value.as_str())));
        }
        let template = jinja
            .get_template(self.kind.as_str())
            .map_err(|error| self.error(&error))?;
        let mut text = template
            .render(Value::from_pairs(values))
            .map_err(|error| self.error(&error))?;
        if up && !template.undeclared_variables(false).contains("header") {
            text = format!("{lines}\n{text}");
        }
        let text = text.trim();
        Ok(if text.is_empty() {
            String::new()
        } else {
            format!("{text}\n")
        })
    }

    /// Refuses a script whose header is not the one that was asked for. How the script runs
    /// (`transaction: off`) is the template's to say.
    fn check(&self, text: &str, header: &Header) -> Result<(), TemplateError> {
        let reasons: Vec<String> = if self.kind == ScriptKind::Up {
            let parsed = parse_header(text);
            let mut reasons: Vec<String> =
                parsed.defects.iter().map(|d| d.kind.to_string()).collect();
            let same = parsed.header.is_some_and(|parsed| {
                let settings = header.settings;
                Header { settings, ..parsed } == *header
            });
            if reasons.is_empty() && !same {
                reasons.push("it is not the header that was asked for".to_owned());
            }
            reasons
        } else {
            let defects = parse_settings(text, self.kind).err().unwrap_or_default();
            defects.iter().map(|d| d.kind.to_string()).collect()
        };
        if reasons.is_empty() {
            return Ok(());
        }
        Err(TemplateError::Header {
            path: self.path.clone(),
            reasons,
        })
    }

    fn error(&self, error: &minijinja::Error) -> TemplateError {
        if error.kind() == ErrorKind::UndefinedError {
            return self.unknown_variable(error);
        }
        TemplateError::Broken {
            place: Box::new(self.place(error)),
            reason: error
                .detail()
                .map_or_else(|| error.kind().to_string(), str::to_owned),
        }
    }

    fn unknown_variable(&self, error: &minijinja::Error) -> TemplateError {
        // The engine names the variable, but not where it was handed to a filter: there the range
        // is the filter's, and the variable is the word before it.
        let named = error.detail().and_then(|detail| detail.split('`').nth(1));
        let mut place = self.place(error);
        let mut variable = named.unwrap_or_default().to_owned();
        if named.is_none()
            && let Some(before) = error.range().and_then(|range| self.text.get(..range.start))
        {
            let word = before.trim_end().trim_end_matches('|').trim_end();
            let start = word
                .rfind(|c: char| !c.is_alphanumeric() && c != '_')
                .map_or(0, |at| at + 1);
            variable = word[start..].to_owned();
            place = Place::in_text(&self.path, &self.text, Span::new(start, word.len()));
        }
        TemplateError::VariableMissing {
            place: Box::new(place),
            variable,
        }
    }

    fn place(&self, error: &minijinja::Error) -> Place {
        match (error.range(), error.line()) {
            (Some(range), _) if self.text.get(range.clone()).is_some() => {
                Place::in_text(&self.path, &self.text, Span::new(range.start, range.end))
            }
            (_, line) => Place {
                line: line.and_then(|line| line.try_into().ok()).unwrap_or(0),
                ..Place::file(&self.path)
            },
        }
    }
}

/// A filter of texts. A variable that was not given is said to be so, not to be no text.
fn text_filter(
    quote: fn(&str) -> String,
) -> impl Fn(&Value) -> Result<String, minijinja::Error> + Send + Sync + 'static {
    move |value| match value.as_str() {
        Some(text) => Ok(quote(text)),
        None if value.is_undefined() => Err(ErrorKind::UndefinedError.into()),
        None => Err(minijinja::Error::new(
            ErrorKind::InvalidOperation,
            format!("expected a text, found {}", value.kind()),
        )),
    }
}

fn list<T: ToString>(items: &[T]) -> Value {
    items.iter().map(ToString::to_string).collect()
}

fn environment<'t>() -> Environment<'t> {
    let mut jinja = Environment::new();
    jinja.set_undefined_behavior(UndefinedBehavior::Strict);
    jinja.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the usual delimiters are valid"),
    );
    jinja.add_filter("ident", text_filter(quote_ident));
    jinja.add_filter("literal", text_filter(quote_literal));
    jinja
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
