//! Words out: reports, events and errors become text, tables, JSON and drawings. Pure.

mod describe;
mod description;

pub use description::{Description, Exit};
