use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::server::{cache_dir, inherited};

/// What the revisions of a project do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Script {
    /// Nothing that takes the server any time.
    Nothing,
    /// A table of its own.
    Table,
}

/// A project of many revisions in a temporary folder, removed with this value.
pub(crate) struct Project {
    dir: TempDir,
}

impl Project {
    /// `len` revisions in one line.
    pub(crate) fn line(len: usize, script: Script) -> Self {
        Self::new(len, script, |nth| nth.checked_sub(1).into_iter().collect())
    }

    /// `len` revisions, of which every tenth joins the two before it.
    pub(crate) fn branched(len: usize, script: Script) -> Self {
        Self::new(len, script, |nth| match nth % 10 {
            _ if nth == 0 => Vec::new(),
            8 => vec![nth - 2],
            9 => vec![nth - 2, nth - 1],
            _ => vec![nth - 1],
        })
    }

    fn new(len: usize, script: Script, parents: impl Fn(usize) -> Vec<usize>) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("gm-bench-")
            .tempdir()
            .expect("a temporary folder");
        let project = Self { dir };
        fs::create_dir(project.versions()).expect("a fresh folder");
        project.write("grace-migrate.toml", "url = \"${DATABASE_URL}\"\n");
        for nth in 0..len {
            let parents: Vec<String> = parents(nth).into_iter().map(id).collect();
            let (up, down) = script.texts(nth);
            let stem = format!("versions/20260101_0000_{}_change_{nth}", id(nth));
            let mut header = format!("-- revision: {}\n", id(nth));
            if !parents.is_empty() {
                header.push_str(&format!("-- revises: {}\n", parents.join(", ")));
            }
            let (hour, minute, second) = (nth / 3600, nth / 60 % 60, nth % 60);
            header.push_str(&format!(
                "-- created: 2026-01-01T{hour:02}:{minute:02}:{second:02}Z\n\
                 -- message: change number {nth}\n\n"
            ));
            project.write(&format!("{stem}.up.sql"), &format!("{header}{up}"));
            project.write(&format!("{stem}.down.sql"), &down);
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn versions(&self) -> PathBuf {
        self.path().join("versions")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path().join(path), text).expect("a temporary folder can be written to");
    }

    /// The up files, in the order of the line.
    pub(crate) fn up_files(&self, len: usize) -> Vec<PathBuf> {
        (0..len)
            .map(|nth| {
                let name = format!("20260101_0000_{}_change_{nth}.up.sql", id(nth));
                self.versions().join(name)
            })
            .collect()
    }

    /// The rival of every command that reads the project: its up files found and read.
    pub(crate) fn read_up_files(&self) -> usize {
        fs::read_dir(self.versions())
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be listed").path())
            .filter(|path| path.as_os_str().as_encoded_bytes().ends_with(b".up.sql"))
            .map(|path| fs::read(path).expect("a file can be read").len())
            .sum()
    }

    /// The program in this project.
    pub(crate) fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grace-migrate"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(inherited())
            .env("HOME", self.path())
            .env("USER", "bench")
            .env("XDG_CACHE_HOME", cache_dir())
            .env("DATABASE_URL", url)
            .stdin(Stdio::null());
        command
    }

    /// A file for psql that does what an upgrade does in the plainest way: each script in a
    /// transaction of its own, with its row in a version table.
    pub(crate) fn write_psql(&self, len: usize) -> PathBuf {
        let mut text = "create table version (version_num varchar(32) primary key);\n".to_owned();
        for (nth, file) in self.up_files(len).into_iter().enumerate() {
            let row = match nth.checked_sub(1) {
                None => format!("insert into version values ('{}')", id(nth)),
                Some(before) => {
                    let (new, old) = (id(nth), id(before));
                    format!("update version set version_num = '{new}' where version_num = '{old}'")
                }
            };
            writeln!(text, "begin;\n\\i {}\n{row};\ncommit;", file.display())
                .expect("a string takes everything");
        }
        self.write("run.psql", &text);
        self.path().join("run.psql")
    }
}

impl Script {
    fn texts(self, nth: usize) -> (String, String) {
        match self {
            Self::Nothing => ("select 1;\n".to_owned(), "select 1;\n".to_owned()),
            Self::Table => (
                format!("create table change_{nth} (id integer not null, body text);\n"),
                format!("drop table change_{nth};\n"),
            ),
        }
    }
}

/// An id as the tool draws them: nothing in it tells of the order.
fn id(nth: usize) -> String {
    let mixed = (nth as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
    format!("{mixed:012x}")
}
