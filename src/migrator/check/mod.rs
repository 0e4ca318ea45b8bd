//! `check`: everything that can be off, looked at in one go.

mod request;
mod run;

pub use request::{CheckRequest, SeveralHeads, TheDatabase};
pub use run::check_project;
