//! What a database is, wherever that is told: read, written as SQL, compared.

mod cache;
mod clone;
mod current;
mod declared;
mod difference;
mod dump;
mod erd;
mod error;
mod read;
mod room;
mod scratch;
mod spec;
mod way;

pub(super) use difference::difference;
pub use difference::{DiffRequest, HereRequest};
pub use dump::{DumpRequest, SplitFile};
pub use erd::ErdRequest;
pub use error::StateError;
pub(super) use read::{insist_modelled, tell_unmatched, view};
pub(super) use room::role_there;
pub(super) use scratch::{Scratch, connect as scratch_session};
pub use spec::StateSpec;
pub use way::{Losses, WayRequest};
pub(super) use way::{
    Renamed, Wanted, Way, hazards, one_segment, rename, renames_down, renames_up,
};
