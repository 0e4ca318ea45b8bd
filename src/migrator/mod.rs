//! The operations: upgrade, downgrade, stamp and the rest, and their one executor.
//!
//! [`Migrator`] is the façade. An operation takes a request, tells a [`Control`] what happens as
//! it happens, and answers with a report or an [`Error`] that says what was done and what was not.

mod access_error;
mod audit;
mod autogenerate;
mod blockers;
mod builds;
mod check;
mod close;
mod commit;
mod control;
mod current;
mod destination;
mod error;
mod executor;
mod explain;
mod gate;
mod inspect;
mod locks;
mod lost;
mod many_locks;
mod matrix;
mod notices;
mod offline;
mod open;
mod operations;
mod origin;
mod outcome;
mod outside;
mod policy_tests;
mod prepare;
mod project;
mod record;
mod repair;
pub mod report;
mod retry;
mod revise;
mod rights;
mod round_trip;
mod run;
mod scaffold;
mod server;
mod settle;
mod setup;
mod stamp;
mod standing;
mod states;
mod status;
mod tables;
mod transaction;
mod trouble;
mod verify;
mod view;

pub use access_error::{AccessError, StillOpen, WhyOpen};
pub use autogenerate::{
    AutogenerateError, AutogenerateRequest, Fault, Leg, Part, Unproved, Writing,
};
pub use check::{CheckRequest, SeveralHeads, TheDatabase, check_project};
pub use close::CloseRequest;
pub use control::{Control, Signal};
pub use error::{
    Error, Fate, Interruption, InvalidIndex, OneTransaction, StepCause, StepFailure,
    UnknownOutcome, UnknownRecord,
};
pub use explain::{Asker, ExplainError, ExplainRequest, RowDefect};
pub use gate::GateRefusal;
pub use inspect::HistoryRequest;
pub use matrix::{
    Commands, Fixtures, KeptMatrix, MOST_ROWS, MatrixError, MatrixRequest, Trial, Tried,
};
pub use offline::OfflineStart;
pub use open::OpenRequest;
pub use operations::{Migrator, Replays};
pub use policy_tests::{PolicyTestError, PolicyTestRequest, PolicyTests, TestRows};
pub use project::{config_report, init_project};
pub use repair::RepairRequest;
pub use revise::RevisionRequest;
pub use round_trip::{RoundTripRequest, Which};
pub use run::{RunAnswer, RunMode, RunRequest};
pub use server::{EmbeddedServer, Running};
pub use stamp::{StampAnswer, StampRequest};
pub use states::{
    DiffRequest, DumpRequest, ErdRequest, HereRequest, Losses, SplitFile, StateError, StateSpec,
    WayRequest,
};
