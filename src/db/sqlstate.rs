//! The server's five-character error codes.

use std::fmt;

use serde::{Serialize, Serializer};

/// An SQLSTATE.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlState([u8; 5]);

macro_rules! known {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)+) => {
        impl SqlState {
            $($(#[doc = $doc])+ pub const $name: Self = Self(*$code);)+
        }
    };
}

known! {
    /// 00000: success.
    SUCCESSFUL_COMPLETION = b"00000";
    /// 0A000: the server cannot do this, or a prepared statement's columns have changed.
    FEATURE_NOT_SUPPORTED = b"0A000";
    /// 08P01: a message that the server does not understand; poolers send it too.
    PROTOCOL_VIOLATION = b"08P01";
    /// 22021: a character that the encoding does not have.
    CHARACTER_NOT_IN_REPERTOIRE = b"22021";
    /// 22023: a value that the parameter cannot have.
    INVALID_PARAMETER_VALUE = b"22023";
    /// 22P02: a text that is no value of the type.
    INVALID_TEXT_REPRESENTATION = b"22P02";
    /// 23502: null where there must be a value.
    NOT_NULL_VIOLATION = b"23502";
    /// 23503: a foreign key is violated.
    FOREIGN_KEY_VIOLATION = b"23503";
    /// 23505: a unique key is violated.
    UNIQUE_VIOLATION = b"23505";
    /// 23514: a check is violated.
    CHECK_VIOLATION = b"23514";
    /// 25001: not inside a transaction block.
    ACTIVE_SQL_TRANSACTION = b"25001";
    /// 25006: the transaction is read-only.
    READ_ONLY_SQL_TRANSACTION = b"25006";
    /// 25P02: the transaction has failed before.
    IN_FAILED_SQL_TRANSACTION = b"25P02";
    /// 25P03: the session idled too long in a transaction.
    IDLE_IN_TRANSACTION_SESSION_TIMEOUT = b"25P03";
    /// 26000: no such prepared statement.
    INVALID_SQL_STATEMENT_NAME = b"26000";
    /// 28000: this user may not log in from here.
    INVALID_AUTHORIZATION = b"28000";
    /// 28P01: wrong password.
    INVALID_PASSWORD = b"28P01";
    /// 2BP01: other objects depend on it.
    DEPENDENT_OBJECTS_STILL_EXIST = b"2BP01";
    /// 2D000: the transaction cannot be ended here.
    INVALID_TRANSACTION_TERMINATION = b"2D000";
    /// 3D000: no such database.
    INVALID_CATALOG_NAME = b"3D000";
    /// 3F000: no such schema.
    INVALID_SCHEMA_NAME = b"3F000";
    /// 40001: could not serialise access.
    SERIALIZATION_FAILURE = b"40001";
    /// 40P01: deadlock.
    DEADLOCK_DETECTED = b"40P01";
    /// 42501: permission denied.
    INSUFFICIENT_PRIVILEGE = b"42501";
    /// 42601: syntax error.
    SYNTAX_ERROR = b"42601";
    /// 42704: no such object.
    UNDEFINED_OBJECT = b"42704";
    /// 42703: no such column.
    UNDEFINED_COLUMN = b"42703";
    /// 42804: a value of another type.
    DATATYPE_MISMATCH = b"42804";
    /// 42830: the columns that a foreign key names are no key.
    INVALID_FOREIGN_KEY = b"42830";
    /// 42846: there is no such cast.
    CANNOT_COERCE = b"42846";
    /// 42883: no such function.
    UNDEFINED_FUNCTION = b"42883";
    /// 42P01: no such table.
    UNDEFINED_TABLE = b"42P01";
    /// 42P04: the database exists.
    DUPLICATE_DATABASE = b"42P04";
    /// 42P06: the schema exists.
    DUPLICATE_SCHEMA = b"42P06";
    /// 42P07: the table exists.
    DUPLICATE_TABLE = b"42P07";
    /// 42710: the object exists.
    DUPLICATE_OBJECT = b"42710";
    /// 53100: the disk is full.
    DISK_FULL = b"53100";
    /// 53200: out of memory, which includes the lock table.
    OUT_OF_MEMORY = b"53200";
    /// 53300: no connection is left.
    TOO_MANY_CONNECTIONS = b"53300";
    /// 55000: the object is not in the state for this.
    OBJECT_NOT_IN_PREREQUISITE_STATE = b"55000";
    /// 55006: the object is in use.
    OBJECT_IN_USE = b"55006";
    /// 55P03: the lock was not to be had in time.
    LOCK_NOT_AVAILABLE = b"55P03";
    /// 55P04: a new enum value was used in the transaction that adds it.
    UNSAFE_NEW_ENUM_VALUE_USAGE = b"55P04";
    /// 57014: cancelled, or timed out.
    QUERY_CANCELED = b"57014";
    /// 57P01: an administrator ended the session, or the server stops.
    ADMIN_SHUTDOWN = b"57P01";
    /// 57P02: another session crashed, and the server restarts.
    CRASH_SHUTDOWN = b"57P02";
    /// 57P03: the server takes no connections now (it starts, or stops).
    CANNOT_CONNECT_NOW = b"57P03";
    /// 57P04: the database was dropped under the session.
    DATABASE_DROPPED = b"57P04";
    /// 57P05: the session idled too long.
    IDLE_SESSION_TIMEOUT = b"57P05";
}

impl SqlState {
    /// The code that `text` spells. What is not five ASCII characters, which no server sends,
    /// counts as `XX000`, an internal error.
    #[must_use]
    pub fn from_code(text: &str) -> Self {
        match <[u8; 5]>::try_from(text.as_bytes()) {
            Ok(code) if code.is_ascii() => Self(code),
            _ => Self(*b"XX000"),
        }
    }

    /// Its five characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Both constructors take ASCII only.
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }

    /// Its first two characters, the class.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.as_str()[..2]
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SqlState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_shown() {
        assert_eq!(SqlState::from_code("55P03"), SqlState::LOCK_NOT_AVAILABLE);
        assert_eq!(SqlState::LOCK_NOT_AVAILABLE.to_string(), "55P03");
        assert_eq!(SqlState::INVALID_PASSWORD.class(), "28");
        assert_eq!(SqlState::from_code("").as_str(), "XX000");
        assert_eq!(SqlState::from_code("ä234").as_str(), "XX000");
    }
}
