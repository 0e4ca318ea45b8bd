//! The terminal: arguments, streams, exit codes.
