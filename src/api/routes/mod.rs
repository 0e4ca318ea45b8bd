//! What can be asked for. Each file is one kind of thing; none of them filters by user: the policies
//! do.

mod admin;
mod all;
mod catalogue;
mod chat_turns;
mod medications;
mod notes;
mod operation;
mod profiles;
mod relations;
mod session_links;
mod sessions;

pub(crate) use all::routes;
