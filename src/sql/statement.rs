//! The statements of a script.

use std::borrow::Cow;

use super::{Opening, Position, Span, SqlDefect, Token, TokenKind, tokenize};

/// One statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Statement {
    /// From its first significant token to its last, without the `;`.
    pub span: Span,
    /// The line of the script that it begins on, counted from 1.
    pub line: u32,
    /// The data lines of a `COPY … FROM stdin`, with their line ends and without the `\.`;
    /// empty where it has none. `None` for any other statement.
    pub copy_data: Option<Span>,
}

impl Statement {
    /// The statement's text in `script`, the text that it was split from.
    #[must_use]
    pub fn text(self, script: &str) -> &str {
        self.span.text(script)
    }

    /// Where it begins in `script`, the text that it was split from.
    #[must_use]
    pub fn position(self, script: &str) -> Position {
        let before = &script[..self.span.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() + 1;
        Position {
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Its first unquoted words in upper case, up to `count` and up to the first token that is
    /// none: `["CREATE", "TABLE", "IF", "NOT", "EXISTS"]`.
    #[must_use]
    pub fn words(self, script: &str, count: usize) -> Vec<String> {
        let text = self.text(script);
        tokenize(text)
            .filter(|token| token.kind.is_significant())
            .take_while(|token| token.kind == TokenKind::Word)
            .take(count)
            .map(|token| token.text(text).to_ascii_uppercase())
            .collect()
    }
}

/// The statements of `text`, in order. Empty ones (a `;` behind another) do not count.
///
/// A `;` within parentheses (as in `CREATE RULE … DO (a; b)`) or in a `BEGIN ATOMIC` body ends
/// nothing. Meta-commands of psql are passed over: see [`super::refusals`].
///
/// # Errors
/// The first thing that is opened and never closed, or text where the data of a COPY should begin.
pub fn split(text: &str) -> Result<Vec<Statement>, SqlDefect> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut open: Option<Span> = None;
    let mut lines = Lines {
        text,
        line: 1,
        at: 0,
    };
    let mut tokens = tokenize(text);
    for token in tokens.by_ref() {
        match token.kind {
            TokenKind::Terminator => {
                statements.extend(open.take().map(|span| lines.statement(span)));
            }
            TokenKind::CopyData | TokenKind::CopyEnd => {
                if let Some(copy) = statements.last_mut() {
                    copy.copy_data.get_or_insert(match token.kind {
                        TokenKind::CopyData => token.span,
                        _ => Span::new(token.span.start, token.span.start),
                    });
                }
            }
            TokenKind::AfterCopy => return Err(SqlDefect::TextAfterCopy { span: token.span }),
            TokenKind::Unterminated(Opening::CopyData) => break,
            TokenKind::Unterminated(opening) => {
                return Err(SqlDefect::unterminated(opening, token, text));
            }
            TokenKind::MetaCommand if open.is_none() => {}
            kind if kind.is_significant() => {
                let start = open.map_or(token.span.start, |span| span.start);
                open = Some(Span::new(start, token.span.end));
            }
            _ => {}
        }
    }
    if tokens.awaits_copy_end() {
        let span = statements.last().map_or(Span::new(0, 0), |copy| copy.span);
        return Err(SqlDefect::UnterminatedCopyData { span });
    }
    if let Some(span) = tokens.open_parenthesis() {
        return Err(SqlDefect::UnclosedParenthesis { span });
    }
    if let Some(span) = tokens.open_body() {
        return Err(SqlDefect::UnclosedBody { span });
    }
    statements.extend(open.map(|span| lines.statement(span)));
    Ok(statements)
}

/// Counts lines as statements come, each line once.
struct Lines<'a> {
    text: &'a str,
    line: u32,
    at: usize,
}

impl Lines<'_> {
    fn statement(&mut self, span: Span) -> Statement {
        let passed = &self.text.as_bytes()[self.at..span.start];
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.at = span.start;
        Statement {
            span,
            line: self.line,
            copy_data: None,
        }
    }
}

/// `text` as the server is to see it: a byte order mark and `\restrict` lines are blanked out with
/// spaces, so that every byte offset and every line stays what it was.
#[must_use]
pub fn executable(text: &str) -> Cow<'_, str> {
    let concerned = text.starts_with('\u{feff}')
        || text.contains("\\restrict")
        || text.contains("\\unrestrict");
    if !concerned {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for token in tokenize(text) {
        match token.kind {
            TokenKind::ByteOrderMark | TokenKind::Restriction => {
                out.extend(std::iter::repeat_n(' ', token.span.len()));
            }
            _ => out.push_str(token.text(text)),
        }
    }
    Cow::Owned(out)
}

/// The first significant tokens of a statement, for telling what it does.
pub(super) struct Head<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
}

impl<'a> Head<'a> {
    /// How many tokens are kept: more than any clause needs that is looked for.
    pub(super) const LENGTH: usize = 64;

    /// The first tokens of `statement`.
    pub(super) fn of(statement: &'a str) -> Self {
        Self {
            text: statement,
            tokens: tokenize(statement)
                .filter(|token| token.kind.is_significant())
                .take(Self::LENGTH)
                .collect(),
        }
    }

    /// Whether the words stand at token `at`, one after another.
    pub(super) fn has(&self, at: usize, words: &[&str]) -> bool {
        let tokens = self.tokens.get(at..).unwrap_or_default();
        tokens.len() >= words.len()
            && words
                .iter()
                .zip(tokens)
                .all(|(word, token)| token.is_word(self.text, word))
    }

    /// Where the words stand first.
    pub(super) fn find(&self, words: &[&str]) -> Option<usize> {
        (0..self.tokens.len()).find(|&at| self.has(at, words))
    }

    /// The text of token `at`, empty past the end.
    pub(super) fn token_text(&self, at: usize) -> &str {
        self.tokens
            .get(at)
            .map_or("", |token| token.text(self.text))
    }
}
