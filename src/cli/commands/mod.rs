//! The commands: each takes its arguments, calls the library, and writes the answer.

pub(super) mod check;
mod generate;
pub(super) mod graph;
pub(super) mod mend;
pub(super) mod pages;
pub(super) mod project;
pub(super) mod rls;
pub(super) mod run;
pub(super) mod schema;
pub(super) mod server;
pub(super) mod test;
