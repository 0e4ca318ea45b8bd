//! Policy tests: SQL files whose comments say who asks and what is expected.
//!
//! A comment of the form `-- KEY: VALUE`, on a line of its own between two statements, is an
//! instruction; every other comment is one for people. A key is one word; one that is not known, in
//! lower case or near a known one, is a defect, so that no expectation is passed over in silence.
//!
//! ```text
//! -- fixtures: PATH   the rows of this file's tests, beside the file, in place of those of the
//!                     settings; before everything else
//! -- test: NAME       begins a test, up to the next one or the end of the file. It begins as nobody:
//!                     what is expected must say of whom
//! -- as: ACTOR        who asks from here on: a name of the file of the actors, or `migrator`, the
//!                     role that migrates, with row_security off
//! -- reset            the same as `-- as: migrator`
//! -- expect: WHAT     what the next statement does; without it, it must succeed
//! ```
//!
//! ```text
//! WHAT   = N "row" | N "rows" | "no rows" | "some rows" | "affected" N | "ok"
//!        | "rows" ["in order"] TUPLE {"," TUPLE}      as a bag, or in order
//!        | "error" SQLSTATE ["/" TEXT "/"]            TEXT is part of the message, as it is
//! TUPLE  = "(" VALUE {"," VALUE} ")"
//! VALUE  = "null" | text without , ( ) ' and space around it | "'" text, with '' for ' "'"
//! ```
//!
//! Values are compared as the server writes them: `t` and `f` for a boolean, say. Tuples may go on in
//! the comment lines right below, each beginning with `(`.
//!
//! Without a `test` above it, a statement with an expectation is a test of its own, named by its line;
//! one without is set-up for the rest of the file.

mod asking;
mod case;
mod comment;
mod defect;
mod expectation;
mod parse;
#[cfg(test)]
mod parse_tests;
mod read;

pub use asking::become_sql;
pub use case::{Case, Part, Step, TestFile, Who};
pub use defect::TestDefect;
pub use expectation::{Expectation, Found, Shown, Tuple};
pub use parse::parse;
