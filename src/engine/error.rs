//! What can go wrong with servers of our own.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::packages::System;
use super::version::PgVersion;

/// Why the embedded server, or a scratch server, could not do what was asked: facts only.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No usable server binaries on this machine, and none could be fetched.
    #[error("no PostgreSQL server binaries were found")]
    NoBinaries {
        /// What kind of system this is, and so what to install on it.
        system: System,
        /// Binaries that were found and are too old or of another major version than asked for.
        unsuitable: Vec<(PathBuf, PgVersion)>,
        /// The major version that the data needs, where it needs one.
        major: Option<u32>,
        /// Why they could not be fetched, where that was tried.
        fetch: Option<String>,
    },
    /// The folder that was named explicitly holds no usable binaries.
    #[error("`{}` holds no usable PostgreSQL server binaries", dir.display())]
    BadBinaries {
        /// The folder that was named.
        dir: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data folder belongs to an account that the server cannot run as from here.
    #[error("the data folder belongs to another account")]
    OtherOwner {
        /// The data folder.
        dir: PathBuf,
        /// The user id that owns it.
        owner: u32,
        /// The user id that this process runs as.
        caller: u32,
    },
    /// Running as root, and there is no unprivileged account to run the server as.
    #[error("there is no account to run the server as")]
    NoAccount,
    /// The account that the server runs as cannot reach a folder that it needs.
    #[error("the server's account cannot reach `{}`", path.display())]
    Unreachable {
        /// What it cannot reach.
        path: PathBuf,
        /// The account's name.
        account: String,
    },
    /// `initdb` failed.
    #[error("initdb failed")]
    Initdb {
        /// The folder that it was to make.
        dir: PathBuf,
        /// The last lines of what it said.
        output: String,
    },
    /// The server ended, or did not get ready, at start.
    #[error("the server did not start")]
    Start {
        /// Its data folder.
        dir: PathBuf,
        /// How it ended; none where it was given up on while it still ran.
        exit: Option<String>,
        /// The whole log's path, where it is kept.
        log: Option<PathBuf>,
        /// The last lines of its log.
        tail: String,
    },
    /// The server did not end in time.
    #[error("the server did not stop")]
    Stop {
        /// Its process id.
        pid: i32,
    },
    /// Another command uses the server, so it was not stopped.
    #[error("the server is in use")]
    InUse {
        /// Its process id.
        pid: i32,
    },
    /// Another process has been starting or stopping the server for too long.
    #[error("the server is being started or stopped by another process")]
    Busy {
        /// The lock file that it holds.
        lock: PathBuf,
    },
    /// No folder for the socket is short enough for the operating system.
    #[error("the socket's path is too long")]
    SocketPath {
        /// The path that was tried last.
        path: PathBuf,
        /// How many bytes the operating system allows.
        limit: usize,
    },
    /// A file or process operation failed.
    #[error("could not {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `create`, `lock`, `run` …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl EngineError {
    /// The kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoBinaries { .. } => "no-server-binaries",
            Self::BadBinaries { .. } => "bad-server-binaries",
            Self::OtherOwner { .. } => "server-data-owner",
            Self::NoAccount => "no-server-account",
            Self::Unreachable { .. } => "server-folder-unreachable",
            Self::Initdb { .. } => "server-init-failed",
            Self::Start { .. } => "server-start-failed",
            Self::Stop { .. } => "server-stop-failed",
            Self::InUse { .. } => "server-in-use",
            Self::Busy { .. } => "server-busy",
            Self::SocketPath { .. } => "socket-path-too-long",
            Self::Io { .. } => "server-io",
        }
    }

    /// For `map_err`: an operation on a path that the operating system refused.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}
