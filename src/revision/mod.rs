//! What a revision is: its id and labels, its header, its scripts, its checksums.

mod direction;
mod name;

pub use direction::Direction;
pub use name::{Label, NameDefect, RevisionId};
