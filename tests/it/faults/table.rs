//! The table in docs/faults.md against the tests.
