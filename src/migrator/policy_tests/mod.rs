//! `rls test`: policy tests, from their files to what became of them.

mod load;
mod run;

pub use load::{Fixtures, NoTests, PolicyTestRequest, PolicyTests};
