//! Which revision files there are: names alone, no file is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Place};
use crate::revision::{ScriptKind, nearest};

use super::{Folders, SourceError};

/// The files of one revision, absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) up: PathBuf,
    pub(super) down: Option<PathBuf>,
    pub(super) verify: Option<PathBuf>,
}

/// What the folders hold.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The revisions' files: folders in their order, names in byte order.
    pub(super) files: Vec<Files>,
    pub(super) defects: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// The scripts of one folder that share a stem.
#[derive(Default)]
struct Group {
    up: Option<PathBuf>,
    down: Option<PathBuf>,
    verify: Option<PathBuf>,
}

/// Lists the folders of a project.
pub(super) fn list(folders: &Folders) -> Result<Listing, SourceError> {
    let mut walk = Walk {
        folders,
        inside: Vec::new(),
        seen: BTreeSet::new(),
        listing: Listing::default(),
    };
    for folder in &folders.versions {
        let shown = folders.shown(folder).to_owned();
        match fs::metadata(folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(SourceError::NotAFolder { path: shown }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SourceError::MissingFolder { path: shown });
            }
            Err(source) => {
                return Err(SourceError::UnreadableFolder {
                    path: shown,
                    source,
                });
            }
        }
        walk.inside
            .push(fs::canonicalize(folder).unwrap_or_else(|_| folder.clone()));
    }
    for folder in &folders.versions {
        walk.folder(folder)?;
    }
    Ok(walk.listing)
}

