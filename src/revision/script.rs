//! One script: its text, how it runs, its checksum.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::checksum::Checksum;

use super::ScriptSettings;

/// One script of a revision, read.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its file, as it is shown: relative to the project where it lies within it.
    pub path: PathBuf,
    /// Its text, without a byte order mark.
    pub text: Arc<str>,
    /// How it runs, where that departs from the run's settings.
    pub settings: ScriptSettings,
    checksum: OnceLock<Checksum>,
}

impl Script {
    /// A script of this text.
    pub fn new(
        path: impl AsRef<Path>,
        text: impl Into<Arc<str>>,
        settings: ScriptSettings,
    ) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            text: text.into(),
            settings,
            checksum: OnceLock::new(),
        }
    }

    /// A script that ran with this checksum, of which the text may not have been kept.
    pub fn recorded(path: impl AsRef<Path>, text: impl Into<Arc<str>>, checksum: Checksum) -> Self {
        Self {
            checksum: OnceLock::from(checksum),
            ..Self::new(path, text, ScriptSettings::default())
        }
    }

    /// The checksum of its tokens and of the settings that change how it runs; computed once.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        *self.checksum.get_or_init(|| {
            let entries = self.settings.entries();
            let settings: Vec<(&str, &str)> = entries
                .iter()
                .map(|(key, value)| (*key, value.as_str()))
                .collect();
            Checksum::of_script(&self.text, &settings)
        })
    }
}
