//! What every command answers: plain data, and the JSON shape of each command.
//!
//! Keys are snake_case with units (`duration_ms`), instants are RFC 3339 in UTC, and every key is
//! always there (`null` where there is nothing to say), so that a reader never has to ask twice.
//! Ids that come from a database are plain text: a row may hold what no file knows.

mod audit;
mod check;
mod closing;
mod destination;
mod disagreement;
mod envelope;
mod event;
mod explain;
mod files;
mod history;
mod lint;
mod locks;
mod log;
mod matrix;
mod paths;
mod repair;
mod revision;
mod rls_test;
mod round_trip;
mod run;
mod server;
mod settings;
mod states;
mod status;

pub use crate::bookkeeping::{Blocker, Runner};
pub use crate::catalog::Shown;
pub use audit::RlsStatus;
pub use check::{
    CheckFact, CheckOutcome, CheckPartReport, CheckReport, Checked, CheckedPart, SkipReason,
};
pub use closing::{ClosedTable, ClosingEntry, RlsClose, RlsOpen};
pub use destination::DestinationView;
pub use disagreement::{DisagreementReport, ScriptFate, Verification, VerifyFinding};
pub use envelope::{Envelope, FailureEnvelope, SCHEMA};
pub use event::{Event, LockHolder, Settlement};
pub use explain::{ColumnValue, ExplainedActor, RlsExplain};
pub use files::{EditReport, HookReport, Init, NewRevision, TemplateList};
pub use history::{BranchPoint, Branches, Current, CurrentRow, Heads, History, Show};
pub use lint::{RlsFinding, RlsLint, RlsSuppressed};
pub use locks::LocksReport;
pub use log::{LogEntry, LogReport};
pub use matrix::{MatrixActor, MatrixRow, MatrixTable, RlsMatrix};
pub use repair::{Outcome, Repair, RepairAction, RepairChange, RepairOutcome, RepairReason};
pub use revision::{RevisionDetail, RevisionView, ScriptKind, ScriptView};
pub use rls_test::{
    RlsTest, RlsTestFailure, RlsTestList, RlsTestName, RlsTestOutcome, RlsTestResult,
};
pub use round_trip::{
    Phase, RoundTrip, RoundTrips, RowsChange, SeedReport, SeedRest, TestCounts, TestReport,
    TestedRevision, TripEnd, TripFault, TripOutcome,
};
pub use run::{
    GateMatrix, LockEstimate, NoticeReport, Obstacle, OfflineReport, Operation, PlanReport,
    PlanStep, RlsGate, RunOutcome, RunReport, ScriptTransaction, StepReport, TransactionScope,
};
pub use server::{DatabaseStatus, EnsureVersion, ServerAction, ServerState, Setup};
pub use settings::{ConfigEntry, ConfigReport, OriginView};
pub use states::{Differences, ObjectDiff, SchemaDiff, SchemaDump, SchemaErd, StateView};
pub use status::{InvalidIndexReport, NextStep, PartialRevision, Status, StoppedStatement};
