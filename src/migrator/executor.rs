//! The one executor: a plan's steps, each in its own transaction, all in one, or outside any.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::blockers::Watch;
use super::commit::make_durable;
use super::control::{Control, Signal};
use super::error::{Error, Fate, Interruption, StepCause, StepFailure, UnknownOutcome};
use super::gate::Gate;
use super::notices;
use super::prepare::{ReadyScript, ReadyStep};
use super::report::{Event, NoticeReport, ScriptTransaction, StepReport, TransactionScope};
use super::retry::Retries;
use super::transaction::Begun;
use super::trouble::{Trouble, script_trouble};
use crate::bookkeeping::{
    Journal, Recording, RowEdit, StepRecord, StepTransaction, prepare_rehearsal,
};
use crate::db::{
    Answer, DbError, ScriptFailure, SentScript, ServerError, Session, SessionSettings,
};

/// How long a cancel request may take to be delivered.
const CANCEL: Duration = Duration::from_secs(5);

/// How the steps are run.
#[derive(Debug, Clone)]
pub(super) struct RunOptions {
    pub(super) scope: TransactionScope,
    /// Everything is rolled back at the end; implies one transaction.
    pub(super) rehearsal: bool,
    /// How long a statement of a script may run; zero is for ever.
    pub(super) statement_timeout: Duration,
    pub(super) retries: Retries,
    /// How long a COMMIT may be without an answer; zero is for ever.
    pub(super) commit_timeout: Duration,
}

/// Runs steps over one session, which holds the migration lock.
pub(super) struct Executor<'a> {
    pub(super) session: &'a Session,
    pub(super) settings: &'a SessionSettings,
    /// What puts the session back, where it was learnt what need not be set.
    pub(super) reset: OnceLock<String>,
    pub(super) recording: &'a Recording,
    pub(super) options: RunOptions,
    /// What judges each step before its COMMIT.
    pub(super) gate: Option<&'a Gate<'a>>,
    pub(super) control: &'a Control,
    /// Who is in the way of what runs.
    pub(super) watch: Watch<'a>,
}

/// A step that is being run.
pub(super) struct At<'a> {
    /// Which, from 0.
    pub(super) index: usize,
    /// Of how many.
    pub(super) steps: usize,
    pub(super) ready: &'a ReadyStep,
    /// The one after it.
    next: Option<&'a ReadyStep>,
    /// Whether earlier runs left something in the journal.
    pub(super) journalled: bool,
    started: Instant,
}

/// What a step has come to, whether it comes to its end or not.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// What the server said.
    pub(super) heard: Vec<NoticeReport>,
    /// How many statements are done, of a script outside a transaction.
    pub(super) statements_done: usize,
    /// How often it was tried.
    pub(super) attempts: usize,
    /// The script itself ended the transaction that it ran in, and something of it is committed.
    pub(super) ended_itself: bool,
    /// It ran outside a transaction, and is done and recorded.
    pub(super) recorded: bool,
}

/// The next step, where it was begun with the COMMIT of the one before it.
pub(super) struct Ahead<'a> {
    /// What came of beginning its transaction.
    pub(super) begun: Result<Begun, DbError>,
    /// Its script, where that is on its way too.
    pub(super) sent: Option<Sent<'a>>,
}

/// A script that is on its way, and its record behind it.
pub(super) struct Sent<'a> {
    pub(super) script: SentScript<'a>,
    pub(super) record: StepRecord<'a>,
}

impl<'a> Executor<'a> {
    /// Runs the steps in order, but for those that are `done` already; returns what each did.
    ///
    /// # Errors
    /// [`Error::StepFailed`] and [`Error::Interrupted`], after rolling back what had to be; both
    /// say where the database stands. [`Error::OutcomeUnknown`] where a COMMIT was not answered: the
    /// session is of no use then, and another one can tell.
    pub(super) async fn run(
        &self,
        steps: &'a [ReadyStep],
        mut done: Vec<StepReport>,
    ) -> Result<Vec<StepReport>, Error> {
        let journalled = self.open().await?;
        // What the server said of our own tables is not the scripts'.
        drop(self.session.drain_notices());
        let mut ahead = None;
        for (index, ready) in steps.iter().enumerate().skip(done.len()) {
            let started = Instant::now();
            let at = At {
                index,
                steps: steps.len(),
                ready,
                next: steps.get(index + 1),
                journalled,
                started,
            };
            self.tell_started(&at);
            let mut course = Course::default();
            let outcome = match self.done_in_part(&at).await {
                Ok(()) => self.step(&at, &mut ahead, &mut course).await,
                refused => refused,
            };
            let report = StepReport {
                direction: ready.step.direction,
                revision: ready.step.revision.clone(),
                message: ready.message.clone(),
                path: Some(ready.script.path.clone()),
                transaction: ready.script.transaction(),
                duration_ms: millis(started),
                attempts: course.attempts,
                notices: std::mem::take(&mut course.heard),
                rows_after: Vec::new(),
            };
            if let Err(trouble) = outcome {
                let unsure = vec![report];
                let stopped = self.stopped(trouble, &at, done, unsure, &course);
                return Err(stopped.await);
            }
            self.control.tell(Event::StepFinished {
                step: index + 1,
                steps: steps.len(),
                report: report.clone(),
            });
            done.push(report);
        }
        self.close(steps, done).await
    }

