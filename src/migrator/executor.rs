//! The one executor: a plan's steps, each in its own transaction, all in one, or outside any.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use super::control::{Control, Signal};
use super::error::{Error, Fate, Interruption, StepCause, StepFailure};
use super::notices;
use super::prepare::{ReadyScript, ReadyStep};
use super::report::{Event, NoticeReport, ScriptTransaction, StepReport, TransactionScope};
use crate::bookkeeping::{BookkeepingError, Entry, Recording, RowEdit, prepare_rehearsal, record};
use crate::db::{DbError, ScriptFailure, ServerError, Session, SessionSettings};
use crate::diagnostic::Place;
use crate::revision::Timeout;
use crate::sql::{self, Span};

/// How the steps are run.
#[derive(Debug, Clone)]
pub(super) struct RunOptions {
    pub(super) scope: TransactionScope,
    /// Everything is rolled back at the end; implies one transaction.
    pub(super) rehearsal: bool,
}

/// How the session rests between scripts: nothing in its path, and commits that do not wait for
/// the disk. Script and version row are in one transaction, so a crash of the server loses whole
/// revisions from the end and never half a one; the last commit waits for all.
const RESTING: &str = "SET search_path = ''; SET synchronous_commit = off";

/// Runs steps over one session, which holds the migration lock.
pub(super) struct Executor<'a> {
    pub(super) session: &'a Session,
    pub(super) settings: &'a SessionSettings,
    pub(super) recording: &'a Recording,
    pub(super) options: RunOptions,
    pub(super) control: &'a Control,
}

/// Why a step did not come to its end.
pub(super) enum Trouble {
    Cause(StepCause, Option<Place>),
    Signal(Signal),
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Server(error) => Self::Cause(StepCause::Bookkeeping(error), None),
            other => Self::Cause(StepCause::Link(other.to_string()), None),
        }
    }
}

impl From<BookkeepingError> for Trouble {
    fn from(error: BookkeepingError) -> Self {
        let cause = match error {
            BookkeepingError::TransactionEnded => StepCause::TransactionEnded,
            BookkeepingError::LockLost => StepCause::LockLost,
            BookkeepingError::RowsMoved { .. } => StepCause::RowsMoved,
            BookkeepingError::Db(error) => return error.into(),
            other => StepCause::Link(other.to_string()),
        };
        Self::Cause(cause, None)
    }
}

