//! The server of GRACE: HTTP in, one transaction under row-level security, JSON out.

mod program;

pub use program::main;
