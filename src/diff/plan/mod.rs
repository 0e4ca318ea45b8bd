//! From one state to another: what goes, comes and changes ([`delta`]), in which statements
//! ([`whole`]) and in which order ([`order`]), as SQL ([`migrate()`]), with what is to be known of it
//! ([`hazard`]), in the way that spares those who use the tables ([`online`]), laid out in
//! transactions ([`segment`]). Pure.

mod attach;
mod defaults;
mod delta;
mod fill;
mod guard;
mod hazard;
mod inheritance;
mod join;
mod late;
mod migrate;
mod name;
mod node;
mod online;
mod order;
mod partition;
mod script;
mod segment;
mod sequence;
#[cfg(test)]
mod tests;
mod whole;

pub use hazard::{Hazard, HazardKind};
pub use migrate::{Action, ActionKind, migrate};
pub use script::{Destructive, script};
pub use segment::{Emission, PlannedStatement, Segment, Transaction, segments};
