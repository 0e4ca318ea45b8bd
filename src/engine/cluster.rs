//! The project's own server, in `.grace` beside grace-migrate.toml.
//!
//! Commands that run at the same time share it. Each holds a shared lock on `users` for as long
//! as it uses the server; whoever leaves and finds that it was the last one stops it. Starting,
//! stopping and leaving happen one at a time, under `lock`. A server that `kept` names by its
//! process id is left running.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::{Account, Orphan};
use super::address::Address;
use super::binaries::{Binaries, LocateOptions};
use super::error::EngineError;
use super::folder;
use super::guard::guard_project;
use super::initdb::{Durability, initdb};
use super::pidfile::{Phase, PidFile};
use super::postmaster::{self, Ending, Launch};
use super::progress::Progress;
use super::server::Server;

/// How long another process may take to start or stop the server.
const LOCK_LIMIT: Duration = Duration::from_secs(120);

/// What the names of socket folders start with.
const SOCKET_PREFIX: &str = "gm-pg";

/// Where data goes that must not lie in the project, because the server's account, which is not
/// root's, cannot enter that.
const OUTSIDE: &str = "/var/lib/grace-migrate";

/// The project's server: where it is, whether it runs or not.
#[derive(Debug, Clone)]
pub struct Cluster {
    root: PathBuf,
    temp_dir: PathBuf,
}

/// How long a server is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartMode {
    /// Until the last of its users leaves.
    Owned,
    /// Until it is told to stop.
    Kept,
}

/// Whether a server is stopped under its users' feet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMode {
    /// Only where no other command uses it.
    Unused,
    /// Whoever uses it.
    Always,
}

/// How the project's server stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It was never made.
    Absent,
    /// It has data and does not run.
    Stopped {
        /// The data's major version.
        major: u32,
    },
    /// It runs.
    Running {
        /// The data's major version.
        major: u32,
        /// Its process id.
        pid: i32,
        /// Where it listens.
        address: Address,
        /// Whether it goes on when nobody uses it.
        mode: StartMode,
        /// Whether some command uses it now.
        in_use: bool,
    },
}

