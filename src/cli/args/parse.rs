//! The process's arguments become a [`Cli`], or an exit.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use super::{Cli, Command, DbCommand, Format, HistoryFormat, Misuse};
use crate::render::Exit;

/// What came of the process's arguments.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// A command to run.
    Cli(Box<Cli>),
    /// Help or the version, which was printed.
    Shown(ExitCode),
    /// Nothing that has a meaning.
    Misuse(Box<Misuse>),
}

impl Cli {
    /// Reads the process's arguments. Help and version are printed here.
    pub(crate) fn from_process() -> Parsed {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let error = match Self::try_parse_from(&arguments) {
            Ok(cli) => {
                return match cli.command.contradiction() {
                    None => Parsed::Cli(Box::new(cli)),
                    Some(message) => Parsed::Misuse(Box::new(Misuse::because(&arguments, message))),
                };
            }
            Err(error) => error,
        };
        let exit = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
            // `grace-migrate` alone: its help, and the exit code of a mistake.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Exit::Refused,
            _ => return Parsed::Misuse(Box::new(Misuse::of(&arguments, &error))),
        };
        // Where the stream is closed there is nobody to tell.
        let _closed = error.print();
        Parsed::Shown(exit.into())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Command {
    /// The command as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Revision(_) => "revision",
            Self::Migrate(_) => "migrate",
            Self::Merge(_) => "merge",
            Self::Edit(_) => "edit",
            Self::Upgrade(_) => "upgrade",
            Self::Downgrade(_) => "downgrade",
            Self::Stamp(_) => "stamp",
            Self::Setup(_) => "setup",
            Self::Current(_) => "current",
            Self::Heads(_) => "heads",
            Self::Branches(_) => "branches",
            Self::History(_) => "history",
            Self::Show(_) => "show",
            Self::Log(_) => "log",
            Self::Verify(_) => "verify",
            Self::Repair(_) => "repair",
            Self::Locks(_) => "locks",
            Self::Status(_) => "status",
            Self::Rls(args) => args.command.name(),
            Self::Schema(args) => args.command.name(),
            Self::Diff(_) => "diff",
            Self::Config(_) => "config",
            Self::Db(args) => match args.command {
                DbCommand::Start(_) => "db start",
                DbCommand::Stop(_) => "db stop",
                DbCommand::Status(_) => "db status",
                DbCommand::Url(_) => "db url",
                DbCommand::Shell(_) => "db shell",
                DbCommand::Reset(_) => "db reset",
            },
            Self::Templates(_) => "templates",
            Self::EnsureVersion(_) => "ensure-version",
            Self::Check(_) => "check",
            Self::Test(_) => "test",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }

    /// What of its arguments cannot both be meant.
    fn contradiction(&self) -> Option<String> {
        match self {
            Self::Check(args) => args.contradiction(),
            _ => None,
        }
    }

    /// How its answer is written.
    pub(crate) fn format(&self) -> Format {
        let output = match self {
            Self::Init(args) => args.output,
            Self::Revision(args) => args.output,
            Self::Migrate(args) => args.output,
            Self::Merge(args) => args.output,
            Self::Edit(args) => args.output,
            Self::Upgrade(args) => args.output,
            Self::Downgrade(args) => args.output,
            Self::Stamp(args) => args.output,
            Self::Setup(args) => args.output,
            Self::Current(args) => args.output,
            Self::Heads(args) => args.output,
            Self::Branches(args) => args.output,
            Self::History(args) => match args.format {
                HistoryFormat::Json => return Format::Json,
                _ => return Format::Text,
            },
            Self::Show(args) => args.output,
            Self::Log(args) => args.output,
            Self::Verify(args) => args.output,
            Self::Repair(args) => args.output,
            Self::Locks(args) => args.output,
            Self::Status(args) => args.output,
            Self::Rls(args) => return args.command.format(),
            Self::Schema(args) => return args.command.format(),
            Self::Diff(args) => return args.format.plain(),
            Self::Config(args) => args.output,
            Self::Db(args) => match &args.command {
                DbCommand::Start(args) | DbCommand::Status(args) | DbCommand::Url(args) => {
                    args.output
                }
                DbCommand::Stop(args) => args.output,
                DbCommand::Shell(_) => return Format::Text,
                DbCommand::Reset(args) => args.output,
            },
            Self::Templates(args) => args.output,
            Self::EnsureVersion(args) => args.output,
            Self::Check(args) => return args.format.plain(),
            Self::Test(args) => args.output,
            Self::Completions(_) | Self::Man(_) => return Format::Text,
        };
        output.format
    }
}
