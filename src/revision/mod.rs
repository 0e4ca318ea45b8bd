//! What a revision is: its id and labels, its header, its scripts, its checksums.

mod defect;
mod direction;
mod header;
mod name;
mod nearest;
mod parse;
mod script;
mod timeout;

pub use defect::{HeaderDefect, HeaderDefectKind};
pub use direction::Direction;
pub use header::{Header, Key, ScriptSettings, TransactionMode};
pub use name::{Label, MAX_LENGTH, NameDefect, RESERVED, RevisionId};
pub use nearest::{nearest, nearest_names};
pub use parse::{HeaderSpans, ParsedHeader, ScriptKind, parse_header, parse_settings};
pub use script::Script;
pub use timeout::{Timeout, TimeoutDefect};
