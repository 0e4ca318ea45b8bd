//! What is run on new files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command that is run on each new file, a formatter say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// What it is called in reports.
    pub name: String,
    /// The program and its arguments; `{path}` stands for the file. Never empty.
    pub command: Vec<String>,
}

/// What a hook did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRun {
    /// The hook's name.
    pub name: String,
    /// How long it took, all files together.
    pub duration: Duration,
    /// Whether it changed a file.
    pub changed: bool,
    /// How it failed, where it did. The files after the one that it failed on were left alone.
    pub failure: Option<HookFailure>,
}

/// How a hook failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookFailure {
    /// The command line, its words in order.
    pub command: Vec<String>,
    /// What happened, as a clause: `exit status: 1`, or why it could not be started.
    pub reason: String,
    /// What it said, to stderr or else to stdout.
    pub output: String,
}

impl Hook {
    /// Checks a command, or says as a clause what is wrong with it.
    pub fn command(command: Vec<String>) -> Result<Vec<String>, String> {
        if command.first().is_none_or(String::is_empty) {
            Err("it names no program".to_owned())
        } else if !command.iter().any(|argument| argument.contains("{path}")) {
            Err("no argument holds `{path}`, the new file".to_owned())
        } else {
            Ok(command)
        }
    }

    /// Runs the command in the folder `root` on each file, one after another, and waits for it.
    /// A program with a relative path is one of `root`.
    #[must_use]
    pub fn run(&self, files: &[PathBuf], root: &Path) -> HookRun {
        let start = Instant::now();
        let before: Vec<Option<Vec<u8>>> = files.iter().map(|file| fs::read(file).ok()).collect();
        let failure = files.iter().find_map(|file| self.run_on(file, root).err());
        let changed = files
            .iter()
            .zip(before)
            .any(|(file, before)| fs::read(file).ok() != before);
        HookRun {
            name: self.name.clone(),
            duration: start.elapsed(),
            changed,
            failure,
        }
    }

    fn run_on(&self, file: &Path, root: &Path) -> Result<(), HookFailure> {
        let path = file.to_string_lossy();
        let command: Vec<String> = self
            .command
            .iter()
            .map(|argument| argument.replace("{path}", &path))
            .collect();
        let failure = |reason: String, output: &[u8]| HookFailure {
            command: command.clone(),
            reason,
            output: String::from_utf8_lossy(output).trim().to_owned(),
        };
        let program = match command.first() {
            Some(program) if program.contains('/') => root.join(program),
            Some(program) => PathBuf::from(program),
            None => return Ok(()),
        };
        let run = Command::new(program)
            .args(&command[1..])
            .current_dir(root)
            .stdin(Stdio::null())
            .output();
        match run {
            Ok(run) if run.status.success() => Ok(()),
            Ok(run) if run.stderr.is_empty() => Err(failure(run.status.to_string(), &run.stdout)),
            Ok(run) => Err(failure(run.status.to_string(), &run.stderr)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(failure("there is no such program".to_owned(), &[]))
            }
            Err(error) => Err(failure(error.to_string(), &[])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &[&str], root: &Path) -> HookRun {
        let command = command.iter().map(ToString::to_string).collect();
        let hook = Hook {
            name: "h".to_owned(),
            command: Hook::command(command).unwrap(),
        };
        let files = [root.join("a.sql"), root.join("b.sql")];
        hook.run(&files, root)
    }

    #[test]
    fn hooks() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::write(root.join("a.sql"), "a\n").unwrap();
        fs::write(root.join("b.sql"), "b\n").unwrap();
        let done = run(
            &[
                "sh",
                "-c",
                "tr a-z A-Z < \"$0\" > t && mv t \"$0\"",
                "{path}",
            ],
            root,
        );
        assert!(done.changed && done.failure.is_none(), "{done:?}");
        assert_eq!(fs::read_to_string(root.join("b.sql")).unwrap(), "B\n");
        assert!(!run(&["true", "{path}"], root).changed);

        let failed = run(&["sh", "-c", "echo no >&2; exit 3", "{path}"], root);
        let failure = failed.failure.unwrap();
        assert_eq!(failure.reason, "exit status: 3");
        assert_eq!(failure.output, "no");
        assert!(failure.command[3].ends_with("a.sql"));
        let missing = run(&["./tools/nope", "{path}"], root).failure.unwrap();
        assert_eq!(missing.reason, "there is no such program");
    }

    #[test]
    fn commands_are_checked() {
        assert!(Hook::command(vec![]).is_err());
        assert!(Hook::command(vec![String::new(), "{path}".into()]).is_err());
        assert!(Hook::command(vec!["fmt".into()]).is_err());
        assert!(Hook::command(vec!["fmt".into(), "--file={path}".into()]).is_ok());
    }
}
