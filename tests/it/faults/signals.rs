//! Killed and stopped clients, and the signals that ask for an end.
