//! From the bytes of a file to text, strictly.

use std::path::Path;

use super::{LineIndex, Position};
use crate::diagnostic::{Diagnostic, Place};

/// Why bytes are no text of a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextDefect {
    /// A byte that no UTF-8 text has there.
    #[error("byte 0x{byte:02X} at offset {offset} is not UTF-8")]
    InvalidUtf8 {
        /// The first byte that does not fit.
        byte: u8,
        /// Its offset in bytes from the start of the file.
        offset: usize,
        /// Its line and column.
        position: Position,
        /// Its line, with what is no UTF-8 replaced by U+FFFD and NULs by U+2400.
        excerpt: Box<str>,
    },
    /// A NUL byte, which no text of PostgreSQL can hold.
    #[error("byte 0x00 at offset {offset} is a NUL")]
    Nul {
        /// Its offset in bytes from the start of the file.
        offset: usize,
        /// Its line and column.
        position: Position,
        /// Its line, with NULs replaced by U+2400.
        excerpt: Box<str>,
    },
    /// UTF-16 or UTF-32, by its byte order mark or by its zero bytes.
    #[error("the file is {encoding}, not UTF-8")]
    OtherEncoding {
        /// Which one.
        encoding: &'static str,
    },
    /// A second byte order mark: one file was written behind another's mark.
    #[error("the file starts with two byte order marks")]
    SecondByteOrderMark,
}

/// The text that `bytes` hold, without its byte order mark.
///
/// # Errors
/// What is not UTF-8, with its place; a NUL; another encoding of Unicode.
pub fn decode(bytes: &[u8]) -> Result<&str, TextDefect> {
    if let Some(encoding) = other_encoding(bytes) {
        return Err(TextDefect::OtherEncoding { encoding });
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.valid_up_to();
            let (position, excerpt) = place(bytes, offset);
            let byte = bytes.get(offset).copied().unwrap_or_default();
            return Err(TextDefect::InvalidUtf8 {
                byte,
                offset,
                position,
                excerpt,
            });
        }
    };
    if let Some(offset) = text.find('\0') {
        let (position, excerpt) = place(bytes, offset);
        return Err(TextDefect::Nul {
            offset,
            position,
            excerpt,
        });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with('\u{feff}') {
        return Err(TextDefect::SecondByteOrderMark);
    }
    Ok(text)
}

/// Another encoding than UTF-8, recognised by a byte order mark, or by a zero byte beside each of
/// the first two (a script begins with ASCII).
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [1..=255, 0, 1..=255, 0, ..] | [0, 1..=255, 0, 1..=255, ..] => Some("UTF-16"),
        [1..=255, 0, 0, 0, ..] | [0, 0, 0, 1..=255, ..] => Some("UTF-32"),
        _ => None,
    }
}

/// Line and column of `offset`, and that line as far as it can be read.
fn place(bytes: &[u8], offset: usize) -> (Position, Box<str>) {
    let start = bytes[..offset]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let end = bytes[offset..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| offset + length);
    let before = String::from_utf8_lossy(&bytes[..offset]);
    let before = before.strip_prefix('\u{feff}').unwrap_or(&before);
    let position = LineIndex::new(before).position(before, before.len());
    let line = String::from_utf8_lossy(&bytes[start..end]);
    let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
    let shown = line.trim_end_matches('\r').replace('\0', "\u{2400}");
    (position, shown.into())
}

impl TextDefect {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidUtf8 { .. } => "invalid-utf8",
            Self::Nul { .. } => "nul-byte",
            Self::OtherEncoding { .. } => "not-utf8",
            Self::SecondByteOrderMark => "second-byte-order-mark",
        }
    }

    /// The finding, in the file at `path`.
    #[must_use]
    pub fn to_diagnostic(&self, path: &Path) -> Diagnostic {
        let place = match self {
            Self::InvalidUtf8 {
                position, excerpt, ..
            }
            | Self::Nul {
                position, excerpt, ..
            } => Place {
                path: path.into(),
                line: position.line,
                column: position.column,
                width: 1,
                source: excerpt.to_string(),
            },
            Self::OtherEncoding { .. } | Self::SecondByteOrderMark => Place::file(path),
        };
        let help = match self {
            Self::InvalidUtf8 { .. } | Self::OtherEncoding { .. } => "save the file as UTF-8",
            Self::Nul { .. } => "remove it: PostgreSQL's text cannot hold it",
            Self::SecondByteOrderMark => "save the file as UTF-8 without a byte order mark",
        };
        Diagnostic::error(self.code(), self.to_string())
            .at(place)
            .help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        assert_eq!(decode(b""), Ok(""));
        assert_eq!(decode("é\r\n".as_bytes()), Ok("é\r\n"));
        assert_eq!(decode("\u{feff}a\u{feff}".as_bytes()), Ok("a\u{feff}"));
        assert_eq!(decode("\u{feff}".as_bytes()), Ok(""));
    }

    #[test]
    fn what_is_no_text_and_where() {
        let said = |bytes: &[u8]| {
            let finding = decode(bytes).unwrap_err().to_diagnostic("a.sql".as_ref());
            let place = finding.place.unwrap();
            let help = finding.help.unwrap();
            format!(
                "{place} {:?} {}: {}: {help}",
                place.source, finding.code, finding.message
            )
        };
        let all: [&[u8]; 12] = [
            b"a\n\xc3\xa9 \xe9 b\r\nc",
            b"\xef\xbb\xbfa\xff",
            b"a\nb \xe6\x97",
            b"\xef\xbb\xbf-- x\n\0",
            b"a\0",
            b"\xff\xfes\0e\0",
            b"\xfe\xff\0s\0e",
            b"s\0e\0l\0",
            b"\0s\0e\0l",
            b"\xff\xfe\0\0s\0\0\0",
            b"s\0\0\0",
            b"\xef\xbb\xbf\xef\xbb\xbfa",
        ];
        let said: Vec<_> = all.iter().map(|bytes| said(bytes)).collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        a.sql:2:3 "é � b" invalid-utf8: byte 0xE9 at offset 5 is not UTF-8: save the file as UTF-8
        a.sql:1:2 "a�" invalid-utf8: byte 0xFF at offset 4 is not UTF-8: save the file as UTF-8
        a.sql:2:3 "b �" invalid-utf8: byte 0xE6 at offset 4 is not UTF-8: save the file as UTF-8
        a.sql:2:1 "␀" nul-byte: byte 0x00 at offset 8 is a NUL: remove it: PostgreSQL's text cannot hold it
        a.sql:1:2 "a␀" nul-byte: byte 0x00 at offset 1 is a NUL: remove it: PostgreSQL's text cannot hold it
        a.sql "" not-utf8: the file is UTF-16, not UTF-8: save the file as UTF-8
        a.sql "" not-utf8: the file is UTF-16, not UTF-8: save the file as UTF-8
        a.sql "" not-utf8: the file is UTF-16, not UTF-8: save the file as UTF-8
        a.sql "" not-utf8: the file is UTF-16, not UTF-8: save the file as UTF-8
        a.sql "" not-utf8: the file is UTF-32, not UTF-8: save the file as UTF-8
        a.sql "" not-utf8: the file is UTF-32, not UTF-8: save the file as UTF-8
        a.sql "" second-byte-order-mark: the file starts with two byte order marks: save the file as UTF-8 without a byte order mark
        "#);
    }
}
