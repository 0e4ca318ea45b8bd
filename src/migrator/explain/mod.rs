//! `rls explain`: why an actor reaches a row, or does not.
//!
//! Everything happens in one transaction that is rolled back. What a condition says of rows is asked
//! of the server: in a savepoint all policies of the table are taken away, one with this condition
//! alone is put in their place, and the rows are counted as the actor. Where that may not be done,
//! the same is done on a temporary copy of the rows.

mod attempt;
mod cost;
mod error;
mod fixtures;
mod gates;
mod ground;
mod new_rows;
mod question;
mod run;
mod subject;

pub use error::{ExplainError, RowDefect};
pub use run::{Asker, ExplainRequest};
