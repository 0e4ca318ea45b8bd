use std::collections::BTreeMap;
use std::path::PathBuf;

use super::access_error::AccessError;
use super::autogenerate::AutogenerateError;
use super::control::Signal;
use super::explain::ExplainError;
use super::gate::GateRefusal;
use super::matrix::MatrixError;
use super::policy_tests::PolicyTestError;
use super::report::{DisagreementReport, Obstacle, StepReport};
use super::states::StateError;
use crate::bookkeeping::{Blocker, BookkeepingError};
use crate::config::ConfigError;
use crate::db::{DbError, PoolerSign, ServerError, SqlState};
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::EngineError;
use crate::graph::{TargetDefect, TargetError};
use crate::revision::{Direction, NameDefect, RevisionId};
use crate::source::{GitError, SourceError};
use crate::sql::Missing;

/// Everything that can end an operation other than with its report. Facts only: the words, the
/// hints and the exit code are `render`'s.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The revision files are wrong.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Who may reach a table.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Nothing can be explained.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// The target names nothing, or not one thing.
    #[error("{error}")]
    Target {
        /// Why.
        error: TargetError,
        /// Message and up script of the revisions that it may name.
        about: BTreeMap<String, (String, PathBuf)>,
    },
    /// A text that is no revision id or label.
    #[error("{text} is no {what}: {defect}")]
    BadName {
        /// What it should be.
        what: &'static str,
        /// The text.
        text: String,
        /// Why it is none.
        defect: NameDefect,
    },
    /// The target is no word of the target grammar.
    #[error(transparent)]
    TargetSyntax(#[from] TargetDefect),
    /// The embedded server.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The connection, or a statement of ours.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Our own tables or the lock.
    #[error(transparent)]
    Bookkeeping(#[from] BookkeepingError),
    /// History and files disagree; nothing was run.
    #[error("the history and the files disagree")]
    Disagreement {
        /// What disagrees, each with its place and, for an edit, the difference.
        disagreements: Vec<DisagreementReport>,
    },
    /// Scripts of the plan hold what cannot run; nothing was run.
    #[error("the plan holds scripts that cannot run")]
    Unrunnable {
        /// What cannot run and where.
        findings: Vec<Diagnostic>,
    },
    /// Steps of a downgrade that cannot be taken; nothing was run.
    #[error("the downgrade has no way back")]
    NoWayBack {
        /// The revisions, what stands in the way, and their up script.
        steps: Vec<(RevisionId, Obstacle, PathBuf)>,
    },
    /// The plan holds a script outside a transaction where everything shall be in one.
    #[error("a script cannot run in the one transaction")]
    NeedsOwnTransaction {
        /// The scripts.
        places: Vec<Place>,
        /// Why everything shall be in one.
        reason: OneTransaction,
    },
    /// A step failed.
    #[error("a step failed")]
    StepFailed(Box<StepFailure>),
    /// A signal stopped the run.
    #[error("{}", .0.signal)]
    Interrupted(Box<Interruption>),
    /// The link was lost at COMMIT and the outcome could not be learned.
    #[error("the outcome of a COMMIT is unknown")]
    OutcomeUnknown(Box<UnknownOutcome>),
    /// The link was lost at the COMMIT of rows and entries that no script belongs to, and the outcome
    /// could not be learned.
    #[error("the outcome of a COMMIT is unknown")]
    RecordUnknown(Box<UnknownRecord>),
    /// The link was lost at that COMMIT, which was not done, as the server told on another link.
    #[error("the link was lost at COMMIT, which was not done")]
    NotRecorded {
        /// Why there was no answer.
        reason: String,
    },
    /// The URL leads to a transaction pooler: behind one, locks and settings go to whoever is next.
    #[error("the URL leads to a transaction pooler")]
    Pooler {
        /// What tells.
        sign: PoolerSign,
    },
    /// The server only reads: a standby, or read-only by its settings.
    #[error("the server is read-only")]
    ReadOnly {
        /// It is a standby.
        standby: bool,
    },
    /// The database that this command speaks of is not the embedded server.
    #[error("the database is not the embedded server")]
    NotEmbedded {
        /// Where it is, without secrets.
        url: String,
    },
    /// A range as target, without `--sql`: a database starts where it stands.
    #[error("a range is for --sql")]
    RangeNeedsSql {
        /// Which way.
        direction: Direction,
        /// The range.
        range: String,
    },
    /// A revision that the command needs is not applied.
    #[error("revision {revision} is not applied")]
    NotApplied {
        /// The revision.
        revision: String,
    },
    /// The history that the command needs does not exist.
    #[error("the database has no history")]
    NoHistory,
    /// The history keeps no down script of this revision.
    #[error("the history has no down script of {revision}")]
    NotInHistory {
        /// The revision.
        revision: String,
    },
    /// `setup` has no such option.
    #[error("setup has no {option}")]
    NotForSetup {
        /// The option.
        option: &'static str,
    },
    /// There is no such command.
    #[error("no command {name}")]
    NoSuchCommand {
        /// The name.
        name: String,
    },
    /// The process has no current folder.
    #[error("no current folder: {reason}")]
    NoCurrentFolder {
        /// The system's words.
        reason: String,
    },
    /// The system refused what the program itself needs to run.
    #[error("the program cannot run: {reason}")]
    NoRuntime {
        /// The system's words.
        reason: String,
    },
    /// The embedded server does not run, and the command needs it running.
    #[error("the embedded server does not run")]
    ServerNotRunning,
    /// A program that the command needs is not there.
    #[error("no {program}")]
    NoProgram {
        /// The program.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// The editor ended with a failure.
    #[error("the editor failed")]
    EditorFailed {
        /// Its command line.
        command: String,
        /// How it ended.
        reason: String,
    },
    /// `--set` wants `KEY=VALUE`.
    #[error("{text} is not KEY=VALUE")]
    NotAPair {
        /// What was said.
        text: String,
    },
    /// A question that must be answered by a flag where nobody can be asked.
    #[error("{command} was not confirmed, and wants --yes")]
    Unconfirmed {
        /// The command.
        command: &'static str,
    },
    /// What a repair was to change is not what was confirmed: the database moved meanwhile.
    #[error("the database changed while the repair was confirmed")]
    RepairMoved,
    /// `revision` and `merge` want a parent that has no child yet, unless they splice.
    #[error("{} has a child already", revision)]
    NotAHead {
        /// The parent.
        revision: RevisionId,
        /// Its children.
        children: Vec<RevisionId>,
    },
    /// The parents of a merge, of which one stands on another, or one is named twice.
    #[error("{beneath} is beneath {above} already")]
    NothingToMerge {
        /// The parent that is implied.
        beneath: RevisionId,
        /// The parent that implies it.
        above: RevisionId,
    },
    /// The revision has no down script.
    #[error("{revision} has no down script")]
    NoDownScript {
        /// The revision.
        revision: RevisionId,
    },
    /// A merge of one, or of none.
    #[error("a merge has at least two parents")]
    MergeOfOne {
        /// The only parent; `None` where the target named none.
        revision: Option<RevisionId>,
    },
    /// One revision is wanted, and the target names none or several.
    #[error("{target} names {} revisions", revisions.len())]
    NotOneRevision {
        /// The target.
        target: String,
        /// What it names.
        revisions: Vec<RevisionId>,
    },
    /// The access matrix could not be tried, or not be compared.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// A state cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The option says nothing by itself.
    #[error("{option} needs {needed}")]
    OptionNeeds {
        /// The option.
        option: &'static str,
        /// What it goes with.
        needed: &'static str,
    },
    /// No revision was made of a difference.
    #[error(transparent)]
    Autogenerate(#[from] AutogenerateError),
    /// Git does not tell what changed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The policy tests do not run.
    #[error(transparent)]
    PolicyTests(#[from] PolicyTestError),
}

/// A step that failed, and where the database stands.
#[derive(Debug, Clone, PartialEq)]
pub struct StepFailure {
    /// Which step, from 1.
    pub step: usize,
    /// Of how many.
    pub steps: usize,
    /// Which way.
    pub direction: Direction,
    /// The revision.
    pub revision: RevisionId,
    /// What failed.
    pub cause: StepCause,
    /// The place in the script, where it is known.
    pub place: Option<Place>,
    /// What had been done before.
    pub done: Vec<StepReport>,
    /// What became of this step's own work.
    pub fate: Fate,
    /// The version rows now; `None` where the server could not be asked.
    pub stands_at: Option<Vec<String>>,
    /// It was a rehearsal: nothing stays in any case.
    pub rehearsal: bool,
    /// All steps shared one transaction because of `--allow-pooler`.
    pub pooled: bool,
    /// How often it was tried.
    pub attempts: usize,
    /// The sessions that were in its way, as far as they were seen.
    pub blocked_by: Vec<Blocker>,
}

/// A COMMIT of which nobody knows what became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOutcome {
    /// The revision whose COMMIT it was; the last one, where the whole run shares a transaction.
    pub revision: RevisionId,
    /// Which way.
    pub direction: Direction,
    /// The run, as the history records it.
    pub run_id: String,
    /// The transaction, as `pg_current_xact_id()` gave it: what `pg_xact_status` takes.
    pub transaction: String,
    /// Why there is no answer.
    pub reason: String,
    /// The whole run shares the transaction.
    pub whole_run: bool,
    /// What had been done before.
    pub done: Vec<StepReport>,
    /// What is done too if it was committed.
    pub unsure: Vec<StepReport>,
}

/// A COMMIT of version rows and history entries alone of which nobody knows what became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRecord {
    /// The run, as the history records it.
    pub run_id: String,
    /// The revision of an entry that it wrote, and which way, if it wrote any.
    pub entry: Option<(String, Direction)>,
    /// The transaction, as `pg_current_xact_id()` gave it: what `pg_xact_status` takes.
    pub transaction: String,
    /// Why there is no answer.
    pub reason: String,
}

/// What failed in a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepCause {
    /// A statement of the script.
    Statement(Box<ServerError>),
    /// A statement of the verify script.
    Verify(Box<ServerError>),
    /// The COMMIT, by a deferred constraint say.
    Commit(Box<ServerError>),
    /// The link at the COMMIT, which was not done, as the server told on another link.
    CommitLost(String),
    /// A statement of ours, around the script.
    Bookkeeping(Box<ServerError>),
    /// The script ended the transaction that it ran in.
    TransactionEnded,
    /// The migration lock was no longer ours.
    LockLost,
    /// The session was lost, with it the lock, and another run has taken that since.
    LockTaken,
    /// The version rows were not those of the plan.
    RowsMoved,
    /// The gate found what it does not let pass.
    Gate(Box<GateRefusal>),
    /// The gate could not try what is kept.
    GateBroken(Box<MatrixError>),
    /// An earlier run did some of its statements outside a transaction, and it is in one now: all of
    /// them would run again.
    DoneInPart {
        /// How many statements were done, or may have been.
        done: usize,
    },
    /// A statement that an earlier run completed was edited since.
    CompletedStatementEdited {
        /// Which statement, from 1.
        statement: usize,
    },
    /// Statements that an earlier run completed left something in their session, which is gone with
    /// it, and what is not done may need it.
    MissingInSession(Missing),
    /// An earlier run began this statement, and nobody knows whether it was completed.
    InDoubt {
        /// Which statement, from 1.
        statement: usize,
    },
    /// A statement that builds indexes concurrently failed, and left some that are INVALID.
    BuildFailed {
        /// The server's words.
        error: Box<ServerError>,
        /// The indexes, quoted.
        left: Vec<String>,
    },
    /// An index is INVALID where a valid one is wanted.
    InvalidIndex {
        /// The index, quoted.
        index: String,
        /// How that is.
        kind: InvalidIndex,
    },
    /// The link to the server was lost, or something else between us and it failed.
    Link(String),
}

/// How an index comes to be INVALID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidIndex {
    /// It stood there before the statement, and none of this script's left it.
    Foreign,
    /// The statement says that it succeeded, and the index that it names is INVALID.
    Still,
    /// An earlier run of the script may have left it, or another session builds it now.
    Busy,
}

