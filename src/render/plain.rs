//! Text from files and servers, made safe for a terminal, and how wide it is there.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// What a control character is shown as; `None` for a character that is shown as it is.
///
/// Escape sequences in a message or a file must never reach the terminal, and characters that
/// turn the direction of writing must never make a line read as another.
fn shown(character: char) -> Option<char> {
    match character {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + character as u32),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fffe}'..='\u{ffff}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// One line: line ends and tabs become spaces, and nothing in it moves the cursor.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    clean(text, |character| match character {
        '\n' | '\t' => Some(' '),
        _ => shown(character),
    })
}

/// Several lines: as [`line()`], with line ends left where they are.
pub(super) fn block(text: &str) -> Cow<'_, str> {
    clean(text, |character| match character {
        '\n' => None,
        '\t' => Some(' '),
        _ => shown(character),
    })
}

fn clean(text: &str, replacement: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    };
    if text
        .chars()
        .any(|character| replacement(character).is_some())
    {
        Cow::Owned(
            text.chars()
                .map(|character| replacement(character).unwrap_or(character))
                .collect(),
        )
    } else {
        text
    }
}

/// How many columns `text`, already clean, takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// The same for a text with our own colours in it.
pub(super) fn visible_width(text: &str) -> usize {
    let mut total = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        total += width(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    total + width(rest)
}

/// How many columns a clean character takes.
pub(super) fn character_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// `text` cut to at most `columns` columns, with `…` where something was cut off.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut kept = String::new();
    for character in text.chars() {
        used += character_width(character);
        if used >= columns {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// The first `count` characters of `text`.
pub(super) fn prefix(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(line("a\u{1b}[31mb\r\nc\td"), "a␛[31mb c d");
        assert_eq!(block("a\r\nb\u{7}"), "a\nb␇");
        assert_eq!(line("x\u{202e}y\u{9b}z"), "x\u{fffd}y\u{fffd}z");
        assert!(matches!(line("plain é 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn widths_are_columns() {
        assert_eq!(width("a漢é"), 4);
        assert_eq!(visible_width("a\u{1b}[1m漢\u{1b}[0mé"), 4);
        assert_eq!(fit("a漢字b", 4), "a漢…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abcd", 1), "…");
    }
}
