//! What a script leaves in its session, and what a database's owner may not see.
