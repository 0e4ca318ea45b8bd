//! A session behind a transaction pooler: each of its transactions may have another server process,
//! which was somebody else's before and is somebody else's after.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{DbError, Session, SessionSettings, TransactionStatus};
use crate::sql::quote_literal;

/// What others left set on a server process, as statements that set it again.
const FOUND: &str = "select pg_catalog.pg_backend_pid(), (select pg_catalog.string_agg( \
         pg_catalog.format('set_config(%L, %L, false)', name, setting), ', pg_catalog.') \
     from (select name, setting from pg_catalog.pg_settings \
           where source operator(pg_catalog.=) 'session' \
             and context operator(pg_catalog.=) any \
                 (array['user', 'superuser']::pg_catalog.text[]) \
             and name operator(pg_catalog.<>) all (array['transaction_isolation', \
                 'transaction_read_only', 'transaction_deferrable']::pg_catalog.text[]) \
           union all \
           select 'role', pg_catalog.current_setting('role')) found);";

/// Takes back what a script left, within its transaction. Prepared statements stay: the pooler
/// keeps some for others.
const TIDY: &str = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; CLOSE ALL; \
     UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES;";

/// What such a session knows.
#[derive(Debug)]
pub(super) struct Shared {
    /// What each transaction sets for itself.
    settings: String,
    /// The process of the last transaction that changes something.
    pub(super) pid: AtomicI32,
    /// What puts that process back.
    found: Mutex<String>,
}

impl Session {
    /// From here on nothing is set but within transactions, under `settings` and this name.
    pub fn share(&mut self, settings: &SessionSettings, application_name: Option<&str>) {
        let name = application_name.map(quote_literal);
        let name = name.map(|name| format!(" SET LOCAL application_name = {name};"));
        let settings = settings.local_sql(self.server_version_num());
        self.shared = Some(Shared {
            settings: settings + &name.unwrap_or_default(),
            pid: AtomicI32::new(self.backend_pid()),
            found: Mutex::default(),
        });
    }

    /// Whether each transaction may have another server process.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Begins a transaction by this command; one of a session that is shared has its settings then.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn begin(&self, command: &str) -> Result<(), DbError> {
        match &self.shared {
            None => self.batch(command).await,
            Some(shared) => self.batch(&format!("{command}; {}", shared.settings)).await,
        }
    }

    /// Begins a transaction that may change something, on a session that is shared. Whatever the
    /// database's default is, each statement sees what was committed before it: the first of them
    /// takes a lock.
    ///
    /// # Errors
    /// As for [`Session::begin`].
    pub async fn begin_shared(&self) -> Result<(), DbError> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let begin = "begin isolation level read committed, read write;";
        let answers = self
            .answers(&format!("{begin} {FOUND} {}", shared.settings))
            .await?;
        let answer = answers.iter().find(|answer| !answer.rows.is_empty());
        let value = |at| answer.and_then(|answer| answer.value(at));
        if let Some(pid) = value(0).and_then(|pid| pid.parse().ok()) {
            shared.pid.store(pid, Ordering::Relaxed);
        }
        let found = value(1).map(|calls| format!("select pg_catalog.{calls};"));
        *shared.found.lock().unwrap_or_else(PoisonError::into_inner) = found.unwrap_or_default();
        Ok(())
    }

    /// Takes back what others or a script left, within the transaction of a session that is shared,
    /// which goes on. Where none is open there is nothing to be taken back.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn tidy(&self) -> Result<(), DbError> {
        match &self.shared {
            Some(shared) if self.transaction_status() == TransactionStatus::Open => {
                self.batch(&format!("{TIDY} {}", shared.settings)).await
            }
            _ => Ok(()),
        }
    }

    /// The statements that come before the COMMIT of a session that is shared: the server process
    /// is then as it was found. None of another session.
    #[must_use]
    pub fn leave_sql(&self) -> String {
        let Some(shared) = &self.shared else {
            return String::new();
        };
        let found = shared.found.lock().unwrap_or_else(PoisonError::into_inner);
        // A COMMIT is bound by no timeout that others set.
        format!("{TIDY} {found} {}", shared.settings)
    }

    /// Ends the transaction of a session that is shared, where one is open; what was set in it is
    /// taken back.
    ///
    /// # Errors
    /// The server's error, or a lost link.
    pub async fn end_shared(&self, end: TransactionEnd) -> Result<(), DbError> {
        if !self.is_shared() || self.transaction_status() == TransactionStatus::Idle {
            return Ok(());
        }
        match end {
            TransactionEnd::Commit => self.batch(&format!("{} commit", self.leave_sql())).await,
            TransactionEnd::Rollback => self.batch("rollback").await,
        }
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionEnd {
    /// With what was done in it.
    Commit,
    /// Without.
    Rollback,
}
