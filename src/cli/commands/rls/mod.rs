//! The commands about row-level security.

mod explain;
mod lint;
mod run;
mod status;

pub(in crate::cli) use run::rls;