/// What became of a failed step's own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing was run.
    Untouched,
    /// It was rolled back.
    RolledBack,
    /// The whole run was rolled back, the steps before too.
    RunRolledBack,
    /// The link is gone: the server rolls it back by itself, as soon as it notices.
    LeftToServer {
        /// The steps before it too.
        whole_run: bool,
    },
    /// So many statements of so many stay done: the script runs outside a transaction.
    Partly {
        /// Statements done.
        done: usize,
        /// Of how many.
        statements: usize,
    },
    /// What the script itself committed stays.
    Committed,
    /// It is done and recorded: the script runs outside a transaction.
    Recorded,
}

/// A run that a signal stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// Which signal.
    pub signal: Signal,
    /// The step that was running.
    pub revision: Option<RevisionId>,
    /// What had been done before.
    pub done: Vec<StepReport>,
    /// What became of the running step's work.
    pub fate: Fate,
    /// The version rows now; `None` where the server could not be asked.
    pub stands_at: Option<Vec<String>>,
}

/// Why all steps of a run share one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneTransaction {
    /// `--transaction all`.
    Scope,
    /// `--rehearse`.
    Rehearsal,
    /// `--allow-pooler`.
    Pooler,
}

impl Error {
    /// The error's kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Access(error) => error.code(),
            Self::Explain(error) => error.code(),
            Self::Target { error, .. } => error.code(),
            Self::BadName { .. } => "bad-name",
            Self::TargetSyntax(error) => error.code(),
            Self::Engine(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Bookkeeping(error) => error.code(),
            Self::Disagreement { .. } => "history-disagrees",
            Self::Unrunnable { .. } => "unrunnable-script",
            Self::NoWayBack { .. } => "no-way-back",
            Self::NeedsOwnTransaction { .. } => "needs-own-transaction",
            Self::StepFailed(_) => "step-failed",
            Self::Interrupted(_) => "interrupted",
            Self::OutcomeUnknown(_) | Self::RecordUnknown(_) => "outcome-unknown",
            Self::NotRecorded { .. } => "connection-lost",
            Self::Pooler { .. } => "transaction-pooler",
            Self::ReadOnly { .. } => "read-only",
            Self::NotEmbedded { .. } => "not-embedded",
            Self::RangeNeedsSql { .. } => "range-needs-sql",
            Self::NotApplied { .. } => "not-applied",
            Self::NoHistory => "no-history",
            Self::NotInHistory { .. } => "not-in-history",
            Self::NotForSetup { .. } => "not-for-setup",
            Self::NoSuchCommand { .. } => "no-such-command",
            Self::NoCurrentFolder { .. } => "no-current-folder",
            Self::NoRuntime { .. } => "no-runtime",
            Self::ServerNotRunning => "server-not-running",
            Self::NoProgram { .. } => "no-program",
            Self::EditorFailed { .. } => "editor-failed",
            Self::NotAPair { .. } => "not-a-pair",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::RepairMoved => "repair-moved",
            Self::NotAHead { .. } => "not-a-head",
            Self::NothingToMerge { .. } => "nothing-to-merge",
            Self::NoDownScript { .. } => "no-down-script",
            Self::NotOneRevision { .. } => "not-one-revision",
            Self::MergeOfOne { .. } => "merge-of-one",
            Self::Matrix(error) => error.code(),
            Self::OptionNeeds { .. } => "option-needs-another",
            Self::State(error) => error.code(),
            Self::Autogenerate(error) => error.code(),
            Self::Git(error) => error.code(),
            Self::PolicyTests(error) => error.code(),
        }
    }
}

impl Error {
    /// Whether the server says that the user has no right to do that.
    pub(super) fn is_denied(&self) -> bool {
        let (Self::Db(error) | Self::Bookkeeping(BookkeepingError::Db(error))) = self else {
            return false;
        };
        error
            .server()
            .is_some_and(|error| error.sqlstate == SqlState::INSUFFICIENT_PRIVILEGE)
    }

    /// The error of a run none of whose steps is to blame: where the link was lost on the way out
    /// after a signal, it is the signal that is told.
    pub(super) fn or_signal(self, signal: Option<Signal>) -> Self {
        match (&self, signal) {
            (Self::Db(error) | Self::Bookkeeping(BookkeepingError::Db(error)), Some(signal))
                if error.is_link_lost() =>
            {
                Self::stopped_before_work(signal)
            }
            _ => self,
        }
    }

    /// A signal that came before anything was run.
    pub(super) fn stopped_before_work(signal: Signal) -> Self {
        Self::Interrupted(Box::new(Interruption {
            signal,
            revision: None,
            done: Vec::new(),
            fate: Fate::Untouched,
            stands_at: None,
        }))
    }
}
