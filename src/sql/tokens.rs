//! The tokens of a script: the lexer, and what has to be known of statements to read on.

use std::iter::FusedIterator;

use super::lexer::Lexer;
use super::{Opening, Span, Token, TokenKind};

/// Reads the tokens of `text`. Their spans, put together, are the text.
///
/// Never fails: what is opened and not closed comes as [`TokenKind::Unterminated`].
#[must_use]
pub fn tokenize(text: &str) -> Tokens<'_> {
    Tokens {
        lexer: Lexer::new(text),
        copy: Copy::No,
        statement: Tracker::default(),
    }
}

/// The tokens of a text, see [`tokenize`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    lexer: Lexer<'a>,
    copy: Copy,
    statement: Tracker,
}

/// Where we are in the block of a `COPY … FROM stdin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copy {
    /// In none.
    No,
    /// Behind its `;`, on the same line.
    RestOfLine,
    /// Where its data begins.
    Data,
    /// At its `\.`.
    End,
}

/// What a statement has been so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    /// `CREATE [OR REPLACE] {FUNCTION | PROCEDURE}`
    Routine,
    Copy,
    Other,
}

/// The last significant token, as far as it matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    Begin,
    Atomic,
    From,
    Semicolon,
    #[default]
    Other,
}

/// What has to be known of a statement to tell whether a `;` ends it and whether data follows.
#[derive(Debug, Clone, Default)]
struct Tracker {
    head: Head,
    last: Last,
    /// Open parentheses, and the outermost one.
    depth: usize,
    parenthesis: Option<Span>,
    /// Open `BEGIN ATOMIC` bodies, and the outermost one's `ATOMIC`.
    bodies: usize,
    body: Option<Span>,
    /// A `COPY … FROM stdin`.
    copies_in: bool,
}

impl Tracker {
    /// Takes in a significant token that is no `;`.
    fn see(&mut self, token: Token, text: &str) {
        let is = |word: &str| token.is_word(text, word);
        self.head = match self.head {
            Head::Start if is("create") => Head::Create,
            Head::Start if is("copy") => Head::Copy,
            Head::Create if is("or") => Head::CreateOr,
            Head::CreateOr if is("replace") => Head::CreateOrReplace,
            Head::Create | Head::CreateOrReplace if is("function") || is("procedure") => {
                Head::Routine
            }
            Head::Routine => Head::Routine,
            Head::Copy => Head::Copy,
            _ => Head::Other,
        };
        let last = std::mem::take(&mut self.last);
        match token.kind {
            TokenKind::OpenParenthesis => {
                self.depth += 1;
                self.parenthesis.get_or_insert(token.span);
            }
            TokenKind::CloseParenthesis => {
                self.depth = self.depth.saturating_sub(1);
                self.parenthesis = self.parenthesis.filter(|_| self.depth > 0);
            }
            TokenKind::Word if self.depth == 0 && self.head == Head::Routine => {
                if is("begin") {
                    self.last = Last::Begin;
                } else if last == Last::Begin && is("atomic") {
                    self.last = Last::Atomic;
                    self.bodies += 1;
                    self.body.get_or_insert(token.span);
                } else if matches!(last, Last::Atomic | Last::Semicolon) && is("end") {
                    // The END of a CASE never follows a `;`.
                    self.bodies = self.bodies.saturating_sub(1);
                    self.body = self.body.filter(|_| self.bodies > 0);
                }
            }
            TokenKind::Word if self.depth == 0 && self.head == Head::Copy => {
                if is("from") {
                    self.last = Last::From;
                } else if last == Last::From && (is("stdin") || is("stdout")) {
                    // The grammar takes either word; FROM decides.
                    self.copies_in = true;
                }
            }
            _ => {}
        }
    }
}

impl Tokens<'_> {
    /// The outermost parenthesis of the statement being read that is still open.
    #[must_use]
    pub fn open_parenthesis(&self) -> Option<Span> {
        self.statement.parenthesis
    }

    /// The `ATOMIC` of a routine's body that is still open in the statement being read.
    #[must_use]
    pub fn open_body(&self) -> Option<Span> {
        self.statement.body
    }

    /// Whether the data of a `COPY … FROM stdin` is awaited or has not ended.
    #[must_use]
    pub fn awaits_copy_end(&self) -> bool {
        self.copy != Copy::No
    }

    fn read_copy(&mut self) -> Option<Token> {
        let text = self.lexer.text;
        let start = self.lexer.at;
        let rest = &text[start..];
        if rest.is_empty() {
            return None;
        }
        if self.copy == Copy::RestOfLine {
            let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
            let spoken = line.trim_ascii();
            let blank = line.len() - line.trim_ascii_start().len();
            return Some(if spoken.is_empty() {
                self.copy = Copy::Data;
                let end = (start + line.len() + 1).min(text.len());
                self.lexer.take(TokenKind::Whitespace, end)
            } else if blank > 0 {
                self.lexer.take(TokenKind::Whitespace, start + blank)
            } else if spoken.starts_with("--") {
                let end = self.lexer.line_end(start);
                self.lexer.take(TokenKind::LineComment, end)
            } else {
                self.lexer.take(TokenKind::AfterCopy, start + spoken.len())
            });
        }
        if self.copy == Copy::Data {
            let mut length = 0;
            let end = loop {
                let line = rest[length..].split_inclusive('\n').next();
                match line {
                    Some("\\." | "\\.\n" | "\\.\r\n") => break Some(length),
                    Some(line) => length += line.len(),
                    None => break None,
                }
            };
            match end {
                Some(0) => {}
                Some(length) => {
                    self.copy = Copy::End;
                    return Some(self.lexer.take(TokenKind::CopyData, start + length));
                }
                None => {
                    let kind = TokenKind::Unterminated(Opening::CopyData);
                    return Some(self.lexer.take(kind, text.len()));
                }
            }
        }
        self.copy = Copy::No;
        Some(self.lexer.take(TokenKind::CopyEnd, start + "\\.".len()))
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.copy != Copy::No {
            return self.read_copy();
        }
        let text = self.lexer.text;
        let mut token = self.lexer.read()?;
        match token.kind {
            TokenKind::Semicolon if self.statement.depth == 0 && self.statement.bodies == 0 => {
                token.kind = TokenKind::Terminator;
                if std::mem::take(&mut self.statement).copies_in {
                    self.copy = Copy::RestOfLine;
                }
            }
            TokenKind::Semicolon => self.statement.last = Last::Semicolon,
            TokenKind::MetaCommand
                if self.statement.head == Head::Start && is_restriction(token.text(text)) =>
            {
                token.kind = TokenKind::Restriction;
            }
            // It belongs to psql, not to the statement that it stands in.
            TokenKind::MetaCommand => {}
            kind if kind.is_significant() => self.statement.see(token, text),
            _ => {}
        }
        Some(token)
    }
}

impl FusedIterator for Tokens<'_> {}

fn is_restriction(command: &str) -> bool {
    let name = command.split_ascii_whitespace().next();
    matches!(name, Some("\\restrict" | "\\unrestrict"))
}
