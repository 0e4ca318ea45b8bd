//! `pg_catalog` becomes [`crate::schema::Schema`], as far as rights are concerned, and
//! [`crate::schema::facts::State`], as a whole.
//!
//! All of it is read in one transaction that changes nothing and shows one moment. Names are
//! resolved by the server; rights come from `aclexplode`, so that what nobody ever granted, and is
//! there by default, counts as what it is.

mod acl;
mod expression;
mod facts;
mod node;
mod policies;
mod read;
mod relations;
mod surroundings;

pub use acl::{Holder, Reach, Shown, access_lists, holders, reach, shown, with_parts};
pub use facts::{
    QUERIES, TableRows, read_state, read_state_at_home, read_state_within, table_rows,
};
pub use read::{read, read_within};
pub use surroundings::{roles, serials};
