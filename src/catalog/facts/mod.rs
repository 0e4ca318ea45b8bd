//! `pg_catalog` becomes a [`State`](crate::schema::facts::State).
//!
//! A fixed number of set-based queries, whatever the number of tables, in one transaction that
//! changes nothing and shows one moment. Each query gives rows of one shape: the object's numbers,
//! its kind and names, and what is known of it. `pg_depend` is read as it is and translated here,
//! by the numbers of what was read. Under an empty `search_path` every name that PostgreSQL writes
//! is in full.
//!
//! Left out are system objects, members of extensions, temporary objects, and what a partition or
//! a child has of its parent without being able to be without.

mod edges;
mod found;
mod operators;
mod others;
mod read;
mod relations;
mod rights;
mod routines;
mod rows;
mod types;
mod unmodelled;
mod version;

pub use read::{QUERIES, read_state, read_state_at_home, read_state_within};
pub use rows::{TableRows, table_rows};
