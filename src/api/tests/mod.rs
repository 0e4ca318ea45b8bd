//! The way to the database, tried on a real server: nothing of one request is left for the next.

#![expect(clippy::disallowed_methods, reason = "a test's own settings")]

mod harness;
mod remains;
mod scope;
mod words;
