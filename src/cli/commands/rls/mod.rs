//! The commands about row-level security.

mod lint;
mod run;
mod status;
mod test;

pub(in crate::cli) use run::rls;
