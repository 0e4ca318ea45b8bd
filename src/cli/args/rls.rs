use clap::{Args, Subcommand};

use super::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate rls status                        who may do what, table by table
  grace-migrate rls lint                          what is probably a mistake")]
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

impl RlsCommand {
    /// The command as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "rls status",
        }
    }

    /// How its answer is written.
    pub(crate) fn output(&self) -> Output {
        match self {
            Self::Status(args) => args.output,
        }
    }
}
