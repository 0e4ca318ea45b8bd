//! The operations: upgrade, downgrade, stamp and the rest, and their one executor.

pub mod report;
