use clap::Args;

use super::{Output, Pooling};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if they disagree. A warning (a down script that was edited since, say) is no
disagreement.

Examples:
  grace-migrate verify
  grace-migrate verify -q || echo \"look before you deploy\"
  grace-migrate verify --format json")]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What has more than one way out is left as it is, and told with the commands that decide it; the
exit code is 1 then.

Examples:
  grace-migrate repair --dry-run                  what would change
  grace-migrate repair                            asks before it changes anything
  grace-migrate repair --remove-unknown --yes     forget rows whose files are gone")]
pub(crate) struct RepairArgs {
    /// Forget what no file knows: its version rows give way to what they stood on.
    #[arg(long)]
    pub(crate) remove_unknown: bool,

    /// Show what would change, and change nothing.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// A word to find this by in the log [default: repair]
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag: Option<String>,

    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) output: Output,
}
