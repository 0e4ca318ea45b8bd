//! The steps to take, and whether history agrees with the files. Pure.

pub mod agreement;
pub mod chain;
mod steps;
#[cfg(test)]
mod tests;

pub use steps::{Plan, RowChange, Step};
