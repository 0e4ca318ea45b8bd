//! The server of GRACE: HTTP in, one transaction under row-level security, JSON out.

mod access;
mod app;
mod error;
mod extract;
mod limits;
mod metrics;
mod openapi;
mod page;
mod problem;
mod program;
mod readiness;
mod record;
mod router;
mod routes;
pub mod token;

pub use program::main;
