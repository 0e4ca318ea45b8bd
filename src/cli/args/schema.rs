use clap::builder::NonEmptyStringValueParser;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Format, Output, WayArgs};
use crate::migrator::Replays;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  grace-migrate schema dump                       the database as SQL
  grace-migrate schema dump file:schema.sql       what a file makes, as PostgreSQL writes it
  grace-migrate schema erd --format svg --output schema.svg")]
pub(crate) struct SchemaArgs {
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// A database as SQL: the same for equal databases, in an order in which it runs.
    ///
    /// Reads what a database is, and writes the statements that make it in a new one: every object
    /// with its grants, policies and comments, ordered by what depends on what. The text does not
    /// depend on the version of pg_dump or on the order in which things were made. The tables of
    /// grace-migrate itself, members of extensions and rows are left out; roles are not made. Reads
    /// alone, and changes nothing; a file is run on a scratch server of its own.
    Dump(SchemaDumpArgs),

    /// The tables of a database and their foreign keys as a drawing.
    ///
    /// Tables with their columns, types and keys, and a line for each foreign key: how many rows may
    /// refer to one follows from what is unique, and whether each must from NOT NULL. Views and
    /// partitions are left out. As text for Mermaid, which GitHub draws in Markdown, or as a picture.
    /// Reads alone, and changes nothing; a file is run on a scratch server of its own.
    Erd(SchemaErdArgs),
}

/// Whether what was built before is built again.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct CacheArgs {
    /// Build what revisions and the declared schema make anew, though nothing changed since it was
    /// built.
    #[arg(long)]
    no_cache: bool,
}

impl CacheArgs {
    /// Whether it was asked for otherwise than by default.
    pub(crate) fn is_given(self) -> bool {
        self.no_cache
    }

    /// What was asked for.
    pub(crate) fn replays(self) -> Replays {
        if self.no_cache {
            Replays::Anew
        } else {
            Replays::Kept
        }
    }
}

/// What of a state is looked at.
#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// Only these: a schema, or `schema.name`, with `*` for any characters; may be given several
    /// times.
    #[arg(long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) include: Vec<String>,

    /// None of these, in the same way.
    #[arg(long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) exclude: Vec<String>,

    /// Refuse objects of kinds that are not looked at.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A state is `db`, the database of the settings; `schema`, the declared schema; `head` or another
target, what the revisions up to it build; `current`, what those build that are applied to the
database; `file:PATH`, what an SQL file makes; `empty`, a new database; or a URL. Revisions, files
and the declared schema are run on a scratch server.

Examples:
  grace-migrate schema dump
  grace-migrate schema dump --output schema.sql
  grace-migrate schema dump --split schema        a file for each object
  grace-migrate schema dump --exclude auth --exclude 'public.tmp_*'
  grace-migrate schema dump head                  what the revisions build
  grace-migrate schema dump schema                the declared schema, as PostgreSQL writes it
  grace-migrate schema dump file:schema.sql       as PostgreSQL writes it
  grace-migrate schema dump --format json | jq -r .state.fingerprint")]
pub(crate) struct SchemaDumpArgs {
    /// Of what.
    #[arg(value_name = "STATE", default_value = "db")]
    pub(crate) state: String,

    /// Write the SQL to this file.
    #[arg(short, long = "output", value_name = "FILE", conflicts_with = "split")]
    pub(crate) output_file: Option<PathBuf>,

    /// Write a file for each object into this folder: `table/public.notes.sql`. What else is in it
    /// stays.
    #[arg(long, value_name = "DIR")]
    pub(crate) split: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) scope: ScopeArgs,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A state is `db`, the database of the settings; `schema`, the declared schema; `head` or another
target, what the revisions up to it build; `current`, what those build that are applied to the
database; `file:PATH`, what an SQL file makes; `empty`, a new database; or a URL. Revisions, files
and the declared schema are run on a scratch server.

Examples:
  grace-migrate schema erd                        of the database, for Mermaid
  grace-migrate schema erd schema --format svg --output docs/schema.svg
  grace-migrate schema erd head --include app --exclude 'app.tmp_*'
  grace-migrate schema erd --format json | jq '.relations | length'")]
pub(crate) struct SchemaErdArgs {
    /// Of what.
    #[arg(value_name = "STATE", default_value = "db")]
    pub(crate) state: String,

    /// Write the drawing to this file.
    #[arg(short, long = "output", value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) scope: ScopeArgs,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// As what it is drawn.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: ErdFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErdFormat {
    /// Text for Mermaid: an `erDiagram`.
    #[default]
    Mermaid,
    /// A picture, in the reader's light or dark colours.
    Svg,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A state is `db`, the database of the settings; `schema`, the declared schema; `head` or another
target, what the revisions up to it build; `current`, what those build that are applied to the
database; `file:PATH`, what an SQL file makes; `empty`, a new database; or a URL. Revisions, files
and the declared schema are run on a scratch server. Exit code 1 if there is a difference.

Examples:
  grace-migrate diff                              what is pending, edited, or changed by hand
  grace-migrate diff current db                   what was changed past the revisions
  grace-migrate diff head schema                  what the declared schema has and no revision makes
  grace-migrate diff db file:schema.sql           the database against a file
  grace-migrate diff db postgres://staging/app    two databases
  grace-migrate diff file:old.sql file:new.sql --format unified
  grace-migrate diff db current --format sql      what takes back changes made by hand
  grace-migrate diff db file:schema.sql --include public --format json")]
pub(crate) struct DiffArgs {
    /// The first state; without one, files and version table, and `current` against `db`.
    #[arg(value_name = "FROM")]
    pub(crate) from: Option<String>,

    /// The second state [default: db]
    #[arg(value_name = "TO")]
    pub(crate) to: Option<String>,

    #[command(flatten)]
    pub(crate) scope: ScopeArgs,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: DiffFormat,

    #[command(flatten, next_help_heading = "With `--format sql`")]
    pub(crate) way: WayArgs,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// A table of the objects that differ, and their SQL as unified text.
    #[default]
    Text,
    /// The unified text alone.
    Unified,
    /// The statements that make the second state of the first one.
    Sql,
    Json,
}

impl SchemaCommand {
    /// The command as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Dump(_) => "schema dump",
            Self::Erd(_) => "schema erd",
        }
    }

    /// How its answer is written.
    pub(crate) fn format(&self) -> Format {
        match self {
            Self::Dump(args) => args.output.format,
            Self::Erd(args) => args.format.plain(),
        }
    }
}

impl ErdFormat {
    /// How a failure is written.
    pub(crate) fn plain(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Mermaid | Self::Svg => Format::Text,
        }
    }
}

impl DiffFormat {
    /// How a failure is written.
    pub(crate) fn plain(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Text | Self::Unified | Self::Sql => Format::Text,
        }
    }
}
