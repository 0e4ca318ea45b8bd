//! Revision ids and branch labels. Both live in one namespace and share one grammar.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The longest id: what `alembic_version.version_num` holds.
pub const MAX_LENGTH: usize = 32;

/// Words of the target grammar that no id or label may be.
pub const RESERVED: [&str; 4] = ["head", "heads", "base", "current"];

/// Why a text is no revision id or label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameDefect {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// The text has more characters than the version table's column holds.
    #[error("it has {length} characters, and the version table holds {MAX_LENGTH}")]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// `@`, `+`, `-` and `:` belong to the target grammar.
    #[error("`{character}` belongs to the target grammar (`label@head`, `rev+1`, `a:b`)")]
    TargetGrammar {
        /// The character.
        character: char,
    },
    /// Any other character outside `A-Z a-z 0-9 _ .`.
    #[error("`{}` is not one of `A-Z a-z 0-9 _ .`", character.escape_debug())]
    Character {
        /// The character.
        character: char,
    },
    /// One of the target grammar's own words.
    #[error("`{word}` is a word of the target grammar")]
    Reserved {
        /// The word.
        word: &'static str,
    },
}

fn check(text: &str, dashes: bool) -> Result<(), NameDefect> {
    if text.is_empty() {
        return Err(NameDefect::Empty);
    }
    for character in text.chars() {
        match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' => {}
            '-' if dashes => {}
            '@' | '+' | '-' | ':' => return Err(NameDefect::TargetGrammar { character }),
            _ => return Err(NameDefect::Character { character }),
        }
    }
    if text.starts_with('-') || steps_of_keyword(text) {
        return Err(NameDefect::TargetGrammar { character: '-' });
    }
    if text.len() > MAX_LENGTH {
        return Err(NameDefect::TooLong { length: text.len() });
    }
    match RESERVED.iter().find(|word| **word == text) {
        Some(word) => Err(NameDefect::Reserved { word }),
        None => Ok(()),
    }
}

/// Whether a target would read the text as steps from one of its words: `head-1`.
fn steps_of_keyword(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(word, steps)| {
        RESERVED.contains(&word) && !steps.is_empty() && steps.bytes().all(|b| b.is_ascii_digit())
    })
}

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, dashes = $dashes:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Reads the name, or says why it is none.
            pub fn parse(text: &str) -> Result<Self, NameDefect> {
                check(text, $dashes)?;
                Ok(Self(Arc::from(text)))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

name_type!(
    /// The id of a revision: 1 to 32 characters of `[A-Za-z0-9_.]`, and no reserved word.
    RevisionId,
    dashes = false
);
name_type!(
    /// A branch label: the grammar of an id, and `-` too, since Alembic's users have such labels.
    Label,
    dashes = true
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_labels() {
        assert_eq!(
            RevisionId::parse("8f3c2a1b9d04").unwrap().as_str(),
            "8f3c2a1b9d04"
        );
        assert_eq!(RevisionId::parse("1.0_a").unwrap().as_str(), "1.0_a");
        assert_eq!(Label::parse("my-label").unwrap().as_str(), "my-label");
        assert_eq!(Label::parse("head-office").unwrap().as_str(), "head-office");
        for text in ["-1", "-x", "head-1", "current-2"] {
            let defect = NameDefect::TargetGrammar { character: '-' };
            assert_eq!(Label::parse(text), Err(defect), "{text:?}");
        }
        for (text, defect) in [
            ("", NameDefect::Empty),
            ("a@b", NameDefect::TargetGrammar { character: '@' }),
            ("a-1", NameDefect::TargetGrammar { character: '-' }),
            ("a b", NameDefect::Character { character: ' ' }),
            ("é", NameDefect::Character { character: 'é' }),
            ("head", NameDefect::Reserved { word: "head" }),
            ("current", NameDefect::Reserved { word: "current" }),
        ] {
            assert_eq!(RevisionId::parse(text), Err(defect), "{text:?}");
        }
        assert_eq!(
            RevisionId::parse(&"a".repeat(33)),
            Err(NameDefect::TooLong { length: 33 })
        );
    }
}
