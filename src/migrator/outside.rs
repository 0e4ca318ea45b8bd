//! Scripts that run outside a transaction: statement by statement, with a journal.

use std::time::Instant;

use super::error::{Fate, StepCause};
use super::executor::{Executor, Trouble, millis, script_trouble};
use super::prepare::{ReadyScript, ReadyStep};
use super::report::{Event, NoticeReport};
use crate::bookkeeping::{Entry, Journal, JournalRow, RowEdit, record};
use crate::checksum::Checksum;
use crate::db::SessionSettings;
use crate::diagnostic::Place;
use crate::revision::Timeout;

impl Executor<'_> {
    /// One step outside a transaction. A later run resumes at the first statement not done.
    pub(super) async fn outside(
        &self,
        ready: &ReadyStep,
        index: usize,
        heard: &mut Vec<NoticeReport>,
    ) -> Result<(), Trouble> {
        let started = Instant::now();
        let script = &ready.script;
        let journal = self.journal(ready);
        let checksums = checksums(script);
        let first = resume(&journal.read(self.session).await?, &checksums, script)?;

        self.session
            .batch(&format!(
                "{}; set session synchronous_commit to default",
                self.outside_settings(script)
            ))
            .await?;
        for number in first..script.statements.len() {
            if let Some(signal) = self.control.stopped() {
                return Err(Trouble::Signal(signal));
            }
            journal
                .begin(self.session, number, checksums.len(), &checksums[number])
                .await?;
            self.one_statement(script, heard, &journal, number).await?;
            journal.complete(self.session, number).await?;
            self.control.tell(Event::StepProgress {
                step: index + 1,
                statements_done: number + 1,
                statements: script.statements.len(),
            });
        }

        self.reset().await?;
        self.session.batch("begin").await?;
        let transaction = self.transaction_id().await?;
        if let Some(verify) = &ready.verify {
            self.run_script(verify, index, heard, StepCause::Verify)
                .await?;
        }
        self.session.batch(SessionSettings::BOOKKEEPING_SQL).await?;
        let entry = Entry {
            duration_ms: millis(started),
            ..ready.entry.clone()
        };
        record(
            self.session,
            self.recording,
            &RowEdit::from(&ready.step),
            std::slice::from_ref(&entry),
            Some(&transaction),
        )
        .await?;
        journal.clear(self.session).await?;
        self.session
            .batch("set local synchronous_commit to default; commit")
            .await?;
        self.reset().await?;
        Ok(())
    }

    async fn one_statement(
        &self,
        script: &ReadyScript,
        heard: &mut Vec<NoticeReport>,
        journal: &Journal<'_>,
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
        let Err(failure) = result else {
            return Ok(());
        };
        if !self.session.is_closed() {
            // The server answered that it was not done: nothing is in doubt.
            journal.withdraw(self.session, number).await?;
        }
        Err(match signal {
            Some(signal) => Trouble::Signal(signal),
            None => script_trouble(&failure, script, number, StepCause::Statement),
        })
    }

    /// `lock_timeout` is off there unless the header asks for one: a timeout in a concurrent
    /// index build leaves an INVALID index.
    fn outside_settings(&self, script: &ReadyScript) -> String {
        let mut script = script.clone();
        script.settings.lock_timeout.get_or_insert(Timeout::ZERO);
        self.script_settings(&script, "session")
    }

    /// How far the script got.
    pub(super) async fn partly(&self, ready: &ReadyStep) -> Fate {
        // A transaction may be open around the verify script; a lost link has none.
        let _gone = self.session.batch("rollback").await;
        let _gone = self.reset().await;
        let rows = self
            .journal(ready)
            .read(self.session)
            .await
            .unwrap_or_default();
        Fate::Partly {
            done: rows.iter().take_while(|row| row.done).count(),
            statements: ready.script.statements.len(),
        }
    }

    fn journal<'b>(&'b self, ready: &'b ReadyStep) -> Journal<'b> {
        Journal::of(
            self.recording,
            ready.step.revision.as_str(),
            ready.step.direction,
        )
    }
}

fn checksums(script: &ReadyScript) -> Vec<String> {
    script
        .statements
        .iter()
        .map(|statement| Checksum::of_script(statement.text(&script.text), &[]).to_string())
        .collect()
}

/// The first statement to run: the one after those that an earlier run completed.
fn resume(
    rows: &[JournalRow],
    checksums: &[String],
    script: &ReadyScript,
) -> Result<usize, Trouble> {
    let place = |number: usize| {
        script
            .statements
            .get(number)
            .map(|s| Place::in_text(&script.path, &script.text, s.span))
    };
    for row in rows {
        let number = row.statement;
        if !row.done {
            let cause = StepCause::InDoubt {
                statement: number + 1,
            };
            return Err(Trouble::Cause(cause, place(number)));
        }
        if checksums.get(number) != Some(&row.checksum) {
            let cause = StepCause::CompletedStatementEdited {
                statement: number + 1,
            };
            return Err(Trouble::Cause(cause, place(number)));
        }
    }
    Ok(rows.len())
}
