//! Writing files that are not there yet.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::SourceError;

/// A file to be written.
pub(super) struct NewFile<'a> {
    pub(super) file: &'a Path,
    /// As it is shown.
    pub(super) shown: &'a Path,
    pub(super) text: &'a str,
}

/// Writes all the files, in order, or none. Each appears under its name whole, and a file that
/// exists is never overwritten. Folders are made where they are missing.
pub(super) fn write_all(files: &[NewFile<'_>]) -> Result<(), SourceError> {
    let mut made = Made::default();
    let mut drafts = Vec::new();
    for file in files {
        let draft = draft(file.file, file.text, Readers::Usual, &mut made).map_err(|error| {
            SourceError::NotWritten {
                path: file.shown.to_owned(),
                source: error,
            }
        })?;
        drafts.push(draft);
    }
    for (file, draft) in files.iter().zip(&drafts) {
        place(draft, file).map_err(|error| failed(error, file))?;
        made.files.push(file.file.to_owned());
    }
    made.keep(&drafts);
    Ok(())
}

/// Writes a file in place of the one of its name, if there is one: whole, or not at all.
///
/// # Errors
/// [`SourceError::NotWritten`].
pub fn replace(file: &Path, shown: &Path, text: &str) -> Result<(), SourceError> {
    replace_for(Readers::Usual, file, shown, text)
}

/// The same; where the system knows of owners, nobody but the owner can read it, from the start.
///
/// # Errors
/// [`SourceError::NotWritten`].
pub fn replace_private(file: &Path, shown: &Path, text: &str) -> Result<(), SourceError> {
    replace_for(Readers::Owner, file, shown, text)
}

fn replace_for(readers: Readers, file: &Path, shown: &Path, text: &str) -> Result<(), SourceError> {
    let mut made = Made::default();
    let draft = draft(file, text, readers, &mut made).and_then(|draft| fs::rename(&draft, file));
    draft.map_err(|source| SourceError::NotWritten {
        path: shown.to_owned(),
        source,
    })?;
    made.keep(&[]);
    Ok(())
}

/// What was made so far; taken back unless it is kept.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn keep(mut self, drafts: &[PathBuf]) {
        for draft in drafts {
            let _ = fs::remove_file(draft);
        }
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Readers {
    /// Whoever may read a new file.
    Usual,
    /// Its owner alone.
    Owner,
}

impl Readers {
    fn create(self, file: &Path) -> io::Result<File> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if let Self::Owner = self {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options.open(file)
    }
}

/// Writes the text under a hidden name beside the file.
fn draft(file: &Path, text: &str, readers: Readers, made: &mut Made) -> io::Result<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("."));
    make_folder(folder, made)?;
    let draft = folder.join(format!(".new-{:016x}.tmp", rand::random::<u64>()));
    let mut out = readers.create(&draft)?;
    made.files.push(draft.clone());
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    Ok(draft)
}

fn make_folder(folder: &Path, made: &mut Made) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent, made)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => made.folders.push(folder.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Gives the draft its name: by a link, which refuses a name that is taken; where the file system
/// has no links, by creating the file under its name.
fn place(draft: &Path, file: &NewFile<'_>) -> io::Result<()> {
    match fs::hard_link(draft, file.file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            let mut out = File::create_new(file.file)?;
            let written = out
                .write_all(file.text.as_bytes())
                .and_then(|()| out.sync_all());
            if written.is_err() {
                let _ = fs::remove_file(file.file);
            }
            written
        }
        done => done,
    }
}

fn failed(error: io::Error, file: &NewFile<'_>) -> SourceError {
    let path = file.shown.to_owned();
    if error.kind() == io::ErrorKind::AlreadyExists {
        SourceError::FileExists { path }
    } else {
        SourceError::NotWritten {
            path,
            source: error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("sub/a");
        replace(&file, Path::new("a"), "1").unwrap();
        replace(&file, Path::new("a"), "2").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "2");
        assert_eq!(names(&root.path().join("sub")), ["a"], "no draft is left");

        let below = file.join("b");
        let error = replace(&below, Path::new("a/b"), "1").unwrap_err();
        assert_eq!(error.code(), "not-written");
    }

    #[test]
    fn all_or_none() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let (a, b, c) = (at("new/sub/a"), at("b"), at("c"));
        let file = |file, text| NewFile {
            file,
            shown: Path::new("shown"),
            text,
        };
        fs::write(&b, "kept").unwrap();
        let error = write_all(&[file(&a, "1"), file(&b, "2"), file(&c, "3")]).unwrap_err();
        assert_eq!(error.to_string(), "shown exists");
        assert_eq!(names(root.path()), ["b"], "nothing else is left");
        assert_eq!(fs::read_to_string(&b).unwrap(), "kept");

        write_all(&[file(&a, "1"), file(&c, "3")]).unwrap();
        assert_eq!(names(root.path()), ["b", "c", "new"]);
        assert_eq!(names(&at("new/sub")), ["a"]);
        assert_eq!(fs::read_to_string(&a).unwrap(), "1");

        let inside_a_file = b.join("x");
        let error = write_all(&[file(&inside_a_file, "1")]).unwrap_err();
        assert_eq!(error.code(), "not-written");
    }
}
