//! Whom the server runs as: PostgreSQL refuses to run as root.

use std::ffi::CString;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::error::EngineError;

/// How a server's processes get an account that PostgreSQL accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// As whoever runs this program.
    Caller,
    /// As root outside, in a user namespace where root is called by another id: nothing needs
    /// a new owner, and folders that only root may enter can be used. Linux only.
    Namespace {
        /// What the user id 0 is called inside.
        uid: u32,
        /// What the group id 0 is called inside.
        gid: u32,
    },
    /// As another account: its files must belong to it.
    Other {
        /// Its name, or its number where it has none.
        name: String,
        /// Its user id.
        uid: u32,
        /// Its group id.
        gid: u32,
    },
}

/// What becomes of a child when the thread that started it ends. Linux only: elsewhere it stays.
#[derive(Debug, Clone, Copy)]
pub(super) enum Orphan {
    /// It goes on.
    Stays,
    /// It gets a signal.
    Gets(Signal),
}

impl Account {
    /// The account for a data folder that is there already: its owner decides.
    pub(super) fn of_folder(data: &Path) -> Result<Self, EngineError> {
        let owner = fs::metadata(data).map_err(EngineError::io("look at", data))?;
        let caller = rustix::process::geteuid().as_raw();
        let refused = || EngineError::OtherOwner {
            dir: data.to_path_buf(),
            owner: owner.uid(),
            caller,
        };
        if caller != 0 {
            return if owner.uid() == caller {
                Ok(Self::Caller)
            } else {
                Err(refused())
            };
        }
        if owner.uid() == 0 {
            return Self::namespace().ok_or_else(refused);
        }
        let passwd = passwd();
        let name = passwd
            .iter()
            .find(|entry| entry.uid == owner.uid())
            .map_or_else(|| owner.uid().to_string(), |entry| entry.name.clone());
        Ok(Self::Other {
            name,
            uid: owner.uid(),
            gid: owner.gid(),
        })
    }

    /// The account for a data folder that is yet to be made.
    pub(super) fn for_new_folder() -> Result<Self, EngineError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Caller);
        }
        match Self::namespace() {
            Some(account) => Ok(account),
            None => Self::unprivileged(),
        }
    }

    /// The account `postgres`, else `nobody`.
    pub(super) fn unprivileged() -> Result<Self, EngineError> {
        let passwd = passwd();
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| passwd.iter().find(|entry| entry.name == *name))
            .map(|entry| Self::Other {
                name: entry.name.clone(),
                uid: entry.uid,
                gid: entry.gid,
            })
            .ok_or(EngineError::NoAccount)
    }

    /// A user namespace, where the system permits one: tried by running something in it.
    fn namespace() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let passwd = passwd();
        // The id must have a name, because initdb asks for it.
        let entry = passwd
            .iter()
            .find(|entry| entry.name == "nobody")
            .or_else(|| passwd.iter().find(|entry| entry.uid != 0))?;
        let account = Self::Namespace {
            uid: entry.uid,
            gid: entry.gid,
        };
        let mut probe = Command::new("/bin/sh");
        probe
            .args(["-c", ":"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        account.prepare(&mut probe, Orphan::Stays);
        probe.status().ok()?.success().then_some(account)
    }

    /// Makes a command run as this account, in a session of its own: an interrupt from the
    /// terminal is for this program alone to handle, and the terminal's end is no concern of it.
    pub(super) fn prepare(&self, command: &mut Command, orphan: Orphan) {
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        prepare_child(command, self.maps(), orphan);
    }

    /// The lines for `uid_map` and `gid_map`, for a namespace.
    fn maps(&self) -> Option<[CString; 2]> {
        let Self::Namespace { uid, gid } = self else {
            return None;
        };
        let line = |id: &u32| CString::new(format!("{id} 0 1\n")).ok();
        Some([line(uid)?, line(gid)?])
    }

    /// Gives a file or folder that this program made to the account.
    pub(super) fn give(&self, path: &Path) -> Result<(), EngineError> {
        match self {
            Self::Other { uid, gid, .. } => {
                chown(path, Some(*uid), Some(*gid)).map_err(EngineError::io("give away", path))
            }
            Self::Caller | Self::Namespace { .. } => Ok(()),
        }
    }

    /// Refuses a folder that the account cannot enter.
    pub(super) fn require(&self, path: &Path) -> Result<(), EngineError> {
        if self.reaches(path) {
            Ok(())
        } else {
            Err(EngineError::Unreachable {
                path: path.to_path_buf(),
                account: self.to_string(),
            })
        }
    }

    /// Whether the account can enter a folder and each folder above it.
    pub(super) fn reaches(&self, path: &Path) -> bool {
        let Self::Other { uid, gid, .. } = self else {
            return true;
        };
        let Ok(path) = path.canonicalize() else {
            return false;
        };
        path.ancestors().all(|folder| {
            fs::metadata(folder).is_ok_and(|meta| {
                let shift = if meta.uid() == *uid {
                    6
                } else if meta.gid() == *gid {
                    3
                } else {
                    0
                };
                meta.mode() >> shift & 1 == 1
            })
        })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => f.write_str("the caller"),
            Self::Namespace { .. } => f.write_str("root"),
            Self::Other { name, .. } => f.write_str(name),
        }
    }
}

