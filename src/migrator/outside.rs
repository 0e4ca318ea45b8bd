//! Scripts that run outside a transaction: statement by statement, with a journal.

use std::time::Duration;

use super::error::{Fate, StepCause};
use super::executor::Executor;
use super::prepare::{ReadyScript, ReadyStep};
use super::report::{Event, NoticeReport};
use super::transaction::Begun;
use super::trouble::{Trouble, script_trouble};
use crate::bookkeeping::{Journal, JournalRow};
use crate::checksum::Checksum;
use crate::diagnostic::Place;
use crate::sql::Statement;

impl Executor<'_> {
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
        let script = &ready.script;
        let journal = Journal::of(
            self.recording,
            ready.step.revision.as_str(),
            ready.step.direction,
        );
        let checksums = checksums(script);
        let rows = journal.read(self.session).await?;
        *done = rows.iter().take_while(|row| row.done).count();
        resumable(&rows, &checksums, script)?;

        // `lock_timeout` is off unless the header asks for one: a timeout in a concurrent index
        // build leaves an INVALID index.
        let statement_timeout = self.options.statement_timeout;
        let settings = script.settings_sql("session", Duration::ZERO, statement_timeout);
        let durable = "set session synchronous_commit to default";
        self.session
            .batch(&format!("{settings}; {durable}"))
            .await?;
        for number in 0..script.statements.len() {
            if let Some(signal) = self.control.stopped() {
                return Err(Trouble::Signal(signal));
            }
            if number < *done {
                if sets_session(&script.statements[number], &script.text) {
                    self.one_statement(script, heard, number).await?;
                }
                continue;
            }
            journal
                .begin(self.session, number, checksums.len(), &checksums[number])
                .await?;
            if let Err(trouble) = self.one_statement(script, heard, number).await {
                // Where the server answered that it was not done, nothing is in doubt.
                if !matches!(trouble, Trouble::Cause(StepCause::Link(_), _)) {
                    journal.withdraw(self.session, number).await?;
                }
                return Err(trouble);
            }
            journal.complete(self.session, number).await?;
            *done = number + 1;
            self.control.tell(Event::StepProgress {
                step: index + 1,
                statements_done: number + 1,
                statements: script.statements.len(),
            });
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

/// Whether a statement only says how those behind it run: a later session has to be told again.
fn sets_session(statement: &Statement, script: &str) -> bool {
    let first = statement.words(script, 1);
    first.iter().any(|word| word == "SET" || word == "RESET")
}

/// Refuses to go on behind a statement that was edited since it was done, or of which nobody knows
/// whether it was.
fn resumable(
    rows: &[JournalRow],
    checksums: &[String],
    script: &ReadyScript,
) -> Result<(), Trouble> {
    for row in rows {
        let statement = row.statement + 1;
        let cause = if !row.done {
            StepCause::InDoubt { statement }
        } else if checksums.get(row.statement) != Some(&row.checksum) {
            StepCause::CompletedStatementEdited { statement }
        } else {
            continue;
        };
        let place = script
            .statements
            .get(row.statement)
            .map(|s| Place::in_text(&script.path, &script.text, s.span));
        return Err(Trouble::Cause(cause, place));
    }
    Ok(())
}
