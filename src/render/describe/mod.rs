//! Each error's words: message, facts, what was not done, hints and exit code, one file an owner.

mod engine;
mod graph;
mod plan;
