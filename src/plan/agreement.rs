//! Whether the files, the version table and the history agree.
