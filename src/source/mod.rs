//! The folders of revision files and templates.

mod diagnose;
mod error;
mod folders;
mod hook;
mod listing;
mod naming;
mod parallel;
mod revision;
mod versions;

pub use error::SourceError;
pub use folders::{Folders, shown};
pub use hook::Hook;
pub use naming::{FileNamePattern, IdKind, PatternDefect, TimeZone, slug};
pub use revision::Revision;
pub use versions::Versions;
