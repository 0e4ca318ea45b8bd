//! Text of SQL: spans and lines, identifiers and quoting, tokens, statements, COPY blocks.
//!
//! [`tokenize`] is the one reader of SQL text. It follows the lexing rules of PostgreSQL and psql
//! (standard-conforming strings, the server's own since 9.1) and is lossless: the spans of its
//! tokens, put together, are the text. [`split`] finds the statements in them, [`refusals`] what
//! may not stand in a script, and a checksum is taken over the tokens that count.

mod decode;
mod defect;
mod effect;
mod keyword;
mod leftover;
mod lexer;
mod locks;
mod name;
mod quote;
mod refusal;
mod setting;
mod span;
mod statement;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod transaction;

pub use decode::{TextDefect, decode};
pub use defect::SqlDefect;
pub use effect::{Effect, GlobalKind, IndexScope};
pub use leftover::{Missing, SessionBound, missing};
pub use name::{NameSyntax, QualifiedName};
pub use quote::{quote_ident, quote_literal};
pub use refusal::{Refusal, refusals};
pub use span::{LineIndex, Position, Span, char_offset};
pub use statement::{Statement, executable, split};
pub use token::{Opening, Quoting, Token, TokenKind};
pub use tokens::{Tokens, tokenize};
pub use transaction::Surroundings;
