//! What can be wrong with the words that say where to connect.

use std::path::PathBuf;

use thiserror::Error;

/// Why a connection URL (or keyword string, or `PG*` variable) cannot be used.
///
/// Never holds a password, nor any text that may be a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlDefect {
    /// It is neither a `postgres://` URL nor `keyword=value` pairs.
    #[error("not a connection string")]
    NotAConnectionString,
    /// The URL's scheme is not `postgres` or `postgresql`.
    #[error("scheme `{scheme}` is not PostgreSQL's")]
    Scheme {
        /// What stands before `://`.
        scheme: String,
    },
    /// A character of the user name or the password has to be percent-encoded.
    #[error("`{character}` in the user name or password must be written `{escape}`")]
    Unescaped {
        /// The character that stands there.
        character: char,
        /// How it is written.
        escape: &'static str,
    },
    /// A `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8, or are NUL.
    #[error("the percent-encoding of {part} is broken")]
    PercentEncoding {
        /// Which part of the URL.
        part: &'static str,
    },
    /// A `[` of an IPv6 address has no `]`, or something odd follows it.
    #[error("the bracketed host is broken")]
    Brackets,
    /// A `?` parameter of the URL has no `=` or more than one.
    #[error("URL parameter {number} is not `name=value`")]
    ParameterShape {
        /// Its number, counted from 1.
        number: usize,
    },
    /// The keyword form is broken.
    #[error("the connection string is broken at character {character}")]
    KeywordShape {
        /// Where, counted from 1.
        character: usize,
        /// What is wrong there.
        what: KeywordDefect,
    },
    /// No such parameter.
    #[error("unknown connection parameter")]
    UnknownParameter {
        /// Its name; absent where it follows a password and may be a part of it.
        name: Option<String>,
        /// The known parameter that is nearest.
        nearest: Option<&'static str>,
    },
    /// A parameter of libpq that would have to be obeyed and that is not supported.
    #[error("connection parameter `{name}` is not supported")]
    Unsupported {
        /// The parameter.
        name: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The value of a parameter is not one that it can have.
    #[error("connection parameter `{name}` has a wrong value")]
    Value {
        /// The parameter.
        name: &'static str,
        /// Its value; absent where it may be a misplaced part of a password.
        value: Option<String>,
        /// What it can be.
        expected: &'static str,
    },
    /// Lists of hosts, addresses and ports that do not pair up.
    #[error("{count} {name} values for {hosts} hosts")]
    ListLength {
        /// The parameter whose list has the wrong length.
        name: &'static str,
        /// How many values it has.
        count: usize,
        /// How many hosts there are.
        hosts: usize,
    },
    /// No user name is given and the system knows none.
    #[error("no user name")]
    NoUser,
    /// `service=` names a service that no file defines.
    #[error("service `{service}` is not defined")]
    NoService {
        /// The service.
        service: String,
        /// The files that were looked through.
        files: Vec<PathBuf>,
    },
    /// A service file cannot be read or has a broken line.
    #[error("service file {path}: {reason}", path = path.display())]
    ServiceFile {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1; 0 where the whole file is meant.
        line: u32,
        /// What is wrong.
        reason: String,
    },
    /// `sslrootcert=system` asks for trust that a weaker `sslmode` would throw away.
    #[error("sslmode `{mode}` is too weak for `sslrootcert=system`")]
    WeakSslMode {
        /// The mode that was given.
        mode: &'static str,
    },
}

/// What is wrong with a string of `keyword=value` pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeywordDefect {
    /// A word without `=` after it: often a value with a space that is not quoted.
    MissingEquals,
    /// A `'` that is not closed.
    UnterminatedQuote,
}

impl UrlDefect {
    /// The stable code of this defect.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAConnectionString => "url-not-a-connection-string",
            Self::Scheme { .. } => "url-scheme",
            Self::Unescaped { .. } => "url-unescaped-character",
            Self::PercentEncoding { .. } => "url-percent-encoding",
            Self::Brackets => "url-brackets",
            Self::ParameterShape { .. } => "url-parameter-shape",
            Self::KeywordShape { .. } => "url-keyword-shape",
            Self::UnknownParameter { .. } => "url-unknown-parameter",
            Self::Unsupported { .. } => "url-unsupported-parameter",
            Self::Value { .. } => "url-value",
            Self::ListLength { .. } => "url-list-length",
            Self::NoUser => "url-no-user",
            Self::NoService { .. } => "url-no-service",
            Self::ServiceFile { .. } => "url-service-file",
            Self::WeakSslMode { .. } => "url-weak-sslmode",
        }
    }
}
