//! Where to connect: poolers, standbys, TLS, hostile names and paths, secrets.
