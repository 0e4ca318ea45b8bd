//! `postmaster.pid`: what a server says of itself in its data folder.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

use super::address::Address;

/// What the file says. The server writes it line by line as it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    /// The server's process.
    pub(super) pid: i32,
    /// When it was started, in seconds since 1970.
    pub(super) started: Option<i64>,
    /// The folder with its socket, once it has one.
    pub(super) socket_dir: Option<PathBuf>,
    /// How far it is.
    pub(super) phase: Phase,
}

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Starting,
    Ready,
    Stopping,
}

impl PidFile {
    pub(super) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// Reads the file of a data folder, if it is there.
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    /// Lines: process, data folder, start, port, socket folder, address, memory, phase.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let started = lines.nth(1).and_then(|line| line.trim().parse().ok());
        let socket_dir = lines.nth(1).filter(|line| !line.is_empty());
        let phase = match lines.nth(2).map(str::trim) {
            Some("ready" | "standby") => Phase::Ready,
            Some("stopping") => Phase::Stopping,
            _ => Phase::Starting,
        };
        Some(Self {
            pid,
            started,
            socket_dir: socket_dir.map(PathBuf::from),
            phase,
        })
    }

    /// Whether the process is there and is the server of this data folder, rather than another
    /// process that was given the number of a dead one.
    pub(super) fn is_alive(&self, data: &Path) -> bool {
        exists(self.pid) && (works_in(self.pid, data) || self.answers())
    }

    fn answers(&self) -> bool {
        self.socket_dir
            .as_deref()
            .is_some_and(|dir| UnixStream::connect(Address::socket(dir)).is_ok())
    }
}

/// Whether a process works in a data folder, as a server does in its own. Only Linux tells, and
/// not of a process that is dead already and only waits for its parent to take note.
pub(super) fn works_in(pid: i32, data: &Path) -> bool {
    let Ok(cwd) = fs::read_link(format!("/proc/{pid}/cwd")) else {
        return false;
    };
    data.canonicalize().is_ok_and(|data| data == cwd)
}

/// Whether there is a process of this number.
pub(super) fn exists(pid: i32) -> bool {
    // "Not permitted" is another user's process.
    Pid::from_raw(pid)
        .is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

#[cfg(test)]
mod tests {
    use super::{Phase, PidFile};

    #[test]
    fn a_pid_file_is_read_at_every_stage_of_its_writing() {
        let all =
            "4711\n/p/.grace/postgres\n1790000000\n5432\n/tmp/gm-1-0\n\n  1234 5678\nready   \n";
        let read = PidFile::parse(all).unwrap();
        assert_eq!(read.pid, 4711);
        assert_eq!(read.started, Some(1_790_000_000));
        assert_eq!(read.socket_dir.as_deref(), Some("/tmp/gm-1-0".as_ref()));
        assert_eq!(read.phase, Phase::Ready);

        let early = PidFile::parse("4711\n/p/.grace/postgres\n1790000000\n5432\n").unwrap();
        assert_eq!(early.socket_dir, None);
        assert_eq!(early.phase, Phase::Starting);

        let late = PidFile::parse(&all.replace("ready   ", "stopping")).unwrap();
        assert_eq!(late.phase, Phase::Stopping);
        assert_eq!(PidFile::parse(""), None);
    }
}
