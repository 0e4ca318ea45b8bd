use clap::{Args, ValueEnum};

use super::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 with --check-heads if the database is not at every head: a deploy's check.

Examples:
  grace-migrate current
  grace-migrate current -v
  grace-migrate current --check-heads -q || echo \"upgrade first\"")]
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
#[command(after_help = "\
Exit code 1 with --check if anything is pending, half done or not as the files say.

Examples:
  grace-migrate status
  grace-migrate status --check -q || echo \"look at it\"
  grace-migrate status --format json")]
pub(crate) struct StatusArgs {
    /// Answer by the exit code whether everything is applied, whole, and agrees with the files.
    #[arg(short, long)]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate heads
  grace-migrate heads --resolve-dependencies      what `upgrade heads` leaves in the version table")]
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
#[command(after_help = "\
Examples:
  grace-migrate branches
  grace-migrate history --graph                   the same, drawn")]
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
  grace-migrate history --graph                   the graph, drawn
  grace-migrate history -i                        with a mark where the database stands
  grace-migrate history -r current:heads -v       what is pending, whole
  grace-migrate history -r -3:                    from three steps beneath the head
  grace-migrate history -n 3                      the newest three
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
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = count)]
    pub(crate) limit: Option<u32>,

    /// Draw the graph.
    #[arg(long, conflicts_with_all = ["verbose", "reverse"])]
    pub(crate) graph: bool,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: HistoryFormat,
}

fn count(text: &str) -> Result<u32, &'static str> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it is no whole number from 1 on"),
        Ok(count) => Ok(count),
    }
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
  grace-migrate show current                      what the database stands at
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
#[command(after_help = "\
Examples:
  grace-migrate log -n 10
  grace-migrate log 8f3c -v                       all of one revision, with the runs")]
pub(crate) struct LogArgs {
    /// Only entries of this revision (an id or the start of one).
    #[arg(value_name = "REVISION")]
    pub(crate) revision: Option<String>,

    /// Show also from where each was run, in which run, by which version.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// At most so many, the newest.
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 50, value_parser = count)]
    pub(crate) limit: u32,

    #[command(flatten)]
    pub(crate) output: Output,
}
