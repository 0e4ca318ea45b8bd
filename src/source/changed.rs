//! Which files are not as they were at a commit, as git tells.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Why git does not tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// There is no git, or it cannot be started.
    #[error("git cannot be run: {reason}")]
    NoGit {
        /// The system's words.
        reason: String,
    },
    /// The folder is in no repository.
    #[error("{} is in no git repository", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
    },
    /// The repository has no commit of this name.
    #[error("{reference} names no commit")]
    UnknownReference {
        /// The name.
        reference: String,
    },
    /// It failed in another way.
    #[error("git failed: {reason}")]
    Failed {
        /// How it ended.
        reason: String,
        /// What it said.
        output: String,
    },
}

impl GitError {
    /// Its kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoGit { .. } => "no-git",
            Self::NoRepository { .. } => "not-in-git",
            Self::UnknownReference { .. } => "unknown-git-reference",
            Self::Failed { .. } => "git-failed",
        }
    }
}

/// The files of the repository in which a folder lies that differ from a commit, or that git does
/// not know and does not ignore; absolute, links resolved. Files that are gone are among them.
///
/// # Errors
/// [`GitError`].
pub async fn changed_since(folder: &Path, reference: &str) -> Result<BTreeSet<PathBuf>, GitError> {
    let folder_error = || GitError::NoRepository {
        folder: folder.to_owned(),
    };
    let top = match git(folder, &["rev-parse", "--show-toplevel"]).await? {
        Ok(out) => PathBuf::from(path(out.trim_ascii_end())),
        Err(failed) => {
            return Err(match *failed {
                GitError::Failed { output, .. } if output.contains("not a git repository") => {
                    folder_error()
                }
                // It is one, and git will have nothing to do with it: another user's, say.
                failed => failed,
            });
        }
    };
    let top = top.canonicalize().map_err(|_| folder_error())?;
    let commit = format!("{reference}^{{commit}}");
    let verify = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ];
    let commit = match git(&top, &verify).await? {
        Ok(out) => String::from_utf8_lossy(out.trim_ascii()).into_owned(),
        Err(_) => {
            return Err(GitError::UnknownReference {
                reference: reference.to_owned(),
            });
        }
    };
    let differ = [
        "diff",
        "--name-only",
        "--no-renames",
        "--no-ext-diff",
        "-z",
        &commit,
        "--",
    ];
    let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
    let mut files = BTreeSet::new();
    for asked in [&differ[..], &unknown[..]] {
        let out = git(&top, asked).await?.map_err(|failed| *failed)?;
        let names = out.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        files.extend(names.map(|name| top.join(path(name))));
    }
    Ok(files)
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// What git prints; how it failed where it did.
async fn git(
    folder: &Path,
    arguments: &[&str],
) -> Result<Result<Vec<u8>, Box<GitError>>, GitError> {
    let run = tokio::process::Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let no_git = |reason: String| GitError::NoGit { reason };
    match run {
        Ok(run) if run.status.success() => Ok(Ok(run.stdout)),
        Ok(run) => Ok(Err(Box::new(GitError::Failed {
            reason: run.status.to_string(),
            output: String::from_utf8_lossy(&run.stderr).trim().to_owned(),
        }))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(no_git("there is no such program".to_owned()))
        }
        Err(error) => Err(no_git(error.to_string())),
    }
}
