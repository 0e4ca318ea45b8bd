//! Rows that are made up: a few for each table of a database, from what the catalog says of it.
//!
//! [`read()`] asks the catalog what a table takes: types, defaults, keys, checks, bounds of
//! partitions. [`Samples::scripts`] writes INSERTs from that, those of a table behind those of the
//! tables that it names; each row is tried in a few ways, and left out where the server takes none
//! of them; [`fill()`] runs them. What it means that a statement of a plan fails then, [`judge`] tells,
//! and [`Held::lost`] which rows went.

mod bound;
mod fill;
mod held;
mod insert;
mod read;
mod value;
mod verdict;

pub use fill::fill;
pub use held::{Held, Lost, held};
pub use insert::Sparse;
pub use read::{Samples, read};
pub use verdict::{Verdict, judge, sparse};
