//! Servers to throw away.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Child;

use rustix::process::Signal;

use super::account::{Account, Orphan};
use super::address::Address;
use super::binaries::Binaries;
use super::error::EngineError;
use super::folder;
use super::guard::guard_scratch;
use super::initdb::{Durability, initdb};
use super::kept::Kept;
use super::pidfile::PidFile;
use super::postmaster::{self, Ending, Launch};
use super::progress::Progress;

/// How much room the folder in memory must have, in bytes.
const MEMORY_ROOM: u64 = 512 << 20;

/// The folder in memory.
const MEMORY: &str = "/dev/shm";

/// What the names of scratch servers' folders start with, once they are locked.
const PREFIX: &str = "gm-scratch";

/// The same, before they are: no shorter, so that there is room for the final name too.
const UNLOCKED_PREFIX: &str = "gm-unlocked";

/// Where scratch servers are put.
#[derive(Debug, Clone)]
pub struct ScratchOptions {
    /// Where initialised data folders are kept, to be copied: `grace-migrate` in the user's
    /// cache folder.
    pub cache_dir: PathBuf,
    /// The temporary folder, for a machine without room in memory.
    pub temp_dir: PathBuf,
}

/// A server that lasts as long as this value, and nothing of which is written for good. When
/// this process is killed, a helper process ends the server and removes its folder.
#[derive(Debug)]
pub struct ScratchServer {
    dir: PathBuf,
    address: Address,
    pid: i32,
    major: u32,
    guard: Child,
    /// Held for as long as the folder is used.
    _lock: File,
}

