//! grace-migrate: schema migrations for PostgreSQL as a graph of plain SQL revisions.
//!
//! The crate is built in floors, and a module imports only from floors below its own:
//!
//! | floor | modules |
//! |---|---|
//! | words | [`sql`], [`schema`], [`diagnostic`], [`revision`], [`checksum`], [`clock`] |
//! | judgement, pure | [`graph`], [`plan`], [`rls`], [`diff`] |
//! | hands, one outside thing each | [`db`], [`source`], [`bookkeeping`], [`catalog`], [`samples`], [`engine`], [`config`] |
//! | work | [`migrator`] |
//! | words out, pure | [`render`] |
//! | doors | `cli` (feature `cli`), `api` (feature `api`) |
//!
//! Deciding is pure and doing is thin: a [`plan::Plan`] is a value that the executor, `--dry-run`,
//! `--sql` and the tests all read.

#[cfg(feature = "api")]
pub mod api;
pub mod bookkeeping;
pub mod catalog;
pub mod checksum;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod diagnostic;
pub mod diff;
pub mod engine;
pub mod graph;
pub mod migrator;
pub mod plan;
pub mod render;
pub mod revision;
pub mod rls;
pub mod samples;
pub mod schema;
pub mod source;
pub mod sql;
