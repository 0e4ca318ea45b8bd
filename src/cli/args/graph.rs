use clap::{Args, ValueEnum};

use super::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 with --check-heads if the database is not at every head: a deploy's check.")]
pub(crate) struct CurrentArgs {
    /// Show each revision whole, with the digest of the history beneath it.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Answer by the exit code whether the database is at every head.
    #[arg(short = 'c', long)]
    pub(crate) check_heads: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct HeadsArgs {
    /// Show each revision whole.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Leave out heads that another revision depends on: what the version table will hold.
    #[arg(long)]
    pub(crate) resolve_dependencies: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct BranchesArgs {
    /// Show each revision whole.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate history --graph                 the graph, drawn
  grace-migrate history -r current:head -v      what is pending, whole
  grace-migrate history -r -3:                  the last three
  grace-migrate history --format svg > graph.svg")]
pub(crate) struct HistoryArgs {
    /// Only these: `a:b`, `a:` or `:b`, both ends included; `current` and `-3:` work too.
    #[arg(short = 'r', long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(crate) rev_range: Option<String>,

    /// Mark where the database stands (asks the database).
    #[arg(short, long)]
    pub(crate) indicate_current: bool,

    /// Show each revision whole.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Oldest first.
    #[arg(long)]
    pub(crate) reverse: bool,

    /// At most so many.
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// Draw the graph.
    #[arg(long, conflicts_with_all = ["verbose", "reverse"])]
    pub(crate) graph: bool,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: HistoryFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    #[default]
    Text,
    Json,
    /// Graphviz.
    Dot,
    /// A Mermaid flow chart, for Markdown.
    Mermaid,
    /// A picture.
    Svg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate show head
  grace-migrate show 8f3c --scripts")]
pub(crate) struct ShowArgs {
    /// Which: any target, `head`, `current`, an id or the start of one, `label@head`.
    #[arg(
        value_name = "TARGET",
        default_value = "head",
        allow_negative_numbers = true
    )]
    pub(crate) target: String,

    /// Ask the database too: whether it is applied, and its last record.
    #[arg(short, long)]
    pub(crate) indicate_current: bool,

    /// Print the scripts too.
    #[arg(long)]
    pub(crate) scripts: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Only entries of this revision (an id or the start of one).
    #[arg(value_name = "REVISION")]
    pub(crate) revision: Option<String>,

    /// Show also from where each was run, in which run, by which version.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// At most so many, the newest.
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 50)]
    pub(crate) limit: u32,

    #[command(flatten)]
    pub(crate) output: Output,
}
