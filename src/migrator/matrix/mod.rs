//! `rls matrix`: what each actor reaches, really tried.
//!
//! [`Trial`] tries it on a session that is in a transaction, within a savepoint of its own, and
//! leaves no trace: an operation runs it in a transaction that is rolled back, a revision's gate in
//! the revision's own. `try.sql` is the one statement that does the trying.

mod answer;
mod error;
mod fixtures;
mod keep;
mod run;
mod trial;

pub use error::MatrixError;
pub use fixtures::Fixtures;
pub(super) use keep::kept;
pub use run::{KeptMatrix, MatrixRequest};
pub use trial::{Commands, MOST_ROWS, Trial, Tried};
