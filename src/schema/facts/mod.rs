//! What a database is, cut into **facts**: each object, column, default, constraint, index, policy,
//! grant and comment is one, with an id that names no number of the catalog.
//!
//! A [`State`] is all facts of a database with the edges between them: what depends on what. Two
//! states are equal where their facts are. What is known and does not count for that, such as a
//! column's place, is kept beside as a *hint*.

mod fact;
mod id;
mod kept;
mod kind;
mod scope;
mod state;

pub use fact::{Fact, Payload, Value};
pub use id::FactId;
pub use kind::Kind;
pub use scope::{Pattern, Scope};
pub use state::{State, Unmodelled};
