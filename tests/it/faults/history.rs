//! Scripts that were edited, deleted or renamed after they were applied.
