//! The answer to a COMMIT: how long it is waited for, and how the server is asked, on another
//! session, what became of one that was not answered.

use std::convert::Infallible;
use std::pin::pin;
use std::time::{Duration, Instant};

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::executor::millis;
use super::operations::Migrator;
use super::report::Event;
use crate::bookkeeping::{MigrationLock, Recording, is_recorded, transaction_outcome};
use crate::db::{Session, TransactionEnd};
use crate::revision::Direction;

/// How often it is said that a COMMIT is not answered yet.
const TELL: Duration = Duration::from_secs(10);

/// Pauses between attempts at a server that is away.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long an attempt waits for the migration lock: where another run holds it, the history and
/// the server are asked again instead.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// How long is asked where a COMMIT itself may take for ever.
const ASKING: Duration = Duration::from_secs(60);

/// Awaits the answer to a COMMIT, up to `limit`, which is for ever where it is zero; then the link
/// is cut, and counts as lost. No cancel request is sent: a COMMIT that waits for a standby would
/// end its waiting, and be committed on one server only.
pub(super) async fn answered<T>(
    session: &Session,
    control: &Control,
    limit: Duration,
    commit: impl Future<Output = T>,
) -> T {
    let mut commit = pin!(commit);
    tokio::select! {
        biased;
        answer = &mut commit => answer,
        () = control.patience(limit) => {
            session.cut("the server did not answer in time");
            commit.await
        }
        never = tell_commit_waits(control) => match never {},
    }
}

async fn tell_commit_waits(control: &Control) -> Infallible {
    let started = Instant::now();
    loop {
        tokio::time::sleep(TELL).await;
        let waited_ms = millis(started);
        control.tell(Event::WaitingForCommit { waited_ms });
    }
}

/// A transaction that leaves nothing, whose COMMIT waits for the disk, and with it for all commits
/// before it. A COMMIT waits only where its transaction wrote something to the log: having an id is
/// not enough, so there is a message in it, which nobody reads.
const DURABLE: &str = "begin; set local synchronous_commit to default; \
     select pg_catalog.pg_logical_emit_message(\
         true, 'grace-migrate'::pg_catalog.text, ''::pg_catalog.text); commit";

/// Has the earlier commits of a run that stops wait for the disk, as its last one would have. Where
/// the server refuses, they are there as commits that do not wait are.
pub(super) async fn make_durable(session: &Session, control: &Control, limit: Duration) {
    let committed = answered(session, control, limit, session.batch(DURABLE)).await;
    if committed.is_err() {
        let _gone = session.batch("rollback").await;
    }
}

/// A transaction whose COMMIT was not answered, and by what it is found.
pub(super) struct Question<'a> {
    pub(super) recording: &'a Recording,
    /// The revision of a history entry that it wrote, and which way, if it wrote any.
    pub(super) entry: Option<(&'a str, Direction)>,
    /// What `pg_current_xact_id()` gave in it.
    pub(super) transaction: &'a str,
}

impl Migrator {
    /// Asks what became of a transaction, on another session, which has no lock then. Where nobody
    /// can be asked, gives the reason; the link is cut then, since nothing is to be waited for on
    /// the way out.
    pub(super) async fn ask(
        &self,
        link: &mut Link,
        question: &Question<'_>,
        lost: &str,
        control: &Control,
    ) -> Result<bool, String> {
        let mut reason = lost.to_owned();
        let asked = async {
            let mut pause = FIRST_PAUSE;
            loop {
                match attempt(link, question, control).await {
                    Ok(Some(committed)) => return committed,
                    Ok(None) => "the server does not know".clone_into(&mut reason),
                    Err(error) => reason = error.to_string(),
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        let limit = match self.commit_timeout() {
            Duration::ZERO => ASKING,
            limit => limit,
        };
        tokio::select! {
            committed = asked => return Ok(committed),
            () = control.patience(limit) => {}
        }
        link.session.cut(&reason);
        Err(reason)
    }
}

/// One attempt at the answer. What is recorded was committed. What is not may be committed yet,
/// until the server says that it was rolled back, or that the old session is gone: the lock is free
/// then. Another run may have it by that time, and for long: whoever asks again learns more.
async fn attempt(
    link: &mut Link,
    question: &Question<'_>,
    control: &Control,
) -> Result<Option<bool>, Error> {
    link.reconnect(control).await?;
    link.look().await?;
    let session = &link.session;
    let table = &question.recording.table;
    let recorded = async || {
        let Some((revision, direction)) = question.entry else {
            return Ok::<_, Error>(false);
        };
        // Behind a transaction pooler the history itself may be what was not committed.
        if session.is_shared() && !table.read(session).await?.history {
            return Ok(false);
        }
        Ok(is_recorded(session, question.recording, revision, direction).await?)
    };
    // Asked behind the history: where that does not have it yet, the server may know already.
    let ended = if recorded().await? {
        Some(true)
    } else {
        let outcome = transaction_outcome(session, question.transaction).await;
        outcome.ok().flatten()
    };
    session.end_shared(TransactionEnd::Rollback).await?;
    if ended.is_some() || question.entry.is_none() {
        return Ok(ended);
    }
    let lock = MigrationLock::of(table);
    lock.acquire(session, LOCK_WAIT, |_| ()).await?;
    let recorded = recorded().await?;
    lock.release(session).await?;
    Ok(Some(recorded))
}
