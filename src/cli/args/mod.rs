//! The command line as types. `--help`, the man page and the completions are made from these.

mod check;
mod close;
mod database;
mod explain;
mod global;
mod graph;
mod mend;
mod pages;
mod parse;
mod revise;
mod rls;
mod rls_test;
mod run;
mod schema;
mod test;
mod usage;

pub(crate) use check::{CheckArgs, CheckFormat};
pub(crate) use close::{RlsCloseArgs, RlsOpenArgs};
pub(crate) use database::{DbArgs, DbCommand, DbReset, DbShell, LocksArgs, SetupArgs};
pub(crate) use explain::{ExplainedCommand, RlsExplainArgs};
pub(crate) use global::{ColorWhen, Format, Global, Output};
pub(crate) use graph::{
    BranchesArgs, CurrentArgs, HeadsArgs, HistoryArgs, HistoryFormat, LogArgs, ShowArgs, StatusArgs,
};
pub(crate) use mend::{RepairArgs, VerifyArgs};
pub(crate) use pages::{completions, manual};
pub(crate) use parse::Parsed;
pub(crate) use revise::{
    EditArgs, GenerateArgs, InitArgs, MergeArgs, MigrateArgs, NewArgs, RevisionArgs, TemplatesArgs,
    WayArgs,
};
pub(crate) use rls::{
    FailOn, LintFormat, MatrixFormat, RlsArgs, RlsCommand, RlsLintArgs, RlsMatrixArgs,
    RlsStatusArgs,
};
pub(crate) use rls_test::{RlsTestArgs, TestFormat};
pub(crate) use run::{
    DowngradeArgs, EnsureVersionArgs, Pooling, RunOptions, StampArgs, TransactionArg, UpgradeArgs,
};
pub(crate) use schema::{
    CacheArgs, DiffArgs, DiffFormat, ErdFormat, SchemaArgs, SchemaCommand, SchemaDumpArgs,
    SchemaErdArgs, ScopeArgs,
};
pub(crate) use test::TestArgs;
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
    ///
    /// Makes a ready project in a folder: grace-migrate.toml with its comments, a folder for the
    /// revisions and templates for new ones. What is there already is left as it is.
    Init(InitArgs),
    /// Make a new revision: a pair of up and down scripts to fill in.
    ///
    /// Writes an up script and a down script from a template, to be filled in, or, with
    /// `--autogenerate`, from what the declared schema has and the head does not. The new revision
    /// revises the head of the graph unless `--head` names something else. No database is asked,
    /// unless `--table` names a table, and no file is overwritten.
    Revision(RevisionArgs),
    /// Make revisions of what the declared schema has and the head has not, proved.
    ///
    /// The same as `revision --autogenerate`. Builds the head and the declared schema on a scratch
    /// server, plans the way from one to the other and back, and runs both there, as `upgrade` and
    /// `downgrade` do. Files are written only if the first way makes the declared schema and the
    /// second leads back to the head. What would hold up those who use a table becomes a revision of
    /// its own that does not, an index built concurrently say. What deletes data is written only if
    /// that is allowed. No database of yours is asked.
    Migrate(MigrateArgs),
    /// Join branches: a revision with several parents.
    ///
    /// Writes a revision with several parents, so that the graph has one head again. Its scripts
    /// are usually left empty.
    Merge(MergeArgs),
    /// Open a revision's script in your editor.
    Edit(EditArgs),
    /// Run the up scripts that lead to a target.
    ///
    /// Runs the up scripts of everything that the target stands on and that is not applied yet,
    /// each revision in a transaction of its own, with its row of the version table and a record
    /// in the history. Where one fails, it is rolled back, those before it stay, and the report
    /// says where the database stands. Two runs at a time wait for each other.
    Upgrade(UpgradeArgs),
    /// Run the down scripts that lead back to a target; without one, undo the last step.
    ///
    /// Runs the down scripts of everything that is applied above the target, newest first. The
    /// target itself stays applied. A revision that has no way back stops the run before it
    /// begins.
    Downgrade(DowngradeArgs),
    /// Set the version table to a target without running any script.
    ///
    /// Says where a database stands without running a script: for one whose schema another tool
    /// made, or one that was mended by hand. The history records it.
    Stamp(StampArgs),
    /// Create the database if it is missing, then upgrade.
    Setup(SetupArgs),
    /// One screen about a database: where it stands, what is half done, what to do next.
    ///
    /// Shows where the database stands and how much is pending; scripts outside a transaction that
    /// stopped on their way, with the line and the reason; INVALID indexes; who runs migrations
    /// there now; the last run; whether history and files agree; and the command to run next.
    /// Takes no lock, and creates nothing in the database.
    Status(StatusArgs),
    /// Where the database stands.
    ///
    /// Prints the rows of the version table to stdout, and to stderr how much is pending and where
    /// history and files disagree. Creates nothing in the database.
    Current(CurrentArgs),
    /// The revisions that nothing revises.
    Heads(HeadsArgs),
    /// The revisions where branches part.
    Branches(BranchesArgs),
    /// The revisions, newest first.
    ///
    /// Shows the graph of revisions as the files tell it; the database is asked only for
    /// `--indicate-current` and for `current` in a range.
    History(HistoryArgs),
    /// Everything about one revision.
    Show(ShowArgs),
    /// What ran when, by whom, and how long it took.
    ///
    /// Prints the history that grace-migrate keeps in the database: every upgrade, downgrade and
    /// stamp, and every table that `rls close` closed and `rls open` opened, newest first; with
    /// `-v` also the SQL of those, and what undoes it.
    Log(LogArgs),
    /// Whether files, version table and history agree.
    ///
    /// Looks for applied scripts that were edited, with the difference where the history kept the
    /// text; for files that are missing, version rows that no file knows or that overlap, revisions
    /// that were skipped, and whatever the history and the version table tell differently. Changes
    /// nothing, and creates nothing in the database.
    Verify(VerifyArgs),
    /// Mend the version table and the history where they disagree.
    ///
    /// Takes out version rows that another row implies or that are there twice, restores rows that
    /// are gone from what the history says, and takes into the history what another tool applied.
    /// Shows every row first, and asks. All of it is one transaction under the migration lock, with
    /// an entry in the history for each change. No script runs, and no table of yours is touched.
    Repair(RepairArgs),
    /// Who holds the migration lock, and who waits for it.
    ///
    /// Two runs at a time wait for each other: shows the session that runs migrations in this
    /// database now, what it does and who is in its way, and those that wait for it. Takes no lock
    /// and ends nobody.
    Locks(LocksArgs),
    /// Row-level security: who may do what, and what is probably a mistake.
    Rls(RlsArgs),
    /// What a database is, as SQL.
    Schema(SchemaArgs),
    /// In what two states differ; without any, files, version table and database.
    ///
    /// Without states: what is pending, edited or unknown, and in what the database differs from what
    /// its applied revisions build. With two: reads what both are, and tells the objects that
    /// differ, in a table and as unified text of their SQL. PostgreSQL itself reads and writes both sides; where two expressions are written in
    /// two ways, they are made again on a scratch server, and compared as it writes them then. Reads
    /// alone, and changes nothing.
    Diff(DiffArgs),
    /// Everything that can be off, in one go: the command for CI.
    ///
    /// Looks at the revision files, the graph, the version table and the history, and holds the
    /// database against what its revisions build, and the revisions against the declared schema. Tells
    /// all that is off, each with its place. Reads alone, and changes nothing.
    Check(CheckArgs),
    /// Every revision up, down and up again, on scratch databases.
    ///
    /// Runs each revision as `upgrade` and `downgrade` do, on scratch servers of its own: after its
    /// down script the database must be what it was before, and after its up script has run again what
    /// it was the first time. Where it is not, the difference is shown. In graph order, along every
    /// branch. What says that it is irreversible goes up alone. The database of the settings is not
    /// asked, and needs not be there.
    Test(TestArgs),
    /// The settings in force, and where each comes from.
    ///
    /// A flag wins over an environment variable (`GRACE_MIGRATE_URL`, `GRACE_MIGRATE_LOCK_TIMEOUT`
    /// …), that over the file, that over the default. Secrets are left out.
    Config(ConfigArgs),
    /// The embedded PostgreSQL server: start, stop, status, url, shell, reset.
    ///
    /// With `url = "embedded"` a project has a PostgreSQL server of its own, its data in
    /// `.grace/postgres` beside grace-migrate.toml, without a TCP port. Commands start it when they
    /// need it and stop it when they end; these keep it for longer.
    Db(DbArgs),
    /// The templates that `revision --template` knows.
    ///
    /// Each is a folder of `templates` with an up.sql.jinja and, as it likes, a down.sql.jinja and
    /// a verify.sql.jinja.
    #[command(visible_alias = "list-templates", alias = "list_templates")]
    Templates(TemplatesArgs),
    /// Create the version table and the history if they are missing; run nothing.
    #[command(alias = "ensure_version")]
    EnsureVersion(EnsureVersionArgs),
    /// A completion script for your shell.
    Completions(CompletionsArgs),
    /// The manual page, in roff.
    Man(ManArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate config
  grace-migrate --name staging config             what `[destination.staging]` changes")]
pub(crate) struct ConfigArgs {
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
  grace-migrate man upgrade | man -l -
  grace-migrate man db start | man -l -")]
pub(crate) struct ManArgs {
    /// The command whose page is wanted; without one, the main page.
    pub(crate) command: Vec<String>,
}
