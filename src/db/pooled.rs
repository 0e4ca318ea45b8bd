//! Telling a transaction pooler from a server by what it does.

use std::time::Duration;

use super::connect;
use super::{ConnectSpec, DbError, Session, SessionOptions};

/// How often both sessions ask who serves them: a pooler that takes its servers in turn needs
/// several rounds until one comes back.
const ROUNDS: usize = 4;

/// How long the first session waits for an answer while the second sits in a transaction: a pooler
/// may have nobody else to answer.
const PATIENCE: Duration = Duration::from_secs(10);

const WHO: &str = "select pg_catalog.pg_backend_pid()";

impl Session {
    /// Whether the session goes through a transaction pooler, which gives each transaction to
    /// whichever server process is free.
    ///
    /// Costs nothing where the server itself greeted us: its key for cancel requests names the
    /// process that serves the session. A pooler has to make up keys of its own, since it shares
    /// out the server's. Behind one, a second session sits in a transaction, so that whoever served
    /// this one may be busy when it asks again. One that pools by sessions passes.
    ///
    /// # Errors
    /// What keeps a second session from being opened, and lost links.
    pub async fn is_pooled(
        &self,
        spec: &ConnectSpec,
        options: &SessionOptions,
    ) -> Result<bool, DbError> {
        if self.link.seen.cancel_pid() == Some(self.backend_pid()) {
            return Ok(false);
        }
        let opened = connect::open(spec, options, self.endpoint()).await?;
        let other = Self::start(opened, self.endpoint().clone()).await?;
        let pooled = self.is_shared_with(&other).await;
        other.close().await;
        pooled
    }

    /// Whether a process serves both sessions, or two processes one of them.
    async fn is_shared_with(&self, other: &Self) -> Result<bool, DbError> {
        let here = self.backend_pid();
        let there = other.backend_pid();
        if here == there {
            return Ok(true);
        }
        for _ in 0..ROUNDS {
            let sit = format!("begin; {WHO}");
            let sitting = other.in_time(other.answers(&sit)).await?;
            let sitting = sitting.last().and_then(|answer| answer.value(0));
            if sitting != Some(there.to_string().as_str()) {
                return Ok(true);
            }
            let ask = self.answers(WHO);
            let Ok(answers) = tokio::time::timeout(PATIENCE, ask).await else {
                return Ok(true);
            };
            let answers = answers?;
            let asked = answers.last().and_then(|answer| answer.value(0));
            other.in_time(other.batch("rollback")).await?;
            if asked != Some(here.to_string().as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
