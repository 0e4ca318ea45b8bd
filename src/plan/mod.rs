//! The steps to take, and whether history agrees with the files. Pure.

pub mod agreement;
mod steps;

pub use steps::{Plan, RowChange, Step};
