//! Who is in the way of what runs: another session looks, while it waits.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::control::Control;
use super::destination::Link;
use super::operations::Migrator;
use super::report::Event;
use crate::bookkeeping::{Blocker, blockers};
use crate::db::{ConnectSpec, DbError, Session, SessionOptions, SessionSettings, TransactionEnd};

/// How long a statement runs at most before somebody looks whether it waits.
const FIRST_LOOK: Duration = Duration::from_millis(500);
/// How long it is between two looks.
const NEXT_LOOK: Duration = Duration::from_secs(1);

/// Looks, while a statement takes its time, whether it waits for others and for whom: afterwards
/// they may be gone.
pub(super) struct Watch<'a> {
    /// The server of what is looked after: process ids mean nothing on another.
    spec: ConnectSpec,
    options: SessionOptions,
    /// The backend that is looked after.
    pid: i32,
    /// How the session is set up behind a transaction pooler.
    shared: Option<&'a SessionSettings>,
    control: &'a Control,
    /// How long a statement runs before the first look.
    first_look: Duration,
    /// Whom the last look found.
    seen: Mutex<Vec<Blocker>>,
}

impl Migrator {
    /// Looks after what runs over this link.
    pub(super) fn watch<'a>(
        &self,
        link: &'a Link,
        run_id: &str,
        control: &'a Control,
    ) -> Watch<'a> {
        let run = self.session_options(run_id);
        let name = |name: String| name.replacen("grace-migrate/", "grace-migrate-watch/", 1);
        Watch {
            spec: link.spec.at(link.session.endpoint()),
            // It is no run: whoever looks for those must not find it.
            options: SessionOptions {
                application_name: run.application_name.map(name),
                ..run
            },
            pid: link.session.backend_pid(),
            shared: link.session.is_shared().then_some(&link.settings),
            control,
            // In time for what a short timeout ends.
            first_look: match self.settings.lock_timeout.value.duration() {
                Duration::ZERO => FIRST_LOOK,
                limit => FIRST_LOOK.min(limit / 2),
            },
            seen: Mutex::default(),
        }
    }
}

impl Watch<'_> {
    /// Awaits `work`, a statement of the session that is looked after. Where no other session can
    /// be had, nobody looks.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        self.see(Vec::new());
        let mut work = pin!(work);
        tokio::select! {
            biased;
            result = &mut work => result,
            Err(_) = self.look() => work.await,
        }
    }

    /// Whom the last look found in the way of the last work.
    pub(super) fn seen(&self) -> Vec<Blocker> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what a look found; returns what the look before it had.
    fn see(&self, found: Vec<Blocker>) -> Vec<Blocker> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut seen, found)
    }

    /// Another session at the same place, to look on from.
    pub(super) async fn open(&self) -> Result<Session, DbError> {
        let mut session = Session::connect(&self.spec, &self.options).await?;
        if let Some(settings) = self.shared {
            session.share(settings, self.options.application_name.as_deref());
            return Ok(session);
        }
        session.batch("set search_path = ''").await?;
        Ok(session)
    }

    /// Whom the backend waits for now.
    async fn blockers(&self, session: &Session) -> Result<Vec<Blocker>, DbError> {
        if self.shared.is_some() {
            session.begin("begin read only").await?;
        }
        let found = blockers(session, self.pid).await?;
        session.end_shared(TransactionEnd::Rollback).await?;
        Ok(found)
    }

    /// Looks again and again.
    async fn look(&self) -> Result<Infallible, DbError> {
        tokio::time::sleep(self.first_look).await;
        let session = self.open().await?;
        loop {
            let found = self.blockers(&session).await?;
            let before = self.see(found.clone());
            if pids(&before) != pids(&found) {
                self.control.tell(Event::Blocked { blockers: found });
            }
            tokio::time::sleep(NEXT_LOOK).await;
        }
    }
}

fn pids(blockers: &[Blocker]) -> Vec<i32> {
    blockers.iter().map(|blocker| blocker.pid).collect()
}
