//! What an earlier run left of a statement outside a transaction: what became of it is found out
//! by looking at the database, and INVALID indexes that it left are dropped.

use super::builds::{Traces, invalid};
use super::error::{InvalidIndex, StepCause};
use super::executor::Executor;
use super::outside::Script;
use super::report::{Event, Settlement};
use super::trouble::Trouble;
use crate::bookkeeping::{
    Index, JournalRow, Leaving, StatementState, global_exists, leaving, lies_in, relation_exists,
};
use crate::db::DbError;
use crate::sql::Effect;

/// What is known of a statement that was begun and not completed.
enum Finding {
    Settled(Settlement),
    /// Nothing tells.
    InDoubt,
}

impl Executor<'_> {
    /// Finds out what became of a statement that an earlier run began, and clears away what it
    /// left. Whether it is done.
    ///
    /// What cannot be known is refused, and what is done must not have been edited.
    pub(super) async fn settle(
        &self,
        script: &Script<'_>,
        row: &JournalRow,
    ) -> Result<bool, Trouble> {
        if row.state == StatementState::Done {
            return Ok(true);
        }
        let effect = row.sql.as_deref().map(Effect::of);
        if let Some(Effect::Detach { parent, partition }) = &effect
            && script.is_unedited(row)
            && leaving(self.session, parent, partition).await? == Leaving::Pending
        {
            // Whether it was cut off or failed: it cannot be run again, only be finished.
            self.finish_detach(script, row, parent, partition).await?;
            return Ok(true);
        }
        let traces = effect.as_ref().and_then(Traces::of);
        let fresh = match (&traces, &row.indexes_before) {
            (Some(traces), Some(before)) => Some(traces.fresh(self.session, before).await?),
            _ => None,
        };
        let (good, left): (Vec<Index>, Vec<Index>) = fresh
            .iter()
            .flatten()
            .cloned()
            .partition(|index| index.valid);
        if row.state == StatementState::Begun {
            let found = match effect {
                _ if row.atomic => Finding::Settled(Settlement::NotDone),
                Some(effect) => self.finding(&effect, fresh.is_some(), &good, &left).await?,
                None => Finding::InDoubt,
            };
            let cause = |cause| Err(Trouble::Cause(cause, script.place(row.statement)));
            let statement = row.statement + 1;
            match found {
                Finding::InDoubt => return cause(StepCause::InDoubt { statement }),
                Finding::Settled(Settlement::Done) if !script.is_unedited(row) => {
                    return Err(script.edited(row));
                }
                Finding::Settled(found) => {
                    self.control.tell(Event::Settled {
                        statement,
                        line: row.line,
                        run_id: row.run_id.clone(),
                        found,
                    });
                    if found == Settlement::Done {
                        return Ok(true);
                    }
                }
            }
        }
        self.clear(script, row, &left).await?;
        Ok(false)
    }

    /// What the database says of a statement that was begun; of one that makes an index, `good`
    /// and `left` are the valid and the INVALID ones that came since.
    async fn finding(
        &self,
        effect: &Effect,
        looked: bool,
        good: &[Index],
        left: &[Index],
    ) -> Result<Finding, DbError> {
        let done = |done| {
            Finding::Settled(if done {
                Settlement::Done
            } else {
                Settlement::NotDone
            })
        };
        Ok(match effect {
            Effect::CreateIndex { .. } if looked => match (good, left) {
                ([_], []) => done(true),
                ([], [] | [_]) => done(false),
                _ => Finding::InDoubt,
            },
            Effect::DropIndex { name } => done(!relation_exists(self.session, name).await?),
            Effect::Global { kind, name, comes } => {
                done(global_exists(self.session, *kind, name).await? == *comes)
            }
            Effect::Detach { parent, partition } => {
                match leaving(self.session, parent, partition).await? {
                    Leaving::Attached => done(false),
                    Leaving::Pending | Leaving::Gone => done(true),
                    Leaving::Unknown => Finding::InDoubt,
                }
            }
            Effect::MoveDatabase {
                database,
                tablespace,
            } => done(lies_in(self.session, database, tablespace).await?),
            Effect::Reindex { .. } | Effect::Repeatable => Finding::Settled(Settlement::Repeated),
            Effect::CreateIndex { .. } | Effect::Opaque | Effect::Transactional => Finding::InDoubt,
        })
    }

    /// Finishes what our own statement left half done: the partition has left its table for new
    /// transactions only.
    async fn finish_detach(
        &self,
        script: &Script<'_>,
        row: &JournalRow,
        parent: &str,
        partition: &str,
    ) -> Result<(), Trouble> {
        self.control.tell(Event::FinishingDetach {
            partition: partition.to_owned(),
        });
        let finish = format!("alter table {parent} detach partition {partition} finalize");
        let (finished, signal) = self.cancellable(self.session.batch(&finish)).await;
        match (finished, signal) {
            (Err(DbError::Server(_)), Some(signal)) => Err(Trouble::Signal(signal)),
            (Err(DbError::Server(error)), None) => {
                let place = script.place(row.statement);
                Err(Trouble::Cause(StepCause::Statement(error), place))
            }
            (finished, _) => Ok(finished?),
        }
    }

    /// Drops the INVALID indexes that our own statement left.
    async fn clear(
        &self,
        script: &Script<'_>,
        row: &JournalRow,
        left: &[Index],
    ) -> Result<(), Trouble> {
        for index in left {
            if index.busy {
                // It may be valid by the time that it could be dropped.
                let cause = invalid(index, InvalidIndex::Busy);
                return Err(Trouble::Cause(cause, script.place(row.statement)));
            }
            self.control.tell(Event::DroppingLeftover {
                index: index.qualified.clone(),
            });
            let drop = format!("drop index concurrently {}", index.qualified);
            let (dropped, signal) = self.cancellable(self.session.batch(&drop)).await;
            match (dropped, signal) {
                (Err(DbError::Server(_)), Some(signal)) => return Err(Trouble::Signal(signal)),
                (dropped, _) => dropped?,
            }
        }
        Ok(())
    }
}
