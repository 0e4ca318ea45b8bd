//! A message of a script that is on its way: what the server answers, and which statement failed.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::TryStreamExt;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryStream};

use super::large::{Large, STAND_IN};
use super::notices::{Running, RunningGuard};
use super::script::{MESSAGE_BYTES, ScriptFailure};
use super::value::Answers;
use super::wire::ScriptGuard;
use super::{Answer, DbError, Session, SqlState};
use crate::sql::{Statement, char_offset};

/// Statements of a script that were sent as one message, with what is behind them.
#[must_use = "the server answers"]
pub struct SentScript<'s> {
    session: &'s Session,
    text: Arc<str>,
    statements: &'s [Statement],
    range: Range<usize>,
    /// What stands before the script in its message, where it was sent behind another one.
    before: &'static str,
    /// Whether something stands behind it.
    behind: bool,
    messages: Result<Pin<Box<SimpleQueryStream>>, tokio_postgres::Error>,
    _running: RunningGuard<'s>,
    watched: Option<ScriptGuard<'s>>,
}

impl Session {
    /// Sends the statements `range` as one message, between what is `before` and `behind` them.
    pub(super) async fn send<'s>(
        &'s self,
        text: &Arc<str>,
        statements: &'s [Statement],
        range: Range<usize>,
        before: &'static str,
        behind: &str,
    ) -> SentScript<'s> {
        let ours = before.matches(';').count();
        let running = self.link.board.run(Running {
            first: range.start,
            last: range.end - 1,
            // Behind what is under way: where that ends is seen later.
            completed_before: (ours == 0).then(|| self.link.seen.completions()),
            ours,
        });
        let span = message_span(statements, &range);
        let message = &text[span.clone()];
        let joined;
        let sent = if !before.is_empty() || !behind.is_empty() {
            joined = format!("{before}{message}\n;\n{behind}");
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
        SentScript {
            session: self,
            text: Arc::clone(text),
            statements,
            range,
            before,
            behind: !behind.is_empty(),
            messages: self.client.simple_query_raw(sent).await.map(Box::pin),
            _running: running,
            watched: None,
        }
    }
}

impl<'s> SentScript<'s> {
    /// The same, and what it keeps is watched until it is done.
    pub(super) fn watched(mut self, watched: ScriptGuard<'s>) -> Self {
        self.watched = Some(watched);
        self
    }

    /// Awaits the end.
    ///
    /// # Errors
    /// The first statement of the script that failed; within, what those behind it answered.
    pub async fn finish(
        self,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<Result<Vec<Answer>, DbError>, Box<ScriptFailure>> {
        let range = self.range.clone();
        let last = range.end - 1;
        let mut before = self.before.matches(';').count();
        let mut done = range.start;
        let mut answers = Answers::default();
        let outcome = async {
            let mut messages = self.messages?;
            while let Some(message) = messages.try_next().await? {
                if done == range.end {
                    answers.take(message);
                } else if let SimpleQueryMessage::CommandComplete(_) = message {
                    if before > 0 {
                        before -= 1;
                        continue;
                    }
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
        let error = self.session.failure(&error, "a script");
        if let DbError::Protocol { reason, .. } = &error {
            // The server may wait for COPY data that nobody will send.
            self.session.cut(reason);
        }
        if done == range.end && self.behind {
            return Ok(Err(error));
        }
        let nothing_ran = done == range.start;
        let span = message_span(self.statements, &range);
        let position = position(&error).and_then(|at| at.checked_sub(characters(self.before)));
        let offset = position.and_then(|position| {
            let offset = span.start + byte_offset(&self.text[span.clone()], position);
            let statement = statement_at(self.statements, &range, offset);
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
}

/// What the statements `range` are in the text, and what is between them.
pub(super) fn message_span(statements: &[Statement], range: &Range<usize>) -> Range<usize> {
    statements[range.start].span.start..statements[range.end - 1].span.end
}

/// The server's position, if it is one in the text that was sent.
pub(super) fn position(error: &DbError) -> Option<u32> {
    error.server()?.position
}

/// Whether the error can come from reading the text, before anything of it runs.
fn is_parse_error(error: &DbError) -> bool {
    error.server().is_some_and(|error| {
        error.sqlstate == SqlState::SYNTAX_ERROR || matches!(error.sqlstate.class(), "22" | "42")
    })
}

/// The byte at a position that counts characters from 1; past the end is the end.
pub(super) fn byte_offset(text: &str, position: u32) -> usize {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    char_offset(text, position).unwrap_or(text.len())
}

/// The statement of `range` in which byte `offset` lies, or the one before it.
fn statement_at(statements: &[Statement], range: &Range<usize>, offset: usize) -> usize {
    let after =
        statements[range.clone()].partition_point(|statement| statement.span.start <= offset);
    range.start + after.saturating_sub(1)
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
