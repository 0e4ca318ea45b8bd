//! Reading headers.
//!
//! The header stands among the *leading comment lines*: everything before the first line that is
//! neither empty nor a comment (block comments are skipped). There,
//!
//! - a line `-- key: value` with a known key is a line of the header, wherever it stands;
//! - a line `-- word: …` with any other word is an unknown key where the word is nearly a known
//!   key, or where it is lower case and stands in one run of lines with a line of the header;
//! - every other line is prose: a licence, a description, `-- Note: …`.
//!
//! Runs are separated by empty lines or a lone `--`. So no misspelt key goes unnoticed, and a
//! paragraph of its own may say what it likes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::sql::Span;

use super::{
    Header, HeaderDefect, HeaderDefectKind, Key, Label, NameDefect, RevisionId, ScriptSettings,
    Timeout, TransactionMode, nearest,
};

/// Which of a revision's scripts a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScriptKind {
    /// `.up.sql`: carries the whole header.
    Up,
    /// `.down.sql`: may carry `transaction`, `lock-timeout` and `statement-timeout`.
    Down,
    /// `.verify.sql`: runs in the up script's transaction, under its settings; carries no key.
    Verify,
}

impl ScriptKind {
    /// The word in the file's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Verify => "verify",
        }
    }

    /// The keys that a script of this kind may carry.
    #[must_use]
    pub const fn keys(self) -> &'static [Key] {
        match self {
            Self::Up => &Key::ALL,
            Self::Down => &[Key::Transaction, Key::LockTimeout, Key::StatementTimeout],
            Self::Verify => &[],
        }
    }
}

/// Where the values of a header stand in its text. The lists run parallel to the header's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderSpans {
    /// The value of each key that is there.
    pub values: BTreeMap<Key, Span>,
    /// Each parent.
    pub revises: Vec<Span>,
    /// Each dependency.
    pub depends_on: Vec<Span>,
    /// Each label.
    pub labels: Vec<Span>,
}

/// What was read of an up script's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedHeader {
    /// The header; there as soon as its `revision` could be read, so that one broken key does not
    /// hide what else is wrong. To be believed only where there are no defects.
    pub header: Option<Header>,
    /// Where its values stand.
    pub spans: HeaderSpans,
    /// Everything that is wrong with it, in the order in which it stands.
    pub defects: Vec<HeaderDefect>,
}

/// Reads the header of an up script.
#[must_use]
pub fn parse_header(text: &str) -> ParsedHeader {
    let mut reader = Reader::new(text, ScriptKind::Up);
    let id = reader.name(Key::Revision, RevisionId::parse);
    if !reader.values.contains_key(&Key::Revision) && !reader.misspelt(Key::Revision) {
        reader.defect(Span::new(0, 0), HeaderDefectKind::NoRevision);
    }
    let (revises, revises_spans) = reader.parents();
    let (depends_on, depends_on_spans) = reader.names(Key::DependsOn, Label::parse);
    let (labels, label_spans) = reader.names(Key::Label, Label::parse);
    let created = reader.created();
    let message = reader.text(Key::Message);
    let settings = reader.settings();
    let irreversible = reader.text(Key::Irreversible);
    ParsedHeader {
        header: id.map(|revision| Header {
            revision,
            revises,
            depends_on: depends_on.iter().map(ToString::to_string).collect(),
            labels,
            created,
            message,
            settings,
            irreversible,
        }),
        spans: HeaderSpans {
            values: reader.values,
            revises: revises_spans,
            depends_on: depends_on_spans,
            labels: label_spans,
        },
        defects: sorted(reader.defects),
    }
}

/// Reads the settings that a down or verify script carries, or says everything that is wrong with
/// them, in the order in which it stands.
pub fn parse_settings(text: &str, kind: ScriptKind) -> Result<ScriptSettings, Vec<HeaderDefect>> {
    let mut reader = Reader::new(text, kind);
    let settings = reader.settings();
    if reader.defects.is_empty() {
        Ok(settings)
    } else {
        Err(sorted(reader.defects))
    }
}

