//! The server of GRACE: HTTP in, one transaction under row-level security, JSON out.

mod access;
mod app;
mod args;
mod development;
mod error;
mod extract;
mod limits;
mod listen;
mod log;
mod login;
mod metrics;
mod openapi;
mod page;
mod problem;
mod program;
mod readiness;
mod record;
mod reload;
mod router;
mod routes;
mod server;
mod settings;
mod start_error;
mod stop;
#[cfg(test)]
mod tests;
mod text;
mod time;
pub mod token;

pub use program::main;
