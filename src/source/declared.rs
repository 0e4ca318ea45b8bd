//! The SQL of the declared schema: files, folders of them, or what a program prints.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::diagnostic::{Diagnostic, Place};

use super::listing::what;
use super::{read_sql, shown};

/// A text of SQL, and what it is shown as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlText {
    /// The file, relative to the project where it lies within it; the command line of a program within `<>`.
    pub shown: PathBuf,
    /// What is in it.
    pub text: String,
}

/// Why a program told no SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFailure {
    /// What happened, as a clause: `exit status: 1`, or why it could not be started.
    pub reason: String,
    /// What it said to stderr, or else to stdout.
    pub output: String,
}

/// The SQL of files, and of the `.sql` files of folders and all below them, by path; `None` where
/// none of the paths is there. Hidden files and folders are left out.
///
/// # Errors
/// Everything that cannot be read, and what is no file: a pipe may have nobody who writes to it.
pub fn declared_files(
    root: &Path,
    paths: &[PathBuf],
) -> Result<Option<Vec<SqlText>>, Vec<Diagnostic>> {
    if paths.iter().all(|path| !path.exists()) {
        return Ok(None);
    }
    let mut walk = Walk {
        root,
        seen: BTreeSet::new(),
        texts: Vec::new(),
        findings: Vec::new(),
    };
    for path in paths {
        walk.path(path);
    }
    if walk.findings.is_empty() {
        Ok(Some(walk.texts))
    } else {
        Err(walk.findings)
    }
}

struct Walk<'a> {
    root: &'a Path,
    /// Folders with all links resolved: one is read once, however often a link leads back to it.
    seen: BTreeSet<PathBuf>,
    texts: Vec<SqlText>,
    findings: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn path(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(metadata) if metadata.is_file() => self.file(path),
            Ok(metadata) => self.no_file(path, metadata.file_type()),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn folder(&mut self, folder: &Path) {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if !self.seen.insert(real) {
            return;
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        entries.sort_by_cached_key(fs::DirEntry::file_name);
        for entry in entries {
            let (name, path) = (entry.file_name(), entry.path());
            let name = name.to_string_lossy();
            let is_sql = name.to_ascii_lowercase().ends_with(".sql");
            if !name.starts_with(['.', '#', '~']) && (is_sql || path.is_dir()) {
                self.path(&path);
            }
        }
    }

    fn file(&mut self, file: &Path) {
        let shown = shown(self.root, file);
        match read_sql(file, shown) {
            Ok(text) => self.texts.push(SqlText {
                shown: shown.to_owned(),
                text,
            }),
            Err(finding) => self.findings.push(*finding),
        }
    }

    fn no_file(&mut self, path: &Path, kind: fs::FileType) {
        let message = format!("expected a file, found {}", what(kind));
        let place = Place::file(shown(self.root, path));
        self.findings
            .push(Diagnostic::error("not-a-file", message).at(place));
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let message = format!("it cannot be read: {error}");
        let place = Place::file(shown(self.root, path));
        self.findings
            .push(Diagnostic::error("unreadable-file", message).at(place));
    }
}

/// What a program prints, run in the folder `root`; a relative path of a program is one of `root`.
/// It is ended where this future is dropped.
///
/// # Errors
/// A program that cannot be started, that fails, or that prints no text.
pub async fn declared_by_command(
    root: &Path,
    command: &[String],
) -> Result<SqlText, CommandFailure> {
    let failure = |reason: String, output: &[u8]| CommandFailure {
        reason,
        output: String::from_utf8_lossy(output).trim().to_owned(),
    };
    let Some((program, arguments)) = command.split_first() else {
        return Err(failure("it names no program".to_owned(), &[]));
    };
    let program = if program.contains('/') {
        root.join(program)
    } else {
        PathBuf::from(program)
    };
    let run = tokio::process::Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    match run {
        Ok(run) if run.status.success() => match String::from_utf8(run.stdout) {
            // One that forgot its output would have everything dropped.
            Ok(text) if text.trim().is_empty() => {
                Err(failure("it printed nothing".to_owned(), &run.stderr))
            }
            Ok(text) => Ok(SqlText {
                shown: format!("<{}>", command.join(" ")).into(),
                text,
            }),
            Err(_) => Err(failure("what it printed is not UTF-8".to_owned(), &[])),
        },
        Ok(run) if run.stderr.is_empty() => Err(failure(run.status.to_string(), &run.stdout)),
        Ok(run) => Err(failure(run.status.to_string(), &run.stderr)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(failure("there is no such program".to_owned(), &[]))
        }
        Err(error) => Err(failure(error.to_string(), &[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_by_path() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let folder = root.join("schema");
        let paths = [folder.clone()];
        assert_eq!(declared_files(root, &paths).unwrap(), None);
        for name in ["b.sql", "a/z.SQL", "a/x.txt", ".hidden.sql", "c/d/e.sql"] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        // A circle is gone round once.
        std::os::unix::fs::symlink(&folder, folder.join("a/round")).unwrap();
        let files = declared_files(root, &paths).unwrap().unwrap();
        let shown: Vec<String> = files
            .iter()
            .map(|file| file.shown.display().to_string())
            .collect();
        assert_eq!(
            shown,
            ["schema/a/z.SQL", "schema/b.sql", "schema/c/d/e.sql"]
        );
        let paths = [folder.join("b.sql"), folder.join("none.sql")];
        let findings = declared_files(root, &paths).unwrap_err();
        assert_eq!(findings[0].code, "unreadable-file");

        // Nobody writes to it: it would be read for ever.
        let pipe = folder.join("a/pipe.sql");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for paths in [[folder], [pipe]] {
            let findings = declared_files(root, &paths).unwrap_err();
            assert_eq!(findings[0].code, "not-a-file");
            assert_eq!(
                findings[0].place.as_ref().unwrap().to_string(),
                "schema/a/pipe.sql"
            );
        }
    }

    #[tokio::test]
    async fn what_a_program_prints() {
        let dir = tempfile::tempdir().unwrap();
        let run = async |words: &[&str]| {
            let command: Vec<String> = words.iter().map(ToString::to_string).collect();
            declared_by_command(dir.path(), &command).await
        };
        let told = run(&["echo", "select 1"]).await.unwrap();
        assert_eq!(told.text, "select 1\n");
        assert_eq!(told.shown, Path::new("<echo select 1>"));
        let failed = run(&["sh", "-c", "echo no >&2; exit 3"]).await;
        let failed = failed.unwrap_err();
        assert_eq!(
            (failed.reason.as_str(), failed.output.as_str()),
            ("exit status: 3", "no")
        );
        let none = run(&["no-such-program-at-all"]).await.unwrap_err();
        assert_eq!(none.reason, "there is no such program");
    }
}