struct Walk<'a> {
    folders: &'a Folders,
    /// The folders with all links resolved: where links may lead.
    inside: Vec<PathBuf>,
    /// Folders that were read, with all links resolved: one is read once.
    seen: BTreeSet<PathBuf>,
    listing: Listing,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) -> Result<(), SourceError> {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if !self.seen.insert(real) {
            return Ok(());
        }
        let mut groups: BTreeMap<Vec<u8>, Group> = BTreeMap::new();
        let mut strays = Vec::new();
        let mut below = Vec::new();
        for entry in self.entries(folder)? {
            let name = entry.file_name();
            let bytes = name.as_encoded_bytes();
            if matches!(bytes.first(), Some(b'.' | b'#' | b'~')) {
                continue; // hidden files, and what editors leave behind
            }
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|source| self.unreadable(folder, source))?;
            if !is_sql(bytes) {
                if kind.is_dir() {
                    below.push(path);
                } else if kind.is_symlink() && self.folders.recursive && path.is_dir() {
                    let message = "a link to a folder is not followed";
                    self.defect("linked-folder", &path, message, None);
                }
            } else if self.is_script(&path, kind) {
                match split(bytes) {
                    Some((stem, kind)) => {
                        let group = groups.entry(stem.to_owned()).or_default();
                        match kind {
                            ScriptKind::Up => group.up = Some(path),
                            ScriptKind::Down => group.down = Some(path),
                            ScriptKind::Verify => group.verify = Some(path),
                        }
                    }
                    None => strays.push(path),
                }
            }
        }
        for path in strays {
            self.stray(&path, &groups);
        }
        self.keep(groups);
        for path in below {
            if self.folders.recursive {
                self.folder(&path)?;
            } else {
                self.ignored(&path);
            }
        }
        Ok(())
    }

    /// The entries of a folder, by name.
    fn entries(&self, folder: &Path) -> Result<Vec<DirEntry>, SourceError> {
        let mut entries = fs::read_dir(folder)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(|source| self.unreadable(folder, source))?;
        entries.sort_by_cached_key(DirEntry::file_name);
        Ok(entries)
    }

    fn unreadable(&self, folder: &Path, source: io::Error) -> SourceError {
        SourceError::UnreadableFolder {
            path: self.folders.shown(folder).to_owned(),
            source,
        }
    }

    /// Whether an entry whose name ends in `.sql` is a file that may be read.
    fn is_script(&mut self, path: &Path, kind: FileType) -> bool {
        if kind.is_file() {
            return true;
        }
        let problem = if kind.is_symlink() {
            match (fs::canonicalize(path), fs::metadata(path)) {
                (Ok(target), Ok(metadata)) if metadata.is_file() => {
                    if self.inside.iter().any(|folder| target.starts_with(folder)) {
                        return true;
                    }
                    format!(
                        "a link that leads out of the folder, to {}",
                        target.display()
                    )
                }
                (_, Ok(metadata)) => format!("a link to {}", what(metadata.file_type())),
                (_, Err(_)) => "a link that leads nowhere".to_owned(),
            }
        } else {
            what(kind).to_owned()
        };
        let message = format!("expected a file, found {problem}");
        self.defect("not-a-file", path, message, None);
        false
    }

    /// A `.sql` file that is no script of a revision: a mistake where its name continues that of a
    /// revision (`x.donw.sql` beside `x.up.sql`), else worth a warning.
    fn stray(&mut self, path: &Path, groups: &BTreeMap<Vec<u8>, Group>) {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let stem = &name[..name.len() - ".sql".len()];
        let beside = stem
            .iter()
            .rposition(|byte| *byte == b'.')
            .is_some_and(|dot| groups.contains_key(&stem[..dot]));
        let help = "revision files end in `.up.sql`, `.down.sql` or `.verify.sql`";
        if beside {
            let message = "no kind of script has this ending";
            self.defect("unknown-script", path, message, Some(help.to_owned()));
        } else {
            self.listing.warnings.push(
                Diagnostic::warning("stray-file", "not a revision file: it is ignored")
                    .at(self.place(path))
                    .help(help),
            );
        }
    }

    fn keep(&mut self, groups: BTreeMap<Vec<u8>, Group>) {
        let stems: Vec<String> = groups
            .iter()
            .filter(|(_, group)| group.up.is_some())
            .map(|(stem, _)| String::from_utf8_lossy(stem).into_owned())
            .collect();
        for (stem, group) in groups {
            if let Some(up) = group.up {
                self.listing.files.push(Files {
                    up,
                    down: group.down,
                    verify: group.verify,
                });
                continue;
            }
            let stem = String::from_utf8_lossy(&stem).into_owned();
            let near = nearest(&stem, stems.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("does it belong to `{near}.up.sql`?"),
                None => format!("its up script would be `{stem}.up.sql`"),
            };
            for (path, kind) in [(group.down, "down"), (group.verify, "verify")] {
                if let Some(path) = path {
                    let message = format!("a {kind} script without an up script");
                    self.defect("no-up-script", &path, message, Some(help.clone()));
                }
            }
        }
    }

    /// Warns of a subfolder with revision files that is not read.
    fn ignored(&mut self, folder: &Path) {
        let holds_scripts = self.entries(folder).is_ok_and(|entries| {
            entries
                .iter()
                .any(|entry| split(entry.file_name().as_encoded_bytes()).is_some())
        });
        if holds_scripts {
            let message = "the revision files in this subfolder are not read";
            self.listing.warnings.push(
                Diagnostic::warning("ignored-folder", message)
                    .at(self.place(folder))
                    .help("set `recursive = true` in grace-migrate.toml to read subfolders"),
            );
        }
    }

    fn place(&self, path: &Path) -> Place {
        Place::file(self.folders.shown(path))
    }

    fn defect(
        &mut self,
        code: &'static str,
        path: &Path,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut defect = Diagnostic::error(code, message).at(self.place(path));
        defect.help = help;
        self.listing.defects.push(defect);
    }
}

/// The stem and kind of a revision file's name.
fn split(name: &[u8]) -> Option<(&[u8], ScriptKind)> {
    [ScriptKind::Up, ScriptKind::Down, ScriptKind::Verify]
        .into_iter()
        .find_map(|kind| {
            let stem = name
                .strip_suffix(b".sql")?
                .strip_suffix(kind.as_str().as_bytes())?
                .strip_suffix(b".")?;
            (!stem.is_empty()).then_some((stem, kind))
        })
}

fn is_sql(name: &[u8]) -> bool {
    name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".sql")
}

pub(super) fn what(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        } else if kind.is_socket() {
            return "a socket";
        } else if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        "a folder"
    } else {
        "something else"
    }
}

/// The name of a revision's up file without `.up.sql`.
pub(super) fn stem(up: &Path) -> String {
    let name = up.file_name().map_or(&[][..], OsStr::as_encoded_bytes);
    let stem = split(name).map_or(name, |(stem, _)| stem);
    String::from_utf8_lossy(stem).into_owned()
}
