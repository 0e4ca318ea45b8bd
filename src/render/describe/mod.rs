//! Each error's words: message, facts, what was not done, hints and exit code, one file an owner.

mod access;
mod autogenerate;
mod bookkeeping;
mod config;
mod db;
pub(super) mod disagreement;
mod engine;
mod explain;
mod gate;
#[cfg(test)]
mod gate_tests;
mod git;
mod graph;
mod matrix;
mod migrator;
mod rls_test;
mod source;
mod states;
mod step;
mod url;
mod words;

pub use migrator::describe;
pub(super) use states::missing_role;
pub use states::not_printed;

#[cfg(test)]
mod migrator_tests;
