//! The access matrix: who reaches which rows of which table, and what decides it.
//!
//! A [`Matrix`] is what was tried; [`document()`] is how it is kept in a repository, to be reviewed,
//! and [`parse()`] reads it back; [`compare()`] tells where two of them differ.

mod cell;
mod compare;
mod document;
mod pinned;
#[cfg(test)]
mod tests;
mod whole;

pub use cell::{Cell, Reach};
pub use compare::{Difference, compare};
pub use document::{document, parse};
pub use pinned::pinned;
pub use whole::{ActorAccess, Failure, Matrix, TableMatrix};
