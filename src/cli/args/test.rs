use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::{Output, ScopeArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if a revision failed or a range holds none, else 0; 2 if the request or the files are wrong.

Examples:
  grace-migrate test                              every revision
  grace-migrate test head                         the newest one
  grace-migrate test -2:                          the last three
  grace-migrate test 8f3c2a1b9d04:                from that one on
  grace-migrate test billing@base:                along a branch
  grace-migrate test --changed-since origin/main  what a pull request adds or edits
  grace-migrate test --data tests/rows.sql        with rows in the tables
  grace-migrate test --format json | jq '.revisions[] | select(.outcome == \"failed\")'")]
pub(crate) struct TestArgs {
    /// Which revisions: `a:b`, `a:` or `:b`, both ends included, or what a target names [default:
    /// all].
    #[arg(value_name = "RANGE", allow_hyphen_values = true)]
    pub(crate) range: Option<String>,

    /// Only revisions of whose files one is not as it was at this commit, branch or tag of git, or is
    /// new since.
    #[arg(long, value_name = "GIT-REF")]
    pub(crate) changed_since: Option<String>,

    /// Load the rows of this SQL file: each statement once, behind the first revision at which it runs
    /// without an error; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Vec<PathBuf>,

    /// On how many scratch servers at a time [default: one for each core, at most 4].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(crate) scope: ScopeArgs,

    #[command(flatten)]
    pub(crate) output: Output,
}
