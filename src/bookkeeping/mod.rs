//! The version table, the history, the journal and the lock: what grace-migrate keeps in a database.
//!
//! The version table is exactly Alembic's and says what stands now. What Alembic never knew is
//! kept beside it in the schema `grace_migrate`: an append-only history, and a journal for scripts
//! that run outside a transaction. Reading creates nothing.

mod blockers;
mod closings;
mod error;
mod history;
mod holder;
mod indexes;
mod journal;
mod lock;
mod offline;
mod partitions;
mod record;
mod registry;
mod rows;
mod unfinished;
mod version_table;

pub use blockers::{Blocker, blockers};
pub use closings::{
    Closing, ClosingsPlace, NewClosing, closings, ensure_closings, record_closings,
    standing_closings,
};
pub use error::BookkeepingError;
pub use history::{HistoryEntry, LastEntry, is_recorded, last_entries, log, transaction_outcome};
pub use holder::{LockHolder, Runner};
pub use indexes::{
    BuildProgress, Index, LockerSession, build_progress, global_exists, indexes, invalid_indexes,
    relation_exists,
};
pub use journal::{Intent, Journal, JournalRow, StatementState};
pub use lock::{MigrationLock, Waiting};
pub use offline::{guard_sql, offline_entry_sql, rows_sql};
pub use partitions::{Leaving, leaving, lies_in};
pub use record::{Entry, Outcome, Recording, StepRecord, StepTransaction, Within, begin_record};
pub use registry::{REGISTRY_VERSION, ensure_registry, prepare_rehearsal};
pub use rows::RowEdit;
pub use unfinished::{Stopped, Unfinished, unfinished};
pub use version_table::{Kept, VersionTable};
