//! The operations: upgrade, downgrade, stamp and the rest, and their one executor.
//!
//! [`Migrator`] is the façade. An operation takes a request, tells a [`Control`] what happens as
//! it happens, and answers with a report or an [`Error`] that says what was done and what was not.

mod audit;
mod blockers;
mod builds;
mod commit;
mod control;
mod current;
mod destination;
mod error;
mod executor;
mod explain;
mod inspect;
mod locks;
mod lost;
mod many_locks;
mod notices;
mod offline;
mod operations;
mod origin;
mod outcome;
mod outside;
mod prepare;
mod project;
mod record;
mod repair;
pub mod report;
mod retry;
mod revise;
mod run;
mod server;
mod settle;
mod setup;
mod stamp;
mod standing;
mod status;
mod transaction;
mod trouble;
mod verify;
mod view;

pub use control::{Control, Signal};
pub use error::{
    Error, Fate, Interruption, InvalidIndex, OneTransaction, StepCause, StepFailure,
    UnknownOutcome, UnknownRecord,
};
pub use explain::{Asker, ExplainError, ExplainRequest, RowDefect};
pub use inspect::HistoryRequest;
pub use offline::OfflineStart;
pub use operations::Migrator;
pub use project::{config_report, init_project};
pub use repair::RepairRequest;
pub use revise::RevisionRequest;
pub use run::{RunAnswer, RunMode, RunRequest};
pub use server::{EmbeddedServer, Running};
pub use stamp::{StampAnswer, StampRequest};
