//! SHA-256 values: the checksum of one script, the digest of a whole history.
