//! From one state to another: what goes, comes and changes ([`delta`]), in which statements
//! ([`whole`]) and in which order ([`order`]), as SQL ([`migrate`]). Pure.

mod defaults;
mod delta;
mod migrate;
mod node;
mod order;
mod whole;

pub use migrate::{Action, ActionKind, migrate};
