//! The revision graph, as a value that knows neither files nor databases.
//!
//! [`Graph::build`] makes it from the headers of the revisions, or says everything that is wrong
//! with them. [`Target::parse`] reads what a person types, and the graph's `resolve_…` functions
//! say which revisions that means, given the [`AppliedSet`] that the version table's rows stand
//! for. All of it is near-linear in revisions and edges, and nothing recurses: a graph may be
//! 100 000 revisions deep or wide.
//!
//! # Words
//! A *parent* edge (`revises`) makes lines, branches and merges; a *dependency* (`depends-on`)
//! only says what must be applied before. A *head* has no child; a *real head* has neither child
//! nor dependant, and an *effective head* is a head that is none. The version table holds the
//! *tips* of the applied set: what is applied and has nothing applied upon it, by either edge.
//! The *lineage* of a revision is what it stands on and what stands on it, by parent edges.
//!
//! # Order
//! An upgrade runs parents and dependencies first, follows one branch as far as it can, and where
//! it has a choice takes the revision created first, then the smaller id. A downgrade walks the
//! upgrade order of what is applied backwards. No order depends on how the files were read.

mod applied;
mod build;
mod cycle;
mod defect;
#[cfg(test)]
pub(crate) mod drawing;
mod edges;
mod labels;
mod names;
mod node;
mod order;
mod resolve;
mod shape;
mod target;
#[cfg(test)]
mod tests;

pub use applied::{AppliedSet, Rows, RowsDefect};
pub use defect::{Entry, GraphDefect, Site};
pub use node::{NodeIx, NodeSet, NodeSpec};
pub use resolve::TargetError;
pub use shape::Graph;
pub use target::{Point, Target, TargetDefect, TargetDefectKind, TargetRange};