/// Registers what the child does between `fork` and `exec`. Only system calls on memory that is
/// there already: nothing in it allocates or takes a lock.
fn prepare_child(command: &mut Command, maps: Option<[CString; 2]>, orphan: Orphan) {
    let before_exec = move || -> io::Result<()> {
        rustix::process::setsid()?;
        #[cfg(target_os = "linux")]
        {
            if let Some(maps) = &maps {
                enter_namespace(maps)?;
            }
            // Last, because a change of credentials takes it away.
            if let Orphan::Gets(signal) = orphan {
                rustix::process::set_parent_process_death_signal(Some(signal))?;
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (&maps, orphan);
        Ok(())
    };
    #[expect(
        unsafe_code,
        reason = "the closure makes system calls only, as the child of a program with threads must"
    )]
    // SAFETY: the closure is async-signal-safe: no allocation, no lock, no panic.
    unsafe {
        command.pre_exec(before_exec);
    }
}

/// Enters a user namespace of its own, in which the ids that this process has outside are called
/// as the maps say.
#[cfg(target_os = "linux")]
fn enter_namespace([uids, gids]: &[CString; 2]) -> io::Result<()> {
    #[expect(
        unsafe_code,
        reason = "`unshare` is unsafe for what it can do to a table of open files, which stays"
    )]
    // SAFETY: only the user namespace changes, in a child with one thread.
    unsafe {
        rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWUSER)?;
    }
    write_proc(c"/proc/self/setgroups", b"deny")?;
    write_proc(c"/proc/self/uid_map", uids.as_bytes())?;
    write_proc(c"/proc/self/gid_map", gids.as_bytes())
}

#[cfg(target_os = "linux")]
fn write_proc(path: &std::ffi::CStr, text: &[u8]) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, text)?;
    Ok(())
}

/// A line of /etc/passwd.
struct Entry {
    name: String,
    uid: u32,
    gid: u32,
}

fn passwd() -> Vec<Entry> {
    parse_passwd(&fs::read_to_string("/etc/passwd").unwrap_or_default())
}

fn parse_passwd(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            fields.next()?;
            // macOS writes its highest ids as negative numbers.
            let mut id = || {
                let number = fields.next()?.parse::<i64>().ok()?;
                u32::try_from(number)
                    .or_else(|_| i32::try_from(number).map(i32::cast_unsigned))
                    .ok()
            };
            Some(Entry {
                name,
                uid: id()?,
                gid: id()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse_passwd;

    #[test]
    fn accounts_are_read_and_other_lines_skipped() {
        let entries = parse_passwd(
            "# comment\nroot:x:0:0:root:/root:/bin/sh\nnobody:*:-2:-2:x:/:/no\nbroken:x:y:z\n",
        );
        let read: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.uid, entry.gid))
            .collect();
        assert_eq!(
            read,
            [("root", 0, 0), ("nobody", 4_294_967_294, 4_294_967_294)]
        );
    }
}
