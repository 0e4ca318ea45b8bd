//! The commands about row-level security.

mod close;
mod explain;
mod lint;
mod matrix;
mod run;
mod status;
mod test;

pub(in crate::cli) use run::rls;
