use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::paths;

/// `config`: what is in force, and where each value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigReport {
    /// The configuration file; `null` where there is none.
    #[serde(serialize_with = "paths::maybe")]
    pub file: Option<PathBuf>,
    /// The destination that was chosen (`-n`).
    pub destination: Option<String>,
    /// Every setting, in the order of the documentation.
    pub settings: Vec<ConfigEntry>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigEntry {
    /// Its key, dotted: `run.lock-timeout`.
    pub key: String,
    /// Its value, secrets left out.
    pub value: Value,
    /// Where the value came from.
    pub origin: OriginView,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum OriginView {
    /// An option on the command line.
    Flag {
        /// As it is typed: `--lock-timeout`.
        name: String,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// The configuration file.
    File {
        /// The file.
        #[serde(serialize_with = "paths::one")]
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The environment variables whose values went into it, each once.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        variables: Vec<String>,
    },
    /// Nobody said otherwise.
    Default,
}
