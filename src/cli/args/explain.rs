use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
The chain: the rights that the command needs, and through whom they are held; whether policies are
asked at all; what each policy, and each part of its expression that OR or AND joins, says of the
row; the command itself. Without --row all rows are counted.

An UPDATE or a DELETE looks for rows by reading them, so that the policies for SELECT are asked too,
and what an UPDATE writes must be there to be read afterwards.

Exit code 0 whatever the answer is. Actors are those of `actors` of [rls] in grace-migrate.toml.

Examples:
  grace-migrate rls explain --as carl --table notes
  grace-migrate rls explain --as carl --table notes --row 7
  grace-migrate rls explain --as carl --table members --row 'team_id=1,user_id=7' --command delete
  grace-migrate rls explain --as carl --table notes --row 7 --command update --set body=new
  grace-migrate rls explain --as carl --table notes --command insert --set body=new --returning
  grace-migrate rls explain --role authenticated --claims '{\"sub\": \"7\"}' --table notes")]
pub(crate) struct RlsExplainArgs {
    /// Who asks: an actor of the actors' file
    #[arg(long = "as", value_name = "ACTOR", required_unless_present = "role")]
    pub(crate) actor: Option<String>,

    /// Who asks, where no file has them: the role of their requests
    #[arg(long, value_name = "ROLE", conflicts_with = "actor")]
    pub(crate) role: Option<String>,

    /// The claims of their token, a JSON object; none is a request without a token
    #[arg(long, value_name = "JSON", requires = "role", value_parser = claims)]
    pub(crate) claims: Option<Claims>,

    /// The table; without a schema, one of the schemas of the settings
    #[arg(short, long, value_name = "TABLE")]
    pub(crate) table: String,

    /// Which row: the value of its primary key, or columns with values [default: all rows]
    #[arg(long, value_name = "ROW")]
    pub(crate) row: Option<String>,

    /// What an UPDATE sets, or what the row of an INSERT holds; may be given several times
    #[arg(long, value_name = "COLUMN=VALUE")]
    pub(crate) set: Vec<String>,

    /// The command that is explained
    #[arg(long, value_enum, value_name = "COMMAND", default_value_t)]
    pub(crate) command: ExplainedCommand,

    /// The command returns what it wrote or deleted, as APIs ask it to: it must be there to be read
    #[arg(long)]
    pub(crate) returning: bool,

    /// Make the rows of `rls.fixtures` before; they are taken back like everything else
    #[arg(long)]
    pub(crate) fixtures: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainedCommand {
    #[default]
    Select,
    Insert,
    Update,
    Delete,
}

/// The claims of a token.
#[derive(Debug, Clone)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

fn claims(text: &str) -> Result<Claims, String> {
    let read = serde_json::from_str(text);
    read.map(Claims)
        .map_err(|error| format!("it is no JSON object: {error}"))
}
