//! What the server says on the side, and which statement of a script it says it about.

use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Where the driver leaves notices and the session finds them.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    notices: Notices,
    bytes: usize,
    running: Option<Running>,
}

/// Statements of a script that run now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    /// The first, counted from 0.
    pub(super) first: usize,
    /// The last.
    pub(super) last: usize,
    /// How many statements had completed on the connection before them.
    pub(super) completed_before: u64,
}

impl Running {
    /// The statement that was at work when `completed` had completed on the connection.
    fn at(self, completed: u64) -> usize {
        let done = completed.saturating_sub(self.completed_before);
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        self.first.saturating_add(done).min(self.last)
    }
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which statements the coming notices are about, until the guard is dropped.
    pub(super) fn run(&self, running: Running) -> RunningGuard<'_> {
        self.state().running = Some(running);
        RunningGuard(self)
    }

    /// Takes in a notice that came after `completed` statements of the connection.
    pub(super) fn take_in(&self, notice: Notice, completed: u64) {
        let mut state = self.state();
        let bytes = [&notice.detail, &notice.hint, &notice.where_]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum::<usize>()
            + notice.message.len();
        if state.notices.kept.len() >= KEPT || state.bytes + bytes > KEPT_BYTES {
            state.notices.dropped += 1;
            return;
        }
        state.bytes += bytes;
        let statement = state.running.map(|running| running.at(completed));
        state.notices.kept.push(Notice {
            statement,
            ..notice
        });
    }

    /// Takes what was kept, and begins anew.
    pub(super) fn drain(&self) -> Notices {
        let mut state = self.state();
        state.bytes = 0;
        std::mem::take(&mut state.notices)
    }
}

/// Ends what [`Board::run`] began.
pub(super) struct RunningGuard<'a>(&'a Board);

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        self.0.state().running = None;
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
            board.take_in(notice(&number.to_string()), 0);
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
            board.take_in(notice(&"x".repeat(KEPT_BYTES / 4)), 0);
        }
        let drained = board.drain();
        assert_eq!(drained.kept.len(), 4);
        assert_eq!(drained.dropped, 6);
    }

    #[test]
    fn a_notice_belongs_to_the_statement_that_ran() {
        let board = Board::default();
        board.take_in(notice("before"), 7);
        let guard = board.run(Running {
            first: 10,
            last: 12,
            completed_before: 7,
        });
        for completed in [7, 8, 9, 10] {
            board.take_in(notice("during"), completed);
        }
        drop(guard);
        board.take_in(notice("after"), 10);
        let statements: Vec<_> = board.drain().kept.iter().map(|n| n.statement).collect();
        let expected = [None, Some(10), Some(11), Some(12), Some(12), None];
        assert_eq!(statements, expected);
    }
}
