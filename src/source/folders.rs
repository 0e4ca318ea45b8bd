//! The folders of revision files.

use std::path::{Path, PathBuf};

/// Where the revision files of a project are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The project's folder; paths within it are shown relative to it.
    pub root: PathBuf,
    /// The folders, in order.
    pub versions: Vec<PathBuf>,
    /// Whether their subfolders are read too.
    pub recursive: bool,
    /// Whether file names hold the revision's id, so that one that does not is worth a warning.
    pub names_hold_ids: bool,
}

impl Folders {
    /// A path as it is shown.
    #[must_use]
    pub fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        shown(&self.root, path)
    }
}

/// A path as it is shown: relative to the project's folder `root` where it lies within it.
#[must_use]
pub fn shown<'p>(root: &Path, path: &'p Path) -> &'p Path {
    match path.strip_prefix(root) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside,
        _ => path,
    }
}