fn sorted(mut defects: Vec<HeaderDefect>) -> Vec<HeaderDefect> {
    defects.sort_by_key(|defect| defect.span);
    defects
}

/// A comment line of the leading block that looks like `word: value`.
struct Line {
    /// Which run of lines it stands in.
    run: usize,
    word: Span,
    value: Span,
}

struct Reader<'a> {
    text: &'a str,
    values: BTreeMap<Key, Span>,
    defects: Vec<HeaderDefect>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, kind: ScriptKind) -> Self {
        let mut reader = Self {
            text,
            values: BTreeMap::new(),
            defects: Vec::new(),
        };
        let lines = lines(text);
        let key = |line: &Line| {
            let word = line.word.text(text);
            Key::ALL.into_iter().find(|key| key.as_str() == word)
        };
        let header_runs: Vec<usize> = lines
            .iter()
            .filter(|line| key(line).is_some())
            .map(|line| line.run)
            .collect();
        for line in &lines {
            match key(line) {
                Some(key) => reader.known(key, line, kind),
                None => reader.unknown(line, kind, header_runs.contains(&line.run)),
            }
        }
        reader
    }

    fn known(&mut self, key: Key, line: &Line, kind: ScriptKind) {
        if !kind.keys().contains(&key) {
            self.defect(line.word, HeaderDefectKind::MisplacedKey { key });
        } else if let Some(first) = self.values.get(&key).copied() {
            self.defect(line.word, HeaderDefectKind::DuplicateKey { key, first });
        } else {
            self.values.insert(key, line.value);
            if line.value.is_empty() {
                self.defect(line.word, HeaderDefectKind::Empty { key });
            }
        }
    }

    fn unknown(&mut self, line: &Line, kind: ScriptKind, in_header: bool) {
        let word = line.word.text(self.text);
        let after = self.text[line.word.end..]
            .trim_start_matches([' ', '\t'])
            .trim_start_matches(':');
        if !after.starts_with(char::is_whitespace) && !after.is_empty() {
            return; // `https://…` and the like
        }
        let nearest = nearest(word, kind.keys().iter().map(|key| key.as_str()))
            .and_then(|word| Key::ALL.into_iter().find(|key| key.as_str() == word));
        let lower = !word.contains(|c: char| c.is_ascii_uppercase());
        if nearest.is_some() || (in_header && lower) {
            let key = word.to_owned();
            self.defect(line.word, HeaderDefectKind::UnknownKey { key, nearest });
        }
    }

    fn misspelt(&self, key: Key) -> bool {
        self.defects.iter().any(|defect| {
            matches!(defect.kind, HeaderDefectKind::UnknownKey { nearest: Some(near), .. } if near == key)
        })
    }

    fn defect(&mut self, span: Span, kind: HeaderDefectKind) {
        self.defects.push(HeaderDefect { span, kind });
    }

    /// The value of `key`, where it is there and not empty.
    fn value(&self, key: Key) -> Option<(&'a str, Span)> {
        let span = self.values.get(&key).copied().filter(|s| !s.is_empty())?;
        Some((span.text(self.text), span))
    }

    fn text(&self, key: Key) -> Option<String> {
        self.value(key).map(|(text, _)| text.to_owned())
    }

    fn name<T>(&mut self, key: Key, parse: fn(&str) -> Result<T, NameDefect>) -> Option<T> {
        let (text, span) = self.value(key)?;
        self.parsed_name(key, text, span, parse)
    }

    fn parsed_name<T>(
        &mut self,
        key: Key,
        text: &str,
        span: Span,
        parse: fn(&str) -> Result<T, NameDefect>,
    ) -> Option<T> {
        match parse(text) {
            Ok(name) => Some(name),
            Err(defect) => {
                let text = text.to_owned();
                self.defect(span, HeaderDefectKind::Name { key, text, defect });
                None
            }
        }
    }

    /// The entries of a list, each a name that stands only once in it.
    fn names<T: PartialEq>(
        &mut self,
        key: Key,
        parse: fn(&str) -> Result<T, NameDefect>,
    ) -> (Vec<T>, Vec<Span>) {
        let (mut names, mut spans) = (Vec::new(), Vec::new());
        let Some((list, at)) = self.value(key) else {
            return (names, spans);
        };
        for entry in list.split(',') {
            let start = at.start + (entry.as_ptr() as usize - list.as_ptr() as usize);
            let span = trimmed(self.text, Span::new(start, start + entry.len()));
            let entry = span.text(self.text);
            if entry.is_empty() {
                self.defect(at, HeaderDefectKind::Empty { key });
            } else if let Some(name) = self.parsed_name(key, entry, span, parse) {
                if names.contains(&name) {
                    let text = entry.to_owned();
                    self.defect(span, HeaderDefectKind::Repeated { key, text });
                } else {
                    names.push(name);
                    spans.push(span);
                }
            }
        }
        (names, spans)
    }

    fn parents(&mut self) -> (Vec<RevisionId>, Vec<Span>) {
        let Some((list, span)) = self.value(Key::Revises) else {
            return (Vec::new(), Vec::new());
        };
        if list == "base" {
            return (Vec::new(), Vec::new());
        }
        if list.split(',').any(|entry| entry.trim() == "base") {
            self.defect(span, HeaderDefectKind::BaseWithParents);
            return (Vec::new(), Vec::new());
        }
        self.names(Key::Revises, RevisionId::parse)
    }

    fn created(&mut self) -> Option<DateTime<Utc>> {
        let (text, span) = self.value(Key::Created)?;
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Some(at.to_utc()),
            Err(_) => {
                let text = text.to_owned();
                self.defect(span, HeaderDefectKind::Instant { text });
                None
            }
        }
    }

    fn settings(&mut self) -> ScriptSettings {
        ScriptSettings {
            transaction: self.transaction(),
            lock_timeout: self.timeout(Key::LockTimeout),
            statement_timeout: self.timeout(Key::StatementTimeout),
        }
    }

    fn transaction(&mut self) -> TransactionMode {
        match self.value(Key::Transaction) {
            None | Some(("on", _)) => TransactionMode::On,
            Some(("off", _)) => TransactionMode::Off,
            Some((text, span)) => {
                let text = text.to_owned();
                self.defect(span, HeaderDefectKind::Transaction { text });
                TransactionMode::On
            }
        }
    }

    fn timeout(&mut self, key: Key) -> Option<Timeout> {
        let (text, span) = self.value(key)?;
        match Timeout::parse(text) {
            Ok(timeout) => Some(timeout),
            Err(defect) => {
                let text = text.to_owned();
                self.defect(span, HeaderDefectKind::Timeout { key, text, defect });
                None
            }
        }
    }
}

