//! The program: arguments in, exit code out.

use std::process::ExitCode;

use super::args::{Cli, Command, Format};
use super::commands::{graph, pages, project, run, server};
use super::context::Context;
use crate::config::Environment;
use crate::migrator::Error;
use crate::render::{self, Exit};

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::from_process() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let context = Context::new(cli.global, Environment::of_process());
    let (name, format) = (cli.command.name(), cli.command.format());
    match dispatch(cli.command, &context) {
        Ok(exit) => exit.into(),
        Err(error) => fail(&context, name, format, &error).into(),
    }
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Error> {
    match command {
        Command::Init(args) => project::init(&args, context),
        Command::Revision(args) => project::revision(&args, context),
        Command::Merge(args) => project::merge(&args, context),
        Command::Edit(args) => project::edit(&args, context),
        Command::Templates(args) => project::templates(&args, context),
        Command::Config(args) => project::config(&args, context),
        Command::Upgrade(args) => run::upgrade(&args, context),
        Command::Downgrade(args) => run::downgrade(&args, context),
        Command::Setup(args) => run::setup(&args, context),
        Command::Stamp(args) => run::stamp(&args, context),
        Command::EnsureVersion(args) => run::ensure_version(&args, context),
        Command::Current(args) => graph::current(&args, context),
        Command::Heads(args) => graph::heads(&args, context),
        Command::Branches(args) => graph::branches(&args, context),
        Command::History(args) => graph::history(&args, context),
        Command::Show(args) => graph::show(&args, context),
        Command::Log(args) => graph::log(&args, context),
        Command::Db(args) => server::db(&args.command, context),
        Command::Check(_) => Err(Error::NotYet { what: "`check`" }),
        Command::Completions(args) => Ok(pages::completions(&args, context)),
        Command::Man(args) => pages::man(&args, context),
    }
}

/// Says what went wrong: to people on stderr, to programs as JSON on stdout too.
fn fail(context: &Context, name: &'static str, format: Format, error: &Error) -> Exit {
    let description = render::describe(error, name);
    if format == Format::Json {
        let json = render::error_json(Some(name), &description);
        context.terminal.print(&json);
    }
    let text = render::error(&description, &context.terminal.talk);
    context.terminal.complain(&text);
    description.exit
}
