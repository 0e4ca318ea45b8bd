//! What a target means, given the graph and what is applied.
//!
//! Alembic's meaning wherever it has one that neither crashes nor hangs on luck. Where it does,
//! ours is:
//!
//! - `-N` in a downgrade undoes the last N steps of the upgrade order of what is applied, whatever
//!   merges, branches and rows there are; `label@-N` the last N on that label's line alone.
//! - `+N` in an upgrade goes up from what the version table holds, and is refused, naming the
//!   choices, only where there is more than one next revision.
//! - `label@base` takes what belongs to the label's line alone, and what stands on that; a root
//!   that another branch shares stays.
//! - Walking past either end is refused, saying how far it goes; `base-1` is not the head. A
//!   downgrade that walks down past a root (`rev-N`) undoes what stands on that root, and leaves
//!   the trees of other roots alone.
//! - A stamp replaces the rows on its line, and forgets nothing that only depends on it.
//! - A target's name is taken exactly first, then as the beginning of one name, of any length. Ids
//!   may have dots and labels dashes wherever a name may stand.

mod downgrade;
mod error;
mod place;
mod range;
mod stamp;
mod upgrade;

pub use error::TargetError;
