use clap::Args;

use super::Output;

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
