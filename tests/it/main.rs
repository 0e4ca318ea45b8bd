//! The integration tests: one binary, one server, a database for each test.

mod layers;
mod engine;
mod sql;
mod support;
