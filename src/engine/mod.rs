//! The embedded PostgreSQL server and scratch databases.
