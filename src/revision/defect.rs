//! What can be wrong with a header.

use crate::sql::Span;

use super::{Key, NameDefect, TimeoutDefect};

/// One thing that is wrong with a header, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDefect {
    /// The key or value that it is about; empty at the file's start where something is absent.
    pub span: Span,
    /// What is wrong.
    pub kind: HeaderDefectKind,
}

/// What can be wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderDefectKind {
    /// The up script does not say which revision it is.
    #[error("the header has no `revision`")]
    NoRevision,
    /// A line that looks like `-- key: value`, with a key that is none.
    #[error("the header has no key `{key}`")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The key that was probably meant.
        nearest: Option<Key>,
    },
    /// A key that stands twice.
    #[error("`{key}` stands twice in the header")]
    DuplicateKey {
        /// The key.
        key: Key,
        /// Where it stood first.
        first: Span,
    },
    /// A key that this kind of script cannot carry: it belongs in the up script.
    #[error("`{key}` belongs in the header of the up script")]
    MisplacedKey {
        /// The key.
        key: Key,
    },
    /// A key without a value, or an empty entry in a list.
    #[error("`{key}` has an empty value")]
    Empty {
        /// The key.
        key: Key,
    },
    /// A value that is no id or label.
    #[error("`{text}` cannot stand in `{key}`: {defect}")]
    Name {
        /// The key.
        key: Key,
        /// The value as written.
        text: String,
        /// Why it is none.
        defect: NameDefect,
    },
    /// `base` beside parents: a root has none.
    #[error("`base` cannot stand beside parents")]
    BaseWithParents,
    /// One list names the same thing twice.
    #[error("`{text}` stands twice in `{key}`")]
    Repeated {
        /// The key.
        key: Key,
        /// The entry.
        text: String,
    },
    /// `created` is no RFC 3339 instant.
    #[error("`{text}` is not an instant")]
    Instant {
        /// The value as written.
        text: String,
    },
    /// `transaction` is neither `on` nor `off`.
    #[error("`{text}` is neither `on` nor `off`")]
    Transaction {
        /// The value as written.
        text: String,
    },
    /// A timeout that is none.
    #[error("`{text}` cannot stand in `{key}`: {defect}")]
    Timeout {
        /// The key.
        key: Key,
        /// The value as written.
        text: String,
        /// Why it is none.
        defect: TimeoutDefect,
    },
}

impl HeaderDefectKind {
    /// The kebab-case code of this kind of defect.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRevision => "header-no-revision",
            Self::UnknownKey { .. } => "header-unknown-key",
            Self::DuplicateKey { .. } => "header-duplicate-key",
            Self::MisplacedKey { .. } => "header-misplaced-key",
            Self::Empty { .. }
            | Self::Name { .. }
            | Self::BaseWithParents
            | Self::Repeated { .. }
            | Self::Instant { .. }
            | Self::Transaction { .. }
            | Self::Timeout { .. } => "header-broken-value",
        }
    }
}
