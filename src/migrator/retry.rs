//! A revision that a lock or a deadlock stopped is tried again, as a whole.

use std::time::Duration;

use rand::RngExt as _;

use super::error::StepCause;
use super::executor::{Ahead, At, Course, Executor};
use super::operations::Migrator;
use super::report::Event;
use super::trouble::Trouble;
use crate::bookkeeping::Blocker;
use crate::db::{ServerError, SqlState};

/// How long a wait between two tries is at most.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How often a step is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retries {
    /// How often at most, the first time included.
    attempts: usize,
    /// How long the first wait is; each is twice as long as the one before.
    first_wait: Duration,
}

impl Migrator {
    /// How often the settings want a step to be tried.
    pub(super) fn retries(&self) -> Retries {
        Retries {
            attempts: self.settings.lock_tries.value,
            first_wait: self.settings.lock_retry_wait.value.duration(),
        }
    }
}

impl<'a> Executor<'a> {
    /// One step in a transaction; in a new one, for as often as may be, where a lock or a deadlock
    /// stopped it before its COMMIT. Where all steps share one, the earlier ones would be lost with
    /// it: there it is tried once.
    pub(super) async fn try_in_transaction(
        &self,
        at: &At<'a>,
        ahead: &mut Option<Ahead<'a>>,
        course: &mut Course,
    ) -> Result<(), Trouble> {
        let script = &at.ready.script;
        let (mut transaction, mut sent) = match ahead.take() {
            Some(ahead) => (ahead.begun?, ahead.sent),
            None if at.index > 0 => (self.begin_anew(script).await?, None),
            None => (self.begin(&self.script_settings(script)).await?, None),
        };
        let mut pause = self.options.retries.first_wait;
        loop {
            course.attempts += 1;
            let tried = self
                .in_transaction(at, &transaction, sent.take(), ahead, &mut course.heard)
                .await;
            let Err(trouble) = tried else { return Ok(()) };
            if let Trouble::Cause(..) | Trouble::Signal(_) = &trouble {
                match self.roll_back(&transaction).await {
                    Ok(rolled_back) => {
                        course.ended_itself = !rolled_back || self.session.script_kept();
                    }
                    // The link is gone, and the server rolls back by itself.
                    Err(_) => {
                        course.ended_itself = self.session.script_kept();
                        return Err(trouble);
                    }
                }
            }
            let Some((cause, error)) = lock_error(&trouble) else {
                return Err(trouble);
            };
            if course.ended_itself
                || self.one_transaction()
                || course.attempts >= self.options.retries.attempts
            {
                return Err(trouble);
            }
            let wait = self.tell_retrying(at, course.attempts, pause, cause, error);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                signal = self.control.stop() => return Err(Trouble::Signal(signal)),
            }
            course.heard.clear();
            pause = pause.saturating_mul(2).min(LONGEST_WAIT.max(pause));
            transaction = self.begin_anew(script).await?;
        }
    }

    /// Says that a try failed; gives how long to wait before the next.
    fn tell_retrying(
        &self,
        at: &At<'_>,
        attempt: usize,
        pause: Duration,
        cause: &StepCause,
        error: &ServerError,
    ) -> Duration {
        // Several runners that were in each other's way are not to meet again.
        let wait = pause.mul_f64(rand::rng().random_range(0.5..1.0));
        self.control.tell(Event::Retrying {
            step: at.index + 1,
            steps: at.steps,
            revision: at.ready.step.revision.clone(),
            attempt,
            attempts: self.options.retries.attempts,
            message: error.message.clone(),
            sqlstate: error.sqlstate.to_string(),
            blockers: self.blocked_by(cause),
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
        wait
    }

    /// Who was in the way of the statement that failed, where it may have failed because of them.
    pub(super) fn blocked_by(&self, cause: &StepCause) -> Vec<Blocker> {
        match cause {
            StepCause::Statement(error) | StepCause::Verify(error)
                if is_of_locks(error) || error.sqlstate == SqlState::QUERY_CANCELED =>
            {
                self.watch.seen()
            }
            _ => Vec::new(),
        }
    }
}

/// What the server said where a lock or a deadlock stopped a transaction before its COMMIT: another
/// try may get through.
fn lock_error(trouble: &Trouble) -> Option<(&StepCause, &ServerError)> {
    match trouble {
        Trouble::Cause(cause, _) => match cause {
            StepCause::Statement(error)
            | StepCause::Verify(error)
            | StepCause::Bookkeeping(error)
                if is_of_locks(error) =>
            {
                Some((cause, error))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_of_locks(error: &ServerError) -> bool {
    matches!(
        error.sqlstate,
        SqlState::LOCK_NOT_AVAILABLE | SqlState::DEADLOCK_DETECTED
    )
}
