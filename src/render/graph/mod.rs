//! The revision graph drawn: in the terminal, as dot, as mermaid, as SVG.
//!
//! All four draw the revisions of a [`History`](crate::migrator::report::History), newest on top,
//! dependencies in dashes. An edge to a revision that the history leaves out has an open end.

mod dot;
mod lanes;
mod mermaid;
mod strokes;
mod svg;
mod terminal;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use terminal::terminal;

#[cfg(test)]
mod tests;
