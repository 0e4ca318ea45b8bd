//! The folders of revision files and templates.

mod changed;
mod create;
mod declared;
mod diagnose;
mod error;
mod folders;
mod hook;
mod init;
mod listing;
mod lost;
mod naming;
mod parallel;
mod revision;
mod sql_files;
mod template;
mod template_error;
mod versions;
mod write;

pub use changed::{GitError, changed_since};
pub use create::{Bodies, Draft, DraftFile, NewRevision};
pub use declared::{CommandFailure, SqlText, declared_by_command, declared_files};
pub use error::SourceError;
pub use folders::{Folders, shown};
pub use hook::{Hook, HookFailure, HookRun};
pub use init::{NewProject, NewProjectFiles};
pub use lost::LostRevision;
pub use naming::{FileNamePattern, IdKind, Naming, PatternDefect, TimeZone, slug};
pub use revision::Revision;
pub use sql_files::{TEST_SUFFIX, policy_tests, read_named_sql, read_sql};
pub use template::{Template, Templates};
pub use template_error::TemplateError;
pub use versions::{UpFile, Versions};
pub use write::{replace, replace_private};
