//! The integration tests: one binary, one server, a database for each test.

mod engine;
mod grace;
mod layers;
mod sql;
mod support;
