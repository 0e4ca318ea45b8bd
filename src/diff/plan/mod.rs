//! From one state to another: what goes, comes and changes ([`delta`]), in which statements
//! ([`whole`]) and in which order ([`order`]), as SQL ([`migrate()`], [`composite`]), with what is to be
//! known of it ([`hazard`], [`access`], [`stale`], [`unique`]), in the way that spares those who use the
//! tables ([`online`]), laid out in transactions ([`segment`]). What PostgreSQL refuses is told instead
//! ([`row_type`]). Pure.

mod access;
mod attach;
mod composite;
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
mod row_type;
mod script;
mod segment;
mod sequence;
mod stale;
#[cfg(test)]
mod tests;
mod unique;
mod whole;

pub use hazard::{Hazard, HazardKind};
pub use migrate::{Action, ActionKind, migrate};
pub use row_type::NoWay;
pub use script::{Destructive, script};
pub use segment::{Emission, PlannedStatement, Segment, Transaction, segments};
