//! The folders of revision files and templates.

mod folders;
mod hook;
mod naming;

pub use folders::Folders;
pub use hook::Hook;
pub use naming::{FileNamePattern, IdKind, PatternDefect, TimeZone, slug};
