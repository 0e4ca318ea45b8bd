use std::path::PathBuf;

use clap::Args;

use super::Output;

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

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate revision -m \"add invoices\" --edit
  grace-migrate revision -m \"close invoices\" --template rls --table invoices --table items
  grace-migrate revision -m \"close invoices\" --template rls --set table=invoices --set owner=user_id
  grace-migrate revision -m \"billing\" --head base --branch-label billing
  grace-migrate revision -m \"hotfix\" --head 8f3c --splice
  grace-migrate revision -m \"join\" --head heads          a merge, as `merge heads` makes it")]
pub(crate) struct RevisionArgs {
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

    /// The template, a folder of `templates` or a built-in one [default: plain]
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,

    /// With the template rls: write the scripts for this table from what the database tells of it.
    #[arg(long, value_name = "TABLE", conflicts_with = "set")]
    pub(crate) table: Vec<String>,

    /// A value for the template's own variables.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// No way back, and why: no down script is written.
    #[arg(long, value_name = "REASON")]
    pub(crate) irreversible: Option<String>,

    /// Open the new scripts in your editor.
    #[arg(long)]
    pub(crate) edit: bool,

    /// Write the difference to the declared schema (comes with a later version).
    #[arg(long)]
    pub(crate) autogenerate: bool,

    #[command(flatten)]
    pub(crate) output: Output,
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