impl ScratchServer {
    /// Starts a server from an initialised folder, which is made the first time.
    ///
    /// # Errors
    ///
    /// Everything in [`EngineError`] but what is about the project's server.
    pub fn start(
        binaries: &Binaries,
        options: &ScratchOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, EngineError> {
        let account = Account::for_new_folder()?;
        account.require(&binaries.dir)?;
        let bases = bases(&options.temp_dir, &account);
        bases.iter().for_each(|base| remove_leftovers(base));

        let (dir, lock) = create_locked(&bases, &account)?;
        let started = start_in(binaries, &dir, options, &account, progress);
        match started.and_then(|pid| Ok((pid, guard_scratch(&dir, pid)?))) {
            Ok((pid, guard)) => Ok(Self {
                address: Address::new(dir.clone()),
                dir,
                pid,
                major: binaries.version.major,
                guard,
                _lock: lock,
            }),
            Err(error) => {
                clear(&dir)?;
                Err(error)
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The libpq URL of one of its databases, as the superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The statement that makes a database from a template, in the way that is fastest here,
    /// where nothing is written for good.
    #[must_use]
    pub fn clone_statement(&self, database: &str, template: &str) -> String {
        let strategy = if self.major >= 15 {
            " strategy file_copy"
        } else {
            ""
        };
        format!(
            "create database {} template {}{strategy}",
            quote(database),
            quote(template)
        )
    }

    /// Ends the server and removes everything.
    ///
    /// # Errors
    ///
    /// [`EngineError::Stop`] when it does not end, [`EngineError::Io`] when its folder cannot be
    /// removed.
    pub fn stop(mut self) -> Result<(), EngineError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), EngineError> {
        // The helper is not needed any more; it may be gone, which is fine.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        clear(&self.dir)
    }
}

impl Drop for ScratchServer {
    fn drop(&mut self) {
        // Nobody is left to be told; the next scratch server removes what is left.
        let _ = self.end();
    }
}

/// Quoted always: whether it would be needed does not matter here.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The log goes with the folder: what its end said is in the error.
fn without_log(error: EngineError) -> EngineError {
    match error {
        EngineError::Start {
            dir, exit, tail, ..
        } => EngineError::Start {
            dir,
            exit,
            log: None,
            tail,
        },
        error => error,
    }
}

/// The folders for scratch servers, the best first.
fn bases(temp_dir: &Path, account: &Account) -> Vec<PathBuf> {
    let memory = Path::new(MEMORY);
    let has_room = rustix::fs::statvfs(memory)
        .is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) >= MEMORY_ROOM);
    let mut bases = Vec::new();
    if has_room {
        bases.push(memory.to_path_buf());
    }
    if account.reaches(temp_dir) {
        bases.push(temp_dir.to_path_buf());
    }
    bases.push(PathBuf::from(folder::TEMP));
    bases.dedup();
    bases
}

/// Makes a folder that this process has the lock of from the first instant of its final name.
fn create_locked(bases: &[PathBuf], account: &Account) -> Result<(PathBuf, File), EngineError> {
    let mut refused = None;
    for base in bases {
        match folder::create_socket_dir_in(base, UNLOCKED_PREFIX) {
            Ok(fresh) => match lock_folder(base, &fresh, account) {
                Ok(locked) => return Ok(locked),
                Err(error) => {
                    folder::remove(&fresh)?;
                    return Err(error);
                }
            },
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.expect("there is always the folder that every system has"))
}

/// Takes the lock of a fresh folder, and then gives it its name.
fn lock_folder(
    base: &Path,
    fresh: &Path,
    account: &Account,
) -> Result<(PathBuf, File), EngineError> {
    let path = fresh.join("lock");
    let lock = folder::open_lock(&path)?;
    folder::try_lock(&lock, &path)?;
    account.give(fresh)?;
    let dir = take_name(fresh, base)?;
    Ok((dir, lock))
}

/// Gives a locked folder the first final name that no other server of this process has.
fn take_name(fresh: &Path, base: &Path) -> Result<PathBuf, EngineError> {
    let pid = std::process::id();
    let mut number = 0_u32;
    loop {
        let dir = base.join(format!("{PREFIX}-{pid}-{number}"));
        match fs::rename(fresh, &dir) {
            Ok(()) => return Ok(dir),
            // A folder in use is never empty: its lock is in it.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                ) =>
            {
                number += 1;
            }
            Err(source) => return Err(EngineError::io("create", &dir)(source)),
        }
    }
}

/// Where a data folder comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Copied,
    Initialised,
}

/// Puts a data folder into place and starts a server on it. A server that does not start on a copy
/// says nothing yet: it gets a fresh folder, which is kept instead.
fn start_in(
    binaries: &Binaries,
    dir: &Path,
    options: &ScratchOptions,
    account: &Account,
    progress: &mut dyn FnMut(Progress),
) -> Result<i32, EngineError> {
    let kept = Kept::of(binaries, &options.cache_dir);
    let (data, log) = (dir.join("data"), dir.join("log"));
    let mut origin = prepare_data(binaries, &data, &kept, account, progress)?;
    loop {
        progress(Progress::Starting {
            version: binaries.version,
        });
        let started = postmaster::start(&Launch {
            binaries,
            data: &data,
            socket_dir: dir,
            account,
            durability: Durability::Scratch,
            orphan: Orphan::Gets(Signal::QUIT),
            log: &log,
        });
        match started {
            // One that was given up on may still be about to end.
            Err(EngineError::Start { exit: Some(_), .. }) if origin == Origin::Copied => {
                kept.forget();
                folder::remove(&data)?;
                origin = prepare_data(binaries, &data, &kept, account, progress)?;
            }
            started => return started.map_err(without_log),
        }
    }
}

/// Puts a copy of the kept folder of this version into place, or makes a fresh one and keeps it.
fn prepare_data(
    binaries: &Binaries,
    data: &Path,
    kept: &Kept,
    account: &Account,
    progress: &mut dyn FnMut(Progress),
) -> Result<Origin, EngineError> {
    if kept.copy_to(data, account)? {
        return Ok(Origin::Copied);
    }
    progress(Progress::Initialising {
        version: binaries.version,
    });
    folder::create_0700(data).map_err(EngineError::io("create", data))?;
    account.give(data)?;
    initdb(binaries, data, account, Durability::Scratch)?;
    // One that cannot be kept costs the next start a second, no more.
    let _ = kept.keep(data);
    Ok(Origin::Initialised)
}

/// Ends the server of a scratch folder, if it runs, and removes the folder.
fn clear(dir: &Path) -> Result<(), EngineError> {
    let data = dir.join("data");
    if let Some(file) = PidFile::read(&data).filter(|file| file.is_alive(&data)) {
        postmaster::stop(&data, file.pid, Ending::Immediate)?;
    }
    folder::remove(dir)
}

/// Removes the scratch folders of this user whose process is gone without cleaning up.
fn remove_leftovers(base: &Path) {
    let caller = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let dir = entry.path();
        let path = dir.join("lock");
        let abandoned = fs::symlink_metadata(&path)
            .is_ok_and(|meta| meta.is_file() && meta.uid() == caller)
            && folder::open_lock(&path)
                .and_then(|lock| folder::try_lock(&lock, &path))
                .unwrap_or(false);
        if abandoned {
            // One that cannot be removed is in nobody's way.
            let _ = clear(&dir);
        }
    }
}
