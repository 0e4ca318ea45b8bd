//! The header of a revision: what the leading comment lines of its up script say.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Label, RevisionId, Timeout};

/// A key of the header, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `revision`: the id.
    Revision,
    /// `revises`: the parents.
    Revises,
    /// `depends-on`: what must be applied first without being a parent.
    DependsOn,
    /// `label`: branch labels.
    Label,
    /// `created`: when the file was made.
    Created,
    /// `message`: what it is about.
    Message,
    /// `transaction`: whether the script runs in one.
    Transaction,
    /// `lock-timeout`: the run's setting, for this script.
    LockTimeout,
    /// `statement-timeout`: the run's setting, for this script.
    StatementTimeout,
    /// `irreversible`: why there is no way back.
    Irreversible,
}

impl Key {
    /// Every key, in the order in which they are written.
    pub const ALL: [Self; 10] = [
        Self::Revision,
        Self::Revises,
        Self::DependsOn,
        Self::Label,
        Self::Created,
        Self::Message,
        Self::Transaction,
        Self::LockTimeout,
        Self::StatementTimeout,
        Self::Irreversible,
    ];

    /// The key as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revision => "revision",
            Self::Revises => "revises",
            Self::DependsOn => "depends-on",
            Self::Label => "label",
            Self::Created => "created",
            Self::Message => "message",
            Self::Transaction => "transaction",
            Self::LockTimeout => "lock-timeout",
            Self::StatementTimeout => "statement-timeout",
            Self::Irreversible => "irreversible",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a script runs in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionMode {
    /// In one, with its version row and history row.
    #[default]
    On,
    /// Outside, statement by statement (`-- transaction: off`).
    Off,
}

impl fmt::Display for TransactionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::On => "on",
            Self::Off => "off",
        })
    }
}

/// How one script runs, where it departs from the run's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ScriptSettings {
    /// Whether it runs in a transaction.
    pub transaction: TransactionMode,
    /// How long a statement of it may wait for a lock; absent: the run's setting.
    pub lock_timeout: Option<Timeout>,
    /// How long a statement of it may take; absent: the run's setting.
    pub statement_timeout: Option<Timeout>,
}

impl ScriptSettings {
    /// The settings that depart from the defaults, as key and canonical value, in key order: what
    /// counts in the script's checksum.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        let mut entries = Vec::new();
        if self.transaction == TransactionMode::Off {
            entries.push((Key::Transaction.as_str(), self.transaction.to_string()));
        }
        for (key, timeout) in [
            (Key::LockTimeout, self.lock_timeout),
            (Key::StatementTimeout, self.statement_timeout),
        ] {
            if let Some(timeout) = timeout {
                entries.push((key.as_str(), timeout.to_string()));
            }
        }
        entries
    }
}

/// What a revision's header says.
///
/// `Display` writes it as comment lines, each ended by a line feed; they parse back to the same
/// header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The revision's id.
    pub revision: RevisionId,
    /// Its parents, in the order written; none for a root.
    pub revises: Vec<RevisionId>,
    /// Ids or labels that must be applied first without being parents.
    pub depends_on: Vec<String>,
    /// Its own branch labels.
    pub labels: Vec<Label>,
    /// When the file was made.
    pub created: Option<DateTime<Utc>>,
    /// What it is about: one line, no space at its ends.
    pub message: Option<String>,
    /// How the up script runs.
    pub settings: ScriptSettings,
    /// Why there is no way back, where there is none.
    pub irreversible: Option<String>,
}

impl Header {
    /// The header of a root that says nothing but its id.
    #[must_use]
    pub fn new(revision: RevisionId) -> Self {
        Self {
            revision,
            revises: Vec::new(),
            depends_on: Vec::new(),
            labels: Vec::new(),
            created: None,
            message: None,
            settings: ScriptSettings::default(),
            irreversible: None,
        }
    }

    fn value(&self, key: Key) -> Option<String> {
        let list = |items: Vec<&str>| (!items.is_empty()).then(|| items.join(", "));
        match key {
            Key::Revision => Some(self.revision.to_string()),
            Key::Revises => list(self.revises.iter().map(RevisionId::as_str).collect())
                .or_else(|| Some("base".to_owned())),
            Key::DependsOn => list(self.depends_on.iter().map(String::as_str).collect()),
            Key::Label => list(self.labels.iter().map(Label::as_str).collect()),
            Key::Created => self
                .created
                .map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Key::Message => self.message.clone(),
            Key::Transaction => {
                (self.settings.transaction == TransactionMode::Off).then(|| "off".to_owned())
            }
            Key::LockTimeout => self.settings.lock_timeout.map(|t| t.to_string()),
            Key::StatementTimeout => self.settings.statement_timeout.map(|t| t.to_string()),
            Key::Irreversible => self.irreversible.clone(),
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in Key::ALL {
            if let Some(value) = self.value(key) {
                writeln!(f, "-- {key}: {value}")?;
            }
        }
        Ok(())
    }
}
