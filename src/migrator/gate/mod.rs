//! The gate: what a step made of row-level security is judged in the step's own transaction,
//! before its COMMIT.
//!
//! [`Gate`] holds what was there before the run, and the matrix that is kept in the repository;
//! `pass` is where a step meets it.

mod judge;
mod kept;
mod pass;
mod refusal;

pub(super) use judge::{CHANGES, Gate};
pub use refusal::GateRefusal;
