//! Scripts that run outside a transaction: statement by statement, with a journal.

use std::collections::BTreeMap;
use std::time::Duration;

use super::builds::{Traces, invalid};
use super::error::{Fate, InvalidIndex, StepCause};
use super::executor::{At, Executor};
use super::prepare::{ReadyScript, ReadyStep};
use super::report::{Event, NoticeReport, ScriptTransaction};
use super::transaction::Begun;
use super::trouble::{Trouble, script_trouble};
use crate::bookkeeping::{Intent, Journal, JournalRow, StatementState};
use crate::checksum::Checksum;
use crate::db::{DbError, SqlState, TransactionStatus};
use crate::diagnostic::Place;
use crate::sql::{self, Effect, Statement};

/// A script that runs outside a transaction, and its journal.
pub(super) struct Script<'a> {
    ready: &'a ReadyScript,
    /// The checksum of each statement, with the data of a COPY.
    checksums: Vec<String>,
    journal: Journal<'a>,
}

impl Executor<'_> {
    /// Refuses a script in a transaction of which an earlier run did statements outside of one.
    pub(super) async fn done_in_part(&self, at: &At<'_>) -> Result<(), Trouble> {
        let script = &at.ready.script;
        if !at.journalled || script.transaction() == ScriptTransaction::Off {
            return Ok(());
        }
        let step = &at.ready.step;
        let journal = Journal::of(self.recording, step.revision.as_str(), step.direction);
        let rows = journal.read(self.session).await?;
        let done = |row: &&JournalRow| match row.state {
            StatementState::Done => true,
            StatementState::Begun => !row.atomic,
            StatementState::Failed => false,
        };
        match rows.iter().filter(done).count() {
            0 => Ok(()),
            done => {
                let place = Place::file(script.path.clone());
                Err(Trouble::Cause(StepCause::DoneInPart { done }, Some(place)))
            }
        }
    }

    /// One step outside a transaction. A later run resumes at the first statement not done.
    /// `done` is kept at how many statements are.
    pub(super) async fn outside(
        &self,
        ready: &ReadyStep,
        index: usize,
        heard: &mut Vec<NoticeReport>,
        done: &mut usize,
    ) -> Result<(), Trouble> {
        let began = self.now().await?;
        let script = Script {
            ready: &ready.script,
            checksums: checksums(&ready.script),
            journal: Journal::of(
                self.recording,
                ready.step.revision.as_str(),
                ready.step.direction,
            ),
        };
        let statements = &ready.script.statements;
        let rows = script.journal.read(self.session).await?;
        *done = rows.iter().take_while(|row| is_done(row)).count();
        script.insist_unedited(&rows)?;
        if let Some(missing) = sql::missing(&ready.script.text, statements, *done) {
            let place = script.place(missing.needed_by);
            return Err(Trouble::Cause(StepCause::MissingInSession(missing), place));
        }
        let mut open: BTreeMap<usize, JournalRow> = rows
            .into_iter()
            .filter(|row| !is_done(row))
            .map(|row| (row.statement, row))
            .collect();

        // `lock_timeout` is off unless the header asks for one: a timeout in a concurrent index
        // build leaves an INVALID index.
        let statement_timeout = self.options.statement_timeout;
        let settings = ready
            .script
            .settings_sql("session", Duration::ZERO, statement_timeout);
        let durable = "set session synchronous_commit to default";
        self.session
            .batch(&format!("{settings}; {durable}"))
            .await?;
        for (number, statement) in statements.iter().enumerate() {
            if let Some(signal) = self.control.stopped() {
                return Err(Trouble::Signal(signal));
            }
            if number < *done {
                if statement.sets_session(&ready.script.text) {
                    self.one_statement(&ready.script, heard, number).await?;
                }
                continue;
            }
            let settled = match open.remove(&number) {
                Some(row) => self.settle(&script, &row).await?,
                None => false,
            };
            if settled {
                script.journal.complete(self.session, number).await?;
            } else {
                self.journalled(&script, heard, number).await?;
            }
            *done = number + 1;
            self.control.tell(Event::StepProgress {
                step: index + 1,
                statements_done: number + 1,
                statements: statements.len(),
            });
        }
        // Of statements that are no longer in the script.
        for row in open.values() {
            if self.settle(&script, row).await? {
                return Err(script.edited(row));
            }
        }

        self.reset().await?;
        let begun = Begun {
            clock: Some(began),
            ..self.begin("").await?
        };
        self.verify(ready, index, heard).await?;
        self.record(ready, &begun, true).await?;
        self.commit(&begun, true).await
    }

    /// Runs one statement, with its intent before and its completion after it.
    async fn journalled(
        &self,
        script: &Script<'_>,
        heard: &mut Vec<NoticeReport>,
        number: usize,
    ) -> Result<(), Trouble> {
        let effect = script.effect(number);
        let traces = Traces::of(&effect);
        let before = match &traces {
            Some(traces) => traces.look(self.session).await?,
            None => Vec::new(),
        };
        if let Some(traces) = &traces
            && let Some(index) = traces.in_the_way(&before)
        {
            // `IF NOT EXISTS` would take it for the one that it asks for.
            let cause = invalid(index, InvalidIndex::Foreign);
            return Err(Trouble::Cause(cause, script.place(number)));
        }
        let before: Vec<i64> = before.iter().map(|index| index.oid).collect();
        let before = traces.is_some().then_some(before.as_slice());
        let mut atomic = effect.is_transactional();
        let mut outcome = self.attempt(script, heard, number, before, atomic).await;
        if atomic && outcome.as_ref().err().is_some_and(wants_no_transaction) {
            // Nothing in its words told so, and it was rolled back.
            self.session.batch("rollback").await?;
            atomic = false;
            outcome = self.attempt(script, heard, number, before, atomic).await;
        }
        let outcome = match (outcome, &traces) {
            (Ok(()), Some(traces)) if !atomic => {
                let before = before.unwrap_or_default();
                match traces.still_invalid(self.session, before).await? {
                    Some(index) => Err(Trouble::Cause(
                        invalid(&index, InvalidIndex::Still),
                        script.place(number),
                    )),
                    None => Ok(()),
                }
            }
            (outcome, _) => outcome,
        };
        match outcome {
            Ok(()) if atomic => Ok(()),
            Ok(()) => Ok(script.journal.complete(self.session, number).await?),
            Err(trouble) => Err(self
                .failed(script, number, trouble, traces.as_ref(), before)
                .await?),
        }
    }

    /// Writes the intent and runs the statement; one that is `atomic` in one transaction with its
    /// completion, so that it is never in doubt.
    async fn attempt(
        &self,
        script: &Script<'_>,
        heard: &mut Vec<NoticeReport>,
        number: usize,
        indexes_before: Option<&[i64]>,
        atomic: bool,
    ) -> Result<(), Trouble> {
        let statement = &script.ready.statements[number];
        let intent = Intent {
            statement: number,
            statements: script.checksums.len(),
            checksum: &script.checksums[number],
            line: statement.line,
            sql: statement.text(&script.ready.text),
            atomic,
            indexes_before,
        };
        script.journal.begin(self.session, intent).await?;
        if !atomic {
            let work = self.one_statement(script.ready, heard, number);
            return if script.effect(number).builds_concurrently() {
                self.watched(work).await
            } else {
                work.await
            };
        }
        self.session.batch("begin").await?;
        self.one_statement(script.ready, heard, number).await?;
        if self.session.transaction_status() != TransactionStatus::Open {
            let cause = StepCause::TransactionEnded;
            return Err(Trouble::Cause(cause, script.place(number)));
        }
        match script.journal.complete_within(self.session, number).await {
            Err(DbError::Server(error)) => match self.control.stopped() {
                Some(signal) if error.sqlstate == SqlState::QUERY_CANCELED => {
                    Err(Trouble::Signal(signal))
                }
                _ => Err(Trouble::Cause(
                    StepCause::Commit(error),
                    script.place(number),
                )),
            },
            completed => Ok(completed?),
        }
    }

    /// Writes that a statement failed, and looks at what it left. Where the link is lost nobody
    /// knows how it ended: the next run finds out.
    async fn failed(
        &self,
        script: &Script<'_>,
        number: usize,
        trouble: Trouble,
        traces: Option<&Traces>,
        before: Option<&[i64]>,
    ) -> Result<Trouble, Trouble> {
        let (sqlstate, message) = match &trouble {
            Trouble::Cause(StepCause::Link(_), _) | Trouble::CommitLost(_) => return Ok(trouble),
            Trouble::Cause(
                StepCause::Statement(error)
                | StepCause::Commit(error)
                | StepCause::Bookkeeping(error),
                _,
            ) => (Some(error.sqlstate), error.message.clone()),
            Trouble::Cause(StepCause::InvalidIndex { index, .. }, _) => {
                (None, format!("index {index} is INVALID"))
            }
            Trouble::Cause(..) => (None, "it ended its transaction".to_owned()),
            Trouble::Signal(signal) => (Some(SqlState::QUERY_CANCELED), signal.to_string()),
        };
        if self.session.transaction_status() != TransactionStatus::Idle {
            self.session.batch("rollback").await?;
        }
        let journal = &script.journal;
        journal
            .fail(self.session, number, sqlstate, &message)
            .await?;
        let left = match (traces, before) {
            (Some(traces), Some(before)) => traces.fresh(self.session, before).await?,
            _ => Vec::new(),
        };
        let left: Vec<String> = left
            .into_iter()
            .filter(|index| !index.valid)
            .map(|index| index.qualified)
            .collect();
        Ok(match trouble {
            Trouble::Cause(StepCause::Statement(error), place) if !left.is_empty() => {
                Trouble::Cause(StepCause::BuildFailed { error, left }, place)
            }
            trouble => {
                for index in left {
                    self.control.tell(Event::IndexLeft { index });
                }
                trouble
            }
        })
    }

    async fn one_statement(
        &self,
        script: &ReadyScript,
        heard: &mut Vec<NoticeReport>,
        number: usize,
    ) -> Result<(), Trouble> {
        let mut ignore = |_done: usize| ();
        let work = self.session.run_script(
            &script.text,
            &script.statements[number..=number],
            &mut ignore,
        );
        let (result, signal) = self.cancellable(work).await;
        self.hear(script, number, heard);
        match (result, signal) {
            // A statement that was done in spite of a signal is done.
            (Ok(()), _) => Ok(()),
            (Err(failure), Some(signal)) if failure.error.server().is_some() => {
                Err(Trouble::Signal(signal))
            }
            (Err(failure), _) => Err(script_trouble(
                &failure,
                script,
                number,
                StepCause::Statement,
            )),
        }
    }

    /// How far the script got, `done` of its statements being done.
    pub(super) fn partly(ready: &ReadyStep, done: usize) -> Fate {
        Fate::Partly {
            done,
            statements: ready.script.statements.len(),
        }
    }
}

