//! Reports and errors as JSON.

use serde::Serialize;

use super::description::Description;
use crate::migrator::report::{Envelope, FailureEnvelope};

/// The report of `command` as JSON, indented, with a line end.
#[must_use]
pub fn json<T: Serialize>(command: &'static str, report: &T) -> String {
    text(&Envelope::new(command, report))
}

/// The failure of `command` as JSON, indented, with a line end.
#[must_use]
pub fn error_json(command: Option<&str>, description: &Description) -> String {
    text(&FailureEnvelope::new(command, description))
}

fn text<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("reports are plain data: string keys, and no value that refuses");
    text.push('\n');
    text
}
