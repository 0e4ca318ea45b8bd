use clap::Args;

use super::{Output, Pooling};

#[derive(Debug, Args)]
#[command(after_help = "\
Rights go at COMMIT: what runs already is not cut off. Nobody is waited for but whoever changes the
same table's definition, and no migration that runs elsewhere.

Exit code 4, and nothing changed, if somebody could still reach a table after that.

Examples:
  grace-migrate rls close public.notes sessions --reason \"leak\"
  grace-migrate rls close notes --dry-run         what it would take, and what undoes it
  grace-migrate rls open notes                    give back what was taken
  grace-migrate log -v                            when, by whom, why, and the SQL")]
pub(crate) struct RlsCloseArgs {
    /// The tables, views too; without a schema, one of those of the settings.
    #[arg(value_name = "TABLE", required = true)]
    pub(crate) tables: Vec<String>,

    /// Why, for the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Take the rights of the trusted roles too.
    #[arg(long)]
    pub(crate) trusted: bool,

    /// Try it, roll it back, and show the statements and what undoes them.
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate rls open public.notes sessions
  grace-migrate rls open notes --dry-run          what it would give back")]
pub(crate) struct RlsOpenArgs {
    /// The tables; without a schema, one of those of the settings.
    #[arg(value_name = "TABLE", required = true)]
    pub(crate) tables: Vec<String>,

    /// Why, for the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Try it, roll it back, and show the statements.
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) output: Output,
}
