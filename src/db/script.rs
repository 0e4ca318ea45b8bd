//! Whole scripts: as few messages as can be, and which statement failed.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};

use super::notices::{Running, RunningGuard};
use super::sent::{SentScript, byte_offset, message_span, position};
use super::value::Answers;
use super::{Answer, DbError, Session, TransactionStatus};
use crate::sql::Statement;

/// A message is cut after the statement with which it reaches this size, so that a large script
/// is not in memory several times.
pub(super) const MESSAGE_BYTES: usize = 1 << 20;

/// How much of COPY data is handed over at a time.
const COPY_BYTES: usize = 64 << 10;

/// A script that did not run to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFailure {
    /// The statement that failed, counted from 0.
    pub statement: usize,
    /// Where in the script's text, in bytes, if the server or the COPY line tells.
    pub offset: Option<usize>,
    /// Why.
    pub error: DbError,
}

/// Fails unless a transaction is open that a message began before: nothing behind it runs then.
const IN_TRANSACTION: &str = "savepoint grace_migrate; release savepoint grace_migrate;";

/// Whether a script is one message of a size that is sent with what is to be sent behind it.
#[must_use]
pub fn sent_at_once(text: &str, statements: &[Statement]) -> bool {
    !statements.is_empty()
        && is_one_message(text, statements)
        && message_span(statements, &(0..statements.len())).len() <= MESSAGE_BYTES
}

/// Whether a script is sent all at once, so that [`Session::run_script_and`] can be of use.
#[must_use]
pub fn is_one_message(text: &str, statements: &[Statement]) -> bool {
    matches!(
        segments(text, statements).as_slice(),
        [] | [Segment::Message(_)]
    )
}

/// Statements that go as one message, or one COPY with its data.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Message(Range<usize>),
    Copy(usize),
}