    /// Sets the session up for the first step; begins the one transaction, where there is one.
    /// Tells whether earlier runs left something in the journal.
    async fn open(&self) -> Result<bool, Error> {
        let table = &self.recording.table;
        if !self.one_transaction() {
            self.learn_defaults().await?;
            return Ok(Journal::holds_anything(self.session, table).await?);
        }
        if !self.session.is_shared() {
            self.session.batch("begin").await?;
        }
        if self.options.rehearsal
            && let Err(error) = prepare_rehearsal(self.session, table).await
        {
            let _gone = self.session.batch("rollback").await;
            return Err(error.into());
        }
        Ok(Journal::holds_anything(self.session, table).await?)
    }

    /// Ends the one transaction, where there is one.
    async fn close(
        &self,
        steps: &[ReadyStep],
        done: Vec<StepReport>,
    ) -> Result<Vec<StepReport>, Error> {
        if self.options.rehearsal {
            self.session.batch("rollback").await?;
        } else if let (true, Some(ready)) = (self.one_transaction(), steps.last()) {
            let at = At {
                index: steps.len() - 1,
                steps: steps.len(),
                ready,
                next: None,
                journalled: false,
                started: Instant::now(),
            };
            let committed = match self.begin("").await {
                Ok(begun) => self.commit(&begun, true).await,
                Err(error) => Err(error.into()),
            };
            if let Err(trouble) = committed {
                return Err(self
                    .stopped(trouble, &at, Vec::new(), done, &Course::default())
                    .await);
            }
        }
        Ok(done)
    }

    async fn step(
        &self,
        at: &At<'a>,
        ahead: &mut Option<Ahead<'a>>,
        course: &mut Course,
    ) -> Result<(), Trouble> {
        // What is on its way has to be cancelled, and is not to be begun.
        if let (None, Some(signal)) = (&ahead, self.control.stopped()) {
            return Err(Trouble::Signal(signal));
        }
        match at.ready.script.transaction() {
            ScriptTransaction::On => self.try_in_transaction(at, ahead, course).await,
            ScriptTransaction::Off => {
                if at.index > 0 {
                    self.reset().await?;
                }
                course.attempts = 1;
                let Course {
                    heard,
                    statements_done,
                    ..
                } = course;
                self.outside(at.ready, at.index, heard, statements_done)
                    .await?;
                self.pass_gate_behind(at, course).await
            }
        }
    }

    pub(super) fn one_transaction(&self) -> bool {
        self.options.rehearsal || self.options.scope == TransactionScope::All
    }

    /// One step in the transaction that was begun for it: script, verify script, version rows and
    /// history entry, all or nothing.
    pub(super) async fn in_transaction(
        &self,
        at: &At<'a>,
        transaction: &Begun,
        sent: Option<Sent<'a>>,
        ahead: &mut Option<Ahead<'a>>,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let one = self.one_transaction();
        let ready = at.ready;
        if let Some(sent) = sent {
            self.finish_sent(at, sent, heard).await?;
        } else if ready.verify.is_none() && ready.script.is_one_message() {
            self.run_and_record(at, transaction, heard).await?;
        } else {
            self.run_script(&ready.script, at.index, heard, StepCause::Statement)
                .await?;
            self.verify(ready, at.index, heard).await?;
            self.record(ready, transaction, at.journalled).await?;
        }
        self.pass_gate(at, transaction.changes).await?;
        if let Some(signal) = self.control.stopped() {
            return Err(Trouble::Signal(signal));
        }
        if one {
            return self.check_deferred().await;
        }
        match at.next {
            Some(next) if next.script.transaction() == ScriptTransaction::On => {
                *ahead = Some(self.commit_and_begin(transaction, at, next).await?);
                Ok(())
            }
            _ => self.commit(transaction, at.next.is_none()).await,
        }
    }

