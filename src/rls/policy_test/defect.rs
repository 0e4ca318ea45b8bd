//! What can be wrong with the comments of a file of policy tests.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Place};
use crate::sql::Span;

/// Why a file of policy tests cannot be run. Found before anything is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestDefect {
    /// A comment whose key is none.
    #[error("there is no key `{key}`")]
    UnknownKey {
        /// The word before the colon.
        key: String,
        /// The key that was probably meant.
        nearest: Option<&'static str>,
        /// The word.
        span: Span,
    },
    /// A comment that begins as an expectation does, without the colon.
    #[error("`{key}` has no colon behind it")]
    NoColon {
        /// The key.
        key: &'static str,
        /// The word.
        span: Span,
    },
    /// A key without a value.
    #[error("`{key}` has no value")]
    NoValue {
        /// The key.
        key: &'static str,
        /// The word.
        span: Span,
    },
    /// A comment that stands within a statement or behind one on its line.
    #[error("`{key}` stands {}, and is about the next statement", if *within { "within a statement" } else { "behind a statement" })]
    Misplaced {
        /// The key.
        key: &'static str,
        /// It is within one.
        within: bool,
        /// The comment.
        span: Span,
    },
    /// `fixtures` behind a statement or a test, or a second one.
    #[error("`fixtures` is said once, before everything else")]
    LateFixtures {
        /// The comment.
        span: Span,
    },
    /// An actor that the file of the actors does not have.
    #[error("there is no actor `{name}`")]
    UnknownActor {
        /// The name.
        name: String,
        /// The one that was probably meant.
        nearest: Option<String>,
        /// The name.
        span: Span,
    },
    /// An actor that is called as the role that migrates is.
    #[error("an actor is called `migrator`, which means the role that migrates")]
    ActorIsMigrator {
        /// The name.
        span: Span,
    },
    /// An expectation that cannot be read.
    #[error("it cannot be expected: {reason}")]
    Expectation {
        /// Why, as a clause.
        reason: String,
        /// What cannot be read.
        span: Span,
    },
    /// `as` or `expect` with nothing behind it.
    #[error("no statement follows `{key}`")]
    NoStatement {
        /// The key.
        key: &'static str,
        /// The comment.
        span: Span,
    },
    /// A second expectation for one statement.
    #[error("a statement has one expectation")]
    SecondExpectation {
        /// The second one.
        span: Span,
        /// The first one.
        first: Span,
    },
    /// An expectation of nobody.
    #[error("nothing says who asks")]
    NobodyAsks {
        /// The expectation.
        span: Span,
    },
    /// A test without an expectation.
    #[error("the test expects nothing")]
    ExpectsNothing {
        /// The comment that names it.
        span: Span,
    },
    /// Two tests of one name.
    #[error("two tests are called `{name}`")]
    NameTwice {
        /// The name.
        name: String,
        /// The second one.
        span: Span,
        /// The first one.
        first: Span,
    },
    /// Rows are expected of COPY, which gives none.
    #[error("`COPY … FROM stdin` gives no rows, and how many it reads is not told")]
    RowsOfCopy {
        /// The expectation.
        span: Span,
    },
}

/// What a statement may be expected to do.
const EXPECTATIONS: &str = "`3 rows`, `no rows`, `some rows`, `rows (a, 1), (b, null)`, `affected 2`, \
                            `ok`, `error 42501` or `error 42501 /part of the message/`";

impl TestDefect {
    /// Its kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey { .. } | Self::NoColon { .. } => "test-unknown-key",
            Self::NoValue { .. } => "test-no-value",
            Self::Misplaced { .. } | Self::LateFixtures { .. } => "test-misplaced-comment",
            Self::UnknownActor { .. } | Self::ActorIsMigrator { .. } => "test-unknown-actor",
            Self::Expectation { .. } | Self::RowsOfCopy { .. } => "test-bad-expectation",
            Self::NoStatement { .. } => "test-no-statement",
            Self::SecondExpectation { .. } => "test-second-expectation",
            Self::NobodyAsks { .. } => "test-nobody-asks",
            Self::ExpectsNothing { .. } => "test-expects-nothing",
            Self::NameTwice { .. } => "test-name-twice",
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::UnknownKey { span, .. }
            | Self::NoColon { span, .. }
            | Self::NoValue { span, .. }
            | Self::Misplaced { span, .. }
            | Self::LateFixtures { span }
            | Self::UnknownActor { span, .. }
            | Self::ActorIsMigrator { span }
            | Self::Expectation { span, .. }
            | Self::NoStatement { span, .. }
            | Self::SecondExpectation { span, .. }
            | Self::NobodyAsks { span }
            | Self::ExpectsNothing { span }
            | Self::NameTwice { span, .. }
            | Self::RowsOfCopy { span } => *span,
        }
    }

    /// The finding, in `text`, the content of the file at `path`.
    #[must_use]
    pub fn to_diagnostic(&self, path: &Path, text: &str) -> Diagnostic {
        let place = |span| Place::in_text(path, text, span);
        let finding = Diagnostic::error(self.code(), self.to_string()).at(place(self.span()));
        match self {
            Self::SecondExpectation { first, .. } | Self::NameTwice { first, .. } => {
                finding.related("first", place(*first))
            }
            _ => finding,
        }
        .help(self.help())
    }

    fn help(&self) -> String {
        match self {
            Self::UnknownKey { nearest, .. } => match nearest {
                Some(key) => format!("did you mean `{key}`?"),
                None => {
                    "the keys are `test`, `as`, `reset`, `expect` and `fixtures`; a comment for \
                     people does not begin with one word and a colon"
                        .to_owned()
                }
            },
            Self::NoColon { key, .. } => format!("write `-- {key}: …`"),
            Self::NoValue { key, .. } => match *key {
                "test" => "write what is tested: `-- test: olga sees her own notes`".to_owned(),
                "as" => "write who asks: `-- as: ACTOR` or `-- as: migrator`".to_owned(),
                "fixtures" => "write the file: `-- fixtures: rows.sql`".to_owned(),
                _ => format!("write what is expected: {EXPECTATIONS}"),
            },
            Self::Misplaced { within: true, .. } => {
                "end the statement above it with `;`, or write the comment in another way"
                    .to_owned()
            }
            Self::Misplaced { .. } => {
                "write it on a line of its own, above the statement that it is about".to_owned()
            }
            Self::LateFixtures { .. } => "write it as the first line of the file".to_owned(),
            Self::UnknownActor { nearest, .. } => match nearest {
                Some(name) => format!("did you mean `{name}`?"),
                None => "the actors are those of the file that `actors` of [rls] names".to_owned(),
            },
            Self::ActorIsMigrator { .. } => "give the actor another name".to_owned(),
            Self::Expectation { .. } => format!("write {EXPECTATIONS}"),
            Self::NoStatement { key, .. } => match *key {
                "as" => {
                    "write the statement below it; each test says for itself who asks".to_owned()
                }
                _ => "write the statement below it".to_owned(),
            },
            Self::SecondExpectation { .. } => {
                "remove one, or write the statement that it is about below the first".to_owned()
            }
            Self::NobodyAsks { .. } => {
                "write `-- as: ACTOR` above it, or `-- as: migrator` where the role that migrates \
                 is meant: it passes by the policies"
                    .to_owned()
            }
            Self::ExpectsNothing { .. } => {
                "write `-- expect: …` above one of its statements, `ok` if it is to succeed"
                    .to_owned()
            }
            Self::NameTwice { .. } => "give one another name".to_owned(),
            Self::RowsOfCopy { .. } => "expect `ok` or `error SQLSTATE`".to_owned(),
        }
    }
}
