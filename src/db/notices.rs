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
    /// How many statements had completed on the connection before their message, where it is not
    /// behind another one that is under way.
    pub(super) completed_before: Option<u64>,
    /// How many of ours stand before them in the message.
    pub(super) ours: usize,
}

impl Running {
    /// The statement that was at work when `completed` had completed on the connection. `behind` is
    /// how many had when the message before theirs was done, if it is.
    fn at(self, completed: u64, behind: Option<u64>) -> Option<usize> {
        let before = self.completed_before.or(behind)?;
        let done = usize::try_from(completed.checked_sub(before)?).unwrap_or(usize::MAX);
        let done = done.saturating_sub(self.ours);
        Some(self.first.saturating_add(done).min(self.last))
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

    /// Takes in a notice that came after `completed` statements of the connection; `behind` is how
    /// many there were when a script began that was sent behind another message.
    pub(super) fn take_in(&self, notice: Notice, completed: u64, behind: Option<u64>) {
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
        let running = state.running;
        let statement = running.and_then(|running| running.at(completed, behind));
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
            board.take_in(notice(&number.to_string()), 0, None);
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
            board.take_in(notice(&"x".repeat(KEPT_BYTES / 4)), 0, None);
        }
        let drained = board.drain();
        assert_eq!(drained.kept.len(), 4);
        assert_eq!(drained.dropped, 6);
    }

    fn statements(board: &Board) -> Vec<Option<usize>> {
        board.drain().kept.iter().map(|n| n.statement).collect()
    }

    #[test]
    fn a_notice_belongs_to_the_statement_that_ran() {
        let board = Board::default();
        board.take_in(notice("before"), 7, None);
        let guard = board.run(Running {
            first: 10,
            last: 12,
            completed_before: Some(7),
            ours: 0,
        });
        for completed in [7, 8, 9, 10] {
            board.take_in(notice("during"), completed, Some(3));
        }
        drop(guard);
        board.take_in(notice("after"), 10, None);
        let expected = [None, Some(10), Some(11), Some(12), Some(12), None];
        assert_eq!(statements(&board), expected);
    }

    #[test]
    fn a_notice_of_what_is_under_way_is_not_the_scripts_that_is_sent_behind_it() {
        let board = Board::default();
        let _guard = board.run(Running {
            first: 0,
            last: 1,
            completed_before: None,
            ours: 2,
        });
        board.take_in(notice("of a COMMIT"), 7, None);
        board.take_in(notice("of a COMMIT, and looked at late"), 7, Some(9));
        for completed in [9, 11, 12] {
            board.take_in(notice("of the script"), completed, Some(9));
        }
        let expected = [None, None, Some(0), Some(0), Some(1)];
        assert_eq!(statements(&board), expected);
    }
}
