//! The command line as types. `--help`, the man page and the completions are made from these.

mod database;
mod global;
mod graph;
mod pages;
mod parse;
mod revise;
mod run;
mod usage;

pub(crate) use database::{DbArgs, DbCommand, DbReset, DbShell, SetupArgs};
pub(crate) use global::{ColorWhen, Format, Global, Output};
pub(crate) use graph::{
    BranchesArgs, CurrentArgs, HeadsArgs, HistoryArgs, HistoryFormat, LogArgs, ShowArgs,
};
pub(crate) use pages::{completions, manual};
pub(crate) use parse::Parsed;
pub(crate) use revise::{EditArgs, InitArgs, MergeArgs, RevisionArgs, TemplatesArgs};
pub(crate) use run::{
    DowngradeArgs, EnsureVersionArgs, RunOptions, StampArgs, TransactionArg, UpgradeArgs,
};
pub(crate) use usage::Misuse;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// Schema migrations for PostgreSQL: plain SQL, a real revision graph, and proof instead of hope.
#[derive(Debug, Parser)]
#[command(
    name = "grace-migrate",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Start here:
  grace-migrate init                        a project in this folder
  grace-migrate revision -m \"add notes\"     a new pair of up and down scripts
  grace-migrate upgrade head --dry-run      what would run
  grace-migrate upgrade head                run it
  grace-migrate downgrade -1                undo the last step
  grace-migrate history --graph             the graph, drawn

Exit codes: 0 done, 1 the answer is no, 2 the request or the files are wrong, 3 unreachable or
locked, 4 a step failed, 5 outcome unknown, 70 a bug, 130/143 interrupted."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a ready project: grace-migrate.toml, versions, templates. Never overwrites.
    Init(InitArgs),
    /// Make a new revision: a pair of up and down scripts to fill in.
    Revision(RevisionArgs),
    /// Join branches: a revision with several parents.
    Merge(MergeArgs),
    /// Open a revision's script in your editor.
    Edit(EditArgs),
    /// Run the up scripts that lead to a target.
    Upgrade(UpgradeArgs),
    /// Run the down scripts that lead back to a target; without one, undo the last step.
    Downgrade(DowngradeArgs),
    /// Set the version table to a target without running any script.
    Stamp(StampArgs),
    /// Create the database if it is missing, then upgrade.
    Setup(SetupArgs),
    /// Where the database stands.
    Current(CurrentArgs),
    /// The revisions that nothing revises.
    Heads(HeadsArgs),
    /// The revisions where branches part.
    Branches(BranchesArgs),
    /// The revisions, newest first.
    History(HistoryArgs),
    /// Everything about one revision.
    Show(ShowArgs),
    /// What ran when, by whom, and how long it took.
    Log(LogArgs),
    /// The settings in force, and where each comes from.
    Config(ConfigArgs),
    /// The embedded PostgreSQL server: start, stop, status, url, shell, reset.
    Db(DbArgs),
    /// The templates that `revision --template` knows.
    #[command(visible_alias = "list-templates", alias = "list_templates")]
    Templates(TemplatesArgs),
    /// Create the version table if it is missing, and nothing else.
    #[command(alias = "ensure_version")]
    EnsureVersion(EnsureVersionArgs),
    /// Compare the declared schema with the database (not in this version).
    #[command(hide = true)]
    Check(CheckArgs),
    /// A completion script for your shell.
    Completions(CompletionsArgs),
    /// The manual page, in roff.
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate completions bash > /etc/bash_completion.d/grace-migrate
  grace-migrate completions zsh  > ~/.zfunc/_grace-migrate
  grace-migrate completions fish > ~/.config/fish/completions/grace-migrate.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate man | man -l -
  grace-migrate man upgrade | man -l -")]
pub(crate) struct ManArgs {
    /// The command whose page is wanted; without one, the main page.
    pub(crate) command: Option<String>,
}
