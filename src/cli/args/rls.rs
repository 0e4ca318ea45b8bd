use clap::{Args, Subcommand, ValueEnum};

use super::{Format, Output, RlsExplainArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate rls status                        who may do what, table by table
  grace-migrate rls lint                          what is probably a mistake
  grace-migrate rls explain --as carl --table notes")]
pub(crate) struct RlsArgs {
    #[command(subcommand)]
    pub(crate) command: RlsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RlsCommand {
    /// Who may do what with each table, and which policies are asked.
    ///
    /// For each table: whether row-level security is on and forced, who owns it and whether the
    /// owner passes by the policies, and for each role of the API what it may do: the rights that
    /// it has, its own, PUBLIC's and those of the roles that it is a member of, and the policies
    /// that decide about the rows. Reads the catalog alone, and changes nothing.
    Status(RlsStatusArgs),
    /// What is probably a mistake: tables left open, policies that do nothing or too much.
    ///
    /// Looks by rules for what lets strangers in, hides rows from their owners or makes policies
    /// slow, and says how each finding is mended, and which revision made what it is about.
    /// Expressions are judged by their trees, not by their text. `[[rls.allow]]` in
    /// grace-migrate.toml lets a finding stand, with a reason. Reads the catalog alone, and changes
    /// nothing.
    Lint(RlsLintArgs),
    /// Why an actor reaches a row of a table, or does not.
    ///
    /// Follows the chain to the link that decides: rights, whether policies are asked, what each
    /// policy says alone and which part of its expression is true, false or null, then the command
    /// itself; and what the policies cost. Works in one transaction that is rolled back. In a
    /// database that is marked as production only SELECT is tried, and no table is locked.
    Explain(RlsExplainArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The schemas and the roles of the API are `schemas` and `api-roles` of [rls] in grace-migrate.toml.

Examples:
  grace-migrate rls status
  grace-migrate rls status --schema public --schema private
  grace-migrate rls status --format json")]
pub(crate) struct RlsStatusArgs {
    /// Only this schema; may be given several times [default: those of the settings]
    #[arg(short, long = "schema", value_name = "SCHEMA")]
    pub(crate) schemas: Vec<String>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if there is a finding at least as bad as --fail-on says.

Examples:
  grace-migrate rls lint
  grace-migrate rls lint -v                       with the reason of each rule
  grace-migrate rls lint --fail-on error
  grace-migrate rls lint --format sarif > rls.sarif")]
pub(crate) struct RlsLintArgs {
    /// Only this schema; may be given several times [default: those of the settings]
    #[arg(short, long = "schema", value_name = "SCHEMA")]
    pub(crate) schemas: Vec<String>,

    /// How bad a finding must be for exit code 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    pub(crate) fail_on: FailOn,

    /// Say with each finding why it is bad.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: LintFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    #[default]
    Warning,
    #[value(alias = "info")]
    Note,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    #[default]
    Text,
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

impl RlsCommand {
    /// The command as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "rls status",
            Self::Lint(_) => "rls lint",
            Self::Explain(_) => "rls explain",
        }
    }

    /// How its answer is written.
    pub(crate) fn format(&self) -> Format {
        match self {
            Self::Status(args) => args.output.format,
            Self::Explain(args) => args.output.format,
            Self::Lint(args) => match args.format {
                LintFormat::Json => Format::Json,
                LintFormat::Text | LintFormat::Sarif => Format::Text,
            },
        }
    }
}