impl Executor<'_> {
    /// Runs the steps in order; returns what each did.
    ///
    /// # Errors
    /// [`Error::StepFailed`] and [`Error::Interrupted`], after rolling back what had to be; both
    /// say where the database stands.
    pub(super) async fn run(&self, steps: &[ReadyStep]) -> Result<Vec<StepReport>, Error> {
        let one = self.one_transaction();
        // What the server said of our own tables is not the scripts'.
        drop(self.session.drain_notices());
        let mut done: Vec<StepReport> = Vec::with_capacity(steps.len());
        if !one {
            self.session.batch(RESTING).await?;
        }
        if one {
            self.session.batch("begin").await?;
            if self.options.rehearsal {
                prepare_rehearsal(self.session, &self.recording.table).await?;
            }
        }
        for (index, ready) in steps.iter().enumerate() {
            let last = index + 1 == steps.len();
            let started = Instant::now();
            self.tell_started(index, steps.len(), ready);
            let mut heard = Vec::new();
            let outcome = match self.control.stopped() {
                Some(signal) => Err(Trouble::Signal(signal)),
                None => match ready.script.transaction() {
                    ScriptTransaction::On => {
                        self.in_transaction(ready, index, last, &mut heard).await
                    }
                    ScriptTransaction::Off => self.outside(ready, index, &mut heard).await,
                },
            };
            if let Err(trouble) = outcome {
                return Err(self
                    .stopped(trouble, index, steps.len(), ready, done, started)
                    .await);
            }
            let report = StepReport {
                direction: ready.step.direction,
                revision: ready.step.revision.clone(),
                message: ready.message.clone(),
                path: Some(ready.script.path.clone()),
                transaction: ready.script.transaction(),
                duration_ms: millis(started),
                notices: heard,
                rows_after: Vec::new(),
            };
            self.control.tell(Event::StepFinished {
                step: index + 1,
                steps: steps.len(),
                report: report.clone(),
            });
            done.push(report);
        }
        if one {
            let end = if self.options.rehearsal {
                "rollback"
            } else {
                "commit"
            };
            if let Err(error) = self.session.batch(end).await {
                let trouble = commit_trouble(error);
                let index = steps.len() - 1;
                return Err(self
                    .stopped(
                        trouble,
                        index,
                        steps.len(),
                        &steps[index],
                        done,
                        Instant::now(),
                    )
                    .await);
            }
        }
        Ok(done)
    }

    /// Puts the session back, as it was before any script.
    pub(super) async fn reset(&self) -> Result<(), DbError> {
        let reset = self.settings.reset_sql(self.session.server_version_num());
        let rest = if self.one_transaction() {
            // Settings that a COMMIT would keep are kept until the end anyway.
            "SET search_path = ''"
        } else {
            RESTING
        };
        self.session.batch(&format!("{reset} {rest}")).await
    }

    /// The id of the transaction that is open.
    pub(super) async fn transaction_id(&self) -> Result<String, DbError> {
        self.session
            .query_one("select pg_catalog.pg_current_xact_id()::text", &[])
            .await?
            .get(0)
    }

    fn one_transaction(&self) -> bool {
        self.options.rehearsal || self.options.scope == TransactionScope::All
    }

    /// One step: script, verify script, version rows and history entry, all or nothing.
    async fn in_transaction(
        &self,
        ready: &ReadyStep,
        index: usize,
        last: bool,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let started = Instant::now();
        if !self.one_transaction() {
            self.session.batch("begin").await?;
        }
        let transaction = self.transaction_id().await?;
        self.run_script(&ready.script, index, heard, StepCause::Statement)
            .await?;
        if let Some(verify) = &ready.verify {
            self.run_script(verify, index, heard, StepCause::Verify)
                .await?;
        }
        self.session.batch(SessionSettings::BOOKKEEPING_SQL).await?;
        let entry = Entry {
            duration_ms: millis(started),
            ..ready.entry.clone()
        };
        record(
            self.session,
            self.recording,
            &RowEdit::from(&ready.step),
            std::slice::from_ref(&entry),
            Some(&transaction),
        )
        .await?;
        if let Some(signal) = self.control.stopped() {
            return Err(Trouble::Signal(signal));
        }
        if !self.one_transaction() {
            // The last commit waits for the disk, and with it all before it are durable.
            let commit = if last {
                "set local synchronous_commit to default; commit"
            } else {
                "commit"
            };
            self.session.batch(commit).await.map_err(commit_trouble)?;
        }
        self.reset().await?;
        Ok(())
    }

    pub(super) async fn run_script(
        &self,
        script: &ReadyScript,
        index: usize,
        heard: &mut Vec<NoticeReport>,
        cause: fn(Box<ServerError>) -> StepCause,
    ) -> Result<(), Trouble> {
        self.session
            .batch(&self.script_settings(script, "local"))
            .await?;
        let total = script.statements.len();
        let mut progress = |done: usize| {
            self.control.tell(Event::StepProgress {
                step: index + 1,
                statements_done: done,
                statements: total,
            });
        };
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

    /// The statements that set the timeouts and the search path for a script; `scope` is `local`
    /// or `session`.
    pub(super) fn script_settings(&self, script: &ReadyScript, scope: &str) -> String {
        let chosen =
            |own: Option<Timeout>, run: Duration| own.map_or(run, Timeout::duration).as_millis();
        let lock_ms = chosen(script.settings.lock_timeout, self.settings.lock_timeout);
        let statement_ms = chosen(
            script.settings.statement_timeout,
            self.settings.statement_timeout,
        );
        format!(
            "set {scope} search_path to default; set {scope} lock_timeout to {lock_ms}; \
             set {scope} statement_timeout to {statement_ms}"
        )
    }

    /// Awaits `work`; on a signal cancels the statement that runs and awaits its end.
    pub(super) async fn cancellable<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> (T, Option<Signal>) {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            result = &mut work => (result, None),
            signal = self.control.stop() => {
                self.control.tell(Event::Cancelling);
                // A cancel that does not arrive leaves the statement to end by itself.
                let _unreachable = self.session.cancel_handle().cancel().await;
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
            heard.push(notices::dropped(notices.dropped, &script.path));
        }
    }

    fn tell_started(&self, index: usize, steps: usize, ready: &ReadyStep) {
        self.control.tell(Event::StepStarted {
            step: index + 1,
            steps,
            direction: ready.step.direction,
            revision: ready.step.revision.clone(),
            message: ready.message.clone(),
            path: Some(ready.script.path.clone()),
            transaction: ready.script.transaction(),
        });
    }

    /// Rolls back what has to be, asks where the database stands, and makes the error.
    async fn stopped(
        &self,
        trouble: Trouble,
        index: usize,
        steps: usize,
        ready: &ReadyStep,
        done: Vec<StepReport>,
        started: Instant,
    ) -> Error {
        self.control.tell(Event::StepFailed {
            step: index + 1,
            steps,
            direction: ready.step.direction,
            revision: ready.step.revision.clone(),
            message: ready.message.clone(),
            duration_ms: millis(started),
        });
        let fate = self.undo(&trouble, ready).await;
        let stands_at = match self.recording.table.read(self.session).await {
            Ok(kept) => Some(kept.rows().to_vec()),
            Err(_) => None,
        };
        match trouble {
            Trouble::Signal(signal) => Error::Interrupted(Box::new(Interruption {
                signal,
                revision: Some(ready.step.revision.clone()),
                done,
                fate,
                stands_at,
            })),
            Trouble::Cause(cause, place) => Error::StepFailed(Box::new(StepFailure {
                step: index + 1,
                steps,
                direction: ready.step.direction,
                revision: ready.step.revision.clone(),
                cause,
                place,
                done,
                fate,
                stands_at,
                rehearsal: self.options.rehearsal,
            })),
        }
    }

    async fn undo(&self, trouble: &Trouble, ready: &ReadyStep) -> Fate {
        if ready.script.transaction() == ScriptTransaction::Off {
            return self.partly(ready).await;
        }
        // Where the link is gone the server rolls back by itself; nothing else can be done.
        let _gone = self.session.batch("rollback").await;
        let _gone = self.reset().await;
        match trouble {
            Trouble::Cause(StepCause::TransactionEnded, _) => Fate::Committed,
            _ if self.one_transaction() => Fate::RunRolledBack,
            _ => Fate::RolledBack,
        }
    }
}

fn commit_trouble(error: DbError) -> Trouble {
    match error {
        DbError::Server(error) => Trouble::Cause(StepCause::Commit(error), None),
        other => Trouble::Cause(StepCause::Link(other.to_string()), None),
    }
}

/// The trouble that a failed script is, with its place. `first` is the statement that was the
/// first of what ran.
pub(super) fn script_trouble(
    failure: &ScriptFailure,
    script: &ReadyScript,
    first: usize,
    cause: fn(Box<ServerError>) -> StepCause,
) -> Trouble {
    let statement = script.statements.get(first + failure.statement);
    let place = statement.map(|statement| {
        let span = match failure.offset {
            Some(offset) => word_at(&script.text, offset),
            None => statement.span,
        };
        Place::in_text(&script.path, &script.text, span)
    });
    match &failure.error {
        DbError::Server(error) => Trouble::Cause(cause(error.clone()), place),
        other => Trouble::Cause(StepCause::Link(other.to_string()), place),
    }
}

/// The token at a byte of the text: what the server points at.
fn word_at(text: &str, offset: usize) -> Span {
    let end = sql::tokenize(&text[offset..])
        .next()
        .map_or(offset, |token| offset + token.span.end);
    Span::new(offset, end)
}

pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
