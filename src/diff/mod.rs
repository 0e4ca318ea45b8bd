//! Differences of two states, and a state as SQL. Pure.
//!
//! [`create()`] writes the statements that make a state from nothing, ordered by what depends on what;
//! [`objects`] the same for each object by itself, which is what people read and compare;
//! [`migrate()`] writes what makes the second state of the first; [`compare()`] tells in which facts two states differ.

mod alter;
mod compare;
mod create;
mod derived;
mod emit;
mod order;
mod plan;
mod rename;

pub use compare::{Attribute, Change, ChangeKind, compare, expressions_differ, reconcile, settle};
pub use create::{Object, Statement, create, objects};
pub use derived::derived;
pub use order::Cycle;
pub use plan::{
    Action, ActionKind, Destructive, Emission, Hazard, HazardKind, NoWay, PlannedStatement,
    Segment, Transaction, migrate, script, segments,
};
pub use rename::{BadRename, Rename, candidates};
