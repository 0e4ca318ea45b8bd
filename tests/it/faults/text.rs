//! What scripts may say, and how it is read.
