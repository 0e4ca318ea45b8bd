//! The words of what is wrong with settings.

use crate::config::{CONFIG_NAME, ConfigError};
use crate::render::words::plural;
use crate::render::{Description, Exit};

use super::words::listed;

/// Says what is wrong: nothing was touched in any of these cases.
pub(super) fn describe(error: &ConfigError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        ConfigError::NoProject { from } => {
            said(format!("no `{CONFIG_NAME}` in this folder or above it"))
                .fact(["searched from", &from.display().to_string()])
                .hint("start a project here: `grace-migrate init`")
                .hint("or name its file: `grace-migrate --config <file> …`")
        }
        ConfigError::Unreadable { path, by, source } => {
            let unreadable = said(format!("`{}` cannot be read: {source}", path.display()));
            match by {
                Some(by) => unreadable.fact(["named by", by]),
                None => unreadable,
            }
        }
        ConfigError::Defects(defects) => said(format!(
            "the configuration file has {}",
            plural(defects.len(), "defect", "defects")
        ))
        .findings(defects.iter().cloned())
        .outcome("nothing was run"),
        ConfigError::NoActors { path, source } => said(format!(
            "the file of the actors, `{}`, cannot be read: {source}",
            path.display()
        ))
        .outcome("nothing was run")
        .hint("write it: for each actor an `[[actor]]` with `name`, `role` and `claims`")
        .hint(format!(
            "or name another: `actors` of [rls] in `{CONFIG_NAME}`"
        )),
        ConfigError::Actors(defects) => said(format!(
            "the file of the actors has {}",
            plural(defects.len(), "defect", "defects")
        ))
        .findings(defects.iter().cloned())
        .outcome("nothing was run")
        .hint("what it holds: `grace-migrate rls matrix --help`"),
        ConfigError::UnknownDestination {
            name,
            by,
            known,
            nearest,
        } => {
            let unknown = said(format!("no destination `{name}` in the configuration file"))
                .fact(["asked for by", by]);
            match (nearest, known.as_slice()) {
                (Some(nearest), _) => unknown
                    .fact(["destinations", &listed(known)])
                    .hint(format!("did you mean `--name {nearest}`?")),
                (None, []) => unknown.hint(format!(
                    "add it to `{CONFIG_NAME}`: a table `[destination.{name}]` with a `url`"
                )),
                (None, known) => unknown.fact(["destinations", &listed(known)]),
            }
        }
        ConfigError::Value { by, text, reason } => {
            said(format!("`{by}` cannot be `{text}`: {reason}"))
        }
        ConfigError::NotUnicode { variable } => said(format!(
            "the environment variable `{variable}` is not valid Unicode"
        )),
        ConfigError::UnsetVariable { variable, place } => {
            said(format!("the environment variable `{variable}` is not set"))
                .at(Some((**place).clone()))
                .hint(format!("set it: `export {variable}=…`"))
                .hint(format!(
                    "or say what to do without it: `${{{variable}:-…}}`"
                ))
        }
        ConfigError::NoUrl { path } => said("nothing says which database is meant".to_owned())
            .hint(format!(
                "name it in `{}`: `url = \"${{DATABASE_URL:-embedded}}\"`",
                path.display()
            ))
            .hint("or for this command alone: `--url <url>`"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::shown;
    use crate::sql::Span;

    #[test]
    fn every_error() {
        let text = "url = \"${STAGING}\"\n";
        let place = Place::in_text(CONFIG_NAME, text, Span::new(6, 18));
        let unknown = |known: &[&str], nearest: Option<&str>| ConfigError::UnknownDestination {
            name: "stagign".to_owned(),
            by: "--name",
            known: known.iter().map(ToString::to_string).collect(),
            nearest: nearest.map(str::to_owned),
        };
        let errors = [
            ConfigError::NoProject {
                from: "/srv/shop".into(),
            },
            ConfigError::Unreadable {
                path: "/srv/other.toml".into(),
                by: Some("--config"),
                source: io::Error::from(io::ErrorKind::NotFound),
            },
            ConfigError::Unreadable {
                path: "/srv/grace-migrate.toml".into(),
                by: None,
                source: io::Error::from(io::ErrorKind::PermissionDenied),
            },
            ConfigError::Defects(vec![
                Diagnostic::error("config-unknown-key", "`urls` is not a setting")
                    .at(Place::in_text(CONFIG_NAME, "urls = 1\n", Span::new(0, 4)))
                    .help("did you mean `url`?"),
            ]),
            ConfigError::NoActors {
                path: "tests/rls/actors.toml".into(),
                source: io::Error::from(io::ErrorKind::NotFound),
            },
            ConfigError::Actors(vec![
                Diagnostic::error("config-value", "`actor` has no `role`").at(Place::in_text(
                    "tests/rls/actors.toml",
                    "[[actor]]\n",
                    Span::new(0, 9),
                )),
            ]),
            unknown(&["prod", "staging"], Some("staging")),
            unknown(&["prod"], None),
            unknown(&[], None),
            ConfigError::Value {
                by: "GRACE_MIGRATE_LOCK_TIMEOUT",
                text: "3".to_owned(),
                reason: "it has no unit".to_owned(),
            },
            ConfigError::NotUnicode {
                variable: "DATABASE_URL".to_owned(),
            },
            ConfigError::UnsetVariable {
                variable: "STAGING".to_owned(),
                place: Box::new(place),
            },
            ConfigError::NoUrl {
                path: CONFIG_NAME.into(),
            },
        ];
        let all: Vec<String> = errors.iter().map(|error| shown(&describe(error))).collect();
        let said = all.join("\n");
        insta::assert_snapshot!(said);
    }
}
