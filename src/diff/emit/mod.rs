//! Facts as statements.

mod operators;
mod others;
mod rights;
mod statement;
mod table;
mod types;

pub(super) use rights::revoke_all;
pub(super) use statement::create;
