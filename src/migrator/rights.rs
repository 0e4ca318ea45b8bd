//! Rights are changed in one short transaction, which is tried again where another session was in its
//! way.

use std::collections::BTreeSet;
use std::time::Duration;

use super::access_error::AccessError;
use super::commit::{Question, answered};
use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::operations::Migrator;
use super::report::Event;
use super::tables::{resolve, schemas_of};
use super::trouble::why_lost;
use crate::bookkeeping::{BookkeepingError, Recording};
use crate::catalog::{self, Holder};
use crate::db::{DbError, Session, SqlState, TransactionEnd};
use crate::sql::QualifiedName;

/// How long a try waits for the next, where another session was in the way.
const PAUSE: Duration = Duration::from_millis(200);

impl Migrator {
    /// Runs `work` in a transaction, again where another session was in its way, and commits it;
    /// rolls it back where it fails or is `dry`.
    pub(super) async fn change_rights<T>(
        &self,
        link: &mut Link,
        run_id: &str,
        dry: bool,
        control: &Control,
        work: impl AsyncFn(&Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        link.insist_writable()?;
        let mut tries = self.settings.lock_tries.value;
        loop {
            tries = tries.saturating_sub(1);
            let session = &link.session;
            if session.is_shared() {
                session.begin_shared().await?;
            } else {
                session
                    .batch("begin isolation level read committed, read write")
                    .await?;
            }
            let watch = self.watch(link, run_id, control);
            let done = async {
                let row = session
                    .query_one(
                        "select pg_catalog.pg_current_xact_id()::pg_catalog.text",
                        &[],
                    )
                    .await?;
                let transaction: String = row.get(0)?;
                let worked = tokio::select! {
                    worked = watch.during(work(session)) => worked?,
                    signal = control.stop() => return Err(Error::stopped_before_work(signal)),
                };
                Ok((transaction, worked))
            }
            .await;
            let blocked_by = watch.seen();
            drop(watch);
            match done {
                Ok((transaction, done)) if !dry => {
                    self.commit_rights(link, run_id, &transaction, control)
                        .await?;
                    return Ok(done);
                }
                Ok((_, done)) => {
                    roll_back(session).await?;
                    return Ok(done);
                }
                Err(error) => {
                    if matches!(error, Error::Interrupted(_)) {
                        session.cut("a signal came");
                        return Err(error);
                    }
                    // Where the link is gone the server rolls back by itself.
                    let _gone = roll_back(session).await;
                    let Some(message) = was_in_the_way(&error) else {
                        return Err(error);
                    };
                    if tries == 0 {
                        return Err(AccessError::InTheWay {
                            message,
                            blocked_by,
                        }
                        .into());
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn commit_rights(
        &self,
        link: &mut Link,
        run_id: &str,
        transaction: &str,
        control: &Control,
    ) -> Result<(), Error> {
        let session = &link.session;
        let commit = async {
            if session.is_shared() {
                session.end_shared(TransactionEnd::Commit).await
            } else {
                session.batch("commit").await
            }
        };
        let reason = match answered(session, control, self.commit_timeout(), commit).await {
            Ok(()) => return Ok(()),
            Err(error) => why_lost(error).map_err(DbError::Server)?,
        };
        control.tell(Event::CommitLost {
            revision: None,
            reason: reason.clone(),
        });
        let recording = Recording {
            table: self.table(),
            run_id: run_id.to_owned(),
            tag: None,
        };
        let question = Question {
            recording: &recording,
            entry: None,
            transaction,
        };
        let asked = self.ask(link, &question, &reason, control).await;
        let committed = asked.map_err(|reason| AccessError::OutcomeUnknown {
            transaction: transaction.to_owned(),
            reason,
        })?;
        control.tell(Event::CommitFound {
            revision: None,
            committed,
        });
        if committed {
            Ok(())
        } else {
            Err(AccessError::NotCommitted { reason }.into())
        }
    }

    /// The tables that the texts name, with everything that they are made of, by name.
    pub(super) async fn named_tables(
        &self,
        session: &Session,
        texts: &[String],
    ) -> Result<Vec<Holder>, Error> {
        let schemas = &self.settings.audit.schemas.value;
        let known = catalog::holders(session, &schemas_of(texts, schemas)).await?;
        let names: Vec<&QualifiedName> = known.iter().map(|one| &one.name).collect();
        let mut named = BTreeSet::new();
        for text in texts {
            let name = resolve(text, schemas, &names)?;
            named.extend(
                known
                    .iter()
                    .filter(|one| one.name == name)
                    .map(|one| one.oid),
            );
        }
        let named: Vec<u32> = named.into_iter().collect();
        let tables = catalog::with_parts(session, &named).await?;
        let foreign: Vec<(QualifiedName, String)> = tables
            .iter()
            .filter(|one| !one.owned)
            .map(|one| (one.name.clone(), one.owner.clone()))
            .collect();
        if foreign.is_empty() {
            return Ok(tables);
        }
        let user = session.query_one("select current_user::text", &[]).await?;
        Err(AccessError::NotOwner {
            user: user.get(0)?,
            tables: foreign,
        }
        .into())
    }
}

async fn roll_back(session: &Session) -> Result<(), DbError> {
    if session.is_shared() {
        session.end_shared(TransactionEnd::Rollback).await
    } else {
        session.batch("rollback").await
    }
}

/// What the server says where another session changed the same table, and a new try may go through.
/// It has no SQLSTATE of its own for rows of the catalog that were changed meanwhile.
fn was_in_the_way(error: &Error) -> Option<String> {
    let (Error::Db(error) | Error::Bookkeeping(BookkeepingError::Db(error))) = error else {
        return None;
    };
    let error = error.server()?;
    let in_the_way = matches!(
        error.sqlstate,
        SqlState::LOCK_NOT_AVAILABLE
            | SqlState::DEADLOCK_DETECTED
            | SqlState::SERIALIZATION_FAILURE
    );
    let changed = error.message.starts_with("tuple concurrently");
    (in_the_way || changed).then(|| error.message.clone())
}
