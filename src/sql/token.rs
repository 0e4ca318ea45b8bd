//! What a token is.

use std::borrow::Cow;

use super::Span;

/// How a literal is quoted, which decides how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quoting {
    /// `'…'`: only `''` is special.
    Plain,
    /// `E'…'`: a backslash escapes.
    Escape,
    /// `U&'…'`: read like a plain one.
    Unicode,
    /// `B'…'`.
    Bits,
    /// `X'…'`.
    Hex,
    /// `$tag$…$tag$`: nothing is special.
    Dollar,
}

/// What was opened and never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opening {
    /// A literal in single quotes.
    Literal,
    /// A dollar-quoted literal.
    Dollar,
    /// A name in double quotes.
    Name,
    /// A block comment.
    Comment,
    /// The data of a `COPY … FROM stdin`, which ends with a line of `\.` alone.
    CopyData,
}

/// The kinds of token. Every byte of a text belongs to exactly one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// U+FEFF at the very start of the text.
    ByteOrderMark,
    /// Spaces, tabs and line ends.
    Whitespace,
    /// `-- …`, without its line end.
    LineComment,
    /// `/* … */`, nested ones included.
    BlockComment,
    /// A `\restrict` or `\unrestrict` line between statements, as every fresh `pg_dump` file has
    /// them, without its line end. It means something to psql alone.
    Restriction,
    /// An unquoted identifier or a keyword.
    Word,
    /// `"…"` or `U&"…"`.
    QuotedName,
    /// A string literal, with its prefix.
    Literal(Quoting),
    /// A further `'…'` segment of the literal before it: SQL joins literals that only white space
    /// with a line end separates. It is read by the rules of the segment that it continues.
    Continuation(Quoting),
    /// A number: `1`, `1_000`, `0xFF`, `1.5e10`, `.5`.
    Number,
    /// A parameter: `$1`.
    Parameter,
    /// An operator, `::`, `:=`, `..` and single characters such as `.` `,` `[` `:` included.
    Operator,
    /// `(`
    OpenParenthesis,
    /// `)`
    CloseParenthesis,
    /// A `;` within parentheses or in a `BEGIN ATOMIC` body: it ends no statement of the script.
    Semicolon,
    /// A `;` that ends a statement of the script.
    Terminator,
    /// A backslash outside of literals and what follows it on its line: a psql meta-command.
    MetaCommand,
    /// Text behind the `;` of a `COPY … FROM stdin`, on the same line.
    AfterCopy,
    /// The lines of data of a `COPY … FROM stdin`, with their line ends.
    CopyData,
    /// The `\.` that ends them.
    CopyEnd,
    /// Something opened that is not closed before the text ends: the rest of the text.
    Unterminated(Opening),
    /// A character that begins no token of SQL.
    Unknown,
}

impl TokenKind {
    /// Whether the token counts for anything: neither space nor comment.
    #[must_use]
    pub fn is_significant(self) -> bool {
        !matches!(
            self,
            Self::ByteOrderMark
                | Self::Whitespace
                | Self::LineComment
                | Self::BlockComment
                | Self::Restriction
                | Self::Unterminated(Opening::Comment)
        )
    }
}

/// One token: its kind and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The bytes that it covers; never empty.
    pub span: Span,
}

impl Token {
    /// The token's text in `text`, the text that it was read from.
    #[must_use]
    pub fn text(self, text: &str) -> &str {
        self.span.text(text)
    }

    /// Whether it is the unquoted word `word`, in any case.
    #[must_use]
    pub fn is_word(self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(text).eq_ignore_ascii_case(word)
    }

    /// The identifier that it spells: a word folded to lower case as the server does, a quoted
    /// name without its quotes. `None` for any other token, and for `U&"…"`.
    #[must_use]
    pub fn identifier(self, text: &str) -> Option<Cow<'_, str>> {
        let text = self.text(text);
        match self.kind {
            TokenKind::Word if text.bytes().any(|b| b.is_ascii_uppercase()) => {
                Some(Cow::Owned(text.to_ascii_lowercase()))
            }
            TokenKind::Word => Some(Cow::Borrowed(text)),
            TokenKind::QuotedName => {
                let inner = text.strip_prefix('"')?.strip_suffix('"')?;
                Some(if inner.contains('"') {
                    Cow::Owned(inner.replace("\"\"", "\""))
                } else {
                    Cow::Borrowed(inner)
                })
            }
            _ => None,
        }
    }
}
