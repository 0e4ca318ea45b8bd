//! Whole scripts: as few messages as can be, and which statement failed.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::SimpleQueryMessage;

use super::large::{Large, STAND_IN};
use super::notices::{Running, RunningGuard};
use super::value::Answers;
use super::{Answer, DbError, Session, SqlState, TransactionStatus};
use crate::sql::{Statement, char_offset};

/// A message is cut after the statement with which it reaches this size, so that a large script
/// is not in memory several times.
const MESSAGE_BYTES: usize = 1 << 20;

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
        let range = 0..statements.len();
        match segments(text, statements).as_slice() {
            [Segment::Message(_)] if message_span(statements, &range).len() <= MESSAGE_BYTES => {
                let _watched = self.link.seen.watch_script();
                self.run_joined(text, statements, range, behind, progress)
                    .await
            }
            _ => {
                self.run_script(text, statements, progress).await?;
                Ok(self.answers(behind).await)
            }
        }
    }

    /// Runs the statements `range` as one message.
    async fn run_message(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
        range: Range<usize>,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<(), Box<ScriptFailure>> {
        let ran = self.run_joined(text, statements, range, "", progress).await;
        ran.map(drop)
    }

    /// Runs the statements `range` and what is `behind` them as one message.
    async fn run_joined(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
        range: Range<usize>,
        behind: &str,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<Result<Vec<Answer>, DbError>, Box<ScriptFailure>> {
        let span = message_span(statements, &range);
        let start = span.start;
        let message = &text[span.clone()];
        let last = range.end - 1;
        let mut done = range.start;
        let mut answers = Answers::default();
        let _running = self.running(range.start, last);
        let outcome = async {
            let joined;
            let sent = if !behind.is_empty() {
                joined = format!("{message}\n;\n{behind}");
                joined.as_str()
            } else if message.len() > MESSAGE_BYTES {
                self.link.seen.stand_in_for(Large {
                    text: Arc::clone(text),
                    span,
                });
                STAND_IN
            } else {
                message
            };
            let mut messages = pin!(self.client.simple_query_raw(sent).await?);
            while let Some(message) = messages.try_next().await? {
                if done == range.end {
                    answers.take(message);
                } else if let SimpleQueryMessage::CommandComplete(_) = message {
                    done += 1;
                    progress(done);
                }
            }
            Ok(())
        };
        let result: Result<(), tokio_postgres::Error> = outcome.await;
        let Err(error) = result else {
            return Ok(Ok(answers.whole));
        };
        let error = self.failure(&error, "a script");
        if let DbError::Protocol { reason, .. } = &error {
            // The server may wait for COPY data that nobody will send.
            self.cut(reason);
        }
        if done == range.end && !behind.is_empty() {
            return Ok(Err(error));
        }
        let nothing_ran = done == range.start;
        let offset = position(&error).and_then(|position| {
            let offset = start + byte_offset(message, position);
            let statement = statement_at(statements, &range, offset);
            // The whole message is parsed before its first statement runs. Afterwards, a position
            // in another statement is one in another text: that of a prepared statement, say.
            (statement == done || (nothing_ran && is_parse_error(&error)))
                .then_some((statement, offset))
        });
        Err(Box::new(ScriptFailure {
            statement: offset.map_or(done.min(last), |(statement, _)| statement),
            offset: offset.map(|(_, offset)| offset),
            error,
        }))
    }

    /// Says that notices are about the statements `first` to `last` from here on.
    fn running(&self, first: usize, last: usize) -> RunningGuard<'_> {
        self.link.board.run(Running {
            first,
            last,
            completed_before: self.link.seen.completions(),
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

/// What the statements `range` are in the text, and what is between them.
fn message_span(statements: &[Statement], range: &Range<usize>) -> Range<usize> {
    statements[range.start].span.start..statements[range.end - 1].span.end
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

/// The server's position, if it is one in the text that was sent.
fn position(error: &DbError) -> Option<u32> {
    error.server()?.position
}

/// Whether the error can come from reading the text, before anything of it runs.
fn is_parse_error(error: &DbError) -> bool {
    error.server().is_some_and(|error| {
        error.sqlstate == SqlState::SYNTAX_ERROR || matches!(error.sqlstate.class(), "22" | "42")
    })
}

/// The byte at a position that counts characters from 1; past the end is the end.
fn byte_offset(text: &str, position: u32) -> usize {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    char_offset(text, position).unwrap_or(text.len())
}

/// The statement of `range` in which byte `offset` lies, or the one before it.
fn statement_at(statements: &[Statement], range: &Range<usize>, offset: usize) -> usize {
    let after =
        statements[range.clone()].partition_point(|statement| statement.span.start <= offset);
    range.start + after.saturating_sub(1)
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
