//! What databases are, over a corpus of many states held as data: `tests/cases/diff/<case>/`.

mod asking;
mod cache;
mod corpus;
mod drawing;
mod filled;
mod hazards;
mod identity;
mod online;
mod proof;
mod random;
mod reading;
mod told;

pub(crate) use corpus::create_roles;
