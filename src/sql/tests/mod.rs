//! Tests of the tokens and of what is read off them.

mod properties;
mod refusals;
mod split;
mod tokens;
