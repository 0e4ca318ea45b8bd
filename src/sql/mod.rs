//! Text of SQL: spans and lines, identifiers and quoting, tokens, statements, COPY blocks.

mod span;

pub use span::{LineIndex, Position, Span};
