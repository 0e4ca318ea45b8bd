//! Initialised data folders that are kept in the user's cache, to be copied.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::binaries::Binaries;
use super::error::EngineError;
use super::folder;

/// What the names of folders begin with that are not in their place yet.
const FRESH_PREFIX: &str = "gm-unlocked";

/// The folder that is kept of one build of PostgreSQL: `data`, and beside it `extent`, by which it is known
/// to be whole. What cannot be read or written costs the start a second, no more.
#[derive(Debug)]
pub(super) struct Kept(PathBuf);

impl Kept {
    pub(super) fn of(cache_dir: &Path, binaries: &Binaries) -> Self {
        Self(cache_dir.join("initdb").join(key(binaries)))
    }

    /// Puts a copy into place; whether there is one that is whole.
    pub(super) fn copy_to(&self, data: &Path, account: &Account) -> Result<bool, EngineError> {
        if !self.is_whole() {
            return Ok(false);
        }
        let copied = folder::copy(&self.data(), data, account).is_ok();
        if !copied {
            folder::remove(data)?;
        }
        Ok(copied)
    }

    /// Keeps a copy of a fresh data folder, which is made aside, so that it is never seen half made.
    pub(super) fn keep(&self, data: &Path) -> Result<(), EngineError> {
        let parent = self.0.parent().unwrap_or(&self.0);
        fs::create_dir_all(parent).map_err(EngineError::io("create", parent))?;
        let fresh = folder::create_private(parent, FRESH_PREFIX)?;
        let kept = self.replace(data, &fresh);
        folder::remove(&fresh)?;
        kept
    }

    fn replace(&self, data: &Path, fresh: &Path) -> Result<(), EngineError> {
        let new = fresh.join("new");
        folder::create_0700(&new).map_err(EngineError::io("create", &new))?;
        folder::copy(data, &new.join("data"), &Account::Caller)?;
        let file = new.join("extent");
        let extent = extent(&new.join("data")).map_err(EngineError::io("read", &new))?;
        fs::write(&file, extent.to_string()).map_err(EngineError::io("create", &file))?;
        // Another process may have been first: its folder is as good.
        if !self.is_whole() {
            let create = |error| EngineError::io("create", &self.0)(error);
            if self.0.exists() {
                fs::rename(&self.0, fresh.join("old")).map_err(create)?;
            }
            fs::rename(&new, &self.0).map_err(create)?;
        }
        Ok(())
    }

    /// Removes it: a server does not start from it.
    pub(super) fn forget(&self) {
        // What cannot be removed is in nobody's way.
        let _ = folder::remove(&self.0);
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn is_whole(&self) -> bool {
        let told = fs::read_to_string(self.0.join("extent"));
        let found = extent(&self.data());
        matches!((told, found), (Ok(told), Ok(found)) if told == found.to_string())
    }
}

/// How many bytes a folder's files have, and a number for each of them: of two folders of which one lacks a
/// file, or a part of one, it is not the same.
fn extent(dir: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        sum += 1 + match meta.is_dir() {
            true => extent(&entry.path())?,
            false => meta.len(),
        };
    }
    Ok(sum)
}

/// One name for each version and build: builds of one version differ in what they bring.
fn key(binaries: &Binaries) -> String {
    let dir = binaries.dir.to_string_lossy().replace(['/', '\\'], "_");
    let start = dir.len().saturating_sub(120);
    let start = (start..dir.len())
        .find(|&at| dir.is_char_boundary(at))
        .unwrap_or(dir.len());
    format!("{}{}", binaries.version, &dir[start..])
}
