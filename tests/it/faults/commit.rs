//! Links that are cut around a COMMIT, backends that end, a server that stops.
