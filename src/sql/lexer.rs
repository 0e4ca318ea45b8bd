//! The lexing rules of PostgreSQL, token by token, without any knowledge of statements.
//!
//! They are those of the server's `scan.l` and psql's `psqlscan.l`: the longest match wins, and
//! every byte above 0x7F is a letter.

use super::{Opening, Quoting, Span, Token, TokenKind};

/// Reads one token after another.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    /// The next byte to read.
    pub(super) at: usize,
    /// Where the literal just read goes on, and how it is quoted.
    continues: Option<(usize, Quoting)>,
}

/// White space to the server (vertical tab since 16) and to psql.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&byte)
}

/// Whether an operator with this character may end in `+` or `-`.
fn lets_sign_end(byte: u8) -> bool {
    b"~!@#^&|`?%".contains(&byte)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            continues: None,
        }
    }

    fn byte(&self, index: usize) -> Option<u8> {
        self.text.as_bytes().get(index).copied()
    }

    /// The first place at or after `from` whose byte is not `wanted`.
    fn skip(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.text.as_bytes()[from..]
            .iter()
            .position(|&byte| !wanted(byte))
            .map_or(self.text.len(), |length| from + length)
    }

    /// The end of the line that `from` is on, before its line end.
    pub(super) fn line_end(&self, from: usize) -> usize {
        self.skip(from, |byte| byte != b'\n' && byte != b'\r')
    }

    /// The token from where the lexer stands up to `end`; the lexer moves there.
    pub(super) fn take(&mut self, kind: TokenKind, end: usize) -> Token {
        let span = Span::new(self.at, end);
        self.at = end;
        Token { kind, span }
    }

    /// The next token, `None` at the end of the text.
    pub(super) fn read(&mut self) -> Option<Token> {
        let start = self.at;
        let first = self.byte(start)?;
        let next = self.byte(start + 1);
        if start == 0 && self.text.starts_with('\u{feff}') {
            return Some(self.take(TokenKind::ByteOrderMark, '\u{feff}'.len_utf8()));
        }
        if let Some((_, quoting)) = self.continues.take_if(|(at, _)| *at == start) {
            return Some(self.read_literal(TokenKind::Continuation(quoting), quoting, start + 1));
        }
        let token = match (first, next) {
            (byte, _) if is_space(byte) => {
                self.take(TokenKind::Whitespace, self.skip(start, is_space))
            }
            (b'-', Some(b'-')) => self.take(TokenKind::LineComment, self.line_end(start)),
            (b'/', Some(b'*')) => self.read_block_comment(),
            (b'\'', _) => self.read_prefixed(Quoting::Plain, 0),
            (b'e' | b'E', Some(b'\'')) => self.read_prefixed(Quoting::Escape, 1),
            (b'b' | b'B', Some(b'\'')) => self.read_prefixed(Quoting::Bits, 1),
            (b'x' | b'X', Some(b'\'')) => self.read_prefixed(Quoting::Hex, 1),
            (b'u' | b'U', Some(b'&')) if self.byte(start + 2) == Some(b'\'') => {
                self.read_prefixed(Quoting::Unicode, 2)
            }
            (b'u' | b'U', Some(b'&')) if self.byte(start + 2) == Some(b'"') => {
                self.read_quoted_name(start + 3)
            }
            (b'"', _) => self.read_quoted_name(start + 1),
            (b'$', _) => self.read_dollar(),
            (byte, _) if is_word_start(byte) => {
                self.take(TokenKind::Word, self.skip(start, is_word_part))
            }
            (byte, _) if byte.is_ascii_digit() => self.take(TokenKind::Number, self.number_end()),
            (b'.', Some(byte)) if byte.is_ascii_digit() => {
                self.take(TokenKind::Number, self.number_end())
            }
            (b'\\', _) => self.take(TokenKind::MetaCommand, self.line_end(start)),
            (b'(', _) => self.take(TokenKind::OpenParenthesis, start + 1),
            (b')', _) => self.take(TokenKind::CloseParenthesis, start + 1),
            (b';', _) => self.take(TokenKind::Semicolon, start + 1),
            (b':', Some(b':' | b'=')) | (b'.', Some(b'.')) => {
                self.take(TokenKind::Operator, start + 2)
            }
            (b',' | b'[' | b']' | b'.' | b':', _) => self.take(TokenKind::Operator, start + 1),
            (byte, _) if is_operator(byte) => self.take(TokenKind::Operator, self.operator_end()),
            _ => self.take(TokenKind::Unknown, start + 1),
        };
        Some(token)
    }

    /// What was opened here takes the rest of the text.
    fn read_unterminated(&mut self, opening: Opening) -> Token {
        self.take(TokenKind::Unterminated(opening), self.text.len())
    }

    fn read_block_comment(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        let mut depth = 1_usize;
        let mut at = self.at + 2;
        while depth > 0 {
            at = self.skip(at, |byte| byte != b'*' && byte != b'/');
            match bytes.get(at..at + 2) {
                Some(b"/*") => {
                    depth += 1;
                    at += 2;
                }
                Some(b"*/") => {
                    depth -= 1;
                    at += 2;
                }
                Some(_) => at += 1,
                None => return self.read_unterminated(Opening::Comment),
            }
        }
        self.take(TokenKind::BlockComment, at)
    }

    /// A literal whose quote stands `prefix` bytes on.
    fn read_prefixed(&mut self, quoting: Quoting, prefix: usize) -> Token {
        let body = self.at + prefix + 1;
        self.read_literal(TokenKind::Literal(quoting), quoting, body)
    }

    fn read_literal(&mut self, kind: TokenKind, quoting: Quoting, body: usize) -> Token {
        let escapes = quoting == Quoting::Escape;
        let mut at = body;
        loop {
            at = match escapes {
                true => self.skip(at, |byte| byte != b'\'' && byte != b'\\'),
                false => self.find('\'', at),
            };
            match (self.byte(at), self.byte(at + 1)) {
                (None, _) | (Some(b'\\'), None) => {
                    return self.read_unterminated(Opening::Literal);
                }
                (Some(b'\\'), Some(_)) | (Some(_), Some(b'\'')) => at += 2,
                (Some(_), _) => break,
            }
        }
        let token = self.take(kind, at + 1);
        self.continues = self.continuation(at + 1).map(|next| (next, quoting));
        token
    }

    /// Where a literal that ended before `from` goes on: at a quote behind white space that has a
    /// line end in it. Line comments count as white space there, block comments do not.
    fn continuation(&self, from: usize) -> Option<usize> {
        let mut at = from;
        let mut line_end = false;
        loop {
            let space = self.skip(at, is_space);
            line_end |= self.text.as_bytes()[at..space]
                .iter()
                .any(|byte| matches!(byte, b'\n' | b'\r'));
            at = space;
            match (self.byte(at), self.byte(at + 1)) {
                (Some(b'-'), Some(b'-')) => at = self.line_end(at),
                (Some(b'\''), _) if line_end => return Some(at),
                _ => return None,
            }
        }
    }

    /// The place of `wanted` at or after `from`, or the end of the text.
    fn find(&self, wanted: char, from: usize) -> usize {
        self.text[from..]
            .find(wanted)
            .map_or(self.text.len(), |length| from + length)
    }

    fn read_quoted_name(&mut self, body: usize) -> Token {
        let mut at = self.find('"', body);
        while self.byte(at + 1) == Some(b'"') {
            at = self.find('"', at + 2);
        }
        match self.byte(at) {
            Some(_) => self.take(TokenKind::QuotedName, at + 1),
            None => self.read_unterminated(Opening::Name),
        }
    }

    /// `$1`, `$tag$…$tag$`, or a `$` that is neither.
    fn read_dollar(&mut self) -> Token {
        let digits = self.skip(self.at + 1, |byte| byte.is_ascii_digit());
        if digits > self.at + 1 {
            return self.take(TokenKind::Parameter, self.junk_end(digits));
        }
        let tag_end = self.skip(self.at + 1, |byte| byte != b'$' && is_word_part(byte));
        if self.byte(tag_end) != Some(b'$') {
            return self.take(TokenKind::Unknown, self.at + 1);
        }
        let body = tag_end + 1;
        let delimiter = &self.text[self.at..body];
        match self.text[body..].find(delimiter) {
            Some(length) => {
                let end = body + length + delimiter.len();
                self.take(TokenKind::Literal(Quoting::Dollar), end)
            }
            None => self.read_unterminated(Opening::Dollar),
        }
    }

    /// The end of a run of digits from `from` on, `_` allowed between two.
    fn digits_end(&self, from: usize) -> usize {
        let is_digit = |at: usize| self.byte(at).is_some_and(|byte| byte.is_ascii_digit());
        let mut at = from;
        loop {
            if is_digit(at) {
                at += 1;
            } else if at > from && self.byte(at) == Some(b'_') && is_digit(at + 1) {
                at += 2;
            } else {
                return at;
            }
        }
    }

    /// The end of a number, and of the letters that stick to it: to the server (since 15) `1a` is
    /// one broken token. With those, the longest match is at hand without looking at `0x` and its
    /// like.
    fn number_end(&self) -> usize {
        let mut end = self.digits_end(self.at);
        let mut longest = self.junk_end(end);
        // `1..2` is a number, `..` and a number.
        if self.byte(end) == Some(b'.') && self.byte(end + 1) != Some(b'.') {
            end = self.digits_end(end + 1);
            longest = longest.max(self.junk_end(end));
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            let exponent = self.digits_end(end + 1 + sign);
            if exponent > end + 1 + sign {
                longest = longest.max(self.junk_end(exponent));
            }
        }
        longest
    }

    /// The end of the word that begins at `at`, or `at` where none does.
    fn junk_end(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(byte) if is_word_start(byte) => self.skip(at, is_word_part),
            _ => at,
        }
    }

    /// An operator ends before a comment, and gives up `+` and `-` at its end unless it holds a
    /// character that no operator of the SQL standard has: `=-` is two operators, `?-` is one.
    fn operator_end(&self) -> usize {
        let end = self.skip(self.at, is_operator);
        let mut run = &self.text.as_bytes()[self.at..end];
        if let Some(comment) = run
            .windows(2)
            .position(|pair| pair == b"--" || pair == b"/*")
        {
            run = &run[..comment];
        }
        if !run.iter().any(|&byte| lets_sign_end(byte)) {
            while let [rest @ .., b'+' | b'-'] = run
                && !rest.is_empty()
            {
                run = rest;
            }
        }
        self.at + run.len()
    }
}
