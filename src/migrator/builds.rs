//! Concurrent index builds: what they leave, and how far they are.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use super::error::{InvalidIndex, StepCause};
use super::executor::{Executor, millis};
use super::report::{Event, LockHolder};
use crate::bookkeeping::{BuildProgress, Index, build_progress, indexes};
use crate::db::{DbError, Session};
use crate::sql::{Effect, IndexScope};

/// How long a build runs before it is told how far it is: a fast one says nothing.
const QUIET: Duration = Duration::from_secs(2);
/// How often it is told.
const SAMPLE: Duration = Duration::from_secs(1);

/// The indexes that a statement makes, or could be mistaken to have made.
pub(super) struct Traces {
    scope: IndexScope,
    /// It rebuilds: what it leaves is called `…_ccnew` and `…_ccold`.
    rebuilds: bool,
}

impl Traces {
    /// What to look at around a statement; `None` for one that makes no index.
    pub(super) fn of(effect: &Effect) -> Option<Self> {
        let (scope, rebuilds) = match effect {
            Effect::CreateIndex { scope, .. } => (scope, false),
            Effect::Reindex {
                concurrently: true,
                scope,
            } => (scope, true),
            _ => return None,
        };
        Some(Self {
            scope: scope.clone(),
            rebuilds,
        })
    }

    /// The indexes that could be the statement's work.
    pub(super) async fn look(&self, session: &Session) -> Result<Vec<Index>, DbError> {
        let mut found = indexes(session, &self.scope).await?;
        found.retain(|index| match (&self.scope, self.rebuilds) {
            (IndexScope::Named { .. }, _) => true,
            (_, true) => !index.valid && is_transient(&index.name),
            (_, false) => has_suffix(&index.name, "_idx"),
        });
        Ok(found)
    }

    /// Those of them that were not there `before`.
    pub(super) async fn fresh(
        &self,
        session: &Session,
        before: &[i64],
    ) -> Result<Vec<Index>, DbError> {
        let mut found = self.look(session).await?;
        found.retain(|index| !before.contains(&index.oid));
        Ok(found)
    }

    /// The INVALID index that stands already where a valid one is to be made.
    pub(super) fn in_the_way<'a>(&self, before: &'a [Index]) -> Option<&'a Index> {
        let named = matches!(self.scope, IndexScope::Named { .. });
        before.iter().find(|index| named && !index.valid)
    }

    /// The index that is INVALID, or left behind, though the statement says that it succeeded.
    pub(super) async fn still_invalid(
        &self,
        session: &Session,
        before: &[i64],
    ) -> Result<Option<Index>, DbError> {
        let fresh = match &self.scope {
            // The statement may have found it there.
            IndexScope::Named { .. } => self.look(session).await?,
            _ => self.fresh(session, before).await?,
        };
        Ok(fresh.into_iter().find(|index| !index.valid))
    }
}

/// Whether an index is one that a concurrent rebuild makes for itself.
fn is_transient(name: &str) -> bool {
    has_suffix(name, "_ccnew") || has_suffix(name, "_ccold")
}

/// Whether the name ends with `suffix` and, where that was taken, a number.
fn has_suffix(name: &str, suffix: &str) -> bool {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
        .ends_with(suffix)
}

/// That an index is INVALID.
pub(super) fn invalid(index: &Index, kind: InvalidIndex) -> StepCause {
    StepCause::InvalidIndex {
        index: index.qualified.clone(),
        kind,
    }
}

impl Executor<'_> {
    /// Awaits `work`, a statement that builds an index, and tells how far it is.
    pub(super) async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => done,
            never = self.tell_progress() => match never {},
        }
    }

    /// Tells how far the build of our session is, for as long as it is awaited. Where no second
    /// session is to be had nothing is told.
    async fn tell_progress(&self) -> Infallible {
        let started = Instant::now();
        tokio::time::sleep(QUIET).await;
        if let Ok(onlooker) = self.watch.open().await
            && onlooker.endpoint() == self.session.endpoint()
        {
            let mut phase = None;
            while let Ok(progress) = build_progress(&onlooker, self.session.backend_pid()).await {
                if let Some(progress) = progress {
                    let new_phase = phase.as_deref() != Some(progress.phase.as_str());
                    phase = Some(progress.phase.clone());
                    self.control.tell(event(progress, new_phase, started));
                }
                tokio::time::sleep(SAMPLE).await;
            }
        }
        std::future::pending().await
    }
}

fn event(progress: BuildProgress, new_phase: bool, started: Instant) -> Event {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Event::IndexBuild {
        index: progress.index,
        phase: progress.phase,
        new_phase,
        blocks_done: count(progress.blocks.0),
        blocks_total: count(progress.blocks.1),
        tuples_done: count(progress.tuples.0),
        tuples_total: count(progress.tuples.1),
        waits_for: progress.waits_for.map(|locker| LockHolder {
            pid: locker.pid,
            user: locker.user,
            application: locker.application,
            client: None,
            since: None,
        }),
        elapsed_ms: millis(started),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_server_gives() {
        for (name, transient) in [
            ("t_n_ccnew", true),
            ("t_n_ccold", true),
            ("t_n_ccnew1", true),
            ("t_n", false),
            ("t_ccnew_n", false),
        ] {
            assert_eq!(is_transient(name), transient, "{name}");
        }
        assert!(has_suffix("t_n_idx12", "_idx"));
        assert!(!has_suffix("t_n_key", "_idx"));
    }
}
