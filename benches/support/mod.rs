//! What the benchmarks of whole runs share: projects of many revisions, a durable server, and
//! tables of ratios.
#![expect(
    dead_code,
    reason = "each benchmark is a crate of its own and uses some of it"
)]

mod project;
mod server;
pub(crate) mod timing;

pub(crate) use project::{Project, Script};
pub(crate) use server::Durable;
pub(crate) use timing::{Table, run};
