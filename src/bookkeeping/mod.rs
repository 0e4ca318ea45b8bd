//! The version table, the history, the journal and the lock.