impl Cluster {
    /// The server of a project; nothing is made yet. `project` is the folder with
    /// grace-migrate.toml, `temp_dir` the temporary folder for the socket's.
    ///
    /// # Errors
    ///
    /// [`EngineError::Io`] when the project's folder is not there.
    pub fn open(project: &Path, temp_dir: &Path) -> Result<Self, EngineError> {
        Ok(Self {
            root: project
                .canonicalize()
                .map_err(EngineError::io("find", project))?
                .join(".grace"),
            temp_dir: temp_dir.to_path_buf(),
        })
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The server's log, of its last start.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// The data's major version; none where there is no data.
    #[must_use]
    pub fn major(&self) -> Option<u32> {
        let version = fs::read_to_string(self.data_dir().join("PG_VERSION")).ok()?;
        version.trim().parse().ok()
    }

    /// How the server stands. Nothing is made or changed.
    ///
    /// # Errors
    ///
    /// [`EngineError::Io`] when a lock file cannot be read.
    pub fn status(&self) -> Result<Status, EngineError> {
        let Some(major) = self.major() else {
            return Ok(Status::Absent);
        };
        Ok(match self.running() {
            Some((pid, socket_dir)) => Status::Running {
                major,
                pid,
                address: Address::new(socket_dir),
                mode: self.mode_of(pid),
                in_use: self.claim(self.users()?)?.is_none(),
            },
            None => Status::Stopped { major },
        })
    }

    /// Gives the server, made and started if need be. Whoever holds a [`Server`] uses it: it is
    /// not stopped meanwhile, however many other commands come and go.
    ///
    /// # Errors
    ///
    /// Everything in [`EngineError`] but [`EngineError::InUse`].
    pub fn start(
        &self,
        mode: StartMode,
        options: &LocateOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Server, EngineError> {
        self.create_root()?;
        let _turn = self.turn()?;
        let users = self.users()?;
        users
            .lock_shared()
            .map_err(EngineError::io("lock", &self.path("users")))?;
        let (pid, socket_dir) = match self.running_for_long()? {
            Some(running) => running,
            None => self.start_stopped(options, progress)?,
        };
        if mode == StartMode::Kept {
            let kept = self.path("kept");
            fs::write(&kept, format!("{pid}\n")).map_err(EngineError::io("write", &kept))?;
        }
        Ok(Server::new(
            self.clone(),
            Address::new(socket_dir),
            pid,
            users,
        ))
    }

    /// Stops the server; whether it ran.
    ///
    /// # Errors
    ///
    /// [`EngineError::InUse`] when it is used and that matters; [`EngineError::Stop`] when it
    /// does not end.
    pub fn stop(&self, mode: StopMode) -> Result<bool, EngineError> {
        if self.major().is_none() {
            return Ok(false);
        }
        let _turn = self.turn()?;
        self.stop_in_turn(mode, self.users()?)
    }

    /// Stops the server and removes all its data; whether there was any.
    ///
    /// # Errors
    ///
    /// As [`Cluster::stop`], and [`EngineError::Io`] when something cannot be removed.
    pub fn reset(&self, mode: StopMode) -> Result<bool, EngineError> {
        let data = self.data_dir();
        if fs::symlink_metadata(&data).is_err() {
            return Ok(false);
        }
        let _turn = self.turn()?;
        self.stop_in_turn(mode, self.users()?)?;
        self.remove_stale()?;
        if let Ok(outside) = fs::read_link(&data) {
            folder::remove(outside.parent().unwrap_or(&outside))?;
            fs::remove_file(&data).map_err(EngineError::io("remove", &data))?;
        } else {
            folder::remove(&data)?;
        }
        Ok(true)
    }

    /// Gives up a share of the users' lock, and stops the server where it was the last one and the
    /// server is not kept.
    pub(super) fn leave(&self, pid: i32, users: File) -> Result<(), EngineError> {
        let _turn = self.turn()?;
        if self.mode_of(pid) == StartMode::Kept {
            return Ok(());
        }
        match self.stop_in_turn(StopMode::Unused, users) {
            Ok(_) | Err(EngineError::InUse { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Makes `.grace`, out of git's sight.
    fn create_root(&self) -> Result<(), EngineError> {
        fs::create_dir_all(&self.root).map_err(EngineError::io("create", &self.root))?;
        let ignore = self.path(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(EngineError::io("write", &ignore))?;
        }
        Ok(())
    }

    /// Waits for this process's turn to start, stop or leave the server.
    fn turn(&self) -> Result<File, EngineError> {
        folder::lock_within(&self.path("lock"), LOCK_LIMIT)
    }

    /// The server's process and socket folder, if it runs.
    fn running(&self) -> Option<(i32, PathBuf)> {
        let data = self.data_dir();
        let file = PidFile::read(&data)?;
        let ready = file.phase == Phase::Ready && file.is_alive(&data);
        ready.then_some((file.pid, file.socket_dir?))
    }

    /// The same, once it is clear that it will not end by itself: one that somebody else is
    /// starting or stopping is waited for.
    fn running_for_long(&self) -> Result<Option<(i32, PathBuf)>, EngineError> {
        let data = self.data_dir();
        let settled = folder::wait_until(LOCK_LIMIT, || {
            Ok(PidFile::read(&data)
                .is_none_or(|file| file.phase == Phase::Ready || !file.is_alive(&data)))
        })?;
        if settled {
            Ok(self.running())
        } else {
            Err(EngineError::Busy {
                lock: PidFile::path(&data),
            })
        }
    }

    fn mode_of(&self, pid: i32) -> StartMode {
        let kept = fs::read_to_string(self.path("kept")).unwrap_or_default();
        if kept.trim() == pid.to_string() {
            StartMode::Kept
        } else {
            StartMode::Owned
        }
    }

    /// The file with the users' lock.
    fn users(&self) -> Result<File, EngineError> {
        folder::open_lock(&self.path("users"))
    }

    /// Takes the users' lock for this process alone, in place of a share that it may have; none
    /// where somebody else uses the server.
    fn claim(&self, users: File) -> Result<Option<File>, EngineError> {
        let path = self.path("users");
        let mut in_use = false;
        let known = folder::wait_until(LOCK_LIMIT, || {
            if folder::try_lock(&users, &path)? {
                return Ok(true);
            }
            // Users share the lock. The guard does not: it has seen the last one go, and ends the
            // server before it lets go.
            in_use = users.try_lock_shared().is_ok();
            Ok(in_use)
        })?;
        match (known, in_use) {
            (true, true) => Ok(None),
            (true, false) => Ok(Some(users)),
            (false, _) => Err(EngineError::Busy { lock: path }),
        }
    }

    fn start_stopped(
        &self,
        options: &LocateOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(i32, PathBuf), EngineError> {
        let data = self.data_dir();
        self.remove_stale()?;
        let major = self.major();
        let binaries = Binaries::locate(
            &LocateOptions {
                major,
                ..options.clone()
            },
            progress,
        )?;
        let account = if major.is_some() {
            Account::of_folder(&data)?
        } else {
            let account = Account::for_new_folder()?;
            progress(Progress::Initialising {
                version: binaries.version,
            });
            self.initialise(&binaries, &account)?;
            account
        };
        account.require(&binaries.dir)?;
        account.require(&data)?;
        progress(Progress::Starting {
            version: binaries.version,
        });
        let socket_dir = folder::create_socket_dir(&self.temp_dir, SOCKET_PREFIX, &account)?;
        let started = postmaster::start(&Launch {
            binaries: &binaries,
            data: &data
                .canonicalize()
                .map_err(EngineError::io("find", &data))?,
            socket_dir: &socket_dir,
            account: &account,
            durability: Durability::Durable,
            // Another command may use it when this one ends: the last user stops it.
            orphan: Orphan::Stays,
            log: &self.log(),
        });
        match started {
            Ok(pid) => {
                guard_project(&self.root, &socket_dir, pid)?;
                Ok((pid, socket_dir))
            }
            Err(error) => {
                folder::remove(&socket_dir)?;
                Err(error)
            }
        }
    }

    /// Makes the data folder, aside first: one that is half made is never seen.
    fn initialise(&self, binaries: &Binaries, account: &Account) -> Result<(), EngineError> {
        let home = if account.reaches(&self.root) {
            self.root.clone()
        } else {
            let outside = Path::new(OUTSIDE);
            fs::create_dir_all(outside).map_err(EngineError::io("create", outside))?;
            let home = folder::create_private(outside, "project")?;
            account.give(&home)?;
            home
        };
        account.require(&home)?;
        let fresh = home.join("postgres.new");
        folder::remove(&fresh)?;
        folder::create_0700(&fresh).map_err(EngineError::io("create", &fresh))?;
        account.give(&fresh)?;
        let made = initdb(binaries, &fresh, account, Durability::Durable);
        if made.is_err() {
            folder::remove(&fresh)?;
        }
        made?;
        let data = home.join("postgres");
        fs::rename(&fresh, &data).map_err(EngineError::io("create", &data))?;
        if home != self.root {
            symlink(&data, self.data_dir()).map_err(EngineError::io("create", &self.data_dir()))?;
        }
        Ok(())
    }

    fn stop_in_turn(&self, mode: StopMode, users: File) -> Result<bool, EngineError> {
        let Some((pid, socket_dir)) = self.running_for_long()? else {
            return Ok(false);
        };
        // Held until it is gone, so that nobody else sees to its end meanwhile.
        let claim = self.claim(users)?;
        if mode == StopMode::Unused && claim.is_none() {
            return Err(EngineError::InUse { pid });
        }
        postmaster::stop(&self.data_dir(), pid, Ending::Fast)?;
        folder::remove(&socket_dir)?;
        Ok(true)
    }

    /// Removes what a killed server left: its socket's folder, and its pid file where another
    /// process has the number now. The server itself removes the file of a process that is gone,
    /// after it made sure that no session of that one is left.
    fn remove_stale(&self) -> Result<(), EngineError> {
        let data = self.data_dir();
        let Some(file) = PidFile::read(&data).filter(|file| !file.is_alive(&data)) else {
            return Ok(());
        };
        if let Some(dir) = file.socket_dir.filter(|dir| is_ours(dir)) {
            folder::remove(&dir)?;
        }
        if super::pidfile::exists(file.pid) {
            let path = PidFile::path(&data);
            fs::remove_file(&path).map_err(EngineError::io("remove", &path))?;
        }
        Ok(())
    }
}

fn is_ours(socket_dir: &Path) -> bool {
    socket_dir
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(SOCKET_PREFIX))
}
