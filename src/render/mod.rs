//! Words out: reports, events and errors become text, tables, JSON and drawings. Pure.

mod describe;
mod description;
mod excerpt;
mod frame;
mod json;
mod plain;
mod style;
mod unified;

pub use description::{Description, Exit};
pub use frame::{diagnostic, error};
pub use json::{error_json, json};
pub use style::Style;
pub use unified::unified;

#[cfg(test)]
mod frame_tests;
