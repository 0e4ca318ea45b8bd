//! GRACE's own revisions (`versions/`), on a real server: who may do what, that the emergency
//! switch closes, and that up, down, up leaves the same schema.
//!
//! Everything is tried by a login role that owns nothing and takes the actor's role and claims for
//! the length of a transaction, as an API does.

mod actors;
mod closed;
mod foreign;
mod gate;
mod kept;
mod matrix;
mod mistakes;
mod policies;
mod policy_tests;
mod roles;
pub(crate) mod setup;
mod shape;
mod traps;
mod users;
