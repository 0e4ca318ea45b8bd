//! What becomes of a fact that is in both states and not the same.

mod column;
mod others;
mod relation;
mod routine;
mod rule;

pub(super) use column::{are_akin, blocks_retyping, parents, retype, retyping};
pub(super) use others::identity_clause;
pub(super) use rule::{Rule, rule};
