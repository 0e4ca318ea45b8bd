//! Why a text cannot be split into statements.

use std::path::Path;

use super::{Opening, Span, Token};
use crate::diagnostic::{Diagnostic, Place};

/// Something that is opened and never closed, or a COPY block that is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlDefect {
    /// A literal in single quotes without its closing quote.
    #[error("a literal is not closed")]
    UnterminatedLiteral {
        /// What opens it.
        span: Span,
    },
    /// A dollar-quoted literal without its closing tag.
    #[error("a literal opened with `{tag}` is not closed")]
    UnterminatedDollar {
        /// The tag that would close it.
        tag: String,
        /// What opens it.
        span: Span,
    },
    /// A name in double quotes without its closing quote.
    #[error("a quoted name is not closed")]
    UnterminatedName {
        /// What opens it.
        span: Span,
    },
    /// A block comment without its end.
    #[error("a comment is not closed")]
    UnterminatedComment {
        /// What opens it.
        span: Span,
    },
    /// The data of a `COPY … FROM stdin` without a line of `\.` alone.
    #[error("the data of `COPY … FROM stdin` does not end with a line of `\\.` alone")]
    UnterminatedCopyData {
        /// The COPY statement.
        span: Span,
    },
    /// Text behind the `;` of a `COPY … FROM stdin`, where a line of data should begin.
    #[error("text follows `COPY … FROM stdin;` on its line")]
    TextAfterCopy {
        /// That text.
        span: Span,
    },
    /// A parenthesis that stays open to the end of the text.
    #[error("a parenthesis is not closed")]
    UnclosedParenthesis {
        /// The parenthesis.
        span: Span,
    },
    /// A `BEGIN ATOMIC` body without its END.
    #[error("a `BEGIN ATOMIC` body has no `END`")]
    UnclosedBody {
        /// The word ATOMIC.
        span: Span,
    },
}

impl SqlDefect {
    pub(super) fn unterminated(opening: Opening, token: Token, text: &str) -> Self {
        let rest = token.text(text);
        // What opens it is all that is shown: the rest of the text is not the place of the defect.
        let delimiter = match opening {
            Opening::Literal => rest.find('\'').unwrap_or_default() + 1,
            Opening::Name => rest.find('"').unwrap_or_default() + 1,
            Opening::Comment => "/*".len(),
            Opening::Dollar => rest[1..].find('$').unwrap_or_default() + 2,
            Opening::CopyData => rest.find('\n').unwrap_or(rest.len()),
        };
        let span = Span::new(token.span.start, token.span.start + delimiter);
        match opening {
            Opening::Literal => Self::UnterminatedLiteral { span },
            Opening::Name => Self::UnterminatedName { span },
            Opening::Comment => Self::UnterminatedComment { span },
            Opening::Dollar => Self::UnterminatedDollar {
                tag: span.text(text).to_owned(),
                span,
            },
            Opening::CopyData => Self::UnterminatedCopyData { span },
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnterminatedLiteral { .. } | Self::UnterminatedDollar { .. } => {
                "unterminated-literal"
            }
            Self::UnterminatedName { .. } => "unterminated-name",
            Self::UnterminatedComment { .. } => "unterminated-comment",
            Self::UnterminatedCopyData { .. } => "unterminated-copy-data",
            Self::TextAfterCopy { .. } => "text-after-copy",
            Self::UnclosedParenthesis { .. } => "unclosed-parenthesis",
            Self::UnclosedBody { .. } => "unclosed-body",
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::UnterminatedLiteral { span }
            | Self::UnterminatedDollar { span, .. }
            | Self::UnterminatedName { span }
            | Self::UnterminatedComment { span }
            | Self::UnterminatedCopyData { span }
            | Self::TextAfterCopy { span }
            | Self::UnclosedParenthesis { span }
            | Self::UnclosedBody { span } => *span,
        }
    }

    /// The finding, in `text`, the content of the file at `path`.
    #[must_use]
    pub fn to_diagnostic(&self, path: &Path, text: &str) -> Diagnostic {
        let help = match self {
            Self::UnterminatedLiteral { .. } => {
                "close it with `'`; a quote within it is written twice"
            }
            Self::UnterminatedDollar { tag, .. } => &format!("close it with `{tag}`"),
            Self::UnterminatedName { .. } => {
                "close it with `\"`; a quote within it is written twice"
            }
            Self::UnterminatedComment { .. } => {
                "close it with `*/`; comments nest, so that each `/*` needs one of its own"
            }
            Self::UnterminatedCopyData { .. } => "end the data with a line of `\\.` alone",
            Self::TextAfterCopy { .. } => "begin the data on the next line",
            Self::UnclosedParenthesis { .. } => "close it with `)`",
            Self::UnclosedBody { .. } => "end the body with `END;`",
        };
        Diagnostic::error(self.code(), self.to_string())
            .at(Place::in_text(path, text, self.span()))
            .help(help)
    }
}
