//! Rows and entries that no script belongs to: what `stamp`, `repair` and adopting write, with the
//! same care for its COMMIT as a step's.

use super::commit::{Question, answered};
use super::control::Control;
use super::destination::Link;
use super::error::{Error, UnknownRecord};
use super::operations::Migrator;
use super::report::Event;
use super::trouble::why_lost;
use crate::bookkeeping::{Entry, Recording, RowEdit, begin_record};
use crate::db::DbError;

/// On which session something was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordedOn {
    /// The one that holds the lock.
    TheSame,
    /// One that was lost at COMMIT, as another tells, which is the link's now and has no lock.
    ALostOne,
}

impl Migrator {
    /// Changes the version rows and appends the entries, both or neither.
    ///
    /// # Errors
    /// As for [`begin_record`], a signal that came before its COMMIT, [`Error::NotRecorded`], and
    /// [`Error::RecordUnknown`] only where the server could not be asked.
    pub(super) async fn record(
        &self,
        link: &mut Link,
        recording: &Recording,
        rows: &RowEdit,
        entries: &[Entry],
        control: &Control,
    ) -> Result<RecordedOn, Error> {
        let session = &link.session;
        let transaction = begin_record(session, recording, rows, entries).await?;
        if session.is_shared() {
            // It is committed with the lock's transaction.
            return match control.stopped() {
                Some(signal) => Err(Error::stopped_before_work(signal)),
                None => Ok(RecordedOn::TheSame),
            };
        }
        if let Some(signal) = control.stopped() {
            // Where the link is gone the server rolls back by itself.
            let _gone = session.batch("rollback").await;
            return Err(Error::stopped_before_work(signal));
        }
        let commit = session.batch("commit");
        let reason = match answered(session, control, self.commit_timeout(), commit).await {
            Ok(()) => return Ok(RecordedOn::TheSame),
            Err(error) => why_lost(error).map_err(DbError::Server)?,
        };
        control.tell(Event::CommitLost {
            revision: None,
            reason: reason.clone(),
        });
        let entry = entries.last();
        let question = Question {
            recording,
            entry: entry.map(|entry| (entry.revision.as_str(), entry.direction)),
            transaction: &transaction,
        };
        let committed = match self.ask(link, &question, &reason, control).await {
            Ok(committed) => committed,
            Err(reason) => {
                return Err(Error::RecordUnknown(Box::new(UnknownRecord {
                    run_id: recording.run_id.clone(),
                    entry: entry.map(|entry| (entry.revision.clone(), entry.direction)),
                    transaction,
                    reason,
                })));
            }
        };
        control.tell(Event::CommitFound {
            revision: None,
            committed,
        });
        match control.stopped() {
            _ if committed => Ok(RecordedOn::ALostOne),
            Some(signal) => Err(Error::stopped_before_work(signal)),
            None => Err(Error::NotRecorded { reason }),
        }
    }

    /// The same, where nothing comes behind it that would want the lock.
    ///
    /// # Errors
    /// As for [`Migrator::record`].
    pub(super) async fn record_at_last(
        &self,
        link: &mut Link,
        recording: &Recording,
        rows: &RowEdit,
        entries: &[Entry],
        control: &Control,
    ) -> Result<(), Error> {
        let on = self.record(link, recording, rows, entries, control).await?;
        if on == RecordedOn::ALostOne {
            // The session has no lock that could be given back.
            link.session.cut("nothing is left to be done");
        }
        Ok(())
    }
}
