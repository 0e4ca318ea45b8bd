//! Values that remember where they came from.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// Where a setting's value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// An option of the command line, `--url` say.
    Flag {
        /// The option as typed.
        flag: &'static str,
    },
    /// An environment variable of ours.
    Environment {
        /// Its name.
        variable: &'static str,
    },
    /// A line of the configuration file.
    File {
        /// The file, as it is shown.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The environment variables whose values went into it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        variables: Vec<String>,
    },
    /// Nothing was said.
    Default,
}

impl Origin {
    /// The flag or variable that carried the value.
    pub(super) fn carrier(&self) -> Option<&'static str> {
        match self {
            Self::Flag { flag: name } | Self::Environment { variable: name } => Some(name),
            Self::File { .. } | Self::Default => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag { flag } => f.write_str(flag),
            Self::Environment { variable } => f.write_str(variable),
            Self::File {
                path,
                line,
                variables,
            } => {
                write!(f, "{}:{line}", path.display())?;
                if !variables.is_empty() {
                    write!(f, " ({})", variables.join(", "))?;
                }
                Ok(())
            }
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value from somewhere.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value that nothing was said about.
    pub fn default_of(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// Another value of the same origin.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Setting<U> {
        Setting::new(f(self.value), self.origin)
    }
}
