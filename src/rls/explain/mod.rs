//! Why somebody reaches a row, or does not: the chain from rights over policies to the answer.
//!
//! Which rights and policies are asked follows from the catalog; what each condition says of the
//! rows is measured by whoever calls, and [`judge`] follows the chain to the link that decides.

mod answer;
#[cfg(test)]
mod answer_tests;
mod binding;
mod cost;
mod gate;
mod grants;
mod split;
mod values;

pub use answer::{
    Answer, Attempted, DecidedBy, DecidingCondition, Facts, NotAttempted, Verdict, judge,
};
pub use binding::{Binding, binding};
pub use cost::{Cost, Plan, Runs, Scan, SubPlan, compare};
pub use gate::{
    AskedGate, AskedOn, AskedPolicy, Clause, ConditionAnswer, Gate, GateKind, OthersPolicy,
    PolicyAnswer, Tally, Truth, WhyCopy, gates,
};
pub use grants::{Holder, NeededRight, RightReach, Through, schema_right, table_right};
pub use split::{Condition, Joint};
pub use values::{TypedValue, ValuesDefect, parse_values};
