//! What a comment line says.

use super::TestDefect;
use crate::revision::nearest;
use crate::sql::Span;

/// What a comment can be an instruction about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Test,
    As,
    Reset,
    Expect,
    Fixtures,
}

impl Key {
    const ALL: [Self; 5] = [
        Self::Test,
        Self::As,
        Self::Reset,
        Self::Expect,
        Self::Fixtures,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::As => "as",
            Self::Reset => "reset",
            Self::Expect => "expect",
            Self::Fixtures => "fixtures",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == word)
    }
}

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) key: Key,
    /// The comment, without the space at its end.
    pub(super) comment: Span,
    /// What stands behind the colon, without the space around it; empty for [`Key::Reset`] alone.
    pub(super) value: Span,
}

/// What stands behind the `--` of a comment, without the space around it.
pub(super) fn body(text: &str, comment: Span) -> Span {
    trimmed(text, Span::new(comment.start + "--".len(), comment.end))
}

fn trimmed(text: &str, span: Span) -> Span {
    let inner = span.text(text);
    let start = span.start + (inner.len() - inner.trim_start().len());
    Span::new(start, start + inner.trim().len())
}

/// What the comment of `text` says; `None` where it is one for people.
pub(super) fn instruction(text: &str, comment: Span) -> Result<Option<Instruction>, TestDefect> {
    let comment = trimmed(text, comment);
    let body = body(text, comment);
    let said = body.text(text);
    let length = said
        .find(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_')
        .unwrap_or(said.len());
    let (word, rest) = said.split_at(length);
    let word_span = Span::new(body.start, body.start + length);
    if word.is_empty() {
        return Ok(None);
    }
    let Some(value) = rest.strip_prefix(':') else {
        return without_colon(text, comment, word_span, rest);
    };
    let value_span = trimmed(text, Span::new(body.end - value.len(), body.end));
    let Some(key) = Key::of(word) else {
        let names_a_place = !value.is_empty() && !value.starts_with(char::is_whitespace);
        let keys = Key::ALL.map(Key::as_str);
        let nearest = nearest(word, keys).and_then(|near| keys.into_iter().find(|k| *k == near));
        let is_for_people = word.contains(|c: char| c.is_ascii_uppercase()) || names_a_place;
        return match nearest {
            None if is_for_people => Ok(None),
            nearest => Err(TestDefect::UnknownKey {
                key: word.to_owned(),
                nearest,
                span: word_span,
            }),
        };
    };
    if value_span.is_empty() && key != Key::Reset {
        return Err(TestDefect::NoValue {
            key: key.as_str(),
            span: word_span,
        });
    }
    Ok(Some(Instruction {
        key,
        comment,
        value: value_span,
    }))
}

/// `reset`, or an expectation that lacks its colon.
fn without_colon(
    text: &str,
    comment: Span,
    word: Span,
    rest: &str,
) -> Result<Option<Instruction>, TestDefect> {
    let rest_span = trimmed(text, Span::new(word.end, word.end + rest.len()));
    match Key::of(word.text(text)) {
        Some(Key::Reset) if rest_span.is_empty() => Ok(Some(Instruction {
            key: Key::Reset,
            comment,
            value: rest_span,
        })),
        Some(Key::Expect) if super::read::expectation(text, rest_span, &[]).is_ok() => {
            Err(TestDefect::NoColon {
                key: Key::Expect.as_str(),
                span: word,
            })
        }
        _ => Ok(None),
    }
}