/// The lines of the leading comments that look like `-- word: value`.
fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut at, mut run) = (0, 0);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let line = trimmed(text, Span::new(at, end));
        let content = line.text(text);
        if let Some(comment) = content.strip_prefix("--") {
            if comment.trim().is_empty() {
                run += 1;
            } else {
                lines.extend(key_line(text, Span::new(line.start + 2, line.end), run));
            }
        } else if content.starts_with("/*") {
            match block_comment_end(text, line.start) {
                Some(end) => at = end,
                None => break,
            }
            run += 1;
            continue;
        } else if content.is_empty() {
            run += 1;
        } else {
            break;
        }
        at = end + 1;
    }
    lines
}

/// Reads `word: value` from the content of a comment line, where it has that shape.
fn key_line(text: &str, content: Span, run: usize) -> Option<Line> {
    let colon = content.start + content.text(text).find(':')?;
    let word = trimmed(text, Span::new(content.start, colon));
    let value = trimmed(text, Span::new(colon + 1, content.end));
    let mut letters = word.text(text).chars();
    let shaped = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    shaped.then_some(Line { run, word, value })
}

/// One past the end of the (nesting) block comment that begins at `start`, where it ends.
fn block_comment_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (start, 0_usize);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

fn trimmed(text: &str, span: Span) -> Span {
    let inner = span.text(text);
    let start = span.start + (inner.len() - inner.trim_start().len());
    Span::new(start, start + inner.trim().len())
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
