//! The words of why git does not tell what changed.

use crate::render::{Description, Exit};
use crate::source::GitError;

/// Says what git lacks: nothing was run in any of these cases.
pub(super) fn describe(error: &GitError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        GitError::NoGit { reason } => said(format!("`git` cannot be run: {reason}"))
            .hint("name the revisions instead: `grace-migrate test <range>`"),
        GitError::NoRepository { folder } => said(format!(
            "`{}` is in no git repository",
            folder.display()
        ))
        .hint("name the revisions instead: `grace-migrate test <range>`"),
        GitError::UnknownReference { reference } => {
            said(format!("git knows no commit `{reference}`"))
                .hint("see what there is: `git branch --all`")
                .hint("a shallow clone has no other branches: `git fetch origin <branch>`, or `fetch-depth: 0` in the workflow")
        }
        GitError::Failed { reason, output } => {
            let said = said(format!("`git` failed: {reason}"));
            if output.is_empty() {
                said
            } else {
                said.attachment(output.clone())
            }
        }
    }
    .outcome("nothing was run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::describe::words::shown;

    #[test]
    fn every_error() {
        let errors = [
            GitError::NoGit {
                reason: "there is no such program".to_owned(),
            },
            GitError::NoRepository {
                folder: "/home/ada/notes".into(),
            },
            GitError::UnknownReference {
                reference: "origin/main".to_owned(),
            },
            GitError::Failed {
                reason: "exit status: 128".to_owned(),
                output: "fatal: bad object".to_owned(),
            },
        ];
        let said = errors.iter().map(|error| shown(&describe(error)));
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
    }
}