    /// Runs a step's verify script, in its transaction.
    pub(super) async fn verify(
        &self,
        ready: &ReadyStep,
        index: usize,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        if let Some(verify) = &ready.verify {
            self.session.batch(&self.script_settings(verify)).await?;
            self.run_script(verify, index, heard, StepCause::Verify)
                .await?;
        }
        Ok(())
    }

    /// The end of a step, in its transaction: version rows and history entry.
    pub(super) async fn record(
        &self,
        ready: &ReadyStep,
        begun: &Begun,
        journalled: bool,
    ) -> Result<(), Trouble> {
        let record = self.step_record(ready, begun.transaction(journalled));
        Ok(record.write(self.session).await?)
    }

    pub(super) fn step_record(
        &self,
        ready: &ReadyStep,
        transaction: StepTransaction<'_>,
    ) -> StepRecord<'a> {
        StepRecord::new(
            self.recording,
            RowEdit::from(&ready.step),
            &ready.entry,
            transaction,
            self.session.is_shared(),
        )
    }

    /// The script and its record as one message: where the script fails, the server takes nothing
    /// more of it.
    async fn run_and_record(
        &self,
        at: &At<'_>,
        begun: &Begun,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let script = &at.ready.script;
        let record = self.step_record(at.ready, begun.transaction(at.journalled));
        let behind = record.sql();
        let mut progress = self.progress(script, at.index);
        let work =
            self.session
                .run_script_and(&script.text, &script.statements, &behind, &mut progress);
        self.ran_and_recorded(at, &record, work, heard).await
    }

    /// The same, where both are on their way already.
    async fn finish_sent(
        &self,
        at: &At<'_>,
        sent: Sent<'_>,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let mut progress = self.progress(&at.ready.script, at.index);
        let work = sent.script.finish(&mut progress);
        self.ran_and_recorded(at, &sent.record, work, heard).await
    }

    async fn ran_and_recorded(
        &self,
        at: &At<'_>,
        record: &StepRecord<'_>,
        work: impl Future<Output = Result<Result<Vec<Answer>, DbError>, Box<ScriptFailure>>>,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let script = &at.ready.script;
        let (result, signal) = self.cancellable(work).await;
        self.hear(script, 0, heard);
        if let Some(signal) = signal {
            return Err(Trouble::Signal(signal));
        }
        let answered =
            result.map_err(|failure| script_trouble(&failure, script, 0, StepCause::Statement))?;
        Ok(record.confirm(self.session, answered).await?)
    }

    /// What tells how far a script is.
    fn progress(&self, script: &ReadyScript, index: usize) -> impl FnMut(usize) + Send {
        let total = script.statements.len();
        move |done| {
            self.control.tell(Event::StepProgress {
                step: index + 1,
                statements_done: done,
                statements: total,
            });
        }
    }

    pub(super) async fn run_script(
        &self,
        script: &ReadyScript,
        index: usize,
        heard: &mut Vec<NoticeReport>,
        cause: fn(Box<ServerError>) -> StepCause,
    ) -> Result<(), Trouble> {
        let mut progress = self.progress(script, index);
        let work = self
            .session
            .run_script(&script.text, &script.statements, &mut progress);
        let (result, signal) = self.cancellable(work).await;
        self.hear(script, 0, heard);
        if let Some(signal) = signal {
            return Err(Trouble::Signal(signal));
        }
        result.map_err(|failure| script_trouble(&failure, script, 0, cause))
    }

    /// Awaits `work`, and tells who is in its way; on a signal cancels the statement that runs and
    /// awaits its end.
    pub(super) async fn cancellable<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> (T, Option<Signal>) {
        let mut work = pin!(self.watch.during(work));
        tokio::select! {
            biased;
            result = &mut work => (result, None),
            signal = self.control.stop() => {
                self.control.tell(Event::Cancelling);
                // A cancel that does not arrive leaves the statement to end by itself, or with the
                // link, which whoever runs the steps cuts.
                let cancel = self.session.cancel_handle();
                let _late = tokio::time::timeout(CANCEL, cancel.cancel()).await;
                (work.await, Some(signal))
            }
        }
    }

    /// Takes the notices that came, tells them, and keeps them for the report. `first` is the
    /// statement that was the first of what ran.
    pub(super) fn hear(&self, script: &ReadyScript, first: usize, heard: &mut Vec<NoticeReport>) {
        let notices = self.session.drain_notices();
        for notice in &notices.kept {
            let notice = notices::report(notice, &script.path, &script.statements, first);
            self.control.tell(Event::Notice {
                notice: notice.clone(),
            });
            heard.push(notice);
        }
        if notices.dropped > 0 {
            let notice = notices::dropped(notices.dropped, &script.path);
            self.control.tell(Event::Notice {
                notice: notice.clone(),
            });
            heard.push(notice);
        }
    }

    fn tell_started(&self, at: &At<'_>) {
        let ready = at.ready;
        self.control.tell(Event::StepStarted {
            step: at.index + 1,
            steps: at.steps,
            direction: ready.step.direction,
            revision: ready.step.revision.clone(),
            message: ready.message.clone(),
            path: Some(ready.script.path.clone()),
            transaction: ready.script.transaction(),
        });
    }

    /// Rolls back what has to be, asks where the database stands, and makes the error. `unsure` is
    /// what is done too if a COMMIT was done that was not answered.
    async fn stopped(
        &self,
        trouble: Trouble,
        at: &At<'_>,
        done: Vec<StepReport>,
        unsure: Vec<StepReport>,
        course: &Course,
    ) -> Error {
        let ready = at.ready;
        let trouble = match (trouble, self.control.stopped()) {
            // A link that is lost on the way out is the signal's doing.
            (Trouble::Cause(StepCause::Link(_), _), Some(signal)) => Trouble::Signal(signal),
            (trouble, _) => trouble,
        };
        if !matches!(trouble, Trouble::CommitLost(_)) {
            self.control.tell(Event::StepFailed {
                step: at.index + 1,
                steps: at.steps,
                direction: ready.step.direction,
                revision: ready.step.revision.clone(),
                message: ready.message.clone(),
                duration_ms: millis(at.started),
            });
        }
        // Where the link is gone the server rolls back by itself; nothing else can be done.
        let _gone = self.session.batch("rollback").await;
        let _gone = self.reset().await;
        let fate = match &trouble {
            _ if course.recorded => Fate::Recorded,
            _ if ready.script.transaction() == ScriptTransaction::Off => {
                Self::partly(ready, course.statements_done)
            }
            _ if course.ended_itself => Fate::Committed,
            _ if self.session.is_closed() => Fate::LeftToServer {
                whole_run: self.one_transaction(),
            },
            _ if self.one_transaction() => Fate::RunRolledBack,
            _ => Fate::RolledBack,
        };
        let stays = !done.is_empty() || matches!(fate, Fate::Committed | Fate::Recorded);
        if stays && !self.one_transaction() && !self.session.is_closed() {
            make_durable(self.session, self.control, self.options.commit_timeout).await;
        }
        match trouble {
            Trouble::Signal(signal) => Error::Interrupted(Box::new(Interruption {
                signal,
                revision: Some(ready.step.revision.clone()),
                done,
                fate,
                stands_at: self.stands_at().await,
            })),
            Trouble::Cause(cause, place) => Error::StepFailed(Box::new(StepFailure {
                step: at.index + 1,
                steps: at.steps,
                direction: ready.step.direction,
                revision: ready.step.revision.clone(),
                blocked_by: self.blocked_by(&cause),
                attempts: course.attempts,
                cause,
                place,
                done,
                fate,
                stands_at: self.stands_at().await,
                rehearsal: self.options.rehearsal,
                pooled: self.session.is_shared(),
            })),
            Trouble::CommitLost(lost) => Error::OutcomeUnknown(Box::new(UnknownOutcome {
                revision: ready.step.revision.clone(),
                direction: ready.step.direction,
                run_id: self.recording.run_id.clone(),
                transaction: lost.transaction,
                reason: lost.reason,
                whole_run: self.one_transaction(),
                done,
                unsure,
            })),
        }
    }

    /// The version rows, if the server tells. A cancel request that came late may hit the question:
    /// it is asked twice.
    async fn stands_at(&self) -> Option<Vec<String>> {
        let table = &self.recording.table;
        let kept = match table.read_alone(self.session).await {
            Ok(kept) => Ok(kept),
            Err(_) => table.read_alone(self.session).await,
        };
        kept.ok().map(|kept| kept.rows().to_vec())
    }
}

pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
