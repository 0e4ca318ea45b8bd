//! What becomes of a fact that is in both states and not the same.

mod column;
mod others;
mod relation;
mod retyping;
mod routine;
mod rule;

pub(super) use column::{blocks_retyping, parents, stored_anew};
pub(super) use others::identity_clause;
pub(super) use retyping::{are_akin, bounds, retype, retyping};
pub(super) use rule::{Rule, rule};
