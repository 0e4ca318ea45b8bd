//! The integration tests: one binary, one server, a database for each test.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, what must not fail and does is a failed test"
)]

#[cfg(feature = "api")]
mod api;
mod cli;
mod db;
mod engine;
mod faults;
mod grace;
mod harness;
mod layers;
mod own_project;
mod run;
mod sql;
mod states;
mod support;
mod templates;
mod tls;
