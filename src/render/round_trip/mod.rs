//! `test`: what became of each revision, as text and in the words of JSON.

mod event;
mod finding;
mod text;

pub(in crate::render) use event::{activity, event};
pub use finding::test_report;
pub use text::{round_trips, round_trips_summary};
