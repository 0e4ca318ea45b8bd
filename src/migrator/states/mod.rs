//! What a database is, wherever that is told: read, written as SQL, compared.

mod cache;
mod current;
mod declared;
mod difference;
mod dump;
mod erd;
mod error;
mod read;
mod scratch;
mod spec;

pub use difference::{DiffRequest, HereRequest};
pub use dump::{DumpRequest, SplitFile};
pub use erd::ErdRequest;
pub use error::StateError;
pub use spec::StateSpec;
