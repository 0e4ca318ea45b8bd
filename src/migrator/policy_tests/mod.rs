//! `rls test`: policy tests, from their files to what became of them.

mod error;
mod load;
mod run;

pub use error::PolicyTestError;
pub use load::{PolicyTestRequest, PolicyTests, TestRows};
