use std::path::PathBuf;

use clap::Args;

use super::{CacheArgs, Output, ScopeArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate init                              in this folder
  grace-migrate init db")]
pub(crate) struct InitArgs {
    /// The folder, made if it is missing.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// What a new revision is, wherever its scripts come from.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What it does, in a few words.
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,

    /// Its id [default: a new one]
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,

    /// What it revises; several, or `heads`, make a merge; `base` a new root.
    #[arg(
        long,
        value_name = "TARGET",
        default_value = "head",
        allow_hyphen_values = true
    )]
    pub(crate) head: Vec<String>,

    /// Allow a parent that has a child already: a new branch.
    #[arg(long)]
    pub(crate) splice: bool,

    /// A label for the branch that starts here.
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,

    /// A revision that must be applied first, without being a parent.
    #[arg(long, value_name = "TARGET")]
    pub(crate) depends_on: Vec<String>,

    /// The versions folder to write to, where there are several.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) version_path: Option<PathBuf>,

    /// No way back, and why: no down script is written.
    #[arg(long, value_name = "REASON")]
    pub(crate) irreversible: Option<String>,

    /// Open the new scripts in your editor.
    #[arg(long)]
    pub(crate) edit: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if there was nothing to autogenerate.

Examples:
  grace-migrate revision -m \"add invoices\" --edit
  grace-migrate revision -m \"add invoices\" --autogenerate
  grace-migrate revision -m \"close invoices\" --template rls --table invoices --table items
  grace-migrate revision -m \"close invoices\" --template rls --set table=invoices --set owner=user_id
  grace-migrate revision -m \"billing\" --head base --branch-label billing
  grace-migrate revision -m \"hotfix\" --head 8f3c --splice
  grace-migrate revision -m \"join\" --head heads          a merge, as `merge heads` makes it")]
pub(crate) struct RevisionArgs {
    #[command(flatten)]
    pub(crate) new: NewArgs,

    /// The template, a folder of `templates` or a built-in one [default: plain]
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,

    /// With the template rls: write the scripts for this table from what the database tells of it.
    #[arg(long, value_name = "TABLE", conflicts_with = "set")]
    pub(crate) table: Vec<String>,

    /// A value for the template's own variables.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// Write what the declared schema has and the head does not, and the way back: proved on a scratch
    /// server before it is written. The options below go with it.
    #[arg(long, conflicts_with_all = ["template", "table", "set"])]
    pub(crate) autogenerate: bool,

    #[command(flatten)]
    pub(crate) generate: GenerateArgs,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if there is nothing to do.

Examples:
  grace-migrate migrate -m \"add invoices\"
  grace-migrate migrate --dry-run                 what it would write
  grace-migrate migrate -m \"call them memos\" --rename table:public.notes=memos
  grace-migrate migrate -m \"drop drafts\" --allow-destructive
  grace-migrate migrate -m \"add an index\" --no-online")]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) new: NewArgs,

    #[command(flatten)]
    pub(crate) generate: GenerateArgs,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// How a difference becomes revisions.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) way: WayArgs,

    /// Plan and prove, print the scripts, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) scope: ScopeArgs,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,
}

/// How the way from one state to another is written.
#[derive(Debug, Args)]
pub(crate) struct WayArgs {
    /// What has another name now: `table:public.notes=memos`, `column:public.notes.body=text`,
    /// `value:public.mood.sad=unhappy`; also a view, sequence, type, enum, domain, index,
    /// constraint or schema; `table:public.notes=app.notes` moves one. May be given several times, and is done in that order.
    #[arg(long, value_name = "KIND:OLD=NEW")]
    pub(crate) rename: Vec<String>,

    /// Everything in one transaction, as far as PostgreSQL lets it be: shorter, and nobody can use
    /// the tables meanwhile. For small databases.
    #[arg(long)]
    pub(crate) no_online: bool,

    /// Write what deletes data, too.
    #[arg(long)]
    pub(crate) allow_destructive: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate merge heads -m \"join billing and audit\"
  grace-migrate merge 3f9c a81e -m \"join\"")]
pub(crate) struct MergeArgs {
    /// The revisions to join, or `heads` for all heads.
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) targets: Vec<String>,

    /// What it does, in a few words.
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,

    /// Its id [default: a new one]
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,

    /// A label for the branch that starts here.
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,

    /// Allow parents that have a child already.
    #[arg(long)]
    pub(crate) splice: bool,

    /// The versions folder to write to, where there are several.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) version_path: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The editor is $VISUAL or $EDITOR.

Examples:
  grace-migrate edit                              the head's up script
  grace-migrate edit 8f3c --down")]
pub(crate) struct EditArgs {
    /// Which: any target, `head`, `current`, an id or the start of one.
    #[arg(
        value_name = "TARGET",
        default_value = "head",
        allow_negative_numbers = true
    )]
    pub(crate) target: String,

    /// The down script.
    #[arg(long)]
    pub(crate) down: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate templates
  grace-migrate revision -m \"close notes\" --template rls --set table=notes --set owner=user_id")]
pub(crate) struct TemplatesArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}
