//! The settings of `[check]`.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::Setting;

/// A part of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckPart {
    /// The revision files are in order, and make a graph.
    Files,
    /// The graph has one head.
    Heads,
    /// Every revision has a down script, or says that there is no way back.
    Down,
    /// Files, version table and history agree.
    History,
    /// Every revision is applied.
    Pending,
    /// The database is what its applied revisions build.
    Drift,
    /// The revisions build the declared schema.
    Schema,
}

impl CheckPart {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 7] = [
        Self::Files,
        Self::Heads,
        Self::Down,
        Self::History,
        Self::Pending,
        Self::Drift,
        Self::Schema,
    ];

    /// Its word in settings, options and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Heads => "heads",
            Self::Down => "down",
            Self::History => "history",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::Schema => "schema",
        }
    }

    /// What is looked at, as a person says it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Files => "the revision files are in order",
            Self::Heads => "the graph has no more heads than it may",
            Self::Down => "every revision has a way back, or says why not",
            Self::History => "files, version table and history agree",
            Self::Pending => "every revision is applied",
            Self::Drift => "the database is what its revisions build",
            Self::Schema => "the revisions build the declared schema",
        }
    }

    /// Whether it is asked of the database of the settings.
    #[must_use]
    pub fn needs_database(self) -> bool {
        matches!(self, Self::History | Self::Pending | Self::Drift)
    }

    /// Reads a word, or says as a clause why it is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|part| part.word() == text);
        found.ok_or_else(|| {
            let words = Self::ALL.map(Self::word);
            format!("`{text}` is none of {}", words.join(", "))
        })
    }
}

impl fmt::Display for CheckPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What the file says of `[check]`; absent keys are `None`.
#[derive(Debug, Default)]
pub(super) struct FileCheck {
    pub(super) skip: Option<Setting<BTreeSet<CheckPart>>>,
    pub(super) allow_several_heads: Option<Setting<bool>>,
}

/// What `check` looks at.
#[derive(Debug, Clone)]
pub struct CheckSettings {
    /// The parts that are left out.
    pub skip: Setting<BTreeSet<CheckPart>>,
    /// Whether the graph may have several heads.
    pub allow_several_heads: Setting<bool>,
}

impl FileCheck {
    /// With the defaults.
    pub(super) fn resolved(self) -> CheckSettings {
        CheckSettings {
            skip: self
                .skip
                .unwrap_or_else(|| Setting::default_of(BTreeSet::new())),
            allow_several_heads: self
                .allow_several_heads
                .unwrap_or_else(|| Setting::default_of(false)),
        }
    }
}
