//! Folders for servers: private ones with short names, copies, locks.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::account::Account;
use super::address::Address;
use super::error::EngineError;

/// How many bytes a socket's path may have, its closing zero not counted.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The temporary folder that every system has.
pub(super) const TEMP: &str = "/tmp";

/// How often a process that waits for another asks.
pub(super) const PAUSE: Duration = Duration::from_millis(5);

/// Makes a private folder of a name that this process gives once: `PREFIX-PID-N`.
pub(super) fn create_private(base: &Path, prefix: &str) -> Result<PathBuf, EngineError> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let pid = std::process::id();
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("{prefix}-{pid}-{number}"));
        match create_0700(&path) {
            Ok(()) => return Ok(path),
            // Left by another process of this number, or put there to be in the way.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(EngineError::io("create", &path)(source)),
        }
    }
}

/// Makes one folder that its owner alone may enter.
pub(super) fn create_0700(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// The cache of somebody who has no folder of their own: one in the temporary folder that nobody else
/// can write; where others have put something there, none that anything can be written to.
#[must_use]
pub fn cache_without_home(temp_dir: &Path) -> PathBuf {
    let user = rustix::process::geteuid().as_raw();
    let path = temp_dir.join(format!("grace-migrate-cache-{user}"));
    let _ = create_0700(&path);
    let is_own = fs::symlink_metadata(&path).is_ok_and(|found| {
        found.is_dir() && found.uid() == user && found.permissions().mode() & 0o022 == 0
    });
    if is_own {
        path
    } else {
        PathBuf::from("/dev/null")
    }
}

/// Makes a private folder for a socket, in the temporary folder, or in `/tmp` where that one's
/// name is too long or closed to the server's account.
pub(super) fn create_socket_dir(
    temp_dir: &Path,
    prefix: &str,
    account: &Account,
) -> Result<PathBuf, EngineError> {
    let mut refused = None;
    for base in [temp_dir, Path::new(TEMP)] {
        if !account.reaches(base) {
            refused = Some(EngineError::Unreachable {
                path: base.to_path_buf(),
                account: account.to_string(),
            });
            continue;
        }
        match create_socket_dir_in(base, prefix) {
            Ok(dir) => {
                account.give(&dir)?;
                return Ok(dir);
            }
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.expect("the loop ran at least once"))
}

/// Makes a private folder whose name leaves room for a socket's.
pub(super) fn create_socket_dir_in(base: &Path, prefix: &str) -> Result<PathBuf, EngineError> {
    // The longest name that `create_private` is likely to give.
    let socket = Address::socket(&base.join(format!("{prefix}-4194304-9999")));
    if socket.as_os_str().len() > SOCKET_PATH_LIMIT {
        return Err(EngineError::SocketPath {
            path: socket,
            limit: SOCKET_PATH_LIMIT,
        });
    }
    create_private(base, prefix)
}

/// Removes a folder with everything in it; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<(), EngineError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(EngineError::io("remove", path)),
    }
}

/// Copies a data folder to a place where nothing is yet, and gives the copy to an account.
pub(super) fn copy(from: &Path, to: &Path, account: &Account) -> Result<(), EngineError> {
    create_0700(to).map_err(EngineError::io("create", to))?;
    account.give(to)?;
    for entry in fs::read_dir(from).map_err(EngineError::io("read", from))? {
        let entry = entry.map_err(EngineError::io("read", from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry
            .file_type()
            .map_err(EngineError::io("look at", &from))?;
        if kind.is_dir() {
            copy(&from, &to, account)?;
        } else {
            fs::copy(&from, &to).map_err(EngineError::io("copy", &from))?;
            // A server writes it, though nobody may write what it was copied from.
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&to, mode).map_err(EngineError::io("open", &to))?;
            account.give(&to)?;
        }
    }
    Ok(())
}

/// Opens a lock file, made if need be, and takes no lock yet.
pub(super) fn open_lock(path: &Path) -> Result<File, EngineError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(EngineError::io("open", path))
}

/// Takes a file's lock for this process alone, if nobody holds it.
pub(super) fn try_lock(file: &File, path: &Path) -> Result<bool, EngineError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(EngineError::io("lock", path)(source)),
    }
}

/// Takes a file's lock for this process alone, and waits for it up to a limit.
pub(super) fn lock_within(path: &Path, limit: Duration) -> Result<File, EngineError> {
    let file = open_lock(path)?;
    if wait_until(limit, || try_lock(&file, path))? {
        Ok(file)
    } else {
        Err(EngineError::Busy {
            lock: path.to_path_buf(),
        })
    }
}

/// Asks again and again until the answer is yes; no, if it never was within the limit.
pub(super) fn wait_until(
    limit: Duration,
    mut done: impl FnMut() -> Result<bool, EngineError>,
) -> Result<bool, EngineError> {
    let start = Instant::now();
    loop {
        if done()? {
            return Ok(true);
        }
        if start.elapsed() >= limit {
            return Ok(false);
        }
        thread::sleep(PAUSE);
    }
}

/// The last lines of a text file, for an error; empty where it cannot be read.
pub(super) fn tail(path: &Path) -> String {
    last_lines(&String::from_utf8_lossy(
        &fs::read(path).unwrap_or_default(),
    ))
}

/// The last lines of a text that say something.
pub(super) fn last_lines(text: &str) -> String {
    const LINES: usize = 12;
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_others_can_write_is_none() {
        let temp = tempfile::tempdir().unwrap();
        let own = cache_without_home(temp.path());
        assert_eq!(own.parent(), Some(temp.path()));
        assert_eq!(cache_without_home(temp.path()), own);
        fs::set_permissions(&own, fs::Permissions::from_mode(0o777)).unwrap();
        let none = cache_without_home(temp.path());
        assert!(fs::create_dir_all(none.join("initdb")).is_err());
        fs::remove_dir(&own).unwrap();
        std::os::unix::fs::symlink(temp.path(), &own).unwrap();
        assert_eq!(cache_without_home(temp.path()), none);
    }

    #[test]
    fn a_copy_can_be_written() {
        let temp = tempfile::tempdir().unwrap();
        let (from, to) = (temp.path().join("from"), temp.path().join("to"));
        fs::create_dir_all(from.join("global")).unwrap();
        let file = from.join("global").join("pg_control");
        fs::write(&file, "1").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        copy(&from, &to, &Account::Caller).unwrap();
        let copied = to.join("global").join("pg_control");
        let mode = fs::metadata(copied).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