impl Script<'_> {
    fn effect(&self, number: usize) -> Effect {
        self.ready.statements[number].effect(&self.ready.text)
    }

    /// Where a statement stands, if it still does.
    pub(super) fn place(&self, number: usize) -> Option<Place> {
        let statement = self.ready.statements.get(number)?;
        Some(Place::in_text(
            &self.ready.path,
            &self.ready.text,
            statement.span,
        ))
    }

    /// Whether a statement of the journal is the one that stands in the script now.
    pub(super) fn is_unedited(&self, row: &JournalRow) -> bool {
        self.checksums.get(row.statement) == Some(&row.checksum)
    }

    /// Refuses to go on behind a statement that was edited since it was done.
    fn insist_unedited(&self, rows: &[JournalRow]) -> Result<(), Trouble> {
        let mut done = rows.iter().filter(|row| is_done(row));
        match done.find(|row| !self.is_unedited(row)) {
            Some(row) => Err(self.edited(row)),
            None => Ok(()),
        }
    }

    pub(super) fn edited(&self, row: &JournalRow) -> Trouble {
        let statement = row.statement + 1;
        Trouble::Cause(
            StepCause::CompletedStatementEdited { statement },
            self.place(row.statement),
        )
    }
}

fn is_done(row: &JournalRow) -> bool {
    row.state == StatementState::Done
}

/// The checksum of each statement, with the data of a COPY.
fn checksums(script: &ReadyScript) -> Vec<String> {
    let text = |statement: &Statement| match statement.copy_data {
        Some(data) => &script.text[statement.span.start..data.end],
        None => statement.text(&script.text),
    };
    let statements = script.statements.iter();
    statements
        .map(|statement| Checksum::of_script(text(statement), &[]).to_string())
        .collect()
}

/// Whether the server says that the statement, or what it calls, cannot run in a transaction.
fn wants_no_transaction(trouble: &Trouble) -> bool {
    let Trouble::Cause(StepCause::Statement(error), _) = trouble else {
        return false;
    };
    [
        SqlState::ACTIVE_SQL_TRANSACTION,
        SqlState::INVALID_TRANSACTION_TERMINATION,
    ]
    .contains(&error.sqlstate)
}
