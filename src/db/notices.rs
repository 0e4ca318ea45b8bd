//! What the server says on the side, and which statement of a script it says it about.
//!
//! Notices come out of band, and completions of statements come in batches, so a notice that was
//! read may belong to a statement whose predecessors have not been counted yet. The two sides
//! meet here: while a script runs, the driver holds a notice until the reader has run dry, which
//! is when all that came before the notice is counted.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::Notice;

/// How many notices are kept until they are drained, and how many bytes of text.
const KEPT: usize = 1_000;
const KEPT_BYTES: usize = 4 << 20;

/// The notices since the last look, and how many more there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// The first of them, in order.
    pub kept: Vec<Notice>,
    /// How many came after these and were only counted.
    pub dropped: u64,
}

#[derive(Debug, Default)]
pub(super) struct Board(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    notices: Notices,
    bytes: usize,
    reading: Reading,
    held: Option<Held>,
    reader: Option<Waker>,
    driver: Option<Waker>,
}

#[derive(Debug)]
struct Held {
    notice: Notice,
    /// Whether the reader has looked for more since the notice is held.
    seen: bool,
}

/// What a notice that comes now is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// No script.
    #[default]
    Nothing,
    /// This statement of a script, which runs alone.
    Statement(usize),
    /// Some statement of a script: the reader knows which once it has run dry.
    Script,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the coming notices are about, until the guard is dropped.
    pub(super) fn read(&self, reading: Reading) -> ReadingGuard<'_> {
        self.state().reading = reading;
        ReadingGuard(self)
    }

    /// The driver's side: takes a notice in. `true` if it is held, and the driver must wait.
    pub(super) fn take_in(&self, notice: Notice) -> bool {
        let mut state = self.state();
        match state.reading {
            Reading::Nothing => state.keep(notice, None),
            Reading::Statement(index) => state.keep(notice, Some(index)),
            Reading::Script => {
                state.held = Some(Held {
                    notice,
                    seen: false,
                });
                if let Some(reader) = state.reader.take() {
                    reader.wake();
                }
                return true;
            }
        }
        false
    }

    /// The driver's side: waits until nothing is held.
    pub(super) fn poll_released(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.held.is_none() {
            return Poll::Ready(());
        }
        state.driver = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The reader's side, when it has run dry with statement `current` at work.
    /// `true` if it must look again, because something is, or was, held.
    pub(super) fn settle(&self, current: usize, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        match &mut state.held {
            None => {
                state.reader = Some(cx.waker().clone());
                return false;
            }
            // What came before the notice may have arrived since the reader looked.
            Some(held) if !held.seen => held.seen = true,
            Some(_) => state.release(Some(current)),
        }
        true
    }

    /// Takes what was kept, and begins anew.
    pub(super) fn drain(&self) -> Notices {
        let mut state = self.state();
        state.bytes = 0;
        std::mem::take(&mut state.notices)
    }
}

impl State {
    fn release(&mut self, statement: Option<usize>) {
        if let Some(held) = self.held.take() {
            self.keep(held.notice, statement);
        }
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    fn keep(&mut self, notice: Notice, statement: Option<usize>) {
        let bytes = [&notice.detail, &notice.hint, &notice.where_]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum::<usize>()
            + notice.message.len();
        if self.notices.kept.len() >= KEPT || self.bytes + bytes > KEPT_BYTES {
            self.notices.dropped += 1;
            return;
        }
        self.bytes += bytes;
        self.notices.kept.push(Notice {
            statement,
            ..notice
        });
    }
}

/// Ends a [`Reading`], also where the reader's future is dropped half way.
pub(super) struct ReadingGuard<'a>(&'a Board);

impl Drop for ReadingGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.reading = Reading::Nothing;
        state.reader = None;
        state.release(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::SqlState;

    fn notice(message: &str) -> Notice {
        Notice {
            severity: "NOTICE".to_owned(),
            sqlstate: SqlState::SUCCESSFUL_COMPLETION,
            message: message.to_owned(),
            detail: None,
            hint: None,
            position: None,
            where_: None,
            statement: None,
        }
    }

    #[test]
    fn the_first_are_kept_and_the_rest_is_counted() {
        let board = Board::default();
        for number in 0..KEPT + 5 {
            assert!(!board.take_in(notice(&number.to_string())));
        }
        let drained = board.drain();
        assert_eq!(drained.kept.len(), KEPT);
        assert_eq!(drained.dropped, 5);
        assert_eq!(board.drain(), Notices::default());
    }

    #[test]
    fn long_texts_are_bounded_too() {
        let board = Board::default();
        for _ in 0..10 {
            board.take_in(notice(&"x".repeat(KEPT_BYTES / 4)));
        }
        let drained = board.drain();
        assert_eq!(drained.kept.len(), 4);
        assert_eq!(drained.dropped, 6);
    }

    #[test]
    fn a_held_notice_belongs_to_the_statement_at_which_the_reader_runs_dry() {
        let board = Board::default();
        let cx = Context::from_waker(Waker::noop());
        let reading = board.read(Reading::Script);
        assert!(!board.settle(0, &cx));
        assert!(board.take_in(notice("held")));
        assert!(board.poll_released(&cx).is_pending());
        assert!(board.settle(0, &cx), "looks once more before it stamps");
        assert!(board.settle(3, &cx));
        assert!(board.poll_released(&cx).is_ready());
        assert!(!board.settle(3, &cx));
        drop(reading);
        assert_eq!(board.drain().kept[0].statement, Some(3));
    }

    #[test]
    fn a_dropped_reader_lets_the_driver_go_on() {
        let board = Board::default();
        let cx = Context::from_waker(Waker::noop());
        let reading = board.read(Reading::Script);
        assert!(board.take_in(notice("held")));
        drop(reading);
        assert!(board.poll_released(&cx).is_ready());
        assert_eq!(board.drain().kept.len(), 1);
    }
}
