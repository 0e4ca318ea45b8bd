use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Format, Output, RlsCloseArgs, RlsExplainArgs, RlsOpenArgs, RlsTestArgs, TestFormat};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate rls status                        who may do what, table by table
  grace-migrate rls lint                          what is probably a mistake
  grace-migrate rls close notes --reason \"leak\"   take the API's rights now
  grace-migrate rls matrix                        who reaches which rows, really tried
  grace-migrate rls test                          run the policy tests of this repository
  grace-migrate rls explain --as carl --table notes   why somebody sees a row")]
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
    /// In an emergency: take from the API's roles every right to tables, now.
    ///
    /// The safe opposite of switching row-level security off. In one transaction every right to the
    /// tables, to columns of them, to their partitions and to tables that inherit is revoked from
    /// PUBLIC, from the API's roles and from the roles whose rights those have; trusted roles keep
    /// theirs. Policies and row-level security stay as they are. Looks afterwards whether anybody
    /// gets through, and says which views and functions still show the rows. The log keeps what ran
    /// and the SQL that gives everything back as it was.
    Close(RlsCloseArgs),
    /// Give back what `rls close` took, as it was.
    ///
    /// Runs what the log has as the way back of the closings of these tables that were not undone
    /// yet: the same rights to the same columns, with grant options, by the same givers.
    Open(RlsOpenArgs),
    /// Who reaches which rows of each table, really tried and rolled back.
    ///
    /// Takes the role and the claims of each actor of the actors' file, one after the other, and
    /// tries SELECT, INSERT, UPDATE and DELETE on every row of every table, in savepoints within one
    /// transaction that is always rolled back. The rows are those of the fixtures, an SQL file that
    /// is run in the same transaction, and those that are there. Nothing stays but the values that
    /// sequences gave. A matrix that is kept in the repository is compared with `--expect`: also
    /// with the policies, the grants and row-level security itself, of which rows cannot show every
    /// change. A database that is marked `production = true` is refused, except for `--read-only`.
    Matrix(RlsMatrixArgs),
    /// Run the policy tests: SQL files that say who asks and what is to come of it.
    ///
    /// Runs the tests in one transaction that is rolled back, on a database that is not marked as
    /// `production`: the rows that they want are made as the role that migrates, then each test
    /// runs behind a savepoint of its own, its statements as the actors that it names. Of a
    /// sequence's numbers, those that were taken are gone.
    Test(RlsTestArgs),
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

#[derive(Debug, Args)]
#[command(after_help = "\
The actors, the fixtures and the kept matrix are `actors`, `fixtures` and `matrix` of [rls] in
grace-migrate.toml. The actors' file:

  [[actor]]
  name = \"olga\"
  role = \"authenticated\"
  claims = { sub = \"00000000-0000-4000-8000-000000000001\" }

  [owner]                                         an expression over the row, compared with `sub`
  \"public.notes\" = \"owner_id\"

Exit code 1 if the matrix is not the one that --expect names.

Examples:
  grace-migrate rls matrix
  grace-migrate rls matrix --write                keep it, to be reviewed and committed
  grace-migrate rls matrix --expect               compare with the one that is kept
  grace-migrate rls matrix --table notes --actor anon
  grace-migrate --name prod rls matrix --read-only")]
pub(crate) struct RlsMatrixArgs {
    /// Only this table; may be given several times.
    #[arg(short, long = "table", value_name = "TABLE")]
    pub(crate) tables: Vec<String>,

    /// Only this actor; may be given several times.
    #[arg(short, long = "actor", value_name = "ACTOR")]
    pub(crate) actors: Vec<String>,

    /// Compare with the matrix of this file [default: that of the settings]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "an option whose value may be left out"
    )]
    pub(crate) expect: Option<Option<PathBuf>>,

    /// Write the matrix to the file of the settings, in place of what it holds.
    #[arg(long, conflicts_with_all = ["tables", "actors", "expect", "read_only"])]
    pub(crate) write: bool,

    /// Only SELECT, on the rows that are there, in a transaction that cannot write.
    #[arg(long)]
    pub(crate) read_only: bool,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: MatrixFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    #[default]
    Text,
    Json,
    /// As it is kept.
    #[value(alias = "md")]
    Markdown,
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
            Self::Close(_) => "rls close",
            Self::Open(_) => "rls open",
            Self::Matrix(_) => "rls matrix",
            Self::Test(_) => "rls test",
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
            Self::Close(args) => args.output.format,
            Self::Open(args) => args.output.format,
            Self::Matrix(args) => match args.format {
                MatrixFormat::Json => Format::Json,
                MatrixFormat::Text | MatrixFormat::Markdown => Format::Text,
            },
            Self::Test(args) => match args.format {
                TestFormat::Json => Format::Json,
                TestFormat::Text | TestFormat::Junit | TestFormat::Tap => Format::Text,
            },
        }
    }
}
