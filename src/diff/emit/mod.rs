//! Facts as statements.

mod drop;
mod operators;
mod others;
mod rights;
mod statement;
mod table;
mod types;

pub(super) use drop::drop;
pub(super) use others::publication_settings;
pub(super) use rights::{alter as alter_rights, change as change_rights, revoke_all, usual};
pub(super) use statement::{create, grantee, relation, set_enabled, settings};
pub(super) use table::qualified;
pub(super) use types::{identity_type, sequence_options};
