//! The terminal: arguments, streams, exit codes.

mod args;
mod ask;
mod commands;
mod context;
mod editor;
mod program;
mod progress;
mod secrets;
mod signals;
mod terminal;

pub use program::main;
