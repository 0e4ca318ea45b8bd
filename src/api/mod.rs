//! The server of GRACE: HTTP in, one transaction under row-level security, JSON out.

mod program;
pub mod token;

pub use program::main;
