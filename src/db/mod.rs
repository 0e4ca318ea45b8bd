//! Connections to PostgreSQL: where, how, and text SQL.
