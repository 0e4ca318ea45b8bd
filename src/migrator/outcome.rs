//! The steps of a run, over as many sessions as it takes: where the link is lost at a COMMIT, the
//! server is asked on another session what became of it.

use std::pin::pin;
use std::sync::OnceLock;

use super::commit::{Question, make_durable};
use super::destination::Link;
use super::error::{Error, Fate, Interruption, StepCause, StepFailure, UnknownOutcome};
use super::executor::Executor;
use super::gate::Gate;
use super::prepare::ReadyStep;
use super::report::{Event, ScriptTransaction, StepReport};
use super::run::Work;
use crate::bookkeeping::{BookkeepingError, Recording, RowEdit, is_recorded};

/// What a run is made of, however often its session is another one.
pub(super) struct Steps<'a> {
    pub(super) recording: &'a Recording,
    /// The version rows before the first step.
    pub(super) from: &'a [String],
    pub(super) ready: &'a [ReadyStep],
}

impl Work<'_> {
    /// Runs the steps. Where the link is lost at a COMMIT that was done, the run goes on with the
    /// next step on another session, which then holds the lock.
    ///
    /// # Errors
    /// As for [`Executor::run`]; [`Error::OutcomeUnknown`] only where the server could not be asked.
    pub(super) async fn run_steps(
        &self,
        link: &mut Link,
        steps: &Steps<'_>,
        gate: Option<&Gate<'_>>,
    ) -> Result<Vec<StepReport>, Error> {
        let mut done = Vec::new();
        loop {
            match self.run_on(link, steps, gate, done).await {
                Err(Error::OutcomeUnknown(lost)) => {
                    done = self.after_lost_commit(link, steps, *lost).await?;
                }
                ended => return ended,
            }
            if done.len() == steps.ready.len() {
                // The session has no lock that could be given back.
                link.session.cut("nothing is left to be done");
                return Ok(done);
            }
            self.go_on(link, steps, &done).await?;
        }
    }

    /// Runs the steps behind those that are `done`, on one session; says so and cuts the link
    /// where the server does not answer after a signal.
    async fn run_on(
        &self,
        link: &Link,
        steps: &Steps<'_>,
        gate: Option<&Gate<'_>>,
        done: Vec<StepReport>,
    ) -> Result<Vec<StepReport>, Error> {
        let executor = Executor {
            session: &link.session,
            settings: &link.settings,
            reset: OnceLock::new(),
            recording: steps.recording,
            options: self.options(),
            gate,
            control: self.control,
            watch: self.migrator.watch(link, self.run_id, self.control),
        };
        let mut run = pin!(executor.run(steps.ready, done));
        tokio::select! {
            biased;
            ended = &mut run => ended,
            () = self.control.overdue() => {
                self.control.tell(Event::NotAnswering);
                link.session.cut("the server did not answer after the signal");
                run.await
            }
        }
    }

    /// Learns what became of a COMMIT without an answer; gives what is done where it was done.
    async fn after_lost_commit(
        &self,
        link: &mut Link,
        steps: &Steps<'_>,
        mut lost: UnknownOutcome,
    ) -> Result<Vec<StepReport>, Error> {
        let revision = Some(lost.revision.clone());
        self.control.tell(Event::CommitLost {
            revision: revision.clone(),
            reason: lost.reason.clone(),
        });
        let question = Question {
            recording: steps.recording,
            entry: Some((lost.revision.as_str(), lost.direction)),
            transaction: &lost.transaction,
        };
        let asked = self
            .migrator
            .ask(link, &question, &lost.reason, self.control);
        let committed = match asked.await {
            Ok(committed) => committed,
            Err(reason) => {
                lost.reason = reason;
                return Err(Error::OutcomeUnknown(Box::new(lost)));
            }
        };
        self.control.tell(Event::CommitFound {
            revision,
            committed,
        });
        let index = lost.done.len() + lost.unsure.len() - 1;
        if !committed {
            return Err(self.not_committed(link, steps, index, lost).await);
        }
        if !lost.whole_run {
            for report in &lost.unsure {
                self.control.tell(Event::StepFinished {
                    step: index + 1,
                    steps: steps.ready.len(),
                    report: report.clone(),
                });
            }
        }
        lost.done.append(&mut lost.unsure);
        Ok(lost.done)
    }

    /// The error of a step whose COMMIT was not done.
    async fn not_committed(
        &self,
        link: &Link,
        steps: &Steps<'_>,
        index: usize,
        lost: UnknownOutcome,
    ) -> Error {
        let ready = &steps.ready[index];
        let whole_run = lost.whole_run;
        let mut done = lost.done;
        // A server that crashed may have lost the last commits: only that of a run's last step
        // waits for the disk.
        while let Some(last) = done.last()
            && let Ok(false) = is_recorded(
                &link.session,
                steps.recording,
                last.revision.as_str(),
                last.direction,
            )
            .await
        {
            done.pop();
        }
        self.control.tell(Event::StepFailed {
            step: index + 1,
            steps: steps.ready.len(),
            direction: ready.step.direction,
            revision: ready.step.revision.clone(),
            message: ready.message.clone(),
            duration_ms: lost.unsure.last().map_or(0, |report| report.duration_ms),
        });
        let fate = match ready.script.transaction() {
            _ if whole_run => Fate::RunRolledBack,
            ScriptTransaction::On => Fate::RolledBack,
            ScriptTransaction::Off => Executor::partly(ready, ready.script.statements.len()),
        };
        let cause = StepCause::CommitLost(lost.reason);
        self.failure(link, steps, index, cause, fate, done).await
    }

    /// Takes the lock again, and refuses to go on where another run was there while this one had
    /// no session.
    pub(super) async fn go_on(
        &self,
        link: &Link,
        steps: &Steps<'_>,
        done: &[StepReport],
    ) -> Result<(), Error> {
        let table = &steps.recording.table;
        let refused = async |cause| {
            let done = done.to_vec();
            self.failure(link, steps, done.len(), cause, Fate::Untouched, done)
                .await
        };
        match self.migrator.lock(&link.session, table, self.control).await {
            Ok(_) => {}
            Err(Error::Interrupted(stopped)) => {
                self.keep(link, done).await;
                return Err(Error::Interrupted(Box::new(Interruption {
                    done: done.to_vec(),
                    stands_at: stands_at(link, steps).await,
                    ..*stopped
                })));
            }
            Err(Error::Bookkeeping(BookkeepingError::Locked { .. })) => {
                return Err(refused(StepCause::LockTaken).await);
            }
            Err(error) => return Err(refused(StepCause::Link(error.to_string())).await),
        }
        let expected = steps.ready[..done.len()]
            .iter()
            .fold(steps.from.to_vec(), |rows, ready| {
                RowEdit::from(&ready.step).applied_to(&rows)
            });
        if stands_at(link, steps).await == Some(expected) {
            return Ok(());
        }
        Err(refused(StepCause::RowsMoved).await)
    }

    /// What is done is to be on the disk before it is said to stay.
    async fn keep(&self, link: &Link, done: &[StepReport]) {
        if !done.is_empty() {
            make_durable(&link.session, self.control, self.migrator.commit_timeout()).await;
        }
    }

    async fn failure(
        &self,
        link: &Link,
        steps: &Steps<'_>,
        index: usize,
        cause: StepCause,
        fate: Fate,
        done: Vec<StepReport>,
    ) -> Error {
        self.keep(link, &done).await;
        let step = &steps.ready[index].step;
        Error::StepFailed(Box::new(StepFailure {
            step: index + 1,
            steps: steps.ready.len(),
            direction: step.direction,
            revision: step.revision.clone(),
            cause,
            place: None,
            attempts: 1,
            blocked_by: Vec::new(),
            done,
            fate,
            stands_at: stands_at(link, steps).await,
            rehearsal: false,
            pooled: link.session.is_shared(),
        }))
    }
}

/// The version rows, if the server tells.
async fn stands_at(link: &Link, steps: &Steps<'_>) -> Option<Vec<String>> {
    let kept = steps.recording.table.read_alone(&link.session).await;
    kept.ok().map(|kept| kept.rows().to_vec())
}
