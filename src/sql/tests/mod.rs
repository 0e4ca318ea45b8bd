//! Tests of the tokens and the statements together.

mod properties;
mod split;
mod tokens;
