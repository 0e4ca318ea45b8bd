//! The process's environment: read once, handed on as values.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::ConfigError;
use crate::db::Surroundings;

/// The environment variables of a process, or of a test.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
}

impl std::fmt::Debug for Environment {
    /// The names alone: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// The environment of this process. Variables whose names are not Unicode are left out.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
        }
    }

    /// An environment of these variables.
    pub fn new<N: Into<String>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// The same, and these variables as far as it has not got them.
    #[must_use]
    pub fn or(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        for (name, value) in variables {
            self.variables.entry(name).or_insert_with(|| value.into());
        }
        self
    }

    /// What libpq's rules look at around a connection string.
    #[must_use]
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            variables: self.postgres(),
            user: self.user(),
            home: self.path("HOME"),
        }
    }

    /// The value of a variable; an empty one counts as unset.
    #[must_use]
    pub fn os(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(name)
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable as text; an empty one counts as unset, one that is not Unicode is
    /// an error.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        self.os(name)
            .map(|value| {
                value.to_str().ok_or_else(|| ConfigError::NotUnicode {
                    variable: name.to_owned(),
                })
            })
            .transpose()
    }

    /// The value of a variable as a path; an empty one counts as unset.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.os(name).map(PathBuf::from)
    }

    /// The variables whose names begin with `prefix`, as far as they are Unicode.
    #[must_use]
    pub fn starting_with(&self, prefix: &str) -> BTreeMap<String, String> {
        self.variables
            .range(prefix.to_owned()..)
            .take_while(|(name, _)| name.starts_with(prefix))
            .filter_map(|(name, value)| Some((name.clone(), value.to_str()?.to_owned())))
            .collect()
    }

    /// PostgreSQL's own variables (`PGHOST`, `PGPASSWORD`, …), as libpq would read them.
    #[must_use]
    pub fn postgres(&self) -> BTreeMap<String, String> {
        self.starting_with("PG")
    }

    /// Whether `NO_COLOR` asks for output without colour.
    #[must_use]
    pub fn no_color(&self) -> bool {
        self.os("NO_COLOR").is_some()
    }

    /// The user's editor: `VISUAL`, else `EDITOR`, as a command line.
    #[must_use]
    pub fn editor(&self) -> Option<&OsStr> {
        self.os("VISUAL").or_else(|| self.os("EDITOR"))
    }

    /// The operating system's name of the user, as far as the environment tells.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        let name = self.os("USER").or_else(|| self.os("LOGNAME"))?;
        name.to_str().map(str::to_owned)
    }

    /// The folder with PostgreSQL's server binaries that `GRACE_PG_BIN` names.
    #[must_use]
    pub fn pg_bin(&self) -> Option<PathBuf> {
        self.path("GRACE_PG_BIN")
    }

    /// Where programs keep what they can fetch again: `XDG_CACHE_HOME`, else the home folder's
    /// `.cache` (`Library/Caches` on macOS).
    #[must_use]
    pub fn cache_dir(&self) -> Option<PathBuf> {
        let inside = if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        };
        self.path("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(self.path("HOME")?.join(inside)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        let environment = Environment::new([
            ("EDITOR", "vi"),
            ("HOME", "/h"),
            ("NO_COLOR", ""),
            ("PGHOST", "db"),
            ("PGPORT", "5433"),
            ("PHP", "no"),
            ("XDG_CACHE_HOME", "relative"),
        ]);
        assert_eq!(environment.text("HOME").unwrap(), Some("/h"));
        assert_eq!(environment.text("NONE").unwrap(), None);
        assert!(!environment.no_color());
        assert_eq!(environment.editor().unwrap(), "vi");
        assert_eq!(
            environment.postgres().keys().collect::<Vec<_>>(),
            ["PGHOST", "PGPORT"]
        );
        assert!(environment.cache_dir().unwrap().starts_with("/h"));
        assert_eq!(
            format!("{:?}", Environment::new([("A", "secret")])),
            r#"{"A"}"#
        );
    }

    #[cfg(unix)]
    #[test]
    fn not_unicode() {
        use std::os::unix::ffi::OsStringExt;
        let environment = Environment::new([("A", OsString::from_vec(vec![0xff]))]);
        assert_eq!(
            environment.text("A").unwrap_err().code(),
            "variable-not-unicode"
        );
    }
}
