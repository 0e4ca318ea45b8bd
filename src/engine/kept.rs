//! The data folder that `initdb` made, kept to be copied: one for each version and build.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::binaries::Binaries;
use super::error::EngineError;
use super::folder;

/// What the name of a copy that is not in its place yet starts with.
const PREFIX: &str = "gm-unlocked";

/// The file that tells what a whole copy consists of.
const FILES: &str = "files";

/// A data folder in the user's cache folder, which need not be there, whole or anybody's to read.
#[derive(Debug)]
pub(super) struct Kept {
    dir: PathBuf,
}

impl Kept {
    /// That of this version and build.
    pub(super) fn of(binaries: &Binaries, cache_dir: &Path) -> Self {
        Self {
            dir: cache_dir.join("initdb").join(key(binaries)),
        }
    }

    /// Copies it to a place where nothing is yet, and tells whether that was done: one that is not
    /// whole, or cannot be read, counts for nothing.
    ///
    /// # Errors
    ///
    /// [`EngineError::Io`] where what was begun cannot be removed.
    pub(super) fn copy_to(&self, data: &Path, account: &Account) -> Result<bool, EngineError> {
        if self.is_whole() && folder::copy(&self.data(), data, account).is_ok() {
            return Ok(true);
        }
        folder::remove(data)?;
        Ok(false)
    }

    /// Keeps a copy of a fresh data folder, in the place of one that is not whole: aside first, so
    /// that it is never seen half made.
    ///
    /// # Errors
    ///
    /// [`EngineError::Io`]; the copy that was there may be gone.
    pub(super) fn keep(&self, data: &Path) -> Result<(), EngineError> {
        let parent = self.dir.parent().unwrap_or(&self.dir);
        fs::create_dir_all(parent).map_err(EngineError::io("create", parent))?;
        let aside = folder::create_private(parent, PREFIX)?;
        let kept = self.keep_from(data, &aside);
        folder::remove(&aside)?;
        kept
    }

    fn keep_from(&self, data: &Path, aside: &Path) -> Result<(), EngineError> {
        let fresh = Self {
            dir: aside.join("fresh"),
        };
        folder::create_0700(&fresh.dir).map_err(EngineError::io("create", &fresh.dir))?;
        folder::copy(data, &fresh.data(), &Account::Caller)?;
        let copy = fresh.data();
        let files = files(&copy).map_err(EngineError::io("read", &copy))?;
        let list = fresh.dir.join(FILES);
        fs::write(&list, files).map_err(EngineError::io("create", &list))?;
        if self.is_whole() {
            // Another process was first: its folder is as good.
            return Ok(());
        }
        match fs::rename(&self.dir, aside.join("old")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved.map_err(EngineError::io("remove", &self.dir))?,
        }
        fs::rename(&fresh.dir, &self.dir).map_err(EngineError::io("create", &self.dir))
    }

    /// Forgets it, where it is whole to look at and no server starts from it.
    pub(super) fn forget(&self) {
        // One that cannot be removed costs the next start another try.
        let _ = fs::remove_file(self.dir.join(FILES));
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Whether every file is there in the size that it was written in.
    fn is_whole(&self) -> bool {
        let told = fs::read(self.dir.join(FILES));
        told.is_ok_and(|told| files(&self.data()).is_ok_and(|there| there.as_bytes() == told))
    }
}

/// The folders and files of a folder and their sizes, a line each, in order.
fn files(folder: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let entry = entry?;
            let (path, found) = (entry.path(), entry.metadata()?);
            let size = if found.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if found.is_file() {
                found.len().to_string()
            } else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            let name = path.strip_prefix(folder).unwrap_or(&path);
            lines.push(format!("{} {size}\n", name.display()));
        }
    }
    lines.sort();
    Ok(lines.concat())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn data(within: &Path, text: &str) -> PathBuf {
        let data = within.join(format!("data of {text}"));
        fs::create_dir_all(data.join("global")).unwrap();
        fs::write(data.join("global/pg_control"), text).unwrap();
        fs::write(data.join("PG_VERSION"), "15").unwrap();
        data
    }

    #[test]
    fn a_copy_that_is_not_whole_counts_for_nothing_and_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let kept = Kept {
            dir: temp.path().join("initdb/15.0"),
        };
        let to = temp.path().join("to");
        let copied = |kept: &Kept| {
            let copied = kept.copy_to(&to, &Account::Caller).unwrap();
            let control = fs::read_to_string(to.join("global/pg_control")).ok();
            assert_eq!(to.exists(), copied);
            folder::remove(&to).unwrap();
            control
        };
        assert_eq!(copied(&kept), None);
        kept.keep(&data(temp.path(), "first")).unwrap();
        assert_eq!(copied(&kept).as_deref(), Some("first"));
        // One that is whole stays.
        kept.keep(&data(temp.path(), "second")).unwrap();
        assert_eq!(copied(&kept).as_deref(), Some("first"));

        let control = kept.data().join("global/pg_control");
        let damages: [&dyn Fn(); 5] = [
            &|| fs::remove_file(&control).unwrap(),
            &|| fs::write(&control, "cut").unwrap(),
            &|| {
                fs::remove_file(&control).unwrap();
                std::os::unix::fs::symlink("nowhere", &control).unwrap();
            },
            &|| fs::remove_dir_all(kept.data()).unwrap(),
            &|| kept.forget(),
        ];
        for damage in damages {
            damage();
            assert_eq!(copied(&kept), None);
            kept.keep(&data(temp.path(), "third")).unwrap();
            assert_eq!(copied(&kept).as_deref(), Some("third"));
        }
        // Nothing is left aside.
        let beside = fs::read_dir(temp.path().join("initdb")).unwrap();
        assert_eq!(beside.count(), 1);
    }

    #[test]
    fn a_copy_that_cannot_be_read_or_written_is_done_without() {
        let temp = tempfile::tempdir().unwrap();
        let initdb = temp.path().join("initdb");
        fs::write(&initdb, "in the way").unwrap();
        let kept = Kept {
            dir: initdb.join("15.0"),
        };
        let to = temp.path().join("to");
        assert!(!kept.copy_to(&to, &Account::Caller).unwrap());
        assert!(!to.exists());
        kept.keep(&data(temp.path(), "first")).unwrap_err();
    }
}