impl Session {
    /// Runs `statements`, which `text` was split into, in order, in as few messages as can be:
    /// one, unless the text is larger than a megabyte, has COPY data, or has commands for psql
    /// between statements. Rows are thrown away.
    ///
    /// The text is shared: of a large statement no copy is made.
    ///
    /// Where a transaction is open, nothing more is sent once the script has ended it; what is
    /// committed of it then, [`Session::script_kept`] tells.
    ///
    /// `progress` is called with the number of statements done, after each.
    /// Notices tell the statement that they are about.
    ///
    /// Whether that is one transaction is the caller's business: outside of one, PostgreSQL makes
    /// each *message* a transaction.
    ///
    /// # Errors
    /// The first statement that failed; the rest was not run.
    pub async fn run_script(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<(), Box<ScriptFailure>> {
        let _watched = self.link.seen.watch_script();
        let within = self.transaction_status() == TransactionStatus::Open;
        for segment in segments(text, statements) {
            let last = match segment {
                Segment::Message(range) => {
                    let last = range.end - 1;
                    self.run_message(text, statements, range, progress).await?;
                    last
                }
                Segment::Copy(index) => {
                    self.run_copy(text, &statements[index], index).await?;
                    progress(index + 1);
                    index
                }
            };
            if within
                && (self.transaction_status() != TransactionStatus::Open || self.script_kept())
            {
                return Err(Box::new(ScriptFailure {
                    statement: last,
                    offset: None,
                    error: DbError::TransactionEnded,
                }));
            }
        }
        Ok(())
    }

    /// The same for a script that [`is_one_message()`], with statements of ours `behind` it that
    /// the server gets in the same message, so that it is woken once: read before anything of the
    /// script runs, and not run where the script fails.
    ///
    /// # Errors
    /// The first statement of the script that failed; within, what those behind it answered.
    pub async fn run_script_and(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
        behind: &str,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<Result<Vec<Answer>, DbError>, Box<ScriptFailure>> {
        if sent_at_once(text, statements) {
            let _watched = self.link.seen.watch_script();
            let range = 0..statements.len();
            let sent = self.send(text, statements, range, "", behind).await;
            return sent.finish(progress).await;
        }
        self.run_script(text, statements, progress).await?;
        Ok(self.answers(behind).await)
    }

    /// Sends statements of ours, and behind them, before they are answered, the same as
    /// [`Session::run_script_and`] does, for a script that is [`sent_at_once()`]; gives the answers
    /// of the first, and what the script is to be awaited with. Nothing else may be under way.
    ///
    /// The script must not run where the first statements fail or leave no transaction open: the
    /// server refuses it then, and nothing of it runs.
    pub async fn answers_then_script<'s>(
        &'s self,
        first: &str,
        text: &Arc<str>,
        statements: &'s [Statement],
        behind: &str,
    ) -> (Result<Vec<Answer>, DbError>, SentScript<'s>) {
        let watched = self.link.seen.watch_script_behind();
        let answers = self.client.simple_query_raw(first).await;
        let range = 0..statements.len();
        let sent = self.send(text, statements, range, IN_TRANSACTION, behind);
        let sent = sent.await.watched(watched);
        let answers = async {
            let mut messages = pin!(answers?);
            let mut answers = Answers::default();
            while let Some(message) = messages.try_next().await? {
                answers.take(message);
            }
            Ok(answers.whole)
        };
        let answers: Result<_, tokio_postgres::Error> = answers.await;
        let answers = answers.map_err(|error| self.failure(&error, "a command"));
        (answers, sent)
    }

    /// Runs the statements `range` as one message.
    async fn run_message(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
        range: Range<usize>,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<(), Box<ScriptFailure>> {
        let sent = self.send(text, statements, range, "", "").await;
        sent.finish(progress).await.map(drop)
    }

    /// Says that notices are about the statements `first` to `last` from here on.
    fn running(&self, first: usize, last: usize) -> RunningGuard<'_> {
        self.link.board.run(Running {
            first,
            last,
            completed_before: Some(self.link.seen.completions()),
            ours: 0,
        })
    }

    /// Runs one `COPY … FROM stdin` with its data.
    async fn run_copy(
        &self,
        text: &str,
        statement: &Statement,
        index: usize,
    ) -> Result<(), Box<ScriptFailure>> {
        let command = statement.text(text);
        let data = statement.copy_data.map_or("", |span| span.text(text));
        let _running = self.running(index, index);
        let outcome = async {
            let mut sink = pin!(self.client.copy_in::<_, Bytes>(command).await?);
            for chunk in data.as_bytes().chunks(COPY_BYTES) {
                sink.send(Bytes::copy_from_slice(chunk)).await?;
            }
            sink.finish().await?;
            Ok(())
        };
        let result: Result<(), tokio_postgres::Error> = outcome.await;
        let Err(error) = result else {
            return Ok(());
        };
        let error = self.failure(&error, "COPY data");
        let offset = position(&error)
            .map(|position| statement.span.start + byte_offset(command, position))
            .or_else(|| Some(statement.copy_data?.start + line_offset(data, copy_line(&error)?)?));
        Err(Box::new(ScriptFailure {
            statement: index,
            offset,
            error,
        }))
    }
}

/// Which statements go together.
fn segments(text: &str, statements: &[Statement]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        if statement.copy_data.is_some() {
            segments.push(Segment::Copy(index));
            continue;
        }
        match segments.last_mut() {
            Some(Segment::Message(range))
                if joins(
                    text,
                    &statements[range.start],
                    &statements[range.end - 1],
                    statement,
                ) =>
            {
                range.end = index + 1;
            }
            _ => segments.push(Segment::Message(index..index + 1)),
        }
    }
    segments
}

/// Whether `statement` can go in one message with what reaches from `first` to `last`. A `\` between
/// two statements may be a command for psql, which no server knows.
fn joins(text: &str, first: &Statement, last: &Statement, statement: &Statement) -> bool {
    statement.span.end - first.span.start <= MESSAGE_BYTES
        && !text[last.span.end..statement.span.start].contains('\\')
}

/// The line that `COPY t, line 3, column x` tells; the words are translated, the order is not.
fn copy_line(error: &DbError) -> Option<usize> {
    let context = error.server()?.where_.as_deref()?;
    let line = context
        .lines()
        .find_map(|line| line.strip_prefix("COPY "))?;
    let (_, rest) = line.split_once(", ")?;
    let digits = rest.find(|c: char| c.is_ascii_digit())?;
    let rest = &rest[digits..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Where line `number`, counted from 1, starts.
fn line_offset(text: &str, number: usize) -> Option<usize> {
    match number {
        0 => None,
        1 => Some(0),
        _ => text
            .match_indices('\n')
            .nth(number - 2)
            .map(|(newline, _)| newline + 1),
    }
}
