//! SHA-256 values: the checksum of one script, the digest of a whole history.
//!
//! # What a checksum is taken over
//! A script's significant tokens, so that what changes nothing counts for nothing. These do not
//! count: comments, white space between tokens, a byte order mark, `\restrict` lines (new in every
//! `pg_dump`), and the case of unquoted words, which the server folds. Every byte of a literal, of a
//! dollar-quoted body, of a quoted name, of a number and of COPY data does.
//!
//! Line ends are one matter: a checkout with `core.autocrlf` rewrites *every* line end of a file,
//! those within function bodies and literals too, and a colleague on another system has not edited
//! an applied revision. So `\r\n` counts as `\n` wherever it stands. A lone `\r` stays what it is.
//!
//! # How
//! SHA-256 over, for the settings and then for each token, a byte for the kind, the length (seven
//! bits a byte, least significant first, the eighth bit set on all but the last) and the bytes
//! themselves: no two different sequences are written alike.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::sql::{Opening, Quoting, TokenKind, tokenize};

/// The first four bytes of a text's SHA-256 as a number: the same in every version and on every
/// machine, for keys of advisory locks.
#[must_use]
pub fn stable_hash(text: &str) -> i32 {
    let hash = Sha256::digest(text.as_bytes());
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// The SHA-256 of bytes as they stand.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests;

/// Why a text is no checksum or digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not 64 hexadecimal digits")]
pub struct NotAHash;

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

macro_rules! hash_type {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type([u8; 32]);

        impl $type {
            /// Its first twelve hexadecimal digits, for showing.
            #[must_use]
            pub fn short(&self) -> String {
                let mut text = self.to_string();
                text.truncate(12);
                text
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $type {
            type Err = NotAHash;

            fn from_str(text: &str) -> Result<Self, NotAHash> {
                read_hex(text).map(Self)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

fn read_hex(text: &str) -> Result<[u8; 32], NotAHash> {
    let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(NotAHash);
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return Err(NotAHash);
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let value = digit(pair[0])? * 16 + digit(pair[1])?;
        *byte = u8::try_from(value).map_err(|_| NotAHash)?;
    }
    Ok(bytes)
}

hash_type!(
    /// What a script says, as one value: 32 bytes, displayed as 64 lower-case hexadecimal digits.
    Checksum
);

hash_type!(
    /// What a revision and all beneath it say, as one value: the digest of a head names the whole
    /// history that leads to it.
    Digest
);

hash_type!(
    /// What a database is, as one value: 32 bytes, displayed as 64 lower-case hexadecimal digits.
    Fingerprint
);

impl Fingerprint {
    /// The fingerprint of these values, whose order counts.
    #[must_use]
    pub fn of(values: &[String]) -> Self {
        let mut hasher = Hasher::new("grace-migrate state 1");
        for value in values {
            hasher.value(0, value.as_bytes());
        }
        Self(hasher.finish())
    }
}

/// Writes values one after another, each with its kind and length, in blocks.
struct Hasher {
    sha: Sha256,
    block: Vec<u8>,
}

impl Hasher {
    const BLOCK: usize = 8192;

    fn new(purpose: &str) -> Self {
        let mut hasher = Self {
            sha: Sha256::new(),
            block: Vec::with_capacity(2 * Self::BLOCK),
        };
        hasher.value(0, purpose.as_bytes());
        hasher
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if bytes.len() > Self::BLOCK {
            self.sha.update(&self.block);
            self.block.clear();
            self.sha.update(bytes);
            return;
        }
        self.block.extend_from_slice(bytes);
        if self.block.len() >= Self::BLOCK {
            self.sha.update(&self.block);
            self.block.clear();
        }
    }

    fn frame(&mut self, kind: u8, length: usize) {
        self.block.push(kind);
        let mut rest = length;
        while rest >= 0x80 {
            self.block.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.block.push(rest as u8);
    }

    fn value(&mut self, kind: u8, bytes: &[u8]) {
        self.frame(kind, bytes.len());
        self.bytes(bytes);
    }

    /// A value in which `\r\n` counts as `\n`.
    fn text(&mut self, kind: u8, text: &str) {
        if !text.as_bytes().contains(&b'\r') {
            return self.value(kind, text.as_bytes());
        }
        let ends = text.matches("\r\n").count();
        self.frame(kind, text.len() - ends);
        let mut pieces = text.split("\r\n");
        self.bytes(pieces.next().unwrap_or_default().as_bytes());
        for piece in pieces {
            self.bytes(b"\n");
            self.bytes(piece.as_bytes());
        }
    }

    /// A word, which the server folds to lower case.
    fn word(&mut self, kind: u8, word: &str) {
        self.frame(kind, word.len());
        let start = self.block.len();
        self.block.extend_from_slice(word.as_bytes());
        self.block[start..].make_ascii_lowercase();
        self.bytes(&[]);
    }

    fn finish(mut self) -> [u8; 32] {
        self.sha.update(&self.block);
        self.sha.finalize().into()
    }
}

/// The byte that stands for a kind of token, `None` where it does not count. Written into databases
/// by way of checksums: never to be changed.
fn kind_byte(kind: TokenKind) -> Option<u8> {
    let quoted = |quoting: Quoting| match quoting {
        Quoting::Plain => 0,
        Quoting::Escape => 1,
        Quoting::Unicode => 2,
        Quoting::Bits => 3,
        Quoting::Hex => 4,
        Quoting::Dollar => 5,
    };
    Some(match kind {
        TokenKind::ByteOrderMark
        | TokenKind::Whitespace
        | TokenKind::LineComment
        | TokenKind::BlockComment
        | TokenKind::Restriction
        | TokenKind::Unterminated(Opening::Comment) => return None,
        TokenKind::Word => 1,
        TokenKind::QuotedName => 2,
        TokenKind::Number => 3,
        TokenKind::Parameter => 4,
        TokenKind::Operator
        | TokenKind::OpenParenthesis
        | TokenKind::CloseParenthesis
        | TokenKind::Semicolon
        | TokenKind::Terminator
        | TokenKind::Unknown => 5,
        TokenKind::MetaCommand => 6,
        TokenKind::AfterCopy => 7,
        TokenKind::CopyData => 8,
        TokenKind::CopyEnd => 9,
        TokenKind::Literal(quoting) => 16 + quoted(quoting),
        TokenKind::Continuation(quoting) => 32 + quoted(quoting),
        TokenKind::Unterminated(opening) => match opening {
            Opening::Literal | Opening::Comment => 48,
            Opening::Dollar => 49,
            Opening::Name => 50,
            Opening::CopyData => 51,
        },
    })
}

impl Checksum {
    /// The checksum of a script and of the settings in its header that change how it runs
    /// (`("transaction", "off")`), whose order does not count. See the [module](self) for what
    /// counts in the text.
    #[must_use]
    pub fn of_script(text: &str, settings: &[(&str, &str)]) -> Self {
        let mut hasher = Hasher::new("grace-migrate script 1");
        let mut settings = settings.to_vec();
        settings.sort_unstable();
        hasher.frame(0, settings.len());
        for (key, value) in settings {
            hasher.value(0, key.as_bytes());
            hasher.value(0, value.as_bytes());
        }
        for token in tokenize(text) {
            match kind_byte(token.kind) {
                None => {}
                Some(kind) if token.kind == TokenKind::Word => hasher.word(kind, token.text(text)),
                Some(kind) => hasher.text(kind, token.text(text)),
            }
        }
        Self(hasher.finish())
    }
}

impl Digest {
    /// The digest of a revision: over its parents' digests, whose order does not count, and its own
    /// scripts' checksums.
    #[must_use]
    pub fn of(
        parents: &[Self],
        up: &Checksum,
        down: Option<&Checksum>,
        verify: Option<&Checksum>,
    ) -> Self {
        let mut hasher = Hasher::new("grace-migrate revision 1");
        let mut parents = parents.to_vec();
        parents.sort_unstable();
        hasher.frame(0, parents.len());
        for parent in parents {
            hasher.value(1, &parent.0);
        }
        for script in [Some(up), down, verify] {
            match script {
                Some(checksum) => hasher.value(2, &checksum.0),
                None => hasher.frame(3, 0),
            }
        }
        Self(hasher.finish())
    }
}
