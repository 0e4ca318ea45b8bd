use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::destination::DestinationView;
use super::paths;
use super::rls_test::RlsTestName;
use super::run::{LockEstimate, NoticeReport, Operation, ScriptTransaction, StepReport};
use crate::bookkeeping::Blocker;
use crate::diagnostic::Diagnostic;
use crate::revision::{Direction, RevisionId};
use crate::schema::facts::FactId;

/// What happens while a command works, in order, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Server binaries are being fetched. Sent again as bytes arrive.
    Downloading {
        /// What is fetched: `PostgreSQL 17.6`.
        what: String,
        /// Bytes so far.
        received_bytes: u64,
        /// Bytes in all, where that is known.
        total_bytes: Option<u64>,
    },
    /// The embedded server's data folder is made for the first time.
    EngineInitialising {
        /// The version of its binaries.
        version: String,
        /// The data folder.
        #[serde(serialize_with = "paths::one")]
        data: PathBuf,
    },
    /// The embedded server starts.
    EngineStarting {
        /// The version of its binaries.
        version: String,
        /// The data folder.
        #[serde(serialize_with = "paths::one")]
        data: PathBuf,
    },
    /// The command uses the embedded server, which takes connections now.
    EngineReady {
        /// The major version of its data.
        major: u32,
        /// The data folder.
        #[serde(serialize_with = "paths::one")]
        data: PathBuf,
        /// It did not run and was started for this command.
        started: bool,
        /// How long that took.
        duration_ms: u64,
    },
    /// The embedded server that this command started stops.
    EngineStopping,
    /// Another run holds the lock. Sent again now and then while it is waited for.
    WaitingForLock {
        /// Who holds it, where the server tells.
        holder: Option<LockHolder>,
        /// How long it has been waited for.
        waited_ms: u64,
    },
    /// The lock is ours, after it had to be waited for.
    LockAcquired {
        /// How long that took.
        waited_ms: u64,
    },
    /// Revisions that another tool applied were written into the history.
    Adopted {
        /// The revisions, in graph order.
        revisions: Vec<RevisionId>,
    },
    /// Something worth knowing about the files or the settings.
    Finding {
        /// The finding.
        finding: Diagnostic,
    },
    /// The run is one transaction, which may need more locks than the server has. Sent before its
    /// steps begin.
    ManyLocks {
        /// How many, and how many the server has.
        estimate: LockEstimate,
    },
    /// The steps begin.
    RunStarted {
        /// What the run does.
        operation: Operation,
        /// The run's id.
        run_id: String,
        /// Which database.
        destination: DestinationView,
        /// How many steps it has.
        steps: usize,
        /// Everything is rolled back at the end.
        rehearsal: bool,
    },
    /// A step begins.
    StepStarted {
        /// Which step, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// Which way.
        direction: Direction,
        /// The revision.
        revision: RevisionId,
        /// Its message.
        message: Option<String>,
        /// Its script.
        #[serde(serialize_with = "paths::maybe")]
        path: Option<PathBuf>,
        /// How the script runs.
        transaction: ScriptTransaction,
    },
    /// A statement of the step's script is done.
    StepProgress {
        /// Which step, from 1.
        step: usize,
        /// How many statements are done.
        statements_done: usize,
        /// Of how many.
        statements: usize,
    },
    /// An earlier run began a statement and was cut off; what became of it was found out.
    Settled {
        /// Which statement, from 1.
        statement: usize,
        /// Its line in the script as it ran; `null` where it is not known.
        line: Option<u32>,
        /// The run that began it.
        run_id: String,
        /// What was found.
        found: Settlement,
    },
    /// An INVALID index that an earlier run's statement left is dropped.
    DroppingLeftover {
        /// The index, quoted.
        index: String,
    },
    /// A partition that an earlier run's statement detached by half is detached.
    FinishingDetach {
        /// The partition, quoted.
        partition: String,
    },
    /// A statement that was cancelled left an INVALID index.
    IndexLeft {
        /// The index, quoted.
        index: String,
    },
    /// How far a concurrent index build is. Sent about once a second, once it takes longer than a
    /// moment.
    IndexBuild {
        /// The index; `null` before it is made.
        index: Option<String>,
        /// What the server does, in its words.
        phase: String,
        /// The phase is another than that of the event before.
        new_phase: bool,
        /// Blocks read in this phase.
        blocks_done: u64,
        /// Of how many; 0 where the phase reads none.
        blocks_total: u64,
        /// Rows done in this phase.
        tuples_done: u64,
        /// Of how many; 0 where the phase counts none.
        tuples_total: u64,
        /// The session whose transaction has to end first.
        waits_for: Option<LockHolder>,
        /// How long the statement has run.
        elapsed_ms: u64,
    },
    /// A policy test begins.
    TestStarted {
        /// How many are done.
        done: usize,
        /// The test.
        test: RlsTestName,
    },
    /// Revisions are made of a difference, and this is what comes next.
    Autogenerating {
        /// What.
        stage: AutogenerateStage,
    },
    /// Revisions are going to be run up, down and up again.
    RoundTripsStarted {
        /// How many.
        revisions: usize,
        /// On how many scratch servers.
        jobs: usize,
    },
    /// A revision was. They come in no order.
    RoundTripDone {
        /// How many were so far.
        done: usize,
        /// Of how many.
        revisions: usize,
        /// The revision.
        revision: RevisionId,
        /// Its message.
        message: Option<String>,
        /// It failed.
        failed: bool,
    },
    /// Patterns by which something was to be looked at name nothing in any state.
    NothingIncluded {
        /// The patterns.
        patterns: Vec<String>,
    },
    /// The role that read a state may not see all of it.
    Unseen {
        /// The state, as it was asked for.
        state: String,
        /// The role.
        role: String,
        /// The objects, which are left out of what this state is compared with too.
        objects: Vec<FactId>,
    },
    /// The server said something.
    Notice {
        /// What.
        notice: NoticeReport,
    },
    /// A statement of the step's script waits for a lock. Sent again as those who are in its way
    /// change; with nobody when it waits no more.
    Blocked {
        /// Who is in its way.
        blockers: Vec<Blocker>,
    },
    /// A lock or a deadlock stopped the step: it was rolled back, and is tried again.
    Retrying {
        /// Which step, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// The revision.
        revision: RevisionId,
        /// Which try it was that failed, from 1.
        attempt: usize,
        /// How many there are at most.
        attempts: usize,
        /// The server's message.
        message: String,
        /// Its SQLSTATE.
        sqlstate: String,
        /// Who was in the way, as far as they were seen.
        blockers: Vec<Blocker>,
        /// How long is waited before the next try.
        wait_ms: u64,
    },
    /// A step is done and committed, or done and to be rolled back in a rehearsal.
    StepFinished {
        /// Which step, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// What it did.
        report: StepReport,
    },
    /// A step failed; the error says how.
    StepFailed {
        /// Which step, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// Which way.
        direction: Direction,
        /// The revision.
        revision: RevisionId,
        /// Its message.
        message: Option<String>,
        /// How long it ran.
        duration_ms: u64,
    },
    /// A signal came: the statement that runs is being cancelled.
    Cancelling,
    /// The server did not answer after a signal; the link is cut.
    NotAnswering,
    /// A COMMIT is not answered yet, which a slow standby may be the reason of. Sent again now and
    /// then.
    WaitingForCommit {
        /// How long it has been waited for.
        waited_ms: u64,
    },
    /// The link was lost at a COMMIT; the server is asked on another one what became of it.
    CommitLost {
        /// The revision whose COMMIT it was; none where rows and entries alone were written.
        revision: Option<RevisionId>,
        /// What happened to the link.
        reason: String,
    },
    /// What became of that COMMIT.
    CommitFound {
        /// The revision whose COMMIT it was; none where rows and entries alone were written.
        revision: Option<RevisionId>,
        /// It was done.
        committed: bool,
    },
}

/// What became of a statement of which no completion was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// It was done.
    Done,
    /// It was not, and runs again.
    NotDone,
    /// It may have been, and running it again does no harm.
    Repeated,
}

/// Who holds a lock that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockHolder {
    /// The server process.
    pub pid: i32,
    /// Its role.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
    /// Where it comes from; `null` for a local socket.
    pub client: Option<String>,
    /// When its session or transaction began.
    pub since: Option<DateTime<Utc>>,
}

/// What is done on the way from a difference to revisions, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AutogenerateStage {
    /// What the parents are, and what is declared, is built.
    Building,
    /// A person may be asked what was renamed.
    Asking,
    /// What is to be done is worked out and tried.
    Planning,
    /// The files are run up and down.
    Proving,
}
