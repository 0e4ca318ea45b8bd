//! `schema erd`: a diagram as Mermaid and as a picture.

mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

pub use mermaid::mermaid;
pub use svg::svg;
