//! The keys of `[check]`.

use super::document::{Document, Section, boolean, strings};
use crate::config::CheckPart;
use crate::config::check::FileCheck;

/// Reads the section.
pub(super) fn read<'t>(document: &mut Document<'t>, section: &mut Section<'t>) -> FileCheck {
    FileCheck {
        skip: section.take(document, "skip", |value| {
            let words = strings(value)?;
            words.iter().map(|word| CheckPart::parse(word)).collect()
        }),
        allow_several_heads: section.take(document, "allow-several-heads", boolean),
    }
}
