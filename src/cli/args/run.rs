use clap::{Args, ValueEnum};

use super::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
Targets: head, heads, an id or the start of one, a label, label@head, +1 (one step), rev+2,
label@+1. With --sql also a range `a:b`, which needs no connection.

Examples:
  grace-migrate upgrade head
  grace-migrate upgrade +1 --dry-run              what the next step would be
  grace-migrate upgrade head --rehearse           run everything, then roll it back
  grace-migrate upgrade 8f3c:head --sql > up.sql  a script for a DBA")]
pub(crate) struct UpgradeArgs {
    /// Where to go.
    #[arg(
        value_name = "TARGET",
        default_value = "head",
        allow_negative_numbers = true
    )]
    pub(crate) target: String,

    #[command(flatten)]
    pub(crate) gate: Gating,

    #[command(flatten)]
    pub(crate) options: RunOptions,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// Whether the gate judges what is made.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Gating {
    /// Judge what each revision makes of row-level security before its COMMIT, and roll it back
    /// where `rls lint` finds something new, or the head is not as the matrix that is kept says
    /// [default: `rls.gate` of the settings]
    #[arg(long, overrides_with = "no_rls_gate")]
    pub(crate) rls_gate: bool,

    /// Judge nothing, whatever the settings say.
    #[arg(long, overrides_with = "rls_gate")]
    pub(crate) no_rls_gate: bool,
}

impl Gating {
    /// What was asked for, if anything.
    pub(crate) fn wanted(self) -> Option<bool> {
        match (self.rls_gate, self.no_rls_gate) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Targets: -1 (the last step), -N, base, an id or the start of one, a label, label@base, label@-1,
rev-1. With --sql also a range `a:b`, which needs no connection.

Examples:
  grace-migrate downgrade -1                      undo the last step
  grace-migrate downgrade base --dry-run          what undoing everything would be
  grace-migrate downgrade billing@base            only what belongs to that branch alone")]
pub(crate) struct DowngradeArgs {
    /// Where to go back to.
    #[arg(
        value_name = "TARGET",
        default_value = "-1",
        allow_negative_numbers = true
    )]
    pub(crate) target: String,

    /// For a revision whose file is gone, run the down script that the history kept.
    #[arg(long)]
    pub(crate) from_history: bool,

    #[command(flatten)]
    pub(crate) options: RunOptions,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `upgrade` and `downgrade` share.
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Show the plan and run nothing.
    #[arg(long, conflicts_with_all = ["rehearse", "sql"])]
    pub(crate) dry_run: bool,

    /// Run everything in one transaction, then roll it back.
    #[arg(long, conflicts_with = "sql")]
    pub(crate) rehearse: bool,

    /// Write a script for a DBA to stdout instead of running.
    #[arg(long)]
    pub(crate) sql: bool,

    /// A word to find this run by in the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag: Option<String>,

    /// One transaction for each revision, so that earlier ones stay when a later one fails, or one
    /// for all [default: revision]
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(crate) transaction: Option<TransactionArg>,

    /// How long a statement may wait for a table lock [default: 3s]
    #[arg(long, value_name = "DURATION")]
    pub(crate) lock_timeout: Option<String>,

    /// How long a statement may run; 0 is for ever [default: 0]
    #[arg(long, value_name = "DURATION")]
    pub(crate) statement_timeout: Option<String>,

    /// How long to wait for another grace-migrate that is running [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub(crate) lock_wait: Option<String>,

    /// How often a revision is tried that a table lock or a deadlock stops; each time all of it is
    /// rolled back first [default: 5]
    #[arg(long, value_name = "N")]
    pub(crate) lock_tries: Option<String>,

    /// How long a COMMIT may be without an answer, and then how long the server may take to tell on
    /// another link what became of it; 0 is for ever, and a minute for the telling [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub(crate) commit_timeout: Option<String>,

    #[command(flatten)]
    pub(crate) pooling: Pooling,
}

/// Leave to go through a transaction pooler.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Pooling {
    /// Go through a transaction pooler, such as PgBouncer: everything in one transaction, as with
    /// `--transaction all`, and no script outside one
    #[arg(long)]
    pub(crate) allow_pooler: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransactionArg {
    Revision,
    All,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Targets: head, heads, base, an id or the start of one, a label, label@head. With --sql also a range
`a:b`, which needs no connection.

Examples:
  grace-migrate stamp head                        the schema is there already
  grace-migrate stamp 3f9c a81e                   two branches
  grace-migrate stamp head --purge                forget rows whose files are gone
  grace-migrate stamp --accept-edit 8f3c          an applied script was edited on purpose")]
pub(crate) struct StampArgs {
    /// Where the database is said to stand.
    #[arg(
        value_name = "TARGET",
        required_unless_present = "accept_edit",
        allow_negative_numbers = true
    )]
    pub(crate) targets: Vec<String>,

    /// Delete every row of the version table first.
    #[arg(long)]
    pub(crate) purge: bool,

    /// Take the edited script of this applied revision as the one that ran.
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["purge", "targets"])]
    pub(crate) accept_edit: Vec<String>,

    /// Show what would change, and change nothing.
    #[arg(long, conflicts_with = "sql")]
    pub(crate) dry_run: bool,

    /// Write the statements to stdout instead of running them.
    #[arg(long, conflicts_with = "accept_edit")]
    pub(crate) sql: bool,

    /// A word to find this by in the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag: Option<String>,

    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate ensure-version")]
pub(crate) struct EnsureVersionArgs {
    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) output: Output,
}
