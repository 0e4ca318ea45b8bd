//! A project in a temporary folder, and the program run in it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::server::cache_dir;
use super::snapshot;

/// A folder for one test, removed with this value.
pub(crate) struct Project {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

impl Project {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::Builder::new()
                .prefix("gm-test-")
                .tempdir()
                .unwrap(),
            environment: Vec::new(),
        }
    }

    /// The folder, links resolved.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    /// Sets a variable for every run from now on.
    pub(crate) fn env(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> &Self {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.dir.path().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The files below a folder of it, sorted, with `/` between their parts.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        fn visit(root: &Path, dir: &Path, files: &mut Vec<String>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(root, &path, files);
                } else {
                    let path = path.strip_prefix(root).unwrap();
                    files.push(path.to_str().unwrap().to_owned());
                }
            }
        }
        let mut files = Vec::new();
        visit(self.dir.path(), &self.dir.path().join(below), &mut files);
        files.sort();
        files
    }

    /// The program with arguments, in this folder and in a clean environment, yet to be run.
    pub(crate) fn command<I, S>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<std::ffi::OsStr>,
    {
        let Some(program) = option_env!("CARGO_BIN_EXE_grace-migrate") else {
            panic!("tests of the program need the feature `cli`");
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("USER", "tester")
            .env("XDG_CACHE_HOME", cache_dir())
            .envs(inherited())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn grace<I, S>(&self, arguments: I) -> Output
    where
        I: IntoIterator<Item = S>,
        S: AsRef<std::ffi::OsStr>,
    {
        Output::of(&mut self.command(arguments))
    }

    /// Settings for snapshots that take out what differs from run to run, this folder's path
    /// among it.
    pub(crate) fn settings(&self) -> insta::Settings {
        let mut settings = insta::Settings::clone_current();
        // Before the others: a path can hold what they look for.
        for path in [self.path(), self.dir.path().to_path_buf()] {
            settings.add_filter(&snapshot::literally(path.to_str().unwrap()), "[project]");
        }
        snapshot::add_filters(&mut settings);
        settings
    }
}

/// What the program may know of the environment of the tests.
#[expect(
    clippy::disallowed_methods,
    reason = "handed on to the program, not read"
)]
fn inherited() -> impl Iterator<Item = (&'static str, std::ffi::OsString)> {
    ["PATH", "TMPDIR", "GRACE_PG_BIN", "LLVM_PROFILE_FILE"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// What a run said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// Data.
    pub(crate) stdout: String,
    /// Talk.
    pub(crate) stderr: String,
    /// The exit code; none for a run that a signal ended.
    pub(crate) code: Option<i32>,
}

impl Output {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// The same, which must have succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// What it printed to stdout, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

/// The whole of it, for a snapshot.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code: {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "----- {name} -----\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}
