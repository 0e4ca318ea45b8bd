use clap::{Args, Subcommand};

use super::{Output, RunOptions};

#[derive(Debug, Args)]
#[command(after_help = "\
Targets are those of `upgrade`.

Examples:
  grace-migrate setup
  DATABASE_URL=postgres://app@localhost/app_dev grace-migrate setup")]
pub(crate) struct SetupArgs {
    /// Where to go once the database is there.
    #[arg(value_name = "TARGET", default_value = "head")]
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) options: RunOptions,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate locks
  grace-migrate locks --format json")]
pub(crate) struct LocksArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate db start                          keep the server running
  psql \"$(grace-migrate db url)\"
  grace-migrate db shell -- -c 'select 1'
  grace-migrate db reset --yes                    delete the data and begin again")]
pub(crate) struct DbArgs {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Start the server and leave it running until `db stop`.
    Start(DbPlain),
    /// Stop the server.
    Stop(DbStop),
    /// Whether it runs, its version, its data folder.
    Status(DbPlain),
    /// Its URL, for other programs; the server must be running.
    Url(DbPlain),
    /// Open psql on it; arguments after `--` go to psql.
    Shell(DbShell),
    /// Stop it and delete its data.
    Reset(DbReset),
}

#[derive(Debug, Args)]
pub(crate) struct DbPlain {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct DbStop {
    /// Also while another command uses it.
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct DbShell {
    /// Arguments for psql.
    #[arg(last = true, value_name = "PSQL ARGUMENT")]
    pub(crate) arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DbReset {
    /// Do it without asking.
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Also while another command uses it.
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}
