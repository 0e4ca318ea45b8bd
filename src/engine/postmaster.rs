//! Starting a server and ending it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::account::{Account, Orphan};
use super::address::PORT;
use super::binaries::Binaries;
use super::error::EngineError;
use super::folder;
use super::initdb::{Durability, command};
use super::pidfile::{Phase, PidFile, exists, works_in};

/// How long a start may take; recovery after a crash is a part of it.
const START_LIMIT: Duration = Duration::from_secs(300);

/// How long orphans of a killed server may hold its memory before a start is given up.
const ORPHANS_LIMIT: Duration = Duration::from_secs(20);

/// How long a server may take to write its data and end, before its sessions are cut.
const FAST_LIMIT: Duration = Duration::from_secs(60);

/// How long a server may take to end at once.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(15);

/// Everything about a server that is to be started.
pub(super) struct Launch<'a> {
    pub(super) binaries: &'a Binaries,
    pub(super) data: &'a Path,
    pub(super) socket_dir: &'a Path,
    pub(super) account: &'a Account,
    pub(super) durability: Durability,
    pub(super) orphan: Orphan,
    pub(super) log: &'a Path,
}

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its sessions are cut, its data is written.
    Fast,
    /// At once: what it had in memory is lost or, where it is durable, recovered at the next start.
    Immediate,
}

/// Starts a server and waits until it takes connections; gives its process id.
pub(super) fn start(launch: &Launch<'_>) -> Result<i32, EngineError> {
    let begun = Instant::now();
    loop {
        match start_once(launch) {
            // The sessions of a killed server end by themselves, soon after it.
            Err(EngineError::Start { tail, .. })
                if tail.contains("is still in use") && begun.elapsed() < ORPHANS_LIMIT =>
            {
                thread::sleep(20 * folder::PAUSE);
            }
            result => return result,
        }
    }
}

fn start_once(launch: &Launch<'_>) -> Result<i32, EngineError> {
    let (pid, exit) = spawn(launch)?;
    let failed = |exit: Option<ExitStatus>| EngineError::Start {
        dir: launch.data.to_path_buf(),
        exit: exit.map(|status| status.to_string()),
        log: Some(launch.log.to_path_buf()),
        tail: folder::tail(launch.log),
    };
    let ready = folder::wait_until(START_LIMIT, || match exit.try_recv() {
        Ok(status) => Err(failed(Some(status))),
        Err(TryRecvError::Disconnected) => Err(failed(None)),
        Err(TryRecvError::Empty) => Ok(PidFile::read(launch.data)
            .is_some_and(|file| file.pid == pid && file.phase == Phase::Ready)),
    })?;
    if ready {
        return Ok(pid);
    }
    let error = failed(None);
    signal(pid, Signal::QUIT);
    Err(error)
}

/// Starts the process. A thread of its own starts it and waits for its end: on Linux a child
/// that is to die with its parent dies with the thread that made it.
fn spawn(launch: &Launch<'_>) -> Result<(i32, Receiver<ExitStatus>), EngineError> {
    let program = launch.binaries.program("postgres");
    let log = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(launch.log)
        .map_err(EngineError::io("create", launch.log))?;
    let errors = log
        .try_clone()
        .map_err(EngineError::io("open", launch.log))?;

    let mut command = command(&program, launch.account, launch.orphan);
    command
        .arg("-D")
        .arg(launch.data)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors);
    for (name, value) in settings(launch.durability) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let mut sockets = std::ffi::OsString::from("unix_socket_directories=");
    sockets.push(launch.socket_dir);
    command.arg("-c").arg(sockets);

    let (started, start) = mpsc::channel();
    let (ended, exit) = mpsc::channel();
    thread::Builder::new()
        .name("postgres".to_owned())
        .spawn(move || {
            let child = command.spawn();
            // Nobody listens any more when the server outlives the wait for it: that is fine.
            match child {
                Ok(mut child) => {
                    let _ = started.send(Ok(child.id()));
                    if let Ok(status) = child.wait() {
                        let _ = ended.send(status);
                    }
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        })
        .map_err(EngineError::io("run", &program))?;
    let pid = start
        .recv()
        .map_err(std::io::Error::other)
        .flatten()
        .and_then(|pid| i32::try_from(pid).map_err(std::io::Error::other))
        .map_err(EngineError::io("run", &program))?;
    Ok((pid, exit))
}

/// The settings that are given at start, whatever the data folder's own file says.
fn settings(durability: Durability) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("listen_addresses", String::new()),
        ("port", PORT.to_string()),
        ("unix_socket_permissions", "0700".to_owned()),
        ("logging_collector", "off".to_owned()),
        ("log_destination", "stderr".to_owned()),
    ];
    if durability == Durability::Scratch {
        let scratch = [
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("synchronous_commit", "off"),
            // A visit of autovacuum would keep a template from being cloned.
            ("autovacuum", "off"),
            ("checkpoint_timeout", "1h"),
            ("max_connections", "200"),
        ];
        settings.extend(scratch.map(|(name, value)| (name, value.to_owned())));
    }
    settings
}

/// Ends a server and waits until it is gone. One that is gone already is fine.
pub(super) fn stop(data: &Path, pid: i32, ending: Ending) -> Result<(), EngineError> {
    if ending == Ending::Fast {
        signal(pid, Signal::INT);
        if gone_within(data, pid, FAST_LIMIT)? {
            return Ok(());
        }
    }
    signal(pid, Signal::QUIT);
    if gone_within(data, pid, IMMEDIATE_LIMIT)? {
        Ok(())
    } else {
        Err(EngineError::Stop { pid })
    }
}

/// Waits for the end of a server that is stopping; whether it came.
pub(super) fn gone_within(data: &Path, pid: i32, limit: Duration) -> Result<bool, EngineError> {
    folder::wait_until(limit, || Ok(is_gone(data, pid)))
}

/// Whether a server is gone: its process is, or else, where nobody takes note of dead processes,
/// the file is that it removes as its last act.
fn is_gone(data: &Path, pid: i32) -> bool {
    let names_it =
        || PidFile::read(data).is_some_and(|file| file.pid == pid && file.is_alive(data));
    !exists(pid) || !works_in(pid, data) && !names_it()
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // It may be gone by now, which is what is wanted.
        let _ = kill_process(pid, signal);
    }
}
