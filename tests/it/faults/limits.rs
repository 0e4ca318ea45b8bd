//! Large scripts, many statements, many notices, no locks or connections left.
