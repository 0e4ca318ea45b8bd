use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The settings file [default: grace-migrate.toml here or in a folder above]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// The same as --config, before the command.
    #[arg(
        short = 'c',
        value_name = "FILE",
        hide = true,
        conflicts_with = "config"
    )]
    pub(crate) config_short: Option<PathBuf>,

    /// Use `[destination.NAME]` of the settings file.
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) name: Option<String>,

    /// The same as --name, before the command.
    #[arg(short = 'n', value_name = "NAME", hide = true, conflicts_with = "name")]
    pub(crate) name_short: Option<String>,

    /// Where the database is: a libpq URL, `key=value` pairs, or `embedded`.
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) url: Option<String>,

    /// When to use colours: `auto` is on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    pub(crate) color: ColorWhen,

    /// Say nothing on stderr but what is wrong.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

impl Global {
    pub(crate) fn config(&self) -> Option<&PathBuf> {
        self.config.as_ref().or(self.config_short.as_ref())
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref().or(self.name_short.as_deref())
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Output {
    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}
